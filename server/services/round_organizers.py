"""Who runs a round together, and what they do about submissions that went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.organizers import add_round_organizer, organizers_of_round, remove_round_organizer
from server.db.persons import person_of_email
from server.db.tables import Person, Submission, stored_id
from server.deployment import Deployment
from server.errors import SubmissionNotFound
from server.jobs.leases import queue_again
from server.organizing_errors import NotRetryable, PersonNotFound, PersonNotVerified
from server.people_errors import LastOrganizer
from server.services.accounts import clean_email
from server.services.organizing import organized_round


@dataclass(frozen=True, kw_only=True, slots=True)
class CoOrganizer:
    """Somebody who runs a round."""

    id: int  # the person's
    name: str
    email: str
    is_verified: bool  # whether they have shown that the address is theirs


def organizers_of(session: Session, viewer: Viewer, *, slug: str, now: datetime) -> list[CoOrganizer]:
    """Who runs the round, in the order they came.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    organized = organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now)
    return [_co_organizer(person) for person in organizers_of_round(session, organized.round_id)]


def add_co_organizer(deployment: Deployment, viewer: Viewer, *, slug: str, email: str, now: datetime) -> CoOrganizer:
    """Let another person run the round too; they need an account.

    Anybody may sign up with any address, and an organizer sees everything: only a verified one says who is meant.
    Where nobody can verify one, whoever adds them has to know them.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        InvalidEmail, PersonNotFound: nobody is meant.
        PersonNotVerified: who is meant has not shown that the address is theirs.
    """
    address = clean_email(email)
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.ADD_ORGANIZER, now=now)
        person = person_of_email(session, address)
        if person is None:
            raise PersonNotFound
        if person.email_verified_at is None and deployment.settings.can_verify:
            raise PersonNotVerified(f"The address {address} is not verified: anybody may have signed up with it.")
        person_id = stored_id(person.id)
        if add_round_organizer(session, round_id=organized.round_id, person_id=person_id, now=now):
            organized.tell(session, "organizer.added", object_type="person", object_id=person_id)
        return _co_organizer(person)


def remove_co_organizer(database: Database, viewer: Viewer, *, slug: str, person_id: int, now: datetime) -> None:
    """Take the round out of somebody's hands, perhaps one's own.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        PersonNotFound: whoever is meant does not run it.
        LastOrganizer: nobody would.
    """
    with database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.REMOVE_ORGANIZER, now=now)
        if not remove_round_organizer(session, round_id=organized.round_id, person_id=person_id):
            raise PersonNotFound(
                "This person does not organize the round.", advice="Name one of those whom its list of organizers has."
            )
        session.flush()
        if not organizers_of_round(session, organized.round_id):
            raise LastOrganizer("A round cannot be without an organizer, and this is its only one.")
        organized.tell(session, "organizer.removed", object_type="person", object_id=person_id)


def retry_submission(deployment: Deployment, viewer: Viewer, *, slug: str, submission_id: int, now: datetime) -> None:
    """Queue a submission again that ended as failed or error; it takes its place in the quota again.

    Raises:
        NotLoggedIn, RoundNotFound, SubmissionNotFound: it is not theirs.
        NotRetryable: it waits, runs or has ended well.
    """
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.RETRY_SUBMISSION, now=now)
        submission = session.get(Submission, submission_id)
        if submission is None or submission.round_id != organized.round_id:
            raise SubmissionNotFound
        if not queue_again(session, submission_id, round_id=organized.round_id, actor=actor_of(viewer), now=now):
            raise NotRetryable
    deployment.bell.ring()


def _co_organizer(person: Person) -> CoOrganizer:
    return CoOrganizer(
        id=stored_id(person.id),
        name=person.name,
        email=person.email,
        is_verified=person.email_verified_at is not None,
    )
