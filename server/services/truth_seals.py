"""The digest of a ground truth, as it may be told while the truth is hidden."""

from __future__ import annotations

import hashlib


def told_digest(digest: str, seal: str, *, is_revealed: bool) -> str:
    """What tells everybody that a truth is the same as before: its digest, sealed until the reveal."""
    return digest if is_revealed else sealed(digest, seal)


def sealed(digest: str, seal: str) -> str:
    """sha256 that binds to the digest, and confirms no guess.

    The digest itself would: who has nearly every label right tries what is left until the digest is met, and of a
    dozen images all there is.
    """
    return hashlib.sha256(f"heldout truth {seal} {digest}".encode()).hexdigest()
