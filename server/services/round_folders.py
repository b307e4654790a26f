"""A round as a folder again. For commands alone: it reads the truth, so no door may import it."""

from __future__ import annotations

import shutil
import tomllib
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from scoring.round_text import round_toml
from scoring.rounds import ROUND_FILE, load_public_round
from scoring.tasks import find_task
from scoring.truth import load_truth
from server.auth.permissions import COMMAND
from server.db.truths import first_digest
from server.deployment import Deployment
from server.organizing_errors import ExportExists
from server.services.boards import Boards
from server.services.exported_files import content_of
from server.services.round_exports import export_files, note_export
from server.services.rounds import RoundFacts, stored_round


def export_folder(
    deployment: Deployment, target: Path, *, slug: str, has_truth: bool, has_files: bool, now: datetime
) -> None:  # fmt: skip
    """Write a round into a new folder; half-written, nothing is left of it.

    Args:
        deployment: the server.
        target: is made.
        slug: of the round.
        has_truth: whether the ground truth goes along, and the seed of the split with it.
        has_files: whether the submitted files go along, as they were sent.
        now: at which the boards are shown.

    Raises:
        RoundNotFound: there is no such round.
        ExportExists: something is there already.
        TruthNotWritten: its task says no way to write the truth.
    """
    try:
        target.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise ExportExists(f"{target} exists already.") from None
    try:
        note_export(deployment, COMMAND, slug=slug, has_files=has_files, has_truth=has_truth, now=now)
        with deployment.database.read() as session:
            facts = stored_round(session, slug)
            first = first_digest(session, facts.id)
            files = export_files(
                session, Boards(), COMMAND, deployment=deployment, slug=slug, has_files=has_files, now=now
            )
            for file in files:
                path = target / file.name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as stream:
                    stream.writelines(content_of(file, deployment.blobs))
        if has_truth:
            _add_truth(deployment, target, facts, first)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _add_truth(deployment: Deployment, target: Path, facts: RoundFacts, first: str) -> None:
    """The truth as it is now, and where the round is split, the first one: no correction moves an image."""
    public = load_public_round(target)

    def written(digest: str, wanted: str) -> dict[str, Any]:
        """What [truth] says of the files of a truth."""
        truth = load_truth(deployment.folders.truth_file(facts.slug, digest))
        files = find_task(public.task).truth_files(truth, public, prefix=_free_prefix(target, wanted))
        for file in files:
            with (target / file.name).open("wb") as stream:
                stream.writelines(file.pieces)
        return {file.key: file.name for file in files}

    active = facts.truth_digest or ""
    section = written(active, "truth")
    if facts.split_seed is not None:
        section["split_seed"] = facts.split_seed
        if first != active:
            section["drawn_from"] = written(first, "split-truth")
    table = tomllib.loads((target / ROUND_FILE).read_text("utf-8"))
    (target / ROUND_FILE).write_text(round_toml({**table, "truth": section}), "utf-8")


def _free_prefix(target: Path, wanted: str) -> str:
    """How no file of the public half begins."""
    names = [path.name for path in target.iterdir()]
    numbered = (f"{wanted}-{number}" for number in count(2))
    return next(prefix for prefix in chain([wanted], numbered) if not any(name.startswith(prefix) for name in names))
