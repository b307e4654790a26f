"""How time and memory grow with the number of lines."""

from __future__ import annotations

from tests.benchmarks.cases import Case, Competitor, Contest, Settings
from tests.benchmarks.competitors import heldout_warm, heldout_whole
from tests.benchmarks.detection_data import DetectionData
from tests.benchmarks.detection_shapes import ILSVRC_DET

# Shares of the ILSVRC test set; images and lines grow alike.
_SHARES = {"a tenth": 0.1, "a third": 1 / 3, "once": 1.0, "twice": 2.0, "five times": 5.0}


def _prepare(settings: Settings) -> Contest:
    competitors: list[Competitor] = []
    for make, kind in ((heldout_whole, "heldout score"), (heldout_warm, "warm")):
        for name, share in _SHARES.items():
            # The size of the case above is made with its JSON: no second copy of its text.
            data = DetectionData(shape=ILSVRC_DET, has_coco=share == 1).at(settings.scale * share)
            files = data.made(settings.cache)
            competitors.append(
                make(
                    settings, files.round_folder, files.predictions, figure="mean_ap",
                    name=f"{kind}, {name}: {data.lines:,} lines", lines=data.lines, compared_as=name,
                )
            )  # fmt: skip
    return Contest(
        competitors=tuple(competitors),
        data=f"Images and lines as shares of the case of the ILSVRC test set, seed {ILSVRC_DET.seed}",
    )


CASE = Case(
    name="growth",
    title="Growth with the number of lines",
    remarks=("A line of a whole process also carries its share of the start, some tenths of a second.",),
    prepare=_prepare,
)
