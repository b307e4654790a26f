"""Disqualified with a public reason, appealed against once and in time, granted or denied with an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leaderboard.board import Board
from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.organizing import appeal_against
from server.db.tables import Entry
from server.deployment import Deployment
from server.errors import NotLoggedIn
from server.organizing_errors import (
    AlreadyDisqualified,
    AppealDecided,
    AppealedAlready,
    AppealNotFound,
    AppealTooLate,
    EntryNotFound,
    InvalidText,
    NotDisqualified,
)
from server.services.boards import Boards
from server.services.disqualifications import (
    REINSTATED,
    appeal,
    decide_appeal,
    disqualified_entry,
    disqualify,
    reinstate,
)
from tests.server.making import NOW, send
from tests.server.services.organizing import actions, member, organizer, other_organizer, team_of
from tests.server.web.browsing import score_silently

DAY = timedelta(days=1)


@pytest.fixture
def team(deployment: Deployment) -> Viewer:
    """A team whose entry 1 is scored."""
    viewer = member(deployment)
    score_silently(deployment, send(deployment, team_of(viewer)).id, {"top5_error": 0.0})
    return viewer


def _board(deployment: Deployment, boards: Boards) -> Board:
    with deployment.database.read() as session:
        return boards.at(session, slug="tiny", viewer=ANONYMOUS, now=NOW).board


def test_a_disqualified_entry_stays_on_the_board_without_a_rank_and_with_the_reason(
    deployment: Deployment, team: Viewer
) -> None:
    boards = Boards()
    assert [row.rank for row in _board(deployment, boards).rows] == [1]
    disqualify(deployment.database, organizer(deployment), entry_id=1, reason=" Trained on\r\nthe test set. ", now=NOW)
    (row,) = _board(deployment, boards).rows
    assert (row.rank, row.disqualified_for) == (None, "Trained on\nthe test set.")
    reinstate(deployment.database, COMMAND, entry_id=1, now=NOW)
    (row,) = _board(deployment, boards).rows
    assert (row.rank, row.disqualified_for) == (1, "")
    assert actions(deployment)[-2:] == ["entry.disqualified", "entry.reinstated"]


def test_only_the_rounds_organizers_find_an_entry_to_disqualify(deployment: Deployment, team: Viewer) -> None:
    for viewer, refusal in (
        (ANONYMOUS, NotLoggedIn),
        (team, EntryNotFound),
        (other_organizer(deployment), EntryNotFound),
    ):
        with pytest.raises(refusal):
            disqualify(deployment.database, viewer, entry_id=1, reason="No.", now=NOW)
    with pytest.raises(EntryNotFound):
        disqualify(deployment.database, COMMAND, entry_id=99, reason="No.", now=NOW)
    with pytest.raises(EntryNotFound):
        disqualify(deployment.database, COMMAND, entry_id=1, reason="No.", now=NOW, slug="another")


def test_a_reason_is_due_and_one_disqualification_at_a_time(deployment: Deployment, team: Viewer) -> None:
    for reason in ("", " \n", "x" * 301, "\u202e\u200b"):
        with pytest.raises(InvalidText):
            disqualify(deployment.database, COMMAND, entry_id=1, reason=reason, now=NOW)
    with pytest.raises(NotDisqualified):
        reinstate(deployment.database, COMMAND, entry_id=1, now=NOW)
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Late.", now=NOW)
    with pytest.raises(AlreadyDisqualified):
        disqualify(deployment.database, COMMAND, entry_id=1, reason="Late.", now=NOW)


def test_the_team_appeals_once_within_the_window(deployment: Deployment, team: Viewer) -> None:
    database = deployment.database
    with pytest.raises(NotDisqualified):
        appeal(database, team, entry_id=1, text="Why?", now=NOW)
    disqualify(database, COMMAND, entry_id=1, reason="Late.", now=NOW)
    with pytest.raises(EntryNotFound):
        appeal(database, member(deployment, "Others"), entry_id=1, text="Why?", now=NOW)
    with pytest.raises(EntryNotFound):
        appeal(database, team, entry_id=99, text="Why?", now=NOW)
    with pytest.raises(AppealTooLate):
        appeal(database, team, entry_id=1, text="Why?", now=NOW + 7 * DAY)
    appeal(database, team, entry_id=1, text="It was in time.", now=NOW + 7 * DAY - timedelta(seconds=1))
    with pytest.raises(AppealedAlready):
        appeal(database, team, entry_id=1, text="It was!", now=NOW + DAY)
    with database.read() as session:
        found = disqualified_entry(session, team, 1)
    assert (found.reason, found.appeal_until, found.method) == ("Late.", NOW + 7 * DAY, "ResNet-50")
    assert found.appeal is not None and found.appeal.text == "It was in time."


def test_a_granted_appeal_reinstates_and_a_later_disqualification_can_be_appealed_again(
    deployment: Deployment, team: Viewer
) -> None:
    database, host = deployment.database, organizer(deployment)
    disqualify(database, host, entry_id=1, reason="Late.", now=NOW)
    appeal(database, team, entry_id=1, text="It was in time.", now=NOW)
    with pytest.raises(AppealNotFound):
        decide_appeal(database, other_organizer(deployment), appeal_id=1, is_granted=True, answer="Yes.", now=NOW)
    with pytest.raises(AppealNotFound):
        decide_appeal(database, host, appeal_id=1, is_granted=True, answer="Yes.", now=NOW, slug="another")
    with pytest.raises(InvalidText):
        decide_appeal(database, host, appeal_id=1, is_granted=True, answer="", now=NOW)
    decide_appeal(database, host, appeal_id=1, is_granted=True, answer="You are right.", now=NOW)
    with database.read() as session:
        entry = session.get_one(Entry, 1)
        assert (entry.disqualified_at, entry.disqualified_for) == (None, "")
    with pytest.raises(AppealDecided):
        decide_appeal(database, host, appeal_id=1, is_granted=False, answer="No.", now=NOW)
    disqualify(database, host, entry_id=1, reason="Two accounts.", now=NOW + DAY)
    appeal(database, team, entry_id=1, text="We are two teams.", now=NOW + DAY)
    decide_appeal(database, host, appeal_id=2, is_granted=False, answer="You are not.", now=NOW + DAY)
    with database.read() as session:
        assert session.get_one(Entry, 1).disqualified_for == "Two accounts."
        decided = appeal_against(session, entry_id=1, disqualified_at=NOW + DAY)
    assert decided is not None
    assert (decided.is_granted, decided.answer) == (False, "You are not.")
    assert actions(deployment)[2:] == [
        "entry.disqualified", "entry.appealed", "appeal.granted", "entry.reinstated",
        "entry.disqualified", "entry.appealed", "appeal.denied",
    ]  # fmt: skip


def test_a_reinstatement_grants_the_appeal_that_waits_and_the_next_disqualification_starts_afresh(
    deployment: Deployment, team: Viewer
) -> None:
    database, host = deployment.database, organizer(deployment)
    disqualify(database, host, entry_id=1, reason="Late.", now=NOW)
    appeal(database, team, entry_id=1, text="It was in time.", now=NOW)
    reinstate(database, host, entry_id=1, now=NOW + DAY)
    with pytest.raises(AppealDecided):
        decide_appeal(database, host, appeal_id=1, is_granted=False, answer="No.", now=NOW + DAY)
    with database.read() as session:
        settled = appeal_against(session, entry_id=1, disqualified_at=NOW)
    assert settled is not None
    assert (settled.is_granted, settled.answer, settled.decided_at) == (True, REINSTATED, NOW + DAY)
    disqualify(database, host, entry_id=1, reason="Two accounts.", now=NOW + 2 * DAY)
    appeal(database, team, entry_id=1, text="We are two teams.", now=NOW + 2 * DAY)
    with pytest.raises(AppealDecided):  # the old one does not undo the new reason
        decide_appeal(database, host, appeal_id=1, is_granted=True, answer="Yes.", now=NOW + 2 * DAY)
    with database.read() as session:
        assert session.get_one(Entry, 1).disqualified_for == "Two accounts."
    assert actions(deployment)[2:] == [
        "entry.disqualified", "entry.appealed", "appeal.granted", "entry.reinstated",
        "entry.disqualified", "entry.appealed",
    ]  # fmt: skip
