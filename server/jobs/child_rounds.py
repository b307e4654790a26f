"""The rounds a scoring child keeps in memory.

Of all the server, only a child's tasks and the opening of rounds reach the truth.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from scoring.outcomes import ImageMask
from scoring.rounds import PublicRound, load_public_round
from scoring.splits import PUBLIC, split_mask
from scoring.truth import Truth, load_truth

# Few are busy at a time, and the largest truth (ILSVRC's) takes some 20 MB.
_KEPT_ROUNDS = 4


@lru_cache(maxsize=_KEPT_ROUNDS)
def public_round(folder: Path, _digest: str) -> PublicRound:
    """The public half, read again when its digest changes."""
    return load_public_round(folder)


@lru_cache(maxsize=_KEPT_ROUNDS)
def truth_of(file: Path) -> Truth:
    """The parsed truth; the file's name holds its digest."""
    return load_truth(file)


@lru_cache(maxsize=_KEPT_ROUNDS)
def public_images(folder: Path, digest: str, truth_file: Path | None, seed: str | None) -> ImageMask | None:
    """(images,) the public half, drawn from the truth that the round was opened with; None for a round without."""
    public = public_round(folder, digest)
    share = public.policy.public_share
    if share is None or truth_file is None or seed is None:
        return None
    return split_mask(PUBLIC, truth=truth_of(truth_file), images=public.images, share=share, seed=seed)
