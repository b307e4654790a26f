"""Moments, ordinals, sizes, sentences: what pages are worded with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from server.services.quotas import QuotaState
from server.services.rounds import RoundFacts, stored_round
from server.web.findings import kinds
from server.web.moments import distance, duration, moment
from server.web.pages import size_text
from server.web.round_dates import round_dates
from server.web.rule_books import message_html, rule_book_html
from server.web.wording import (
    close_tells,
    ordinal,
    quota_left,
    quota_rule,
    resolution_note,
    round_state,
    rows_rule,
    split_note,
)
from tests.leaderboard.making import CLOSES, DURING, board_of
from tests.server.making import tiny_deployment

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_date_carries_its_zone() -> None:
    elsewhere = timezone(timedelta(hours=9))
    told = moment(datetime(2027, 1, 1, 8, 59, 59, tzinfo=elsewhere), NOW)
    assert told.text == "31 December 2026, 23:59 UTC"
    assert told.iso == "2026-12-31T23:59:59Z"
    assert told.distance == "in 41 days"
    assert (told.local, moment(NOW, NOW, time_zone="Europe/Paris").local) == (
        "",
        "20 November 2026, 13:00 Europe/Paris",
    )


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=3, hours=23), "3 days"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(seconds=59), "less than a minute"),
    ],
)
def test_a_countdown_is_never_longer_than_what_is_left(span: timedelta, words: str) -> None:
    assert duration(span) == words
    assert distance(NOW + span, NOW) == f"in {words}"
    assert distance(NOW - span, NOW) == f"{words} ago"


def test_places_in_a_queue() -> None:
    assert [ordinal(n) for n in (1, 3, 10, 11, 12, 21, 22, 23, 112)] == [
        "first", "third", "tenth", "11th", "12th", "21st", "22nd", "23rd", "112th",
    ]  # fmt: skip


def test_sizes() -> None:
    assert [size_text(n) for n in (0, 1023, 1536, 1 << 20, 1 << 30)] == [
        "0 bytes", "1023 bytes", "1.5 KiB", "1 MiB", "1 GiB",
    ]  # fmt: skip


def test_rules_in_words(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    with deployment.database.read() as session:
        facts = stored_round(session, "tiny")
    deployment.close()
    assert rows_rule(facts) == "One row per team: its best submission."
    assert rows_rule(with_policy(facts, rows="entry")) == "One row per method: its best submission."
    assert rows_rule(with_policy(facts, represents="finals", finals=1, tracks=("a", "b"))) == (
        "One row per team in each track: its chosen submission. Until the close a team chooses up to 1 submission in"
        " each track: at the reveal the best of those chosen counts; where none is chosen, the best by the scores that"
        " the team saw. The tracks a and b are ranked apart."
    )
    for single in (facts, with_policy(facts, represents="latest"), with_policy(facts, represents="finals", finals=2)):
        assert rows_rule(with_policy(single, tracks=("a",))) == rows_rule(single)  # ranked apart from nothing
        assert rows_rule(with_policy(single, rows="entry", tracks=("a",))) == rows_rule(
            with_policy(single, rows="entry")
        )
    assert rows_rule(with_policy(facts, represents="latest")) == (
        "One row per team: its best method, each taken by its latest submission."
    )
    assert quota_rule(facts) == "A team may send any number of submissions."
    assert quota_rule(with_policy(facts, submissions_total=1)) == "A team may send 1 submission in all."
    both = with_policy(facts, submissions_per_day=2, submissions_total=30)
    assert quota_rule(both) == "A team may send 2 submissions a UTC day and 30 in all."
    every = with_policy(facts, submissions_per_day=1, submissions_per_week=2, submissions_total=30)
    assert quota_rule(every) == "A team may send 1 submission a UTC day, 2 a week and 30 in all."
    assert round_state(facts, "before", NOW) == ""
    assert round_state(with_policy(facts, opens=NOW + timedelta(hours=1)), "before", NOW) == "The round opens in 1 h."
    over = with_policy(facts, closes=NOW - timedelta(days=2))
    assert round_state(over, "closed", NOW) == "The round closed 2 days ago, on 18 November 2026, 12:00 UTC."


def test_what_is_held_back_and_when_it_shows_is_told_before(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    with deployment.database.read() as session:
        tiny = stored_round(session, "tiny")
    deployment.close()
    day = timedelta(days=1)
    plain = with_policy(tiny, closes=NOW + 3 * day)
    assert round_state(plain, "open", NOW) == "The round closes in 3 days, on 23 November 2026, 12:00 UTC."
    frozen = with_policy(plain, freezes=NOW + 2 * day)
    assert round_state(frozen, "open", NOW).endswith(
        "The board freezes in 2 days, on 22 November 2026, 12:00 UTC: what is sent from then on shows at the reveal."
        " The reveal comes with the close."
    )
    assert "freezes" not in round_state(frozen, "open", NOW + 2 * day)
    apart = with_policy(frozen, reveals=NOW + 9 * day)
    assert round_state(apart, "open", NOW).endswith("The reveal comes in 9 days, on 29 November 2026, 12:00 UTC.")
    assert "reveal" not in round_state(apart, "closed", NOW + 9 * day)
    assert "The reveal" not in round_state(replace(apart, has_reveal_of_pause=True), "closed", NOW + 4 * day)
    hidden, board = with_policy(plain, is_blind=True, is_anonymous=True), board_of(now=DURING)
    assert split_note(hidden, board) == (
        "Blind: no score is shown before the reveal. Anonymous: no team is named before the reveal."
    )
    assert split_note(hidden, board_of(now=CLOSES)) == ""
    half = with_policy(hidden, public_share=0.5)
    assert split_note(half, board_of(now=DURING)).startswith("Scores on all images. Blind")
    assert split_note(half, board_of(now=DURING, is_blind=True)).startswith("Blind")


def test_a_round_has_its_dates_in_the_order_of_its_life(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    with deployment.database.read() as session:
        tiny = stored_round(session, "tiny")
    deployment.close()

    def dates(facts: RoundFacts) -> list[tuple[str, str]]:
        return [(date.label, date.at.distance if date.at else date.words) for date in round_dates(facts, NOW)]

    day = timedelta(days=1)
    assert dates(tiny) == [("Closes", "no deadline")]
    assert dates(with_policy(tiny, is_blind=True)) == [("Closes", "no deadline"), ("Reveals", "no date yet")]
    full = with_policy(
        tiny, opens=NOW - 2 * day, teams_freeze=NOW, freezes=NOW + 2 * day, closes=NOW + 3 * day,
        time_zone="Europe/Paris",
    )  # fmt: skip
    assert dates(full) == [
        ("Opened", "2 days ago"), ("Teams frozen since", "less than a minute ago"), ("Board freezes", "in 2 days"),
        ("Closes", "in 3 days"), ("Reveals", "in 3 days"),
    ]  # fmt: skip
    assert round_dates(full, NOW)[-1].at == moment(NOW + 3 * day, NOW, time_zone="Europe/Paris")
    assert dates(with_policy(full, reveals=NOW + 9 * day))[-1] == ("Reveals", "in 9 days")
    assert dates(replace(full, is_draft=True))[:2] == [
        ("Opens", "2 days ago"), ("Teams freeze", "less than a minute ago"),
    ]  # fmt: skip
    later = with_policy(full, teams_freeze=NOW + 2.5 * day)
    assert [label for label, _ in dates(later)][1:3] == ["Board freezes", "Teams freeze"]
    paused = with_policy(full, closes=NOW, reveals=NOW + 365 * day)
    assert dates(replace(paused, has_reveal_of_pause=True))[-1] == ("Reveals", "no date yet")
    told = replace(with_policy(full, closes=NOW - 366 * day, reveals=NOW - 2 * day), has_reveal_of_pause=True)
    assert dates(told)[-1] == ("Revealed", "2 days ago")


def test_who_closes_a_round_is_told_what_that_reveals(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_per_class="never")
    with deployment.database.read() as session:
        tiny = stored_round(session, "tiny")
    deployment.close()
    assert close_tells(tiny) == "Take no more submissions."
    full = with_policy(tiny, public_share=0.5, is_blind=True, is_anonymous=True, freezes=NOW, per_class="revealed")
    assert close_tells(full) == (
        "Take no more submissions, and reveal at once: all scores, the private scores, what was sent since the freeze,"
        " the teams' names, figures per class."
    )
    dated = with_policy(full, reveals=NOW)
    assert close_tells(dated) == "Take no more submissions; the reveal stays on 20 November 2026, 12:00 UTC."


def test_what_a_round_can_tell_apart(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    with deployment.database.read() as session:
        tiny = stored_round(session, "tiny")
    deployment.close()
    large, board = replace(tiny, image_count=50_000), board_of()
    assert resolution_note(tiny, board) == ""  # six images tell nothing
    assert resolution_note(large, board).startswith("With 50,000 images two entries are told apart four times in five")
    halves = with_policy(large, public_share=0.3)
    splits = {split: resolution_note(halves, replace(board, split=split)) for split in ("public", "private", "all")}
    assert [splits[split].split(" ")[1] for split in ("public", "private", "all")] == ["15,000", "35,000", "50,000"]
    assert "they differ by 0.00210;" in resolution_note(large, replace(board, resolvable=0.0021))


def with_policy(facts: RoundFacts, **changes: Any) -> RoundFacts:
    return replace(facts, policy=replace(facts.policy, **changes))


def test_what_is_left_of_a_quota() -> None:
    none = QuotaState(
        per_day=None, spent_today=0, per_week=None, spent_this_week=0, total=None, spent_total=0, resets_at=None
    )
    assert quota_left(none, NOW) == "No limit on submissions."
    total = replace(none, total=3, spent_total=2)
    assert quota_left(total, NOW) == "1 submission left now."


def _finding(code: str, line: int | None, message: str = "wrong", *, count: int = 1) -> dict[str, object]:
    value = None if line is None else f"value {line}"
    return {
        "code": code, "severity": "error", "line": line, "value": value, "message": message, "advice": "mend it",
        "count": count,
    }  # fmt: skip


def test_findings_stand_by_kind_with_how_many_there_are() -> None:
    many, one, whole = kinds(
        [
            *(_finding("unknown-image", line, count=412) for line in (1, 1200)),
            _finding("no-number", 7),
            _finding("line-count", None, "3 lines, 6 images."),
        ]
    )
    assert (many.caption, [place.line for place in many.places]) == ("2 of 412 places", ["1", "1,200"])
    assert (many.message, many.advice, many.has_messages) == ("Wrong.", "Mend it.", False)
    assert one.caption == "1 place"
    assert (whole.places, whole.message) == ((), "3 lines, 6 images.")


def test_findings_of_a_kind_that_differ_tell_each_place_what_is_wrong() -> None:
    (kind,) = kinds([_finding("no-number", 1, "no class"), _finding("no-number", 2, "no coordinate")])
    assert kind.message == "No number."
    assert [place.message for place in kind.places] == ["no class", "no coordinate"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title\n\ntext", "<p>text</p>\n"),
        ("text\n\n# Part", "<p>text</p>\n<h3>Part</h3>\n"),
        ("# Title\n\n## A\n\n### B\n\n## C", "<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>\n"),
        ("##### Low\n\n## High\n\n##### Low", "<h3>Low</h3>\n<h3>High</h3>\n<h4>Low</h4>\n"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"),
        ("![x](https://a.example/p.png)", "<p></p>\n"),
        (
            "[a](https://a.example)",
            '<p><a href="https://a.example" rel="nofollow noopener noreferrer">a</a></p>\n',
        ),
        ("[a](//evil.example/p)", '<p><a rel="nofollow noopener noreferrer">a</a></p>\n'),
        ("[a](/\\\\evil.example)", '<p><a rel="nofollow noopener noreferrer">a</a></p>\n'),
        (
            "[a](/rounds/tiny/data#terms)",
            '<p><a href="/rounds/tiny/data#terms" rel="nofollow noopener noreferrer">a</a></p>\n',
        ),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n"),
        (
            "|a|\n|-|",
            '<table tabindex="0">\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n</table>\n',
        ),
        ("", ""),
    ],
)
def test_a_rule_book_is_shown_as_harmless_html(text: str, html: str) -> None:
    assert rule_book_html(text) == html


def test_a_message_that_begins_with_a_title_keeps_it() -> None:
    assert message_html("# We close a week later") == "<h3>We close a week later</h3>\n"
    assert (
        message_html("# Moved\n\n<b>See</b> the rules.") == "<h3>Moved</h3>\n<p>&lt;b&gt;See&lt;/b&gt; the rules.</p>\n"
    )
