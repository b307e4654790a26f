"""What a team says of a method it has sent, after it was sent: papers come later than files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leaderboard.policy import phase
from server.auth.permissions import Action, Object, actor_of, authorize
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.entries import lock_entry
from server.db.events import append_event
from server.db.organizing import entry_with_round
from server.db.tables import Entry, Round, stored_id
from server.errors import NotPossible
from server.organizing_errors import EntryNotFound
from server.services.entry_details import EntryDetails, take_details
from server.services.rounds import policy_of, state_of


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnEntry:
    """A method as its team has described it."""

    entry_id: int
    round_slug: str
    round_title: str
    method: str
    track: str  # "" where the round has none
    description: str
    paper_url: str
    code_url: str
    is_anonymous: bool
    is_competing: bool
    can_be_anonymous: bool  # whether there is something to reveal later, or to name now
    is_open: bool  # whether it may still change how it stands on the board


def own_entry(session: Session, viewer: Viewer, entry_id: int, *, action: Action) -> tuple[Entry, Round]:
    """An entry of the team that the viewer acts for, and its round.

    Raises:
        NotLoggedIn, EntryNotFound: it is not theirs.
    """
    found = entry_with_round(session, entry_id)
    acted_on = Object(
        missing=EntryNotFound(),
        round_id=None if found is None else found[1].id,
        team_id=None if found is None else found[0].team_id,
    )
    authorize(viewer, action, acted_on)
    if found is None:
        raise EntryNotFound
    return found


def entry_to_describe(session: Session, viewer: Viewer, entry_id: int, *, now: datetime) -> OwnEntry:
    """What the team has said of a method of its own.

    Raises:
        NotLoggedIn, EntryNotFound: it is not theirs.
    """
    return _facts(*own_entry(session, viewer, entry_id, action=Action.DESCRIBE_ENTRY), now=now)


def describe_entry(
    database: Database, viewer: Viewer, *, entry_id: int, details: EntryDetails, now: datetime
) -> OwnEntry:
    """Say something else of a method; what it says then. None leaves a detail, an empty text takes it back.

    The description and the links may change for as long as there is the round. Whether the method competes, and whether
    its team is named, is settled at the close: what was ranked stays ranked. Of a disqualified one it stays, too.

    Raises:
        NotLoggedIn, EntryNotFound: it is not theirs.
        NotPossible: the round is closed or paused, or the entry disqualified, and competing or anonymity would change.
    """
    with database.write() as session:
        entry, row = own_entry(session, viewer, entry_id, action=Action.DESCRIBE_ENTRY)
        lock_entry(session, entry_id)
        before = _facts(entry, row, now=now)
        take_details(entry, details, policy_of(row), is_new=False)
        after = _facts(entry, row, now=now)
        was, stands = _standing(before), _standing(after)
        if was != stands and not before.is_open:
            raise _not_now(row, now)
        if before != after:
            session.add(entry)
            append_event(
                session, at=now, actor=actor_of(viewer), action="entry.described", object_type="entry",
                object_id=entry_id, round_id=row.id,
                detail={"before": was, "after": stands} if was != stands else None,
            )  # fmt: skip
        return after


def _not_now(row: Round, now: datetime) -> NotPossible:
    if state_of(policy_of(row), is_paused=row.is_paused, now=now) == "paused":
        return NotPossible(
            "The round is paused: whether a method competes, and under whose name, stays until it goes on.",
            advice="Change it then; the description and the links may change now.",
        )
    return NotPossible(
        "The round is closed: whether a method competes, and under whose name, is settled.",
        advice="The description and the links may still change.",
    )


def _standing(facts: OwnEntry) -> dict[str, bool]:
    """How the method wants to stand on the board, as its event tells it."""
    return {"anonymous": facts.is_anonymous, "competing": facts.is_competing}


def _facts(entry: Entry, row: Round, *, now: datetime) -> OwnEntry:
    policy = policy_of(row)
    return OwnEntry(
        entry_id=stored_id(entry.id),
        round_slug=row.slug,
        round_title=row.title,
        method=entry.method,
        track=entry.track,
        description=entry.description,
        paper_url=entry.paper_url,
        code_url=entry.code_url,
        is_anonymous=entry.is_anonymous,
        is_competing=entry.is_competing,
        can_be_anonymous=entry.is_anonymous or policy.closes is not None,
        is_open=entry.disqualified_at is None and phase(policy, now) != "closed",
    )
