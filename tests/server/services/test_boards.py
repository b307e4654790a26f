"""The board of a round, from rows to ranks, and how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from leaderboard.intervals import Interval
from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.tables import Entry, Event, Round, Score, Submission
from server.deployment import Deployment
from server.errors import RoundNotFound
from server.services.boards import BoardAnswer, Boards
from server.services.policy_changes import change_policy
from server.services.truth_seals import sealed
from tests.server.making import NOW, add_team, send
from tests.server.web.browsing import add_scored, change_submission, score_silently

LATER = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The boards of a server, asked again and again."""

    deployment: Deployment
    boards: Boards

    def look(self, viewer: Viewer = ANONYMOUS, *, slug: str = "tiny", now: datetime = NOW) -> BoardAnswer:
        with self.deployment.database.read() as session:
            return self.boards.at(session, slug=slug, viewer=viewer, now=now)

    def tell(self, *, number: int | None = None) -> None:
        """Append an event of the round; its number is the next, if not given."""
        with self.deployment.database.write() as session:
            session.add(
                Event(
                    id=number, at=NOW, actor="system", action="submission.scored", object_type="submission",
                    object_id=1, round_id=1,
                )
            )  # fmt: skip


@pytest.fixture
def desk(deployment: Deployment) -> Desk:
    return Desk(deployment=deployment, boards=Boards())


def test_a_round_that_is_not_there_has_no_board(desk: Desk) -> None:
    with pytest.raises(RoundNotFound):
        desk.look(slug="none")


def test_a_board_shows_what_was_scored_with_the_active_truth(desk: Desk) -> None:
    add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    add_scored(desk.deployment, {"top5_error": 0.25}, team="Bea")
    answer = desk.look()
    board = answer.board
    assert [(row.rank, row.team, row.scores["top5_error"]) for row in board.rows] == [(1, "Bea", 0.25), (2, "Ada", 0.5)]
    assert board.truth_digest == sealed(answer.round.truth_digest or "", answer.round.truth_seal)


def test_the_newest_scorer_counts(desk: Desk) -> None:
    made = add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    with desk.deployment.database.write() as session:
        session.add(
            Score(
                submission_id=made, truth_id=1, scorer_version="2", scores={"top5_error": 0.75}, counts={},
                per_class=[], created_at=NOW,
            )
        )  # fmt: skip
    assert [row.scores["top5_error"] for row in desk.look().board.rows] == [0.75]


def test_the_interval_beside_a_score_is_of_the_metric_that_decides(desk: Desk) -> None:
    number = add_scored(desk.deployment, {"top1_error": 0.5, "top5_error": 0.1}, team="A")

    def interval_by(metric: str) -> Interval | None:
        change_policy(desk.deployment, COMMAND, slug="tiny", changes={"best_by": metric}, note="So.", now=NOW)
        (row,) = desk.look().board.rows
        return row.interval

    def keep(intervals: dict[str, Any]) -> None:
        with desk.deployment.database.write() as session:
            score = session.exec(select(Score).where(Score.submission_id == number)).one()
            score.intervals = intervals
            session.add(score)

    keep({"top1_error": {"0.95": [0.4, 0.6]}, "top5_error": {"0.95": [0.05, 0.15]}})
    assert interval_by("top5_error") == Interval(low=0.05, high=0.15, level=0.95)
    assert interval_by("top1_error") == Interval(low=0.4, high=0.6, level=0.95)
    assert interval_by("top3_error") is None
    keep({"0.95": [0.05, 0.15]})  # of what, nobody knows
    assert interval_by("top5_error") is None


def test_a_score_with_another_truth_or_split_is_not_shown_but_the_place_stays_spent(desk: Desk) -> None:
    team = add_team(desk.deployment)
    for salt, split in ((1, "all"), (2, "private")):
        made = send(desk.deployment, team, f"1 2 3\n{salt}\n".encode())
        change_submission(desk.deployment, made.id, state="scored")
        with desk.deployment.database.write() as session:
            session.add(
                Score(
                    submission_id=made.id, truth_id=1, scorer_version="1", split=split, scores={"top5_error": 0.5},
                    counts={}, per_class=[], created_at=NOW,
                )
            )  # fmt: skip
    (row,) = desk.look().board.rows
    assert (row.submission, row.submissions_spent) == (1, 2)


