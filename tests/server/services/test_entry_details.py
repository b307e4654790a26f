"""What a team says of its method: kept where it can be shown, refused with a reason where it cannot."""

from __future__ import annotations

import pytest

from scoring.policies import Policy
from server.db.tables import Entry
from server.errors import InvalidDetail
from server.organizing_errors import InvalidText
from server.services.entry_details import EntryDetails, read_details, take_details
from tests.server.making import NOW

PLAIN = Policy(best_by="top5_error")
TRACKS = Policy(best_by="top5_error", tracks=("provided", "external"))


def entry(**changes: object) -> Entry:
    return Entry(round_id=1, team_id=1, method="Net", created_at=NOW, **changes)


def test_nothing_said_is_nothing_changed() -> None:
    assert read_details({}) == EntryDetails()
    kept = entry(description="As before.", paper_url="https://a.example/p", is_anonymous=True)
    take_details(kept, EntryDetails(), PLAIN, is_new=False)
    assert (kept.description, kept.paper_url, kept.is_anonymous) == ("As before.", "https://a.example/p", True)


def test_what_is_said_is_kept_as_it_will_be_shown() -> None:
    said = {
        "description": " Two nets,\r\non\u00ade\x00 mean. ", "paper": " https://a.example/p?x=1 ", "code": "",
        "anonymous": "true", "not_competing": "on", "track": "external",
    }  # fmt: skip
    new = entry()
    take_details(new, read_details(said), TRACKS, is_new=True)
    assert new.description == "Two nets,\none mean."
    assert (new.paper_url, new.code_url, new.track) == ("https://a.example/p?x=1", "", "external")
    assert (new.is_anonymous, new.is_competing) == (True, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "x" * 4001), ("description", "e" + "\u0301" * 9),
        ("paper", "javascript:alert(1)"), ("paper", "https://"), ("paper", "https://user:pw@a.example/"),
        ("code", "https://a.example/a b"), ("code", "https://a.example/" + "x" * 500), ("code", "ftp://a.example/x"),
        ("code", "https://[::1"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_with_its_field(field: str, value: str) -> None:
    with pytest.raises((InvalidDetail, InvalidText)) as refused:
        read_details({field: value})
    assert refused.value.details == {"field": field}


def test_the_track_is_chosen_with_the_first_file_and_stays() -> None:
    with pytest.raises(InvalidDetail, match="for a track of this round"):
        take_details(entry(), EntryDetails(), TRACKS, is_new=True)
    with pytest.raises(InvalidDetail, match="no track"):
        take_details(entry(), EntryDetails(track="third"), TRACKS, is_new=True)
    with pytest.raises(InvalidDetail, match="no track"):
        take_details(entry(), EntryDetails(track="provided"), PLAIN, is_new=True)
    old = entry(track="provided")
    take_details(old, EntryDetails(track="provided"), TRACKS, is_new=False)
    with pytest.raises(InvalidDetail, match="in the track provided"):
        take_details(old, EntryDetails(track="external"), TRACKS, is_new=False)
