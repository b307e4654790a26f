"""The digest of a ground truth, as it may be told while the truth is hidden."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import Session

from leaderboard.policy import is_revealed
from leaderboard.visibility import Visibility
from server.db.truths import rounds_sharing_truth
from server.services.rounds import policy_of


def is_truth_told(session: Session, round_id: int, seen: Visibility, now: datetime) -> bool:
    """Whether the digests of a round's truth, and their seal, may be told to who sees the round so.

    Until the reveal they may not; nor while another round of this server holds the same truth back, whose guesses they
    would confirm.
    """
    return seen.is_revealed and all(
        not other.is_draft and is_revealed(policy_of(other), now) for other in rounds_sharing_truth(session, round_id)
    )


def told_digest(digest: str, seal: str, *, is_told: bool) -> str:
    """What tells everybody that a truth is the same as before: its digest, sealed until it may be told."""
    return digest if is_told else sealed(digest, seal)


def sealed(digest: str, seal: str) -> str:
    """sha256 that binds to the digest, and confirms no guess.

    The digest itself would: who has nearly every label right tries what is left until the digest is met, and of a
    dozen images all there is.
    """
    return hashlib.sha256(f"heldout truth {seal} {digest}".encode()).hexdigest()
