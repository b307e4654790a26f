"""An entry taken out of the ranking with a public reason, the team's appeal, and the organizers' answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.auth.permissions import Action, Object, actor_of, authorize
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.entries import lock_entry
from server.db.events import append_event
from server.db.organizing import appeal_against, entry_with_round
from server.db.organizing_tables import Appeal
from server.db.tables import Entry, Round, stored_id
from server.organizing_errors import (
    AlreadyDisqualified,
    AppealDecided,
    AppealedAlready,
    AppealNotFound,
    AppealTooLate,
    EntryNotFound,
    NotDisqualified,
)
from server.services.notices import tell_of_disqualification, tell_of_reinstatement, tell_of_verdict
from server.services.own_entries import own_entry
from server.services.rounds import policy_of
from server.texts import clean_text

# Stands in a row of the board.
MAX_REASON_CHARACTERS = 300

# What answers an appeal where the organizers have reinstated the entry without a word.
REINSTATED = "The entry is reinstated."

# A policy may say any number; the calendar ends.
MAX_APPEAL_DAYS = 36_500


@dataclass(frozen=True, kw_only=True, slots=True)
class Disqualified:
    """A disqualified entry, as its team may know it."""

    entry_id: int
    round_slug: str
    round_title: str
    method: str
    reason: str
    at: datetime
    appeal_until: datetime
    appeal: Appeal | None


def disqualify(
    database: Database, viewer: Viewer, *, entry_id: int, reason: str, now: datetime, slug: str = ""
) -> None:
    """Take an entry out of the ranking; its row stays, with the reason.

    Args:
        database: the server's.
        viewer: an organizer of its round.
        entry_id: the entry.
        reason: public.
        now: from here on the team may appeal.
        slug: of the round the entry must belong to; "" for any.

    Raises:
        NotLoggedIn, EntryNotFound: it is not theirs to disqualify.
        AlreadyDisqualified, InvalidText: not so.
    """
    with database.write() as session:
        entry, row = _organized_entry(session, viewer, entry_id, action=Action.DISQUALIFY_ENTRY, slug=slug)
        if entry.disqualified_at is not None:
            raise AlreadyDisqualified
        entry.disqualified_for = clean_text(reason, field="reason", max_characters=MAX_REASON_CHARACTERS)
        entry.disqualified_at = now
        session.add(entry)
        _tell(session, viewer, entry, "entry.disqualified", now=now, detail={"reason": entry.disqualified_for})
        tell_of_disqualification(session, row, entry, appeal_until=_appeal_until(now, row), now=now)


def reinstate(database: Database, viewer: Viewer, *, entry_id: int, now: datetime, slug: str = "") -> None:
    """Let a disqualified entry be ranked again; an appeal that waits is granted by it.

    Raises:
        NotLoggedIn, EntryNotFound: it is not theirs to reinstate.
        NotDisqualified: there is nothing to undo.
    """
    with database.write() as session:
        entry, row = _organized_entry(session, viewer, entry_id, action=Action.REINSTATE_ENTRY, slug=slug)
        disqualified_at = entry.disqualified_at
        if disqualified_at is None:
            raise NotDisqualified
        waiting = appeal_against(session, entry_id=entry_id, disqualified_at=disqualified_at)
        if waiting is not None and waiting.decided_at is None:
            waiting.answer, waiting.is_granted, waiting.decided_at = REINSTATED, True, now
            session.add(waiting)
            _tell(session, viewer, entry, "appeal.granted", now=now)
        _reinstate(session, viewer, entry, now=now)
        tell_of_reinstatement(session, row, entry, now=now)


def appeal(database: Database, viewer: Viewer, *, entry_id: int, text: str, now: datetime) -> None:
    """Say something against the disqualification of one's own entry, once, within the appeal window.

    Raises:
        NotLoggedIn, EntryNotFound: it is not theirs.
        NotDisqualified, AppealedAlready, AppealTooLate, InvalidText: not so.
    """
    with database.write() as session:
        entry, row = own_entry(session, viewer, entry_id, action=Action.APPEAL)
        lock_entry(session, entry_id)
        if entry.disqualified_at is None:
            raise NotDisqualified
        if appeal_against(session, entry_id=entry_id, disqualified_at=entry.disqualified_at) is not None:
            raise AppealedAlready
        if now >= _appeal_until(entry.disqualified_at, row):
            raise AppealTooLate
        session.add(
            Appeal(
                entry_id=entry_id,
                disqualified_at=entry.disqualified_at,
                person_id=viewer.person_id,
                text=clean_text(text, field="appeal"),
                appealed_at=now,
            )
        )
        _tell(session, viewer, entry, "entry.appealed", now=now)


def decide_appeal(
    database: Database, viewer: Viewer, *, appeal_id: int, is_granted: bool, answer: str, now: datetime, slug: str = ""
) -> None:
    """Grant an appeal, which reinstates the entry, or deny it; with an answer to the team.

    An appeal is against one disqualification: where the entry is disqualified anew meanwhile, it stays so.

    Raises:
        NotLoggedIn, AppealNotFound: it is not theirs to decide.
        AppealDecided, InvalidText: not so.
    """
    with database.write() as session:
        found = session.get(Appeal, appeal_id)
        pair = None if found is None else entry_with_round(session, found.entry_id)
        is_here = pair is not None and slug in {"", pair[1].slug}
        round_id = pair[1].id if pair is not None and is_here else None
        authorize(viewer, Action.DECIDE_APPEAL, Object(round_id=round_id, missing=AppealNotFound()))
        if found is None or pair is None:
            raise AppealNotFound
        entry = pair[0]
        lock_entry(session, found.entry_id)
        session.refresh(found)  # who waited for the lock reads what was decided
        if found.decided_at is not None:
            raise AppealDecided
        found.answer, found.is_granted, found.decided_at = clean_text(answer, field="answer"), is_granted, now
        session.add(found)
        _tell(session, viewer, entry, "appeal.granted" if is_granted else "appeal.denied", now=now)
        if is_granted and entry.disqualified_at == found.disqualified_at:
            _reinstate(session, viewer, entry, now=now)
        tell_of_verdict(session, pair[1], entry, is_granted=is_granted, answer=found.answer, now=now)


def disqualified_entry(session: Session, viewer: Viewer, entry_id: int) -> Disqualified:
    """One's own entry that is disqualified.

    Raises:
        NotLoggedIn, EntryNotFound: it is not theirs.
        NotDisqualified: it is ranked.
    """
    entry, row = own_entry(session, viewer, entry_id, action=Action.APPEAL)
    if entry.disqualified_at is None:
        raise NotDisqualified
    return Disqualified(
        entry_id=entry_id,
        round_slug=row.slug,
        round_title=row.title,
        method=entry.method,
        reason=entry.disqualified_for,
        at=entry.disqualified_at,
        appeal_until=_appeal_until(entry.disqualified_at, row),
        appeal=appeal_against(session, entry_id=entry_id, disqualified_at=entry.disqualified_at),
    )


def _appeal_until(disqualified_at: datetime, row: Round) -> datetime:
    return disqualified_at + timedelta(days=min(policy_of(row).appeal_days, MAX_APPEAL_DAYS))


def _reinstate(session: Session, viewer: Viewer, entry: Entry, *, now: datetime) -> None:
    entry.disqualified_at, entry.disqualified_for = None, ""
    session.add(entry)
    _tell(session, viewer, entry, "entry.reinstated", now=now)


def _organized_entry(
    session: Session, viewer: Viewer, entry_id: int, *, action: Action, slug: str
) -> tuple[Entry, Round]:
    found = entry_with_round(session, entry_id)
    is_here = found is not None and slug in {"", found[1].slug}
    acted_on = Object(missing=EntryNotFound(), round_id=found[1].id if found is not None and is_here else None)
    authorize(viewer, action, acted_on)
    if found is None:
        raise EntryNotFound
    lock_entry(session, entry_id)
    return found


def _tell(
    session: Session, viewer: Viewer, entry: Entry, action: str, *, now: datetime, detail: dict[str, str] | None = None
) -> None:
    append_event(
        session, at=now, actor=actor_of(viewer), action=action, object_type="entry", object_id=stored_id(entry.id),
        round_id=entry.round_id, detail=detail,
    )  # fmt: skip
