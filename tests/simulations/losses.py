"""Images of 0/1 losses: entries that err alike often or seldom, on the same images or on others."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt


def draw_losses(
    errors: Sequence[float], images: int, *, likeness: float, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """(entries, images) what each entry has wrong.

    Args:
        errors: the true error of each entry.
        images: how many.
        likeness: the correlation of what two entries find hard; 0: they err on images of their own choice.
        rng: where chance comes from.
    """
    limits = np.array([NormalDist().inv_cdf(error) for error in errors])[:, None]
    shared = rng.normal(size=images) * likeness**0.5
    is_wrong: npt.NDArray[np.bool_] = shared + rng.normal(size=(len(errors), images)) * (1 - likeness) ** 0.5 < limits
    return is_wrong
