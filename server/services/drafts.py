"""Rounds that are not open yet: kept, opened or forgotten by those who made them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlmodel import Session

from server.auth.permissions import NEW_ROUND, Action, actor_of, authorize
from server.auth.viewer import Viewer
from server.db.drafts import delete_draft
from server.db.rounds import round_by_slug
from server.db.tables import Round, stored_id
from server.deployment import Deployment
from server.errors import NotAllowed, NotLoggedIn
from server.jobs.draft_orders import REMOVE_TASK, PreparedRound
from server.jobs.staged_rounds import StagedRound
from server.organizing_errors import NotADraft, SelfTestFailed, SlugTaken
from server.people_errors import TokenTooNarrow
from server.services.baseline_entries import drop_baseline_files, submit_baselines
from server.services.organizing import organized_round
from server.services.round_rows import insert_round, replace_round, tell_opened, tell_round
from server.services.rounds import RoundFacts, stored_round
from server.storage.public_halves import flush


def may_create(viewer: Viewer) -> bool:
    """Whether they may make rounds."""
    try:
        authorize(viewer, Action.CREATE_ROUND, NEW_ROUND)
    except (NotLoggedIn, NotAllowed, TokenTooNarrow):
        return False
    return True


def keep_draft(
    deployment: Deployment, viewer: Viewer, prepared: PreparedRound, *, place: Path, aside: Path, now: datetime
) -> RoundFacts:
    """Make a draft of a round that was laid out; one of the viewer's own drafts of its slug is replaced.

    Args:
        deployment: the server.
        viewer: organizes it from now on.
        prepared: without faults.
        place: where it was laid out.
        aside: where the draft goes that it replaces.
        now: the present moment.

    Raises:
        SlugTaken, SlugReserved: there is another round of its slug, or a page.
    """
    staged = prepared.round
    if staged is None:
        raise SlugTaken
    target = deployment.folders.rounds / staged.slug
    try:
        with deployment.database.write() as session:
            _write_rows(session, viewer, staged, prepared, now=now)
            _swap(place, target, aside)
    except BaseException:
        if aside.exists():
            _swap(aside, target, place)
        raise
    with deployment.database.read() as session:
        return stored_round(session, staged.slug)


def _write_rows(
    session: Session, viewer: Viewer, staged: StagedRound, prepared: PreparedRound, *, now: datetime
) -> None:  # fmt: skip
    known, actor = round_by_slug(session, staged.slug), actor_of(viewer)
    if known is None:
        insert_round(
            session, staged, now=now, actor=actor, organizer_id=viewer.person_id, selftest=prepared.selftest,
            is_draft=True,
        )  # fmt: skip
        return
    if not known.round.is_draft or not viewer.organizes(stored_id(known.round.id)):
        raise SlugTaken
    replace_round(session, known.round, staged, selftest=prepared.selftest, now=now, actor=actor)


def _swap(place: Path, target: Path, aside: Path) -> None:
    """Put a folder in its place, and what is there aside."""
    if target.exists():
        target.rename(aside)
    place.rename(target)
    flush(target.parent)


def open_draft(
    deployment: Deployment, viewer: Viewer, *, slug: str, is_anyway: bool = False, now: datetime
) -> RoundFacts:
    """Let everybody know of a draft, its policy permitting, and submit its baselines.

    Args:
        deployment: the server.
        viewer: who opens it.
        slug: of the draft.
        is_anyway: although the self-test found something.
        now: the present moment.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        NotADraft: it is open.
        SelfTestFailed: something does not score as it must.
    """
    with deployment.database.write() as session:
        row = _draft(session, viewer, slug, now=now)
        if not is_anyway and any(tried["faults"] for tried in row.selftest or ()):
            raise SelfTestFailed
        row.is_draft = False
        session.add(row)
        actor, facts = actor_of(viewer), stored_round(session, slug)
        tell_opened(session, row, truth_digest=facts.truth_digest or "", actor=actor, now=now)
        count = submit_baselines(deployment, session, row, actor=actor, now=now)
    if count:
        drop_baseline_files(deployment, slug)
        deployment.bell.ring(count)
    return facts


def forget_draft(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> None:
    """Delete a draft with everything that was sent for it; its slug is free again.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
        NotADraft: it is open.
    """
    aside = deployment.folders.drafts / uuid4().hex
    with deployment.database.write() as session:
        row = _draft(session, viewer, slug, now=now)
        tell_round(session, row, "round.forgotten", detail={}, actor=actor_of(viewer), now=now)
        session.flush()
        delete_draft(session, row)
        (deployment.folders.rounds / slug).rename(aside)
    deployment.truths.run(REMOVE_TASK, aside)


def _draft(session: Session, viewer: Viewer, slug: str, *, now: datetime) -> Round:
    row = organized_round(session, viewer, slug, action=Action.CHANGE_ROUND, now=now).row
    if not row.is_draft:
        raise NotADraft
    return row
