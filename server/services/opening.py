"""Opening a round from its folder. For commands alone: it reads the ground truth, so no door may import it."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlmodel import Session

from scoring.kits import copy_public_half
from scoring.opening import open_round, split_seed
from scoring.policies import policy_json
from scoring.progress import Progress
from scoring.rounds import PublicRound
from scoring.splits import seed_commitment
from scoring.truth import Truth, save_truth
from scoring.truth_reports import truth_report
from server.db.events import append_event
from server.db.organizers import add_round_organizer
from server.db.rounds import challenge_by_slug, round_by_slug
from server.db.tables import Challenge, Round, TruthVersion, stored_id
from server.deployment import Deployment
from server.errors import RoundChanged
from server.services.rounds import RoundFacts, stored_round
from server.storage.public_halves import flush, folder_digest


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
        RoundChanged: a round of this slug is open, with another public half or another truth.
    """
    public, truth = open_round(folder, cache=deployment.folders.cache, progress=progress)
    with _staged(deployment.folders.rounds, folder, truth) as staged:
        digest = folder_digest(staged / "public")
        with deployment.database.write() as session:
            is_new = not _is_open_already(session, public.slug, public_digest=digest, truth_digest=truth.digest)
            if is_new:
                _put_in_place(staged, deployment.folders.rounds / public.slug)
                _insert(
                    session, public, truth, public_digest=digest, seed=split_seed(folder), now=now, actor=actor,
                    organizer_id=organizer_id,
                )  # fmt: skip
    with deployment.database.read() as session:
        return OpenedRound(facts=stored_round(session, public.slug), is_new=is_new)


@contextmanager
def _staged(rounds: Path, folder: Path, truth: Truth) -> Iterator[Path]:
    """The round's two halves, complete and on the disk, in a folder that is gone afterwards unless it was moved."""
    staged = rounds / f".opening-{uuid4().hex}"
    try:
        (staged / "public").mkdir(mode=0o700, parents=True)
        copy_public_half(folder, staged / "public")
        save_truth(truth, staged / "truth" / f"{truth.digest}.npz")
        for path in (*staged.rglob("*"), staged):
            flush(path)
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _put_in_place(staged: Path, target: Path) -> None:
    """Rename within the transaction that inserts the row: it excludes every other opening meanwhile."""
    if target.exists():  # no row names it: an opening was interrupted just here
        shutil.rmtree(target)
    staged.rename(target)
    flush(target.parent)


def _is_open_already(session: Session, slug: str, *, public_digest: str, truth_digest: str) -> bool:
    row = round_by_slug(session, slug)
    if row is None:
        return False
    changed = []
    if row.round.public_digest != public_digest:
        changed.append("public half")
    if row.truth is None or row.truth.digest != truth_digest:
        changed.append("ground truth")
    if changed:
        raise RoundChanged(
            f"The round {slug} is open already, and this folder has another {' and another '.join(changed)}."
        )
    return True


def _insert(
    session: Session, public: PublicRound, truth: Truth, *, public_digest: str, seed: str | None, now: datetime,
    actor: str, organizer_id: int | None,
) -> None:  # fmt: skip
    policy = public.policy
    row = Round(
        slug=public.slug,
        title=public.title,
        challenge_id=_challenge_id(session, public.challenge),
        task=public.task,
        policy=policy_json(policy),
        image_count=len(public.images),
        class_count=len(public.classes),
        rules=policy.rules,
        data=policy.data,
        split_seed=None if policy.public_share is None else seed or secrets.token_hex(16),
        truth_report=asdict(truth_report(truth, images=public.images, classes=public.classes)),
        public_digest=public_digest,
        created_at=now,
    )
    session.add(row)
    session.flush()
    round_id = stored_id(row.id)
    version = TruthVersion(round_id=round_id, number=1, digest=truth.digest, created_at=now, activated_at=now)
    session.add(version)
    session.flush()
    row.active_truth_id = version.id
    session.add(row)
    if organizer_id is not None:
        add_round_organizer(session, round_id=round_id, person_id=organizer_id, now=now)
    append_event(
        session,
        at=now,
        actor=actor,
        action="round.opened",
        object_type="round",
        object_id=round_id,
        round_id=round_id,
        detail={"slug": public.slug, "truth": truth.digest}
        | ({} if row.split_seed is None else {"split_commitment": seed_commitment(row.split_seed)}),
    )


def _challenge_id(session: Session, title: str | None) -> int | None:
    """The challenge of this title, made when its first round is opened."""
    if title is None:
        return None
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or hashlib.sha256(title.encode()).hexdigest()[:12]
    challenge = challenge_by_slug(session, slug)
    if challenge is None:
        challenge = Challenge(slug=slug, title=title)
        session.add(challenge)
        session.flush()
    return challenge.id
