"""What people are told by mail of rounds and submissions, each person only the kinds they want.

Queued in the transaction of what it tells about, so that nobody hears of what did not happen. A mail holds no score:
who may see it, sees it on the page it leads to.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from server.db.organizers import organizers_of_round
from server.db.participations import members_of_round
from server.db.submissions import SubmissionRow, submission_row
from server.db.tables import Entry, Person, Round, State, stored_id
from server.db.teams import members_of_team
from server.services.mail import SERVER, queue_mail
from server.services.mail_kinds import MailKind

_ENDINGS = {
    State.REJECTED: "The file has faults; all are listed with line, value and how to mend them. Its place in the quota "
    "is given back.",
    State.FAILED: "It hit the limit of time or memory. Its place in the quota is given back.",
    State.ERROR: "The fault is the server's. Its place in the quota is given back, and the organizers can try again.",
}


def tell_of_ending(session: Session, submission_id: int, *, now: datetime) -> None:
    """Tell a submission's team that it ended without a score, and the organizers where it is the server's fault."""
    row = submission_row(session, submission_id)
    if row is None or (ending := _ENDINGS.get(State(row.submission.state))) is None:
        return
    subject = f"Submission {submission_id} to {row.round.slug}: {row.submission.state}"
    body = f"{ending}\n\n{SERVER}/submissions/{submission_id}"
    for person in members_of_team(session, stored_id(row.team.id)):
        queue_mail(session, person, kind=MailKind.FAILURE, subject=subject, body=body, now=now)
    if row.submission.state == State.ERROR:
        _alert(session, row, now=now)


def _alert(session: Session, row: SubmissionRow, *, now: datetime) -> None:
    """Tell the round's organizers of a submission that the server could not score."""
    slug, number = row.round.slug, row.submission.id
    subject = f"{slug}: the server could not score submission {number}"
    body = (
        f"Submission {number} of {row.team.name} to {row.round.title} ended as an error ({row.submission.failure}),"
        " after the last attempt. Its place in the quota is given back. What happened, and a button that tries again:"
        f"\n\n{SERVER}/organize/{slug}#queue"
    )
    for person in organizers_of_round(session, stored_id(row.round.id)):
        queue_mail(session, person, kind=MailKind.ALERT, subject=subject, body=body, now=now)


def tell_of_disqualification(
    session: Session, round_: Round, entry: Entry, *, appeal_until: datetime, now: datetime
) -> None:
    """Tell an entry's team that it is out of the ranking, why, and until when they may appeal."""
    body = (
        f"{entry.method}, in {round_.title}, is out of the ranking. The public reason:\n\n{entry.disqualified_for}\n\n"
        f"Your team may appeal once, until {appeal_until:%Y-%m-%d %H:%M UTC}:\n{SERVER}/entries/{entry.id}/appeal"
    )
    _tell_team(session, entry, subject=f"{round_.slug}: an entry of your team is disqualified", body=body, now=now)


def tell_of_verdict(
    session: Session, round_: Round, entry: Entry, *, is_granted: bool, answer: str, now: datetime
) -> None:
    """Tell an entry's team what became of their appeal, and how the entry stands now."""
    body = (
        f"Your appeal for {entry.method}, in {round_.title}, is {'granted' if is_granted else 'denied'}:"
        f" {_standing(entry)}. The organizers answer:\n\n{answer}\n\n{SERVER}/entries/{entry.id}"
    )
    _tell_team(session, entry, subject=f"{round_.slug}: your team's appeal is answered", body=body, now=now)


def tell_of_admission(session: Session, round_: Round, *, team_id: int, is_admitted: bool, now: datetime) -> None:
    """Tell a team that has asked to take part what the organizers have decided."""
    if is_admitted:
        body = f"Your team takes part in {round_.title}, and can submit:\n\n{SERVER}/rounds/{round_.slug}/submit"
    else:
        body = f"The organizers of {round_.title} have turned your team away.\n\n{SERVER}/rounds/{round_.slug}"
    subject = f"{round_.slug}: your team {'takes part' if is_admitted else 'was turned away'}"
    for person in members_of_team(session, team_id):
        queue_mail(session, person, kind=MailKind.ANNOUNCEMENT, subject=subject, body=body, now=now)


def tell_of_reinstatement(session: Session, round_: Round, entry: Entry, *, now: datetime) -> None:
    """Tell an entry's team that its disqualification is undone."""
    body = (
        f"The organizers have undone the disqualification of {entry.method}, in {round_.title}: {_standing(entry)}."
        f"\n\n{SERVER}/entries/{entry.id}"
    )
    _tell_team(session, entry, subject=f"{round_.slug}: an entry of your team is reinstated", body=body, now=now)


def _standing(entry: Entry) -> str:
    if entry.disqualified_at is None:
        return "the entry is ranked" if entry.is_competing else "the entry is shown out of competition, without a rank"
    return f"the entry is disqualified since {entry.disqualified_at:%Y-%m-%d %H:%M UTC}"


def _tell_team(session: Session, entry: Entry, *, subject: str, body: str, now: datetime) -> None:
    for person in members_of_team(session, entry.team_id):
        queue_mail(session, person, kind=MailKind.FAILURE, subject=subject, body=body, now=now)


def tell_of_correction(session: Session, round_: Round, *, note: str, is_complete: bool, now: datetime) -> None:
    """Tell everybody who takes part that the truth was corrected; the note names what could not be scored."""
    scored = "Every submission" if is_complete else "Every other submission"
    body = f"{note}\n\n{scored} was scored against the corrected truth:\n{SERVER}/rounds/{round_.slug}/board"
    _tell_all(
        session, round_, kind=MailKind.ERRATUM, subject=f"The truth of {round_.slug} was corrected", body=body, now=now
    )


def tell_of_announcement(session: Session, round_: Round, *, text: str, now: datetime) -> None:
    """Tell everybody who takes part what the organizers announce."""
    body = f"{text}\n\n{SERVER}/rounds/{round_.slug}"
    _tell_all(session, round_, kind=MailKind.ANNOUNCEMENT, subject=f"News of {round_.slug}", body=body, now=now)


def tell_of_deadline(session: Session, round_: Round, person: Person, *, closes: datetime, now: datetime) -> None:
    """Tell somebody who takes part that the round closes soon."""
    body = (
        f"{round_.title} closes at {closes:%Y-%m-%d %H:%M UTC}. An upload counts that has begun by then.\n\n"
        f"{SERVER}/rounds/{round_.slug}/submit"
    )
    queue_mail(
        session, person, kind=MailKind.DEADLINE, subject=f"{round_.slug} closes at {closes:%Y-%m-%d %H:%M UTC}",
        body=body, now=now,
    )  # fmt: skip


def _tell_all(session: Session, round_: Round, *, kind: MailKind, subject: str, body: str, now: datetime) -> None:
    for person in members_of_round(session, stored_id(round_.id)):
        queue_mail(session, person, kind=kind, subject=subject, body=body, now=now)
