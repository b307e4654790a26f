"""The feed of records."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from leaderboard.board import Board
from leaderboard.feeds import FEED_RECORDS, records_feed
from tests.leaderboard.making import OPENS, TOP5, board_of, entry, submission

ATOM = "{http://www.w3.org/2005/Atom}"
HOME = "https://host.example/rounds/digits/board"


def feed_of(board: Board) -> ET.Element:
    return ET.fromstring(records_feed(board, title="Records & more", metric=TOP5, home=HOME, began=OPENS))


def test_the_newest_record_comes_first_and_hostile_names_stay_text() -> None:
    sent = entry(1, submission(1, 0.4), submission(2, 0.3, hours=1), team="<b>&\x0b", method='"x"')
    feed = feed_of(board_of(sent))
    titles = [one.findtext(f"{ATOM}title") for one in feed.iter(f"{ATOM}entry")]
    assert titles == ['0.30000 by <b>&\\x0b, "x"', '0.40000 by <b>&\\x0b, "x"']
    assert feed.findtext(f"{ATOM}updated") == "2026-03-15T13:00:00Z"
    ids = [one.findtext(f"{ATOM}id") for one in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == 2 and feed.findtext(f"{ATOM}id") == HOME


def test_a_feed_without_records_is_as_old_as_its_round_and_a_long_one_is_cut() -> None:
    assert feed_of(board_of()).findtext(f"{ATOM}updated") == "2026-03-01T00:00:00Z"
    many = [submission(n, 1 - n / 1000, hours=n) for n in range(FEED_RECORDS + 9)]
    entries = list(feed_of(board_of(entry(1, *many))).iter(f"{ATOM}entry"))
    assert len(entries) == FEED_RECORDS
    assert (entries[0].findtext(f"{ATOM}title") or "").startswith("0.94200")
