"""Submissions as a viewer sees them: the own team's in full, others not at all, hidden figures after the close."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from server.auth.viewer import ANONYMOUS, Viewer
from server.db.tables import Round, Score, State, Submission, TruthVersion
from server.deployment import Deployment
from server.errors import RoundNotFound, SubmissionNotFound
from server.jobs.failures import TIME_LIMIT
from server.services.submissions import submission_facts, submissions_of_team
from server.services.truth_seals import sealed
from tests.server.making import NOW, add_team, predictions, send, tiny_deployment

LATER = NOW + timedelta(hours=2)


def member(team_id: int) -> Viewer:
    return Viewer(person_id=1, team_id=team_id)


def add_score(
    deployment: Deployment, submission_id: int, *, scorer: str = "1", top1: float = 0.5, truth_id: int = 1
) -> None:
    with deployment.database.write() as session:
        row = session.get_one(Submission, submission_id)
        row.state, row.lines = State.SCORED, 6
        session.add(row)
        session.add(
            Score(
                submission_id=submission_id,
                truth_id=truth_id,
                scorer_version=scorer,
                scores={"top1_error": top1},
                counts={"top1_wrong": 3},
                per_class=[{"id": 1, "top1_error": 1.0}],
                created_at=NOW,
            )
        )


def test_a_team_sees_its_submission_without_hidden_figures_until_the_close(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_closes=NOW + timedelta(hours=1))
    team_id = add_team(deployment)
    receipt = send(deployment, team_id)
    add_score(deployment, receipt.id)
    with deployment.database.read() as session:
        during = submission_facts(session, receipt.id, viewer=member(team_id), now=NOW)
        after = submission_facts(session, receipt.id, viewer=member(team_id), now=LATER)
    assert (during.team, during.method, during.state) == ("Vision Lab", "ResNet-50", State.SCORED)
    assert during.scores == {"top1_error": 0.5}
    assert during.truth_digest is not None
    assert during.counts is during.per_class is None
    assert after.counts == {"top1_wrong": 3}
    assert after.per_class == [{"id": 1, "top1_error": 1.0}]
    deployment.close()


@pytest.mark.parametrize("viewer", [ANONYMOUS, Viewer(person_id=2, team_id=99), Viewer(person_id=3)])
def test_another_teams_submission_is_not_found(deployment: Deployment, viewer: Viewer) -> None:
    team_id = add_team(deployment)
    receipt = send(deployment, team_id)
    with deployment.database.read() as session:
        with pytest.raises(SubmissionNotFound):
            submission_facts(session, receipt.id, viewer=viewer, now=NOW)
        assert submissions_of_team(session, team_id=team_id, viewer=viewer, now=NOW) == []


def test_a_submission_that_never_was_is_not_found(deployment: Deployment) -> None:
    with deployment.database.read() as session, pytest.raises(SubmissionNotFound, match="7"):
        submission_facts(session, 7, viewer=Viewer(person_id=1, organized=frozenset({1})), now=NOW)


def test_an_organizer_sees_everything_at_any_time(deployment: Deployment) -> None:
    receipt = send(deployment, add_team(deployment))
    add_score(deployment, receipt.id)
    with deployment.database.read() as session:
        facts = submission_facts(session, receipt.id, viewer=Viewer(person_id=1, organized=frozenset({1})), now=NOW)
    assert facts.per_class is not None


def test_the_newest_scorer_and_the_active_truth_are_shown(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    receipt = send(deployment, team_id)
    with deployment.database.write() as session:
        session.add(TruthVersion(id=2, round_id=1, number=2, digest="corrected", created_at=NOW))
    add_score(deployment, receipt.id, scorer="1", top1=0.5)
    add_score(deployment, receipt.id, scorer="2", top1=0.4)
    add_score(deployment, receipt.id, truth_id=2, top1=0.3)

    def shown() -> tuple[dict[str, float | None] | None, str | None]:
        with deployment.database.read() as session:
            facts = submission_facts(session, receipt.id, viewer=member(team_id), now=NOW)
        return facts.scores, facts.truth_digest

    assert shown()[0] == {"top1_error": 0.4}
    with deployment.database.write() as session:
        found = session.get_one(Round, 1)
        found.active_truth_id, seal = 2, found.truth_seal
    assert shown() == ({"top1_error": 0.3}, sealed("corrected", seal))


def test_a_failure_is_told_with_its_advice(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    receipt = send(deployment, team_id)
    with deployment.database.write() as session:
        row = session.get_one(Submission, receipt.id)
        row.state, row.failure = TIME_LIMIT.state, TIME_LIMIT.code
    with deployment.database.read() as session:
        facts = submission_facts(session, receipt.id, viewer=member(team_id), now=NOW)
    assert facts.failure == TIME_LIMIT
    assert facts.queue_position is None


def test_a_list_is_newest_first_and_of_one_round_when_asked(deployment: Deployment) -> None:
    team_id = add_team(deployment)
    ids = [send(deployment, team_id, predictions(salt=salt)).id for salt in range(3)]
    with deployment.database.read() as session:
        everything = submissions_of_team(session, team_id=team_id, viewer=member(team_id), now=NOW, limit=2)
        of_round = submissions_of_team(session, team_id=team_id, viewer=member(team_id), now=NOW, slug="tiny")
        with pytest.raises(RoundNotFound):
            submissions_of_team(session, team_id=team_id, viewer=member(team_id), now=NOW, slug="none")
    assert [facts.id for facts in everything] == [ids[2], ids[1]]
    assert [facts.queue_position for facts in of_round] == [3, 2, 1]


def test_teams_with_fewer_open_submissions_stand_further_ahead(deployment: Deployment) -> None:
    busy, modest = add_team(deployment, "Busy"), add_team(deployment, "Modest")
    for salt in range(3):
        send(deployment, busy, predictions(salt=salt))
    assert send(deployment, modest).queue_position == 1
