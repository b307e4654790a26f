"""The public and the private half of a round's images: drawn by a seed, alike in every class."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scoring.images import Images
    from scoring.outcomes import ImageMask
    from scoring.truth import Truth

ALL, PUBLIC, PRIVATE = SPLITS = ("all", "public", "private")


def split_mask(split: str, *, truth: Truth, images: Images, share: float, seed: str) -> ImageMask | None:
    """(images,) which images a split has; None for all of them.

    Each image draws a number from sha256 of the seed and its index. Images stand in order of their rarest class, within
    it in order of that number, and every so many of them one is public: so both halves of each class are as large as
    the share says, to one image, and anybody who knows the seed can draw them again.

    Args:
        split: "all", "public" or "private".
        truth, images: of the round.
        share: of the images that are public, between 0 and 1.
        seed: any text; a secret until the reveal.
    """
    if split == ALL:
        return None
    draws = _draws(seed, images.indices.tolist())
    order = np.lexsort((draws, _rarest_classes(truth, len(images))))
    offset = int(_draws(seed, [0])[0]) / 2**64  # image indices are positive
    steps = np.floor((np.arange(len(order) + 1) + offset) * share)
    is_public = np.zeros(len(order), dtype=np.bool_)
    is_public[order] = steps[1:] > steps[:-1]
    return is_public if split == PUBLIC else ~is_public


def seed_commitment(seed: str) -> str:
    """sha256 of the seed, published when the round opens: it binds to the split without telling it."""
    return hashlib.sha256(f"heldout split {seed}".encode()).hexdigest()


def _draws(seed: str, indices: Sequence[int]) -> npt.NDArray[np.uint64]:
    """(indices,) the first eight bytes, little-endian, of sha256 of the seed, a line feed and each index."""
    start = f"{seed}\n".encode()
    digests = b"".join([hashlib.sha256(b"%b%d" % (start, index)).digest() for index in indices])
    return np.frombuffer(digests, dtype="<u8")[::4].astype(np.uint64)


def _rarest_classes(truth: Truth, image_count: int) -> npt.NDArray[np.int64]:
    """(images,) the class of each image that the fewest images have; -1 for one without any."""
    pairs = truth.class_pairs()
    rarest = np.full(image_count, -1, dtype=np.int64)
    if not len(pairs):
        return rarest
    # As one number each, which numpy sorts in a third of the time that it takes for rows.
    class_count = pairs[:, 1].max() + 1
    pairs = np.column_stack(np.divmod(np.unique(pairs[:, 0] * class_count + pairs[:, 1]), class_count))
    frequency = np.bincount(pairs[:, 1])
    order = np.lexsort((pairs[:, 1], -frequency[pairs[:, 1]]))  # the rarest last, so that it stays
    rarest[pairs[order, 0]] = pairs[order, 1]
    return rarest
