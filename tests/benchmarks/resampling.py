"""A thousand resamples of the images for two entries, beside the scoring of one."""

from __future__ import annotations

from tests.benchmarks import bounds
from tests.benchmarks.cases import Case, Competitor, Contest, Goal, Settings
from tests.benchmarks.competitors import WORKER_SCRIPT, heldout_warm, kept_caches
from tests.benchmarks.detection_data import DetectionData, size_of
from tests.benchmarks.detection_shapes import ILSVRC_DET

RESAMPLES = 1_000
_NAME = f"{RESAMPLES:,} paired resamples"
_SCORING = "scoring one entry"


def _prepare(settings: Settings) -> Contest:
    data = DetectionData(shape=ILSVRC_DET).at(settings.scale)
    files = data.made(settings.cache)
    rival = DetectionData(shape=ILSVRC_DET, entry=2, has_coco=False).at(settings.scale).made(settings.cache)
    command = (WORKER_SCRIPT, files.round_folder, files.predictions, rival.predictions, RESAMPLES)
    return Contest(
        competitors=(
            heldout_warm(
                settings, files.round_folder, files.predictions, figure="mean_ap", name=_SCORING, is_yardstick=True
            ),
            Competitor(
                name=_NAME,
                command=(str(settings.environment.python), *map(str, command)),
                reads=f"outcomes in memory, of two files of {size_of(files.predictions)}",
                includes="the detections of two entries sorted by class, the mean AP of both in each resample",
                is_warm=True,
                environment=kept_caches(settings),
                figure="mean_difference",
            ),
        ),
        data=f"{data.described()}; two entries",
        yardstick=_SCORING,
        goals=(Goal(competitor=_NAME, figure="time", most=2.0, of=_SCORING),),
    )


CASE = Case(
    name="resampling",
    title="A thousand paired resamples of mean AP",
    remarks=("The score of the resamples is the mean difference of the two entries' mean AP.", *bounds.RESAMPLING),
    prepare=_prepare,
)
