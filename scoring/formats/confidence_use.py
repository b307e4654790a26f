"""What a whole file's confidences look like: told from counts and extremes, without keeping them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.complaints import notice


class ConfidenceUse:
    """Tells confidences outside 0..1, and those that are all equal."""

    def __init__(self) -> None:
        self._count = 0
        self._unusual = 0
        self._least, self._greatest = np.inf, -np.inf

    def add(self, confidences: npt.NDArray[np.float64]) -> None:
        """Take in the confidences of some objects, in any shape."""
        self.take(
            count=confidences.size,
            unusual=int((~((confidences >= 0) & (confidences <= 1))).sum()),
            least=float(confidences.min(initial=np.inf)),
            greatest=float(confidences.max(initial=-np.inf)),
        )

    def take(self, *, count: int, unusual: int, least: float, greatest: float) -> None:
        """As `add`, of what was counted where the confidences were read."""
        self._count += count
        self._unusual += unusual
        self._least, self._greatest = min(self._least, least), max(self._greatest, greatest)

    def finish(self, log: FindingLog) -> None:
        if self._unusual:
            log.add(
                notice(
                    "confidence-range", "confidences lie outside 0..1", count=self._unusual,
                    advice="this is allowed: only their order counts",
                )
            )  # fmt: skip
        if self._count > 1 and self._least == self._greatest:
            log.add(
                notice(
                    "confidences-equal", "all confidences are equal, so the order of the images decides",
                    advice="give each detection the confidence it has",
                )
            )  # fmt: skip
