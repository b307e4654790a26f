"""A round in the hands of whoever organizes it: found, or not there; and what was done to it, told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server.auth.permissions import Action, Object, actor_of, authorize
from server.auth.viewer import Viewer
from server.db.events import append_event
from server.db.rounds import round_by_slug
from server.db.tables import Round, stored_id
from server.organizing_errors import StillADraft
from server.services.rounds import no_such_round


@dataclass(frozen=True, kw_only=True, slots=True)
class Organized:
    """A round, and somebody who may do what they are about to do with it."""

    row: Round
    viewer: Viewer
    now: datetime

    @property
    def round_id(self) -> int:
        return stored_id(self.row.id)

    def tell(
        self,
        session: Session,
        action: str,
        *,
        object_type: str = "round",
        object_id: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Append the event of what was done; to the round itself unless an object is named."""
        append_event(
            session,
            at=self.now,
            actor=actor_of(self.viewer),
            action=action,
            object_type=object_type,
            object_id=self.round_id if object_id is None else object_id,
            round_id=self.round_id,
            detail=detail,
        )


def organized_round(session: Session, viewer: Viewer, slug: str, *, action: Action, now: datetime) -> Organized:
    """The round, for an organizer's action.

    Raises:
        NotLoggedIn: nobody is logged in.
        RoundNotFound: there is none, or it is somebody else's.
        StillADraft: it is one, and the action is about what was published.
    """
    found = round_by_slug(session, slug)
    round_id = None if found is None else stored_id(found.round.id)
    authorize(viewer, action, Object(round_id=round_id, missing=no_such_round(slug)))
    if found is None:
        raise no_such_round(slug)
    if found.round.is_draft and action is Action.CORRECT_TRUTH:
        raise StillADraft
    return Organized(row=found.round, viewer=viewer, now=now)
