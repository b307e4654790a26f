"""What a whole file's image indices look like, where it names images that the round does not have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.complaints import error, known_split
from scoring.images import Images


class ImageUse:
    """Told from the extremes of all indices, without keeping them."""

    def __init__(self, images: Images) -> None:
        self._indices = images.indices
        self._least, self._greatest = np.inf, -np.inf

    def add(self, indices: npt.NDArray[np.float64]) -> None:
        """Take in some indices, of the round or not."""
        self._least = min(self._least, float(indices.min(initial=np.inf)))
        self._greatest = max(self._greatest, float(indices.max(initial=-np.inf)))

    def finish(self, log: FindingLog) -> None:
        """Log what the indices tell; nothing where the round has them all."""
        if "unknown-image" not in log:
            return
        last = int(self._indices[-1])
        split = known_split(self._greatest) if self._greatest > last else None
        if split:
            log.add(
                error(
                    "other-split", None, f"{self._greatest:.0f}",
                    f"the image indices run up to {self._greatest:,.0f}, those of the round up to {last:,}",
                    advice=f"send a file of this round's images; this many has {split}",
                )
            )  # fmt: skip
        is_one_to_n = int(self._indices[0]) == 1 and last == len(self._indices)
        if is_one_to_n and self._least == 0 and self._greatest == last - 1:
            log.add(
                error(
                    "zero-based-images", None, None, "the image indices look 0-based",
                    advice=f"they run from 0 to {last - 1:,}, the round's from 1 to {last:,}: add 1 to each",
                )
            )  # fmt: skip
