"""4 million detections, against the fastest COCO evaluators."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.benchmarks.cache import made_once
from tests.benchmarks.cases import COLD_CACHES, Case, Competitor, Contest, Settings, score_command, warm_caches
from tests.benchmarks.detection_data import DetectionFiles, detection_files, detection_size, make_detection_data
from tests.benchmarks.environments import Environment, peer_environment

SEED = 2014
PEERS = ("ultrafast-pycocotools", "hotcoco")
_PEER_SCRIPT = Path(__file__).with_name("peer_detection.py")


def _prepare(settings: Settings, *, decimals: int) -> Contest:
    peers = peer_environment(settings.cache)
    make = partial(make_detection_data, scale=settings.scale, seed=SEED, decimals=decimals)
    name = f"detection-v1-{settings.scale:g}-{decimals}-decimals"
    files = detection_files(made_once(settings.cache / name, make))
    images, lines = detection_size(settings.scale)
    versions = peers.versions
    return Contest(
        competitors=(
            _heldout(settings, files),
            *(_peer(name, versions[name], peers, files) for name in PEERS),
            _first_run(settings, files),
        ),
        data=f"{lines:,} lines over {images:,} images and 200 classes, seed {SEED}; coordinates with "
        f"{decimals} decimals, confidences with 4 to 6, in part tied",
        peers={name: versions[name] for name in (*PEERS, "numpy")},
    )


def _heldout(settings: Settings, files: DetectionFiles) -> Competitor:
    return Competitor(
        name="heldout score",
        command=score_command(settings, files.round_folder, files.predictions),
        reads=f"the kit's text, {_size(files.predictions)}; truth cached",
        includes="start of Python, image list and classes, cached truth, digest of the file, strict validation, "
        "matching, 200 APs, JSON with every class",
        environment=warm_caches(settings),
        figure=("scores", "mean_ap"),
    )


def _first_run(settings: Settings, files: DetectionFiles) -> Competitor:
    return Competitor(
        name="heldout score, first run",
        command=score_command(settings, files.round_folder, files.predictions),
        reads=f"the kit's text, {_size(files.predictions)}; truth as CSV",
        includes="the same with empty caches: kernels compiled, truth parsed",
        fresh_folders=COLD_CACHES,
        figure=("scores", "mean_ap"),
    )


def _peer(name: str, version: str, peers: Environment, files: DetectionFiles) -> Competitor:
    truth, results = str(files.coco_truth), str(files.coco_results)
    return Competitor(
        name=f"{name} {version}",
        command=(str(peers.python), str(_PEER_SCRIPT), name, truth, results),
        reads=f"COCO JSON, results {_size(files.coco_results)}, truth {_size(files.coco_truth)}",
        includes="start of Python, both JSON files, evaluate, accumulate, mean AP",
        is_peer=True,
        figure=("mean_ap",),
    )


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


_REMARKS = """\
The same boxes on both sides: COCO's width and height hold the inclusive corner's pixel, so every IoU is the same.
The peers evaluate bbox at ONE IoU threshold (0.5), one area range and one limit of 100 detections per image and \
category (their default of ten, four and three is more work), on as many threads as they like. Their JSON is written \
without spaces, the shortest they can be given.
The protocols differ, so the scores need not be equal: ILSVRC lowers the threshold for small objects, cuts off no \
detections and takes the area under the whole curve; COCO takes 101 points of it.
`heldout score` reads the truth from its cache, as columns; the peers have no such cache and parse their JSON, a \
twenty-fifth of what they read.
"""

CASE = Case(
    name="detection",
    title="Detection, the size of the ILSVRC test set",
    remarks=tuple(_REMARKS.splitlines()),
    prepare=partial(_prepare, decimals=2),
)
LONG_CASE = Case(
    name="detection-long",
    title="Detection, as long-winded as the kit's demo",
    remarks=("As above, but with six decimals everywhere in the boxes: more bytes for both sides.",),
    prepare=partial(_prepare, decimals=6),
)
