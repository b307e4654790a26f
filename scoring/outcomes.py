"""What every task's outcomes offer: per image, what happened. Every number is a reduction of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from scoring.scorecard import Scorecard

ImageMask = npt.NDArray[np.bool_]  # (images,) which images count; None stands for all
ClassMask = npt.NDArray[np.bool_]  # (classes,) which classes count; None stands for all


class Outcomes(Protocol):
    """Immutable; made once per submission by matching."""

    def scorecard(self, mask: ImageMask | None = None, *, classes: ClassMask | None = None) -> Scorecard:
        """The numbers over all images, or those of `mask` (a split, a subgroup); over all classes, or some."""
        ...

    def save(self, path: Path) -> None:
        """Write the columns to one .npz."""
        ...


class Scorer(Protocol):
    """Compares windows of columns with the truth."""

    def add(self, columns: Any) -> None:
        """Take in the next window, in the order of the file."""
        ...

    def finish(self) -> Outcomes:
        """Match, once all windows are in."""
        ...
