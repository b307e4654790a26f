"""Opening a round from its folder. For commands alone: it reads the ground truth, so no door may import it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlmodel import Session

from scoring.progress import Progress
from server.db.rounds import round_by_slug
from server.db.tables import Round, stored_id
from server.db.truths import first_digest
from server.deployment import Deployment
from server.errors import RoundChanged
from server.jobs.staged_rounds import StagedRound
from server.jobs.staging import read_round, stage_round
from server.services.baseline_entries import drop_baseline_files, submit_baselines
from server.services.round_rows import insert_round
from server.services.rounds import RoundFacts, stored_round
from server.storage.public_halves import flush


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedRound:
    """A round that is on the server now."""

    facts: RoundFacts
    is_new: bool  # False: exactly this folder had been opened before


def open_folder(
    deployment: Deployment,
    folder: Path,
    *,
    now: datetime,
    actor: str = "system",
    organizer_id: int | None = None,
    progress: Progress | None = None,
) -> OpenedRound:
    """Copy a round's folder in, also while a server runs; the same folder again changes nothing.

    Args:
        deployment: the server.
        folder: holds round.toml and what it names.
        now: the moment of opening.
        actor: who does it, for the event.
        organizer_id: the person who organizes the round from now on.
        progress: called with (done, total) while annotations are read.

    Raises:
        FaultyRound: with all faults of the folder.
        RoundChanged: a round of this slug is open, with another public half, another truth or another split.
        SlugReserved: a page of the server has the address that the round's page would have.
    """
    read = read_round(folder, cache=deployment.folders.cache, progress=progress)
    with _staging(deployment.folders.rounds) as place:
        staged = stage_round(read, folder, place)
        with deployment.database.write() as session:
            is_new = not _is_open_already(session, staged)
            if is_new:
                row = insert_round(session, staged, now=now, actor=actor, organizer_id=organizer_id)
                _put_in_place(place, deployment.folders.rounds / staged.slug)
                submit_baselines(deployment, session, row, actor=actor, now=now)
    if is_new:
        drop_baseline_files(deployment, staged.slug)
    with deployment.database.read() as session:
        return OpenedRound(facts=stored_round(session, staged.slug), is_new=is_new)


@contextmanager
def _staging(rounds: Path) -> Iterator[Path]:
    """Where a round is laid out: a folder that is gone afterwards unless it was moved."""
    place = rounds / f".opening-{uuid4().hex}"
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _put_in_place(staged: Path, target: Path) -> None:
    """Rename within the transaction that inserts the row: it excludes every other opening meanwhile."""
    if target.exists():  # no row names it: an opening was interrupted just here
        shutil.rmtree(target)
    staged.rename(target)
    flush(target.parent)


def _is_open_already(session: Session, staged: StagedRound) -> bool:
    row = round_by_slug(session, staged.slug)
    if row is None:
        return False
    if row.round.is_draft:
        raise RoundChanged(
            f"There is a draft of the round {staged.slug} on this server.",
            advice="Open it on its page, or delete it there and run this again.",
        )
    changed = []
    if row.round.public_digest != staged.public_digest:
        changed.append("public half")
    if row.truth is None or row.truth.digest != staged.truth_digest:
        changed.append("ground truth")
    split = _changed_split(session, row.round, staged)
    if changed or split:
        raise RoundChanged(
            f"The round {staged.slug} is open already, and this folder has another"
            f" {' and another '.join([*changed, *split])}.",
            advice=None if changed else _SPLIT_ADVICE,
        )
    return True


_SPLIT_ADVICE = (
    "An open round keeps its public and its private images. In round.toml, leave split_seed and [truth.drawn_from] out,"
    " or copy both from what `heldout round export --with-truth` writes; or give the folder a new slug."
)


def _changed_split(session: Session, row: Round, staged: StagedRound) -> list[str]:
    """What the folder says of its split, under [truth] of round.toml, that is not so; nothing where it says nothing."""
    has_seed = staged.split_seed is not None and row.split_seed is not None  # a round of no split has no use for one
    is_drawn_elsewhere = staged.split_truth_digest != staged.truth_digest
    changed = ["truth.split_seed"] if has_seed and staged.split_seed != row.split_seed else []
    if (has_seed or is_drawn_elsewhere) and staged.split_truth_digest != first_digest(session, stored_id(row.id)):
        changed.append("[truth.drawn_from], the truth that the split was drawn from")
    return changed
