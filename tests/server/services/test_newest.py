"""What is kept in memory until something newer takes its place."""

from __future__ import annotations

from server.services.newest import Newest


def test_it_is_found_under_its_own_tag_alone() -> None:
    kept: Newest[str] = Newest(limit=2)
    kept.keep("round 1", "before", "empty")
    assert kept.find("round 1", "before") == "empty"
    assert kept.find("round 1", "after") is None
    assert kept.find("round 2", "before") is None


def test_what_is_newer_takes_the_place() -> None:
    kept: Newest[str] = Newest(limit=2)
    kept.keep("round 1", "before", "empty")
    kept.keep("round 1", "after", "a row")
    assert (kept.find("round 1", "before"), kept.find("round 1", "after"), len(kept)) == (None, "a row", 1)


def test_the_places_used_last_stay() -> None:
    kept: Newest[str] = Newest(limit=2)
    kept.keep("round 1", "", "one")
    kept.keep("round 2", "", "two")
    kept.find("round 1", "")
    kept.keep("round 3", "", "three")
    assert [kept.find(f"round {number}", "") for number in (1, 2, 3)] == ["one", None, "three"]
