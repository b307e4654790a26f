"""Preparing a corrected truth from its folder. For commands alone: it reads the truth, so no door may import it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from scoring.opening import open_round
from scoring.progress import Progress
from scoring.rounds import PublicRound, load_public_round
from scoring.truth import load_truth, save_truth
from scoring.truth_changes import changed_images
from server.db.rounds import round_by_slug
from server.db.tables import stored_id
from server.deployment import Deployment
from server.errors import RoundChanged, RoundNotFound
from server.jobs.erratum_task import is_same_round
from server.services.errata import clean_note
from server.services.truth_versions import PreparedErratum, prepare_version


def prepare_erratum(
    deployment: Deployment, folder: Path, *, note: str = "", now: datetime, actor: str = "system",
    progress: Progress | None = None,
) -> PreparedErratum:  # fmt: skip
    """Check the truth in a round's folder and have everything scored against it; a version prepared before gives way.

    Raises:
        InvalidText: the note cannot be used.
        FaultyRound: with all faults of the folder.
        RoundNotFound: no round of its slug is open.
        RoundChanged: the folder has other images or classes.
        ErratumNotReady: this truth is the one that is shown.
        TruthOvertaken: another one is shown since the folder was compared with it.
    """
    words = clean_note(note)
    public, truth = open_round(folder, cache=deployment.folders.cache, progress=progress)
    with deployment.database.read() as session:
        row = round_by_slug(session, public.slug)
    if row is None or row.truth is None or row.round.is_draft:
        raise RoundNotFound(
            f"There is no round {public.slug} here.", advice="Open it first: heldout round open FOLDER."
        )
    _refuse_other_images(load_public_round(deployment.folders.public_half(public.slug)), public)
    shown = load_truth(deployment.folders.truth_file(public.slug, row.truth.digest))
    save_truth(truth, deployment.folders.truth_file(public.slug, truth.digest))
    changed = changed_images(shown, truth, len(public.images))
    with deployment.database.write() as session:
        number = prepare_version(
            session, stored_id(row.round.id), digest=truth.digest, corrects=row.truth.digest, changed=len(changed),
            note=words, now=now, actor=actor,
        )  # fmt: skip
    deployment.bell.ring()
    return PreparedErratum(
        slug=public.slug, number=number, digest=truth.digest, changed=tuple(public.images.indices[changed].tolist())
    )


def _refuse_other_images(before: PublicRound, after: PublicRound) -> None:
    if not is_same_round(before, after):
        raise RoundChanged(
            f"The folder has another task, other images or other classes than the round {before.slug}.",
            advice="A correction changes the truth alone; for anything else open a new round.",
        )