def test_a_frozen_board_tells_no_file_that_was_sent_later(desk: Desk) -> None:
    team = add_team(desk.deployment)
    for salt, hours in ((1, -2), (2, -1)):
        made = send(desk.deployment, team, f"1 2 3\n{salt}\n".encode())
        change_submission(desk.deployment, made.id, accepted_at=NOW + timedelta(hours=hours))
        score_silently(desk.deployment, made.id, {"top5_error": 0.5})
    freeze = (NOW - timedelta(hours=1)).isoformat()
    with desk.deployment.database.write() as session:
        row = session.get(Round, 1)
        assert row is not None
        row.policy = {**row.policy, "freezes": freeze}
    assert [row.submissions_spent for row in desk.look().board.rows] == [1]


def test_what_waits_or_was_refused_is_not_spent(desk: Desk) -> None:
    team = add_team(desk.deployment)
    for salt, state in enumerate(("queued", "rejected", "failed", "error", "cancelled")):
        made = send(desk.deployment, team, f"{salt}\n".encode())
        change_submission(desk.deployment, made.id, state=state)
    scored = send(desk.deployment, team)
    score_silently(desk.deployment, scored.id, {"top5_error": 0.5})
    assert [row.submissions_spent for row in desk.look().board.rows] == [1]


def test_a_round_without_truth_has_an_empty_board(desk: Desk) -> None:
    add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    with desk.deployment.database.write() as session:
        row = session.get(Round, 1)
        assert row is not None
        row.active_truth_id = None
    board = desk.look().board
    assert (board.rows, board.truth_digest) == ((), None)


def test_a_board_is_kept_until_something_happens_in_its_round(desk: Desk) -> None:
    first = desk.look()
    add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    assert desk.look().board.rows == first.board.rows == ()
    desk.tell()
    assert [row.team for row in desk.look().board.rows] == ["Ada"]
    assert desk.look().etag != first.etag


def test_a_kept_board_knows_of_an_event_that_is_committed_after_a_later_one(desk: Desk) -> None:
    """PostgreSQL numbers the events of two transactions before it commits them, in either order."""
    desk.tell(number=1000)
    assert desk.look().board.rows == ()
    add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    desk.tell(number=999)
    assert [row.team for row in desk.look().board.rows] == ["Ada"]


def test_a_kept_board_knows_who_looks(desk: Desk) -> None:
    add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    anybody, member = desk.look(), desk.look(Viewer(person_id=1, team_id=1))
    assert not anybody.board.visibility.may_see_submission_of(1)
    assert member.board.visibility.may_see_submission_of(1)
    assert anybody.etag != member.etag


def test_no_team_is_sent_the_board_of_who_knows_the_names(desk: Desk) -> None:
    """As keys of a dictionary, True and the number of the first team are the same."""
    add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    add_scored(desk.deployment, {"top5_error": 0.25}, team="Bea")
    with desk.deployment.database.write() as session:
        session.exec(update(Entry).where(col(Entry.team_id) == 2).values(is_anonymous=True))
    organizer, first = Viewer(person_id=3, is_admin=True), Viewer(person_id=1, team_id=1)
    names = [["Bea", "Ada"], ["Anonymous team", "Ada"]]
    for viewers, expected in (((organizer, first), names), ((first, organizer), names[::-1])):
        boards = Boards()
        with desk.deployment.database.read() as session:
            told = [boards.at(session, slug="tiny", viewer=viewer, now=NOW).board.rows for viewer in viewers]
        assert [[row.team for row in rows] for rows in told] == expected


def test_a_superseded_board_does_not_stay(desk: Desk) -> None:
    desk.look()
    desk.tell()
    desk.look()
    assert len(desk.boards) == 1


def test_figures_per_class_are_not_even_read(desk: Desk) -> None:
    made = add_scored(desk.deployment, {"top5_error": 0.5}, team="Ada")
    with desk.deployment.database.read() as session:
        submission = session.get(Submission, made)
        assert submission is not None
        session.expunge_all()
        Boards().at(session, slug="tiny", viewer=ANONYMOUS, now=LATER)
        assert not any(isinstance(loaded, Score) for loaded in session.identity_map.values())
