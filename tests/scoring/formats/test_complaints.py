from __future__ import annotations

import pytest

from scoring.formats.complaints import bad_token, known_split


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x", "not-numeric"),
        ("1_000", "not-numeric"),
        ("1e4_00", "not-numeric"),
        ("0x10", "not-numeric"),
        ("1.2.3", "not-numeric"),
        ("nan", "not-a-number"),
        ("-NaN", "not-a-number"),
        ("inf", "infinite"),
        ("+Infinity", "infinite"),
        ("1e400", "infinite"),
        ("9" * 400, "infinite"),
        ("information", "not-numeric"),
        ("١٢", "not-ascii"),
        ("1,5", "not-numeric"),
        ("caf\\xe9", "not-utf8"),
        ("1\x002", "nul-byte"),
        ("\x00", "nul-byte"),
    ],
)
def test_a_token_that_is_no_number_is_told_why(text: str, code: str) -> None:
    finding = bad_token(text, line=7, due="a confidence")
    assert (finding.code, finding.severity, finding.line, finding.value) == (code, "error", 7, text)
    assert finding.advice
    if code not in ("not-utf8", "nul-byte"):
        assert finding.message.startswith("a confidence is due here")


def test_semicolons_are_named_as_what_is_wrong() -> None:
    assert "semicolons" in bad_token("771;778", line=1, due="a class id").advice
    assert "semicolons" not in bad_token("771:778", line=1, due="a class id").advice


def test_only_the_size_of_a_published_set_names_one() -> None:
    assert known_split(315_175) == "the test set of ILSVRC VID"
    assert [known_split(count) for count in (0, 1, 40_151, 40_152.5, 1e300, -50_000)] == [None] * 6
