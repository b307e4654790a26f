from __future__ import annotations

import pytest

from server.errors import InvalidName
from server.names import clean_name, name_key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ResNet-50", "ResNet-50"),
        ("  two  blanks ", "two blanks"),
        ("Zürich", "Zürich"),
        ("Zu\u0308rich", "Zürich"),
        ("مجموعة الرؤية", "مجموعة الرؤية"),
        ("ทีมวิจัย", "ทีมวิจัย"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=cmd()", "=cmd()"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_name_is_kept_as_it_shows(typed: str, kept: str) -> None:
    assert clean_name(typed, field="team name") == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\t\n",
        "\u3164\u3164",  # Hangul fillers are letters that nobody sees
        "\u2800",  # neither is a blank Braille cell
        "---",
        "team\u202egnp.exe",
        "zero\u200bwidth",
        "joined\u200d",
        "line\nbreak",
        "nul\0",
        "\ud800",
        "\ue000private",
        "a" + "\u0301" * 40,
        "x" * 101,
        "x" * 10_000,
    ],
)
def test_a_name_that_does_not_show_as_it_is_written_is_refused(typed: str) -> None:
    with pytest.raises(InvalidName) as refusal:
        clean_name(typed, field="team name")
    assert "team name" in refusal.value.message
    assert refusal.value.details == {"field": "team name"}


@pytest.mark.parametrize("twin", ["UNIVERSITY VISION", "Ｕniversity Vision", "university vision"])
def test_names_that_look_alike_share_a_key(twin: str) -> None:
    assert name_key(clean_name(twin, field="team name")) == name_key("University Vision")


def test_different_names_have_different_keys() -> None:
    assert name_key("Team A") != name_key("Team B")
