"""Who gets which mail: of a file that was refused, of a correction, of an announcement; and never a score."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.db.people_tables import Mail
from server.db.tables import Entry, Membership, Person, Round, State, Submission
from server.deployment import Deployment
from server.services.announcements import announce
from server.services.disqualifications import appeal, decide_appeal, disqualify, reinstate
from server.services.mail_kinds import MailKind
from server.services.notices import tell_of_correction, tell_of_ending
from server.services.policy_changes import change_policy
from server.workers import Workers
from tests.server.making import NOW, add_team, predictions, score, send, tiny_deployment
from tests.server.services.organizing import organizer, other_organizer
from tests.server.web.browsing import change_submission
from tests.waiting import wait_until


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    opened = tiny_deployment(tmp_path / "data")
    yield opened
    opened.close()


def add_member(deployment: Deployment, team_id: int, name: str, *, unwanted: tuple[str, ...] = ()) -> None:
    with deployment.database.write() as session:
        person = Person(
            email=f"{name}@team.example", name=name, password_hash="", unwanted_mail=list(unwanted), created_at=NOW
        )
        session.add(person)
        session.flush()
        session.add(Membership(person_id=person.id or 0, team_id=team_id, joined_at=NOW))


def mails(deployment: Deployment) -> list[tuple[str, str]]:
    with deployment.database.read() as session:
        return [(mail.kind, mail.address) for mail in session.exec(select(Mail).order_by(Mail.address))]  # type: ignore[arg-type]


def test_a_refused_file_is_told_to_those_of_its_team_who_want_to_know(deployment: Deployment) -> None:
    team, other = add_team(deployment, "Ours"), add_team(deployment, "Theirs")
    add_member(deployment, team, "ada")
    add_member(deployment, team, "bea", unwanted=("failure",))
    add_member(deployment, other, "cid")
    workers = Workers(deployment)
    workers.start()
    try:
        bad = send(deployment, team, b"x\n")
        good = send(deployment, team, predictions())
        wait_until(lambda: {state_of(deployment, sent.id) for sent in (bad, good)} == {State.REJECTED, State.SCORED})
    finally:
        workers.stop()
    assert mails(deployment) == [("failure", "ada@team.example")]
    with deployment.database.read() as session:
        (mail,) = session.exec(select(Mail)).all()
    assert f"/submissions/{bad.id}" in mail.body and "rejected" in mail.subject


def stored(deployment: Deployment, submission_id: int) -> Submission:
    with deployment.database.read() as session:
        return session.get_one(Submission, submission_id)


def state_of(deployment: Deployment, submission_id: int) -> str:
    return stored(deployment, submission_id).state


def test_a_score_is_told_by_no_mail(deployment: Deployment) -> None:
    team = add_team(deployment)
    add_member(deployment, team, "ada")
    sent = send(deployment, team, predictions())
    score(deployment, sent.id, all=0.125)
    with deployment.database.write() as session:
        tell_of_ending(session, sent.id, now=NOW)
    assert mails(deployment) == []


def test_an_error_of_the_server_is_told_to_its_team_and_to_the_organizers_who_want_to_know(
    deployment: Deployment,
) -> None:
    team = add_team(deployment, "Ours")
    add_member(deployment, team, "ada")
    organizer(deployment, "host@host.example")
    quiet_id = organizer(deployment, "quiet@host.example").person_id
    with deployment.database.write() as session:
        quiet = session.get_one(Person, quiet_id)
        quiet.unwanted_mail = [MailKind.ALERT]
        session.add(quiet)
    other_organizer(deployment)
    sent = send(deployment, team, predictions())
    deployment.blobs.delete(stored(deployment, sent.id).blob_key)  # a read error on the stored object
    workers = Workers(deployment)
    workers.start()
    try:
        wait_until(lambda: state_of(deployment, sent.id) == State.ERROR)
    finally:
        workers.stop()
    assert mails(deployment) == [("failure", "ada@team.example"), ("alert", "host@host.example")]
    (alert,) = (body for body in bodies(deployment) if "/organize/tiny#queue" in body)
    assert "Submission 1 of Ours to Round tiny ended as an error (internal-error)" in alert


def test_a_submission_whose_last_worker_fell_silent_is_told_of_as_well(deployment: Deployment) -> None:
    team = add_team(deployment, "Ours")
    add_member(deployment, team, "ada")
    organizer(deployment, "host@host.example")
    sent = send(deployment, team, predictions())
    change_submission(deployment, sent.id, state=State.RUNNING, attempt=99, owner="worker:dead", lease_expires_at=NOW)
    workers = Workers(deployment)
    workers.start()
    workers.stop()
    assert state_of(deployment, sent.id) == State.ERROR
    assert mails(deployment) == [("failure", "ada@team.example"), ("alert", "host@host.example")]


def test_a_correction_and_an_announcement_are_told_to_who_takes_part(deployment: Deployment) -> None:
    team, bystanders = add_team(deployment, "Ours"), add_team(deployment, "Theirs")
    add_member(deployment, team, "ada")
    add_member(deployment, bystanders, "cid")
    send(deployment, team, predictions())
    with deployment.database.write() as session:
        tell_of_correction(session, session.get_one(Round, 1), note="Image 1 shows a cat.", is_complete=True, now=NOW)
    assert mails(deployment) == [(MailKind.ERRATUM, "ada@team.example")]
    announce(deployment.database, Viewer(is_admin=True), slug="tiny", text="The round goes on.\nFor a week.", now=NOW)
    assert mails(deployment) == [(MailKind.ERRATUM, "ada@team.example"), (MailKind.ANNOUNCEMENT, "ada@team.example")]
    with deployment.database.read() as session:
        bodies = [mail.body for mail in session.exec(select(Mail))]
    assert "Image 1 shows a cat.\n\nEvery submission was scored" in bodies[0] and "For a week." in bodies[1]


def test_what_a_correction_could_not_score_is_not_told_as_scored(deployment: Deployment) -> None:
    team = add_team(deployment)
    add_member(deployment, team, "ada")
    send(deployment, team, predictions())
    with deployment.database.write() as session:
        tell_of_correction(session, session.get_one(Round, 1), note="Not scored: 1.", is_complete=False, now=NOW)
    with deployment.database.read() as session:
        assert "Not scored: 1.\n\nEvery other submission was scored" in session.exec(select(Mail)).one().body


def test_the_note_of_a_change_is_told_as_an_announcement_is(deployment: Deployment) -> None:
    team = add_team(deployment)
    add_member(deployment, team, "ada")
    add_member(deployment, team, "bea", unwanted=("announcement",))
    send(deployment, team, predictions())
    change_policy(deployment, COMMAND, slug="tiny", changes={"submissions_per_day": 3}, now=NOW)
    assert mails(deployment) == []
    change_policy(
        deployment, COMMAND, slug="tiny", changes={"submissions_per_day": 4}, note="One more a day.", now=NOW
    )  # fmt: skip
    assert mails(deployment) == [(MailKind.ANNOUNCEMENT, "ada@team.example")]


def test_a_disqualification_and_the_answer_to_the_appeal_are_told_to_the_team(deployment: Deployment) -> None:
    team, other = add_team(deployment, "Ours"), add_team(deployment, "Theirs")
    add_member(deployment, team, "ada")
    add_member(deployment, team, "bea", unwanted=("failure",))
    add_member(deployment, other, "cid")
    send(deployment, team, predictions())
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Trained on the test set.", now=NOW)
    appeal(deployment.database, Viewer(person_id=1, team_id=team), entry_id=1, text="We did not.", now=NOW)
    decide_appeal(deployment.database, COMMAND, appeal_id=1, is_granted=False, answer="You did.", now=NOW)
    disqualified_again = NOW + timedelta(days=1)
    reinstate(deployment.database, COMMAND, entry_id=1, now=NOW)
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Two accounts.", now=disqualified_again)
    appeal(deployment.database, Viewer(person_id=1, team_id=team), entry_id=1, text="One.", now=disqualified_again)
    decide_appeal(
        deployment.database, COMMAND, appeal_id=2, is_granted=True, answer="One.", now=disqualified_again
    )  # fmt: skip
    assert mails(deployment) == [(MailKind.FAILURE, "ada@team.example")] * 5
    out, denied, reinstated, _, granted = bodies(deployment)
    assert "Trained on the test set." in out and "until 2026-11-30 12:00 UTC" in out and "/entries/1/appeal" in out
    assert "denied: the entry is disqualified since 2026-11-23 12:00 UTC" in denied and "You did." in denied
    assert "undone the disqualification of ResNet-50, in Round tiny: the entry is ranked." in reinstated
    assert "granted: the entry is ranked." in granted


def test_a_reinstated_entry_out_of_competition_is_not_told_as_ranked(deployment: Deployment) -> None:
    team = add_team(deployment)
    add_member(deployment, team, "ada")
    send(deployment, team, predictions())
    with deployment.database.write() as session:
        entry = session.get_one(Entry, 1)
        entry.is_competing = False
        session.add(entry)
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Trained on the test set.", now=NOW)
    reinstate(deployment.database, COMMAND, entry_id=1, now=NOW)
    assert "in Round tiny: the entry is shown out of competition, without a rank." in bodies(deployment)[-1]


def bodies(deployment: Deployment) -> list[str]:
    """Of all mails, in order."""
    with deployment.database.read() as session:
        return [mail.body for mail in session.exec(select(Mail).order_by(Mail.id))]  # type: ignore[arg-type]


def test_an_appeal_that_was_left_undecided_is_answered_as_the_entry_stands_now(deployment: Deployment) -> None:
    team = add_team(deployment, "Ours")
    add_member(deployment, team, "ada")
    send(deployment, team, predictions())
    for day in range(2):  # as it stood before a reinstatement granted the appeal that waited
        disqualify(deployment.database, COMMAND, entry_id=1, reason="Late.", now=NOW + timedelta(days=day))
        appeal(
            deployment.database,
            Viewer(person_id=1, team_id=team),
            entry_id=1,
            text="No.",
            now=NOW + timedelta(days=day),
        )
        with deployment.database.write() as session:
            entry = session.get_one(Entry, 1)
            entry.disqualified_at = NOW + timedelta(days=2) if day else None
            session.add(entry)
    decide_appeal(deployment.database, COMMAND, appeal_id=1, is_granted=True, answer="Yes.", now=NOW)
    decide_appeal(deployment.database, COMMAND, appeal_id=2, is_granted=False, answer="No.", now=NOW)
    assert ["since 2026-11-25 12:00 UTC. The organizers answer" in body for body in bodies(deployment)[-2:]] == [
        True
    ] * 2
