"""What a submission scored before its round's truth was corrected: both scores are kept, and both are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlmodel import Session

from leaderboard.visibility import Visibility
from server.db.scores import earlier_scores_of
from server.db.tables import Round, stored_id
from server.db.truths import versions_of
from server.services.truth_seals import is_truth_told, told_digest


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierScores:
    """The scores of one submission against a truth that was corrected since."""

    version: int  # of the truth
    truth_digest: str  # sealed until the truth is told
    corrected_at: datetime  # when another truth took its place
    note: str  # what is said of that, in public
    by_split: Mapping[str, Mapping[str, float | None]]  # of every split the viewer may see


def earlier_scores(
    session: Session, round_: Round, submission_id: int, *, seen: Visibility, now: datetime
) -> tuple[EarlierScores, ...]:
    """The latest truth first; nothing while the viewer may see no score."""
    found = earlier_scores_of(session, submission_id, active_truth_id=round_.active_truth_id) if seen.scores else {}
    if not found:
        return ()
    is_told = is_truth_told(session, stored_id(round_.id), seen, now)
    shown = [version for version in versions_of(session, stored_id(round_.id)) if version.activated_at is not None]
    return tuple(
        EarlierScores(
            version=version.number,
            truth_digest=told_digest(version.digest, round_.truth_seal, is_told=is_told),
            corrected_at=later.activated_at,
            note=later.note,
            by_split={split: by_split[split] for split in seen.splits if split in by_split},
        )
        for version, later in reversed([*pairwise(shown)])
        if later.activated_at is not None and (by_split := found.get(stored_id(version.id)))
    )
