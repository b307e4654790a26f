"""A correction of the truth in the hands of the round's organizers: looked at, shown, or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.rescorings import GivenUp, failures_of, scored_count
from server.db.rounds import lock_round
from server.db.tables import TruthVersion, stored_id
from server.db.truths import prepared_version, versions_of, wanted_versions
from server.deployment import Deployment
from server.errors import ErratumNotReady
from server.services.errata import ErratumPreview, activate_erratum, preview_erratum, refuse_another
from server.services.organizing import organized_round
from server.services.rounds import RoundFacts, stored_round
from server.services.truth_versions import forget_version


@dataclass(frozen=True, kw_only=True, slots=True)
class ErratumAffairs:
    """The versions of a round's truth, and the one in preparation."""

    facts: RoundFacts
    shown: Sequence[TruthVersion]  # those that are, or once were, on the board; the first one first
    preview: ErratumPreview | None  # of the version in preparation
    given_up: Sequence[GivenUp]  # what could not be scored against the one in preparation
    failures: Sequence[GivenUp]  # the same, with what could not be scored against the one that is shown
    scored: int  # submissions that have a score against any version; not what was withdrawn


def errata_of(session: Session, viewer: Viewer, *, slug: str, max_attempts: int, now: datetime) -> ErratumAffairs:
    """All there is to look at.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    organized = organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
    versions, prepared = versions_of(session, organized.round_id), prepared_version(session, organized.round_id)
    wanted = wanted_versions(session, organized.round_id)
    failures = failures_of(session, truth_ids=wanted, max_attempts=max_attempts)
    return ErratumAffairs(
        facts=stored_round(session, slug),
        shown=[version for version in versions if version.activated_at is not None],
        preview=None if prepared is None else preview_erratum(session, slug, now=now),
        given_up=[one for one in failures if prepared is not None and one.truth_id == prepared.id],
        failures=failures,
        scored=scored_count(session, organized.round_id),
    )


def show_erratum(
    deployment: Deployment, viewer: Viewer, *, slug: str, note: str = "", number: int | None = None,
    leaves_failures: bool = False, now: datetime,
) -> int:  # fmt: skip
    """Show the version in preparation from now on; its number.

    Args:
        deployment: the server.
        viewer: who shows it.
        slug: of the round.
        note, number: as in `activate_erratum`.
        leaves_failures: whether what could not be scored against it, after all attempts, may be left out.
        now: the present moment.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        ErratumReplaced, ErratumNotReady, InvalidText: as there.
    """
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
        lock_round(session, organized.round_id)
        prepared, left_out = prepared_version(session, organized.round_id), []
        if leaves_failures and prepared is not None:
            attempts = deployment.settings.max_attempts
            left_out = failures_of(session, truth_ids=[stored_id(prepared.id)], max_attempts=attempts)
        return activate_erratum(
            session, slug, note=note, number=number, left_out=[one.submission_id for one in left_out],
            actor=actor_of(viewer), now=now,
        )  # fmt: skip


def forget_erratum(
    database: Database, viewer: Viewer, *, slug: str, number: int | None = None, now: datetime
) -> None:  # fmt: skip
    """Give up the version in preparation, with what was scored against it.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        ErratumNotReady: none is in preparation.
        ErratumReplaced: it is another one than `number`, the one that was looked at.
    """
    with database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.CORRECT_TRUTH, now=now)
        lock_round(session, organized.round_id)
        version = prepared_version(session, organized.round_id)
        if version is None:
            raise ErratumNotReady("No corrected truth is in preparation.", advice="Nothing needs to be done.")
        refuse_another(version, number)
        organized.tell(session, "truth.forgotten", detail={"version": version.number, "digest": version.digest})
        forget_version(session, stored_id(version.id))
