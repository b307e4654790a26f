"""Announcements, questions, co-organizers, and a second try for what went wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS
from server.db.organizers import organizers_of_round
from server.db.organizing import health_of, unfinished_of
from server.db.people_tables import Mail
from server.db.same_figures import same_figures_of
from server.db.same_files import same_files_of
from server.db.tables import Membership, Person, State, Submission
from server.deployment import Deployment
from server.errors import InvalidEmail, NoTeam, NotLoggedIn, RoundNotFound, SubmissionNotFound
from server.organizing_errors import (
    AnnouncedAlready,
    AnsweredAlready,
    InvalidText,
    NotRetryable,
    PersonNotFound,
    PersonNotVerified,
    QuestionNotFound,
    TooManyQuestions,
)
from server.services.announcements import MAX_OPEN_QUESTIONS, TOLD_LATELY, announce, answer_question, ask, told_of
from server.services.policy_changes import change_policy
from server.services.round_affairs import affairs_of
from server.services.round_organizers import add_co_organizer, retry_submission
from server.services.viewers import viewer_of
from tests.server.making import NOW, add_team, predictions, score, send, tiny_deployment
from tests.server.services.organizing import actions, add_person, member, organizer, other_organizer, team_of
from tests.server.web.browsing import change_submission


def test_an_announcement_that_is_sent_twice_is_made_and_mailed_once(deployment: Deployment) -> None:
    send(deployment, add_team(deployment))
    with deployment.database.write() as session:
        session.add(Person(id=7, email="ada@team.example", name="Ada", password_hash="", created_at=NOW))
        session.flush()
        session.add(Membership(person_id=7, team_id=1, joined_at=NOW))
    lately, later = NOW + TOLD_LATELY - timedelta(seconds=1), NOW + TOLD_LATELY
    announce(deployment.database, COMMAND, slug="tiny", text="One more week.\r\n", now=NOW)
    with pytest.raises(AnnouncedAlready):
        announce(deployment.database, COMMAND, slug="tiny", text="One more week.", now=lately)
    with pytest.raises(AnnouncedAlready):  # as a note without a change, as of a form that is sent twice
        change_policy(deployment, COMMAND, slug="tiny", changes={}, note="One more week.", now=lately)
    with deployment.database.read() as session:
        assert len(told_of(session, 1)[0]) == len(session.exec(select(Mail)).all()) == 1
    changes = {"closes": NOW + timedelta(days=9)}
    change_policy(deployment, COMMAND, slug="tiny", changes=changes, note="One more week.", now=lately)
    announce(deployment.database, COMMAND, slug="tiny", text="One more week.", now=later + TOLD_LATELY)
    with deployment.database.read() as session:
        assert len(told_of(session, 1)[0]) == 3


def test_announcements_are_told_newest_first(deployment: Deployment) -> None:
    host = organizer(deployment)
    announce(deployment.database, host, slug="tiny", text="First.", now=NOW)
    announce(deployment.database, host, slug="tiny", text="Second.", now=NOW)
    for viewer, refusal in ((ANONYMOUS, NotLoggedIn), (other_organizer(deployment), RoundNotFound)):
        with pytest.raises(refusal):
            announce(deployment.database, viewer, slug="tiny", text="Mine.", now=NOW)
    with pytest.raises(InvalidText):
        announce(deployment.database, host, slug="tiny", text="x" * 5001, now=NOW)
    with deployment.database.read() as session:
        announced, _ = told_of(session, 1)
    assert [told.text for told in announced] == ["Second.", "First."]


def test_a_question_is_public_once_it_is_answered_and_never_names_the_team(deployment: Deployment) -> None:
    database, host, team = deployment.database, organizer(deployment), member(deployment)
    ask(database, team, slug="tiny", text="May we use ImageNet-21k?", now=NOW)
    with database.read() as session:
        assert told_of(session, 1) == ((), ())
    answer_question(database, host, slug="tiny", question_id=1, answer="In the open track.", now=NOW)
    with database.read() as session:
        _, (answered,) = told_of(session, 1)
    assert (answered.question, answered.answer) == ("May we use ImageNet-21k?", "In the open track.")
    with pytest.raises(AnsweredAlready):
        answer_question(database, host, slug="tiny", question_id=1, answer="No.", now=NOW)
    with pytest.raises(QuestionNotFound):
        answer_question(database, host, slug="tiny", question_id=2, answer="No.", now=NOW)
    with pytest.raises(RoundNotFound):
        answer_question(database, team, slug="tiny", question_id=1, answer="No.", now=NOW)
    assert actions(deployment)[1:] == ["question.asked", "question.answered"]


def test_only_teams_ask_and_not_without_end(deployment: Deployment) -> None:
    with pytest.raises(NotLoggedIn):
        ask(deployment.database, ANONYMOUS, slug="tiny", text="Why?", now=NOW)
    with pytest.raises(NoTeam):
        ask(deployment.database, organizer(deployment), slug="tiny", text="Why?", now=NOW)
    team = member(deployment)
    for number in range(MAX_OPEN_QUESTIONS):
        ask(deployment.database, team, slug="tiny", text=f"Why {number}?", now=NOW)
    with pytest.raises(TooManyQuestions):
        ask(deployment.database, team, slug="tiny", text="Why?", now=NOW)


def test_a_co_organizer_needs_an_account_and_runs_the_round_from_then_on(deployment: Deployment) -> None:
    database, host = deployment.database, organizer(deployment)
    person_id = add_person(database, "second@host.example")
    add_co_organizer(deployment, host, slug="tiny", email=" Second@host.example ", now=NOW)
    add_co_organizer(deployment, host, slug="tiny", email="second@host.example", now=NOW)
    with database.read() as session:
        people = organizers_of_round(session, 1)
        second = next(person for person in people if person.id == person_id)
        assert viewer_of(session, second, None).organizes(1)
    assert actions(deployment).count("organizer.added") == 1
    for email, refusal in (("nobody@host.example", PersonNotFound), ("nobody", InvalidEmail)):
        with pytest.raises(refusal):
            add_co_organizer(deployment, host, slug="tiny", email=email, now=NOW)


@pytest.mark.parametrize("settings", [{"smtp_url": "smtp://mail.example"}, {"show_mail": True}])
def test_who_has_not_shown_that_an_address_is_theirs_runs_no_round(tmp_path: Path, settings: dict[str, Any]) -> None:
    deployment = tiny_deployment(tmp_path / "data", **settings)
    host, claimed = organizer(deployment), add_person(deployment.database, "professor@lab.example")
    with pytest.raises(PersonNotVerified, match="is not verified"):
        add_co_organizer(deployment, host, slug="tiny", email="professor@lab.example", now=NOW)
    with deployment.database.write() as session:
        assert [person.id for person in organizers_of_round(session, 1)] == [host.person_id]
        session.get_one(Person, claimed).email_verified_at = NOW
    added = add_co_organizer(deployment, host, slug="tiny", email="professor@lab.example", now=NOW)
    assert (added.id, added.is_verified) == (claimed, True)
    deployment.close()


@pytest.mark.parametrize("state", [State.ERROR, State.FAILED])
def test_what_went_wrong_is_queued_again_with_all_its_attempts(deployment: Deployment, state: State) -> None:
    host, team = organizer(deployment), member(deployment)
    number = send(deployment, team_of(team)).id
    with pytest.raises(NotRetryable):
        retry_submission(deployment, host, slug="tiny", submission_id=number, now=NOW)
    change_submission(deployment, number, state=state, attempt=4, failure="internal", finished_at=NOW)
    with deployment.database.read() as session:
        assert (health_of(session, 1).troubled, health_of(session, 1).open) == (1, 0)
        assert [row.submission.id for row in unfinished_of(session, 1, limit=10)] == [number]
    with pytest.raises(RoundNotFound):
        retry_submission(deployment, team, slug="tiny", submission_id=number, now=NOW)
    with pytest.raises(SubmissionNotFound):
        retry_submission(deployment, host, slug="tiny", submission_id=99, now=NOW)
    retry_submission(deployment, host, slug="tiny", submission_id=number, now=NOW)
    with deployment.database.read() as session:
        again = session.get_one(Submission, number)
        assert (again.state, again.attempt, again.failure, again.finished_at) == (State.QUEUED, 0, None, None)
    assert deployment.bell.wait(0)
    assert actions(deployment)[-1] == "submission.queued"


def test_the_pair_of_teams_that_shared_a_file_last_is_named_first(deployment: Deployment) -> None:
    first, *others = (team_of(member(deployment, name)) for name in ("One", "Two", "Three"))
    for team, salt in ((others[0], 0), (first, 1), (others[1], 1), (first, 0)):
        send(deployment, team, predictions(salt=salt))
    with deployment.database.read() as session:
        pairs = [(same.first_team, same.second_team) for same in same_files_of(session, 1, limit=2)]
        assert same_files_of(session, 1, limit=1)[0].second_team == "Two"
    assert pairs == [("One", "Two"), ("One", "Three")]


def test_a_short_list_of_teams_alike_is_the_beginning_of_the_long_one(deployment: Deployment) -> None:
    teams = [team_of(member(deployment, f"Team {number}")) for number in range(5)]
    for number, team in enumerate((*teams, *teams[3:])):  # all score alike, and the first three with one file
        salt = 0 if number < 3 else number
        score(deployment, send(deployment, team, predictions(salt=salt)).id, all=0.25)
    for team in reversed(teams):
        send(deployment, team, predictions(salt=9))
    with deployment.database.read() as session:
        for find, count in ((same_files_of, 10 + 3), (same_figures_of, 10 - 3)):
            every = find(session, 1, limit=100)
            assert len(every) == count
            assert all(find(session, 1, limit=limit) == every[:limit] for limit in range(1, count))
            latest = [max(pair.first_submission, pair.second_submission) for pair in every]
            assert find is same_files_of or latest == sorted(latest, reverse=True)


def test_teams_whose_files_differ_and_score_the_same_in_every_figure_are_named(deployment: Deployment) -> None:
    teams = [team_of(member(deployment, name)) for name in ("One", "Two", "Three", "Four", "Five")]
    for team, salt, error in (
        (teams[0], 0, 0.25), (teams[0], 1, 0.25), (teams[1], 2, 0.25),  # one team, and another that scores like it
        (teams[2], 0, 0.25),  # the first team's very file: told as the same file
        (teams[3], 3, 0.5), (teams[4], 4, 0.75),
        (teams[3], 5, 1.0), (teams[4], 6, 1.0),  # all wrong: says nothing
    ):  # fmt: skip
        score(deployment, send(deployment, team, predictions(salt=salt)).id, all=error)
    with deployment.database.read() as session:
        found = affairs_of(session, COMMAND, slug="tiny", now=NOW)
    assert [(same.first_team, same.second_team) for same in found.same_files] == [("One", "Three")]
    assert found.same_figures == [("Two", "Three", 3, 4), ("One", "Two", 1, 3)]


def test_of_the_files_that_teams_share_the_latest_come_first_each_with_its_first_copies(deployment: Deployment) -> None:
    one, two, three = (team_of(member(deployment, name)) for name in ("One", "Two", "Three"))
    for team, salt in ((two, 0), (one, 0), (one, 1), (three, 1), (three, 1)):
        send(deployment, team, predictions(salt=salt), again=True)
    with deployment.database.read() as session:
        found = same_files_of(session, 1, limit=9)
        assert same_files_of(session, 1, limit=1) == found[:1]
    assert [same[:4] for same in found] == [("One", "Three", 3, 4), ("One", "Two", 2, 1)]
