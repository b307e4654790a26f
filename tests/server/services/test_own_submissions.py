"""What a team does with its own submissions, and what nobody else can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select, update

from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.tables import Event, Person, Round, State, Submission
from server.deployment import Deployment
from server.errors import NotLoggedIn, NotPossible, ServerError, SubmissionNotFound
from server.services.boards import Boards
from server.services.disqualifications import disqualify
from server.services.entry_details import EntryDetails
from server.services.own_submissions import choose_final, own_file, withdraw
from server.services.pauses import LONGEST_PAUSE
from server.services.receiving import begin_upload
from server.services.schedules import pause
from server.services.spending import quota_of_team
from server.services.submissions import submission_facts
from tests.server.making import NOW, add_team, predictions, score, send, tiny_deployment
from tests.server.services.organizing import committed_meanwhile

CLOSES = NOW + timedelta(days=1)
AFTER = CLOSES + timedelta(days=1)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    opened = tiny_deployment(
        tmp_path / "data", round_closes=CLOSES, round_represents="finals", round_finals=1, round_public_share=0.5
    )
    with opened.database.write() as session:
        session.add(Person(id=1, email="a@b.example", name="A", password_hash="", created_at=NOW))
    yield opened
    opened.close()


@pytest.fixture
def team(deployment: Deployment) -> int:
    return add_team(deployment)


def member(team_id: int) -> Viewer:
    return Viewer(person_id=1, team_id=team_id)


def state_of(deployment: Deployment, submission_id: int) -> Submission:
    with deployment.database.read() as session:
        return session.get_one(Submission, submission_id)


def test_a_waiting_submission_is_cancelled_and_gives_its_place_back(deployment: Deployment, team: int) -> None:
    sent = send(deployment, team, predictions())
    assert withdraw(deployment, member(team), sent.id, now=NOW) is State.CANCELLED
    assert state_of(deployment, sent.id).finished_at == NOW
    with deployment.database.read() as session:
        assert quota_of_team(session, slug="tiny", team_id=team, now=NOW).spent_total == 0
        actions = [event.action for event in session.exec(select(Event).where(Event.object_id == sent.id))]
    assert "submission.cancelled" in actions


def test_a_scored_submission_leaves_the_board_and_stays_charged(deployment: Deployment, team: int) -> None:
    sent = send(deployment, team, predictions())
    score(deployment, sent.id, all=0.5, public=0.4, private=0.6)
    boards = Boards()
    with deployment.database.read() as session:
        assert len(boards.at(session, slug="tiny", viewer=ANONYMOUS, now=NOW).board.rows) == 1
    assert withdraw(deployment, member(team), sent.id, now=NOW) is State.SCORED
    with deployment.database.read() as session:
        assert boards.at(session, slug="tiny", viewer=ANONYMOUS, now=NOW).board.rows == ()
        assert quota_of_team(session, slug="tiny", team_id=team, now=NOW).spent_total == 1
    with pytest.raises(NotPossible):
        withdraw(deployment, member(team), sent.id, now=NOW)
    with pytest.raises(NotPossible, match="not stand on the board"):  # who wanted to cancel it is sent nowhere either
        withdraw(deployment, member(team), sent.id, only_queued=True, now=NOW)


def test_a_running_submission_and_a_final_ranking_are_left_alone(deployment: Deployment, team: int) -> None:
    sent = send(deployment, team, predictions())
    with deployment.database.write() as session:
        row = session.get_one(Submission, sent.id)
        row.state = State.RUNNING
        session.add(row)
    with pytest.raises(NotPossible, match="being scored"):
        withdraw(deployment, member(team), sent.id, now=NOW)
    score(deployment, sent.id, all=0.5)
    with pytest.raises(NotPossible, match="final"):
        withdraw(deployment, member(team), sent.id, now=AFTER)


def test_what_is_withdrawn_while_it_is_chosen_takes_no_place_among_those_chosen(
    deployment: Deployment, team: int
) -> None:
    for salt in (0, 1):
        score(deployment, send(deployment, team, predictions(salt=salt)).id, all=0.5, public=0.5)
    with committed_meanwhile(update(Submission).values(withdrawn_at=NOW)), pytest.raises(NotPossible, match="scored"):
        choose_final(deployment, member(team), 1, is_final=True, now=NOW)
    with committed_meanwhile(update(Submission).values(is_final=True)):
        withdraw(deployment, member(team), 2, now=NOW)
    assert not state_of(deployment, 2).is_final


def test_a_disqualified_entry_cannot_be_withdrawn_and_keeps_its_reason_on_the_board(
    deployment: Deployment, team: int
) -> None:
    sent, waiting = send(deployment, team, predictions()), send(deployment, team, predictions(salt=1))
    score(deployment, sent.id, all=0.5, public=0.4, private=0.6)
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Trained on the test set.", now=NOW)
    with pytest.raises(NotPossible, match="disqualified") as refused:
        withdraw(deployment, member(team), sent.id, now=NOW)
    assert refused.value.advice_given == "Appeal at /entries/1/appeal, or with `heldout appeal 1`."
    with deployment.database.read() as session:
        (row,) = Boards().at(session, slug="tiny", viewer=ANONYMOUS, now=NOW).board.rows
        assert not submission_facts(session, sent.id, viewer=member(team), now=NOW).can_withdraw
    assert row.disqualified_for == "Trained on the test set."
    running = send(deployment, team, predictions(salt=2))
    with deployment.database.write() as session:
        session.exec(update(Submission).where(Submission.id == running.id).values(state=State.RUNNING))
    with pytest.raises(NotPossible, match="disqualified"):  # to wait for its score would help nobody
        withdraw(deployment, member(team), running.id, now=NOW)
    assert withdraw(deployment, member(team), waiting.id, now=NOW) is State.CANCELLED  # it stood nowhere yet


@pytest.mark.parametrize(
    ("viewer", "refusal"),
    [
        (ANONYMOUS, NotLoggedIn),
        (Viewer(person_id=1, team_id=99), SubmissionNotFound),
        (Viewer(person_id=1, is_admin=True), SubmissionNotFound),
    ],
)
def test_only_its_team_may_act_on_a_submission(
    deployment: Deployment, team: int, viewer: Viewer, refusal: type[ServerError]
) -> None:
    for number in (send(deployment, team, predictions()).id, 99):  # one that is not there is refused alike
        with pytest.raises(refusal):
            withdraw(deployment, viewer, number, now=NOW)
        with pytest.raises(refusal):
            choose_final(deployment, viewer, number, is_final=True, now=NOW)


def test_a_team_chooses_as_many_as_the_round_lets_it(deployment: Deployment, team: int) -> None:
    first, second = (send(deployment, team, predictions(salt=salt)) for salt in (1, 2))
    with pytest.raises(NotPossible, match="scored"):
        choose_final(deployment, member(team), first.id, is_final=True, now=NOW)
    for sent in (first, second):
        score(deployment, sent.id, all=0.5, public=0.4, private=0.6)
    choose_final(deployment, member(team), first.id, is_final=True, now=NOW)
    choose_final(deployment, member(team), first.id, is_final=True, now=NOW)  # twice is once
    with pytest.raises(NotPossible, match="may choose 1, and has chosen 1"):
        choose_final(deployment, member(team), second.id, is_final=True, now=NOW)
    choose_final(deployment, member(team), first.id, is_final=False, now=NOW)
    choose_final(deployment, member(team), second.id, is_final=True, now=NOW)
    assert [state_of(deployment, sent.id).is_final for sent in (first, second)] == [False, True]
    with pytest.raises(NotPossible, match="closed"):
        choose_final(deployment, member(team), second.id, is_final=False, now=AFTER)


def test_a_round_lets_teams_choose_no_fewer_while_one_chooses(tmp_path: Path) -> None:
    """PostgreSQL has two transactions write at once."""
    deployment = tiny_deployment(tmp_path / "data", round_closes=CLOSES, round_represents="finals", round_finals=2)
    with deployment.database.write() as session:
        session.add(Person(id=1, email="a@b.example", name="A", password_hash="", created_at=NOW))
        fewer = {**session.get_one(Round, 1).policy, "finals": 1}
    team = add_team(deployment)
    first, second = (send(deployment, team, predictions(salt=salt)) for salt in (1, 2))
    for sent in (first, second):
        score(deployment, sent.id, all=0.5, public=0.4, private=0.6)
    choose_final(deployment, member(team), first.id, is_final=True, now=NOW)
    with (
        committed_meanwhile(update(Round).values(policy=fewer), table="round", lock="FOR KEY SHARE"),
        pytest.raises(NotPossible, match="may choose 1, and has chosen 1"),
    ):
        choose_final(deployment, member(team), second.id, is_final=True, now=NOW)
    deployment.close()


def test_a_team_chooses_in_each_track_apart(tmp_path: Path) -> None:
    deployment = tiny_deployment(
        tmp_path / "data", round_closes=CLOSES, round_represents="finals", round_finals=1,
        round_tracks=["provided", "external"],
    )  # fmt: skip
    with deployment.database.write() as session:
        session.add(Person(id=1, email="a@b.example", name="A", password_hash="", created_at=NOW))
    team = add_team(deployment)
    numbers = []
    for salt, track in enumerate(("provided", "provided", "external", "external")):
        upload = begin_upload(deployment, slug="tiny", team_id=team, person_id=None, now=NOW)
        upload.write(predictions(salt=salt))
        numbers.append(upload.finish(method=f"Net {salt}", details=EntryDetails(track=track), now=NOW).id)
        score(deployment, numbers[-1], all=0.1 * (1 + salt % 2))
    own = member(team)
    chosen = [choose_final(deployment, own, numbers[place], is_final=True, now=NOW) for place in (1, 3)]
    assert [(now.track, now.may_choose, now.chosen) for now in chosen] == [
        ("provided", 1, (numbers[1],)),
        ("external", 1, (numbers[3],)),
    ]
    with pytest.raises(NotPossible, match=f"may choose 1 in the track external, and has chosen {numbers[3]}"):
        choose_final(deployment, own, numbers[2], is_final=True, now=NOW)
    with deployment.database.read() as session:
        rows = Boards().at(session, slug="tiny", viewer=ANONYMOUS, now=AFTER).board.rows
    assert {row.track: row.submission for row in rows} == {"provided": numbers[1], "external": numbers[3]}
    deployment.close()


def test_the_chosen_submission_counts_at_the_reveal_on_the_private_images(deployment: Deployment, team: int) -> None:
    best, chosen = (send(deployment, team, predictions(salt=salt)) for salt in (1, 2))
    score(deployment, best.id, all=0.1, public=0.1, private=0.1)
    score(deployment, chosen.id, all=0.3, public=0.2, private=0.4)
    choose_final(deployment, member(team), chosen.id, is_final=True, now=NOW)
    with deployment.database.read() as session:
        (during,) = Boards().at(session, slug="tiny", viewer=ANONYMOUS, now=NOW).board.rows
        (after,) = Boards().at(session, slug="tiny", viewer=ANONYMOUS, now=AFTER).board.rows
    assert (during.submission, during.scores["top5_error"]) == (best.id, 0.1)
    assert (after.submission, after.scores["top5_error"]) == (chosen.id, 0.4)


def test_a_file_comes_back_as_it_was_sent_to_its_team_alone(deployment: Deployment, team: int) -> None:
    content = predictions()
    sent = send(deployment, team, content)
    stored = own_file(deployment, member(team), sent.id, now=NOW)
    with stored.file as path:
        assert path.read_bytes() == content
    assert stored.size_bytes == len(content)
    with pytest.raises(SubmissionNotFound):
        own_file(deployment, Viewer(person_id=1, team_id=99), sent.id, now=NOW)


def test_in_a_pause_nothing_is_chosen_and_the_choice_stays(deployment: Deployment, team: int) -> None:
    first, second = (send(deployment, team, predictions(salt=salt)).id for salt in (0, 1))
    for number in (first, second):
        score(deployment, number, all=0.5, public=0.4, private=0.6)
    choose_final(deployment, member(team), first, is_final=True, now=NOW)
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    for now, state in ((NOW, "paused"), (NOW + LONGEST_PAUSE, "closed")):  # it is over once its results are shown
        with pytest.raises(NotPossible, match=f"The round is {state}"):
            choose_final(deployment, member(team), first, is_final=False, now=now)
    assert state_of(deployment, first).is_final
