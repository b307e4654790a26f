"""What a team may do with a submission of its own: withdraw it, choose it, have its file back."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from leaderboard.policy import is_revealed
from leaderboard.visibility import visible
from server.auth.permissions import Action, Object, actor_of, authorize
from server.auth.viewer import Viewer
from server.db.entries import lock_entry
from server.db.events import append_event
from server.db.rounds import hold_round
from server.db.submissions import SubmissionRow, cancel_queued, lock_team, submission_row
from server.db.tables import OPEN_STATES, State, stored_id
from server.deployment import Deployment
from server.errors import NotPossible, SubmissionNotFound
from server.services.entry_details import appeal_advice
from server.services.finals import Finals, chosen_beside
from server.services.rounds import policy_of, ruled, state_of
from server.services.tokens import acting_person


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A submission's bytes as they were sent."""

    name: str
    sha256: str
    size_bytes: int
    file: AbstractContextManager[Path]  # open it for as long as it is read


def withdraw(
    deployment: Deployment, viewer: Viewer, submission_id: int, *, only_queued: bool = False, now: datetime
) -> State:
    """Take a submission off the board for good, or out of the queue; the state it has then.

    One that was scored keeps its place in the quota, one that waits gives it back. With `only_queued` nothing else is
    done: who cancels what has been scored meanwhile does not take it off the board.

    Raises:
        SubmissionNotFound: there is none, or it is another team's.
        NotPossible: it runs just now, the ranking is final, or the entry is disqualified.
    """
    with deployment.database.write() as session:
        row = _locked_row(session, viewer, submission_id, action=Action.WITHDRAW_SUBMISSION)
        submission = row.submission
        if is_revealed(policy_of(row.round), now):
            raise NotPossible("The ranking is final.", advice="Ask the organizers: they can take an entry off.")
        if submission.state == State.QUEUED and cancel_queued(session, submission_id, now=now):
            _tell(session, viewer, row, "submission.cancelled", now=now)
            return State.CANCELLED
        if row.entry.disqualified_at is not None:  # else its team could take the public reason off the board
            raise NotPossible(
                "Its entry is disqualified, and stays on the board with the reason.",
                advice=appeal_advice(row.entry),
            )
        if submission.state in OPEN_STATES:
            raise NotPossible("It is being scored just now.", advice="Wait for its score, then withdraw it.")
        if submission.state != State.SCORED or submission.withdrawn_at is not None:
            raise NotPossible("It does not stand on the board.", advice="There is nothing to withdraw.")
        if only_queued:
            raise NotPossible(
                "It waits no more.", advice=f"Look at /submissions/{submission_id} again: there it can be withdrawn."
            )
        submission.withdrawn_at, submission.is_final = now, False
        session.add(submission)
        _tell(session, viewer, row, "submission.withdrawn", now=now)
        return State.SCORED


def choose_final(
    deployment: Deployment, viewer: Viewer, submission_id: int, *, is_final: bool, now: datetime
) -> Finals:
    """Choose a submission to stand for its team at the reveal, or take the choice back; what is chosen then.

    Raises:
        SubmissionNotFound: there is none, or it is another team's.
        NotPossible: the round knows no choosing, is over, or the team has chosen as many as it may.
    """
    with deployment.database.write() as session:
        row = _locked_row(session, viewer, submission_id, action=Action.CHOOSE_SUBMISSION)
        submission, policy = row.submission, policy_of(row.round)
        finals = chosen_beside(session, row)
        if finals is None:
            raise NotPossible(
                f"In this round the {policy.represents} submission counts.", advice="Nothing is to be chosen."
            )
        state = state_of(policy, is_paused=row.round.is_paused, now=now)
        if state == "paused":
            raise NotPossible("The round is paused.", advice="Choose once it goes on; what was chosen stays.")
        if state == "closed":
            raise NotPossible("The round is closed.", advice="What was chosen before the close counts.")
        if submission.state != State.SCORED or submission.withdrawn_at is not None:
            raise NotPossible("Only a scored submission can be chosen.", advice="Choose one that has a score.")
        if is_final and not submission.is_final and finals.is_full:
            where = f" in the track {finals.track}" if finals.track else ""
            raise NotPossible(
                f"Your team may choose {finals.may_choose}{where}, and has chosen"
                f" {', '.join(str(number) for number in finals.chosen)}.",
                advice="Take one choice back first.",
            )
        submission.is_final = is_final
        session.add(submission)
        _tell(session, viewer, row, "submission.chosen" if is_final else "submission.unchosen", now=now)
        return chosen_beside(session, row) or finals


def own_file(deployment: Deployment, viewer: Viewer, submission_id: int, *, now: datetime) -> StoredFile:
    """The bytes of a submission, for its team and the round's organizers, of whom the log tells.

    Raises:
        SubmissionNotFound: there is none, or it is another team's.
    """
    with deployment.database.read() as session:
        row = submission_row(session, submission_id)
        if row is None or not visible(ruled(row.round), viewer, now).may_see_submission_of(stored_id(row.team.id)):
            raise SubmissionNotFound(f"There is no submission {submission_id}.")
        submission = row.submission
    if submission.team_id != viewer.team_id:
        with deployment.database.write() as session:
            append_event(
                session, at=now, actor=actor_of(viewer), action="submission.downloaded", object_type="submission",
                object_id=submission_id, round_id=submission.round_id,
            )  # fmt: skip
    return StoredFile(
        name=submission.file_name or f"submission-{submission_id}",
        sha256=submission.sha256,
        size_bytes=submission.size_bytes,
        file=deployment.blobs.as_file(submission.blob_key),
    )


def _locked_row(session: Session, viewer: Viewer, submission_id: int, *, action: Action) -> SubmissionRow:
    """One's own submission as it is now.

    What its team has chosen and withdrawn stays so until the transaction ends, and so does the round's policy.

    Raises:
        NotLoggedIn, SubmissionNotFound: it is not theirs.
    """
    row = submission_row(session, submission_id)
    missing = SubmissionNotFound(f"There is no submission {submission_id}.")
    round_id, team_id = (None, None) if row is None else (row.round.id, row.team.id)
    authorize(viewer, action, Object(missing=missing, round_id=round_id, team_id=team_id))
    if row is None:
        raise missing
    lock_team(session, row.submission.team_id)
    hold_round(session, row.submission.round_id)
    lock_entry(session, row.submission.entry_id)
    session.refresh(row.submission)
    session.refresh(row.round)
    return row


def _tell(session: Session, viewer: Viewer, row: SubmissionRow, action: str, *, now: datetime) -> None:
    append_event(
        session, at=now, actor=f"person:{acting_person(viewer)}", action=action, object_type="submission",
        object_id=stored_id(row.submission.id), round_id=row.round.id,
    )  # fmt: skip
