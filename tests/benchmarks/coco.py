"""COCO's twelve figures, beside everyone who computes them."""

from __future__ import annotations

from functools import partial

from tests.benchmarks import bounds
from tests.benchmarks.cases import Case, Competitor, Contest, Goal, LeftOut, Settings
from tests.benchmarks.competitors import (
    NO_PEERS,
    heldout_first_run,
    heldout_warm,
    heldout_whole,
    peer,
    peers_of,
    takes,
    torchmetrics_peer,
)
from tests.benchmarks.detection_data import DetectionData, DetectionFiles
from tests.benchmarks.detection_shapes import COCO_VAL, ILSVRC_DET
from tests.benchmarks.environments import torchmetrics_environment

FIGURE = "ap"
_WARM_PEERS = ("ultrafast-pycocotools", "hotcoco")
# Runs of those who take a minute.
_SLOW_ROUNDS = 1


def _own(settings: Settings, files: DetectionFiles, *, has_first_run: bool = True) -> list[Competitor]:
    folder, results = files.coco_round_folder, files.coco_results
    compared = {"figure": FIGURE, "compared_as": "COCO, twelve"}
    own = [heldout_whole(settings, folder, results, **compared)]
    if has_first_run:
        own.append(heldout_first_run(settings, folder, results, figure=FIGURE))
    return [*own, heldout_warm(settings, folder, results, **compared)]


def _prepare(
    settings: Settings,
    *,
    data: DetectionData,
    peers: tuple[str, ...],
    warm_peers: tuple[str, ...] = (),
    slow_peers: tuple[str, ...] = (),
    goals: tuple[Goal, ...] = (),
    left_out: tuple[str, ...] = (),
) -> Contest:
    """A contest of Heldout with `peers`, run in every round, and `slow_peers`, run once."""
    _refuse_without_task()
    scaled = data.at(settings.scale)
    files = scaled.made(settings.cache)
    own = _own(settings, files, has_first_run=bool(peers))
    environment = peers_of(settings)
    if environment is None:
        return Contest(competitors=tuple(own), data=scaled.described(), goals=goals, left_out=(NO_PEERS,))
    of = partial(peer, environment=environment, truth=files.coco_truth, results=files.coco_results, figures="twelve")
    slow = [of(name, most_rounds=_SLOW_ROUNDS) for name in slow_peers]
    reference = [each.name for each in slow if each.name.startswith("pycocotools")]
    return Contest(
        competitors=(*own, *map(of, peers), *(of(name, is_warm=True) for name in warm_peers), *slow),
        data=scaled.described(),
        peers={name: environment.versions[name] for name in (*peers, *slow_peers, "numpy")},
        left_out=left_out,
        goals=(
            *goals,
            *(
                Goal(competitor=each.name, figure="time", most=0.01, of=name)
                for name in reference
                for each in own
                if not each.fresh_folders
            ),
        ),
    )


def _prepare_torchmetrics(settings: Settings) -> Contest:
    _refuse_without_task()
    data = DetectionData(shape=COCO_VAL).at(settings.scale)
    files = data.made(settings.cache)
    own = _own(settings, files, has_first_run=False)
    if not settings.has_peers:
        return Contest(competitors=tuple(own), data=data.described(), left_out=(NO_PEERS,))
    environment = torchmetrics_environment(settings.cache)
    other = torchmetrics_peer(environment, truth=files.coco_truth, results=files.coco_results, most_rounds=_SLOW_ROUNDS)
    return Contest(
        competitors=(*own, other),
        data=data.described(),
        peers={name: environment.versions[name] for name in ("torchmetrics", "torch", "pycocotools", "numpy")},
    )


def _refuse_without_task() -> None:
    if not takes("coco-det", "json"):
        raise LeftOut("the registry has no task coco-det")


_REMARKS = tuple(
    """\
Everyone reads the same bytes and computes the same twelve figures with COCO's own settings; all twelve are compared.
`heldout score` reads the truth from its cache, as columns; as whole processes the peers parse their JSON. Warm, they \
keep it as Heldout does.
""".splitlines()
)
_FLOAT32 = """\
torchmetrics takes its boxes, areas and confidences as float32, so that its scores differ from the fourth decimal on; \
they are not compared"""
_TOO_LARGE = """\
pycocotools 2.0.11: `evaluate` alone took 827 s, and held 22 of 24 GB when `accumulate` began; it was ended"""

SMALL_CASE = Case(
    name="coco",
    title="COCO's twelve figures, the size of its validation set",
    remarks=_REMARKS,
    prepare=partial(
        _prepare,
        data=DetectionData(shape=COCO_VAL),
        peers=(*_WARM_PEERS, "vernier", "faster-coco-eval"),
        warm_peers=(*_WARM_PEERS, "vernier"),
        slow_peers=("pycocotools",),
        goals=(Goal(competitor="heldout, warm", figure="time", most=0.3),),
    ),
)
LARGE_CASE = Case(
    name="coco-large",
    title="COCO's twelve figures, the size of the ILSVRC test set",
    remarks=(*_REMARKS, *bounds.COCO),
    prepare=partial(
        _prepare,
        data=DetectionData(shape=ILSVRC_DET),
        peers=(*_WARM_PEERS, "vernier"),
        warm_peers=_WARM_PEERS,
        goals=(
            Goal(competitor="heldout, warm", figure="time", most=0.15),
            Goal(competitor="heldout score", figure="time", most=0.55),
            Goal(competitor="heldout score", figure="memory", most=0.55),
        ),
    ),
)
LONG_CASE = Case(
    name="coco-long",
    title="COCO's twelve figures, the size of the ILSVRC test set, beside slow peers",
    remarks=_REMARKS,
    prepare=partial(
        _prepare,
        data=DetectionData(shape=ILSVRC_DET),
        peers=(),
        slow_peers=("faster-coco-eval",),
        left_out=(_TOO_LARGE,),
    ),
    is_long=True,
)
TORCHMETRICS_CASE = Case(
    name="torchmetrics",
    title="COCO's twelve figures, the size of its validation set, beside torchmetrics",
    remarks=(_FLOAT32,),
    prepare=_prepare_torchmetrics,
    is_long=True,
)
