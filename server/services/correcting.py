"""Preparing a corrected truth from its folder. For commands alone: it reads the truth, so no door may import it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlmodel import Session, col, delete

from scoring.opening import open_round
from scoring.progress import Progress
from scoring.rounds import PublicRound, load_public_round
from scoring.truth import Truth, load_truth, save_truth
from scoring.truth_changes import changed_images
from server.db.events import append_event
from server.db.organizing_tables import Rescoring
from server.db.rounds import round_by_slug
from server.db.tables import Score, TruthVersion, stored_id
from server.db.truths import versions_of
from server.deployment import Deployment
from server.errors import ErratumNotReady, RoundChanged, RoundNotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedErratum:
    """A corrected truth that waits to be shown."""

    slug: str
    number: int
    digest: str
    changed: tuple[int, ...]  # indices of the images that it changes


def prepare_erratum(
    deployment: Deployment, folder: Path, *, note: str = "", now: datetime, actor: str = "system",
    progress: Progress | None = None,
) -> PreparedErratum:  # fmt: skip
    """Check the truth in a round's folder and have everything scored against it; a version prepared before gives way.

    Raises:
        FaultyRound: with all faults of the folder.
        RoundNotFound: no round of its slug is open.
        RoundChanged: the folder has other images or classes.
        ErratumNotReady: this truth is a version of the round already.
    """
    public, truth = open_round(folder, cache=deployment.folders.cache, progress=progress)
    with deployment.database.read() as session:
        row = round_by_slug(session, public.slug)
    if row is None or row.truth is None:
        raise RoundNotFound(
            f"There is no round {public.slug} here.", advice="Open it first: heldout round open FOLDER."
        )
    _refuse_other_images(load_public_round(deployment.folders.public_half(public.slug)), public)
    shown = load_truth(deployment.folders.truth_file(public.slug, row.truth.digest))
    save_truth(truth, deployment.folders.truth_file(public.slug, truth.digest))
    with deployment.database.write() as session:
        number = _insert(session, stored_id(row.round.id), truth, note=note, now=now, actor=actor)
    deployment.bell.ring()
    changed = changed_images(shown, truth, len(public.images))
    return PreparedErratum(
        slug=public.slug, number=number, digest=truth.digest, changed=tuple(public.images.indices[changed].tolist())
    )


def _refuse_other_images(before: PublicRound, after: PublicRound) -> None:
    is_same = (
        before.task == after.task
        and np.array_equal(before.images.indices, after.images.indices)
        and np.array_equal(before.classes.ids, after.classes.ids)
        and before.classes.wnids == after.classes.wnids
    )
    if not is_same:
        raise RoundChanged(
            f"The folder has another task, other images or other classes than the round {before.slug}.",
            advice="A correction changes the truth alone; for anything else open a new round.",
        )


def _insert(session: Session, round_id: int, truth: Truth, *, note: str, now: datetime, actor: str) -> int:
    versions = versions_of(session, round_id)
    for version in versions:
        if version.activated_at is None:
            _discard(session, stored_id(version.id))
        elif version.digest == truth.digest:
            raise ErratumNotReady(
                f"This truth is version {version.number} of the round already.",
                advice="Change the truth's files first.",
            )
    number = max(version.number for version in versions if version.activated_at is not None) + 1
    prepared = TruthVersion(round_id=round_id, number=number, digest=truth.digest, note=note, created_at=now)
    session.add(prepared)
    append_event(
        session, at=now, actor=actor, action="truth.prepared", object_type="round", object_id=round_id,
        round_id=round_id, detail={"version": number, "digest": truth.digest},
    )  # fmt: skip
    return number


def _discard(session: Session, truth_id: int) -> None:
    """Forget a version that was never shown, with what was scored against it."""
    session.exec(delete(Score).where(col(Score.truth_id) == truth_id))
    session.exec(delete(Rescoring).where(col(Rescoring.truth_id) == truth_id))
    session.exec(delete(TruthVersion).where(col(TruthVersion.id) == truth_id))
    session.flush()
