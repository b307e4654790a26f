"""A correction of the truth in the hands of the round's organizers: looked at, shown, or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.organizing_tables import Rescoring
from server.db.rescorings import failures_of, scored_count
from server.db.tables import TruthVersion, stored_id
from server.db.truths import prepared_version, versions_of
from server.errors import ErratumNotReady
from server.services.errata import ErratumPreview, activate_erratum, preview_erratum
from server.services.organizing import organized_round
from server.services.rounds import RoundFacts, stored_round
from server.services.truth_versions import forget_version


@dataclass(frozen=True, kw_only=True, slots=True)
class ErratumAffairs:
    """The versions of a round's truth, and the one in preparation."""

    facts: RoundFacts
    shown: Sequence[TruthVersion]  # those that are, or once were, on the board; the first one first
    preview: ErratumPreview | None  # of the version in preparation
    failures: Sequence[Rescoring]  # what could not be scored again
    scored: int  # submissions that have a score against any version


def errata_of(session: Session, viewer: Viewer, *, slug: str, max_attempts: int, now: datetime) -> ErratumAffairs:
    """All there is to look at.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    organized = organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
    versions = versions_of(session, organized.round_id)
    wanted = {
        stored_id(one.id) for one in versions if one.activated_at is None or one.id == organized.row.active_truth_id
    }
    is_prepared = any(version.activated_at is None for version in versions)
    return ErratumAffairs(
        facts=stored_round(session, slug),
        shown=[version for version in versions if version.activated_at is not None],
        preview=preview_erratum(session, slug, now=now) if is_prepared else None,
        failures=failures_of(session, truth_ids=wanted, max_attempts=max_attempts),
        scored=scored_count(session, organized.round_id),
    )


def show_erratum(
    database: Database, viewer: Viewer, *, slug: str, note: str = "", number: int | None = None, now: datetime
) -> int:
    """Show the version in preparation from now on; its number. Arguments as in `activate_erratum`.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        ErratumReplaced, ErratumNotReady: as there.
    """
    with database.write() as session:
        organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
        return activate_erratum(session, slug, note=note, number=number, actor=actor_of(viewer), now=now)


def forget_erratum(database: Database, viewer: Viewer, *, slug: str, now: datetime) -> None:
    """Give up the version in preparation, with what was scored against it.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        ErratumNotReady: none is in preparation.
    """
    with database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
        version = prepared_version(session, organized.round_id)
        if version is None:
            raise ErratumNotReady("No corrected truth is in preparation.", advice="Nothing needs to be done.")
        organized.tell(session, "truth.forgotten", detail={"version": version.number, "digest": version.digest})
        forget_version(session, stored_id(version.id))
