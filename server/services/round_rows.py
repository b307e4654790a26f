"""The rows of a round that is opened, or drafted."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from scoring.splits import seed_commitment
from server.db.events import append_event
from server.db.organizers import add_round_organizer
from server.db.rounds import challenge_by_slug
from server.db.tables import Challenge, Round, TruthVersion, stored_id
from server.db.truths import forget_versions
from server.jobs.staged_rounds import StagedRound
from server.organizing_errors import SlugReserved

# What stands at /organize/ where other addresses have a round's slug.
RESERVED_SLUGS = frozenset({"new"})

# The public note of a truth that came in with the one it corrects.
CORRECTED_BEFORE = "The ground truth had been corrected before the round was opened here."


def insert_round(
    session: Session, staged: StagedRound, *, now: datetime, actor: str, organizer_id: int | None,
    selftest: list[dict[str, Any]] | None = None, is_draft: bool = False,
) -> Round:  # fmt: skip
    """A new round with its truth.

    Raises:
        SlugReserved: a page stands where the round's would.
    """
    if staged.slug in RESERVED_SLUGS:
        raise SlugReserved(f"/organize/{staged.slug} is a page of the server itself, so no round can have that slug.")
    row = Round(**_columns(session, staged), is_draft=is_draft, selftest=selftest, created_at=now)
    session.add(row)
    session.flush()
    _add_truth(session, row, staged, now=now)
    if organizer_id is not None:
        add_round_organizer(session, round_id=stored_id(row.id), person_id=organizer_id, now=now)
    if is_draft:
        tell_round(session, row, "round.drafted", detail={}, actor=actor, now=now)
    else:
        tell_opened(session, row, truth_digest=staged.truth_digest, actor=actor, now=now)
    return row


def replace_round(
    session: Session, row: Round, staged: StagedRound, *, selftest: list[dict[str, Any]], now: datetime, actor: str
) -> None:
    """Have a draft be what was sent anew, its policy too."""
    for name, value in _columns(session, staged).items():
        setattr(row, name, value)
    row.selftest = selftest
    forget_versions(session, stored_id(row.id))
    _add_truth(session, row, staged, now=now)
    tell_round(session, row, "round.drafted", detail={"again": True}, actor=actor, now=now)


def _add_truth(session: Session, row: Round, staged: StagedRound, *, now: datetime) -> None:
    """Its versions: one, unless the folder says which truth the split was drawn from before a correction."""
    digests = dict.fromkeys((staged.split_truth_digest, staged.truth_digest))
    for number, digest in enumerate(digests, start=1):
        version = TruthVersion(
            round_id=stored_id(row.id), number=number, digest=digest, note=CORRECTED_BEFORE if number > 1 else "",
            created_at=now, activated_at=now,
        )  # fmt: skip
        session.add(version)
        session.flush()
        row.active_truth_id = version.id
    session.add(row)


def tell_opened(session: Session, row: Round, *, truth_digest: str, actor: str, now: datetime) -> None:
    """Append the event with which a round begins, and the commitment to how its images are split."""
    commitment = {} if row.split_seed is None else {"split_commitment": seed_commitment(row.split_seed)}
    tell_round(session, row, "round.opened", detail={"truth": truth_digest} | commitment, actor=actor, now=now)


def tell_round(
    session: Session, row: Round, action: str, *, detail: Mapping[str, Any], actor: str, now: datetime
) -> None:
    """Append an event of the round itself."""
    round_id = stored_id(row.id)
    append_event(
        session, at=now, actor=actor, action=action, object_type="round", object_id=round_id, round_id=round_id,
        detail={"slug": row.slug, **detail},
    )  # fmt: skip


def _columns(session: Session, staged: StagedRound) -> dict[str, Any]:
    is_split = "public_share" in staged.policy
    return {
        "slug": staged.slug,
        "title": staged.title,
        "challenge_id": _challenge_id(session, staged.challenge),
        "task": staged.task,
        "policy": staged.policy,
        "image_count": staged.image_count,
        "class_count": staged.class_count,
        "rules": staged.rules,
        "data": staged.data,
        "split_seed": (staged.split_seed or secrets.token_hex(16)) if is_split else None,
        "truth_report": staged.truth_report,
        "public_digest": staged.public_digest,
    }


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
