"""The kit's detection task at true size, beside COCO evaluators at one IoU threshold."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from scoring.policies import MAX_UPLOAD_BYTES
from tests.benchmarks import bounds
from tests.benchmarks.cases import Case, Competitor, Contest, Goal, Settings
from tests.benchmarks.competitors import (
    FAST_PEERS,
    NO_PEERS,
    heldout_first_run,
    heldout_warm,
    heldout_whole,
    peer,
    peers_of,
    takes,
)
from tests.benchmarks.detection_data import DetectionData, DetectionFiles
from tests.benchmarks.detection_shapes import ILSVRC_DET, ILSVRC_VID
from tests.benchmarks.real_data import make_real_data, real_data_described

FIGURE = "mean_ap"
_FROM_TEXT, _FROM_JSON = "the kit's text", "COCO JSON, by the kit's rules"
_SLOW_PEERS = ("faster-coco-eval", "pycocotools")
_NO_JSON = "heldout from JSON: the file is over the cap of an upload, 1 GiB; the same as text is not"
_NO_VERNIER = "vernier: its summary knows the twelve figures alone, and refuses one IoU threshold"


def own_competitors(settings: Settings, files: DetectionFiles, *, has_first_run: bool = True) -> list[Competitor]:
    """Heldout in every way that a case of detections shows it."""
    folder, text, json = files.round_folder, files.predictions, files.coco_results
    own = [heldout_whole(settings, folder, text, figure=FIGURE, compared_as=_FROM_TEXT)]
    takes_json = takes("det", "json") and not is_over_the_cap(json)
    from_json = {"figure": FIGURE, "compared_as": _FROM_JSON}
    if takes_json:
        own.append(heldout_whole(settings, folder, json, name="heldout score, JSON", **from_json))
    if has_first_run:
        own.append(heldout_first_run(settings, folder, text, figure=FIGURE))
    own.append(heldout_warm(settings, folder, text, figure=FIGURE, compared_as=_FROM_TEXT))
    if takes_json:
        own.append(heldout_warm(settings, folder, json, name="heldout, JSON, warm", **from_json))
    return own


def is_over_the_cap(file: Path) -> bool:
    """Whether a round takes no file so large, but for an organizer's word."""
    return file.stat().st_size > MAX_UPLOAD_BYTES


def _contest(
    settings: Settings, files: DetectionFiles, *, data: str, goals: tuple[Goal, ...], is_full: bool = True
) -> Contest:
    """Heldout and the fast peers; if `is_full` also its first run, and the peers warm."""
    peers = peers_of(settings)
    own = own_competitors(settings, files, has_first_run=is_full)
    if peers is None:
        return Contest(competitors=tuple(own), data=data, goals=goals, left_out=(NO_PEERS,))
    ways = (False, True) if is_full else (False,)
    others = [
        peer(name, peers, truth=files.coco_truth, results=files.coco_results, figures="one", is_warm=is_warm)
        for is_warm in ways
        for name in FAST_PEERS
    ]
    return Contest(
        competitors=(*own, *others),
        data=data,
        peers={name: peers.versions[name] for name in (*FAST_PEERS, "numpy")},
        goals=goals,
        left_out=(_NO_VERNIER, *([_NO_JSON] if is_over_the_cap(files.coco_results) else [])),
    )


def _prepare(settings: Settings, *, data: DetectionData, goals: tuple[Goal, ...], is_full: bool = True) -> Contest:
    scaled = data.at(settings.scale)
    files = scaled.made(settings.cache)
    return _contest(settings, files, data=scaled.described(), goals=goals, is_full=is_full)


def _prepare_real(settings: Settings) -> Contest:
    files = make_real_data(settings)
    return _contest(settings, files, data=real_data_described(files), goals=())


def _prepare_long(settings: Settings) -> Contest:
    """The slow peers, once."""
    data = DetectionData(shape=ILSVRC_DET).at(settings.scale)
    files = data.made(settings.cache)
    own = own_competitors(settings, files, has_first_run=False)
    peers = peers_of(settings)
    if peers is None:
        return Contest(competitors=tuple(own), data=data.described(), left_out=(NO_PEERS,))
    truth, results = files.coco_truth, files.coco_results
    slow = [peer(name, peers, truth=truth, results=results, figures="one", most_rounds=1) for name in _SLOW_PEERS]
    return Contest(
        competitors=(*own, *slow),
        data=data.described(),
        peers={name: peers.versions[name] for name in (*_SLOW_PEERS, "numpy")},
        goals=tuple(Goal(competitor=each.name, figure="time", most=0.01, of=slow[-1].name) for each in own),
    )


_REMARKS = tuple(
    """\
The same boxes on both sides: COCO's width and height hold the inclusive corner's pixel, so every IoU is the same.
The peers evaluate bbox at ONE IoU threshold (0.5), one area range and one limit of 100 detections per image and \
category (their default of ten, four and three is more work), on as many threads as they like. Their JSON is written \
without spaces, the shortest they can be given.
The protocols differ, so Heldout's score and the peers' need not be equal: ILSVRC lowers the threshold for small \
objects, cuts off no detections and takes the area under the whole curve; COCO takes 101 points of it.
`heldout score` reads the truth from its cache, as columns; as whole processes the peers have no such cache and parse \
their JSON, a small part of what they read. Warm, they keep it as Heldout does.
""".splitlines()
)

CASE = Case(
    name="detection",
    title="Detection, the size of the ILSVRC test set",
    remarks=(*_REMARKS, *bounds.DETECTION),
    prepare=partial(
        _prepare,
        data=DetectionData(shape=ILSVRC_DET),
        goals=(
            Goal(competitor="heldout, warm", figure="time", most=0.12),
            Goal(competitor="heldout, JSON, warm", figure="time", most=0.25),
            Goal(competitor="heldout score", figure="time", most=0.45),
            Goal(competitor="heldout score", figure="memory", most=0.40),
        ),
    ),
)
VIDEO_CASE = Case(
    name="video",
    title="Detection from video, the size of the ILSVRC validation set",
    remarks=_REMARKS,
    prepare=partial(
        _prepare,
        data=DetectionData(shape=ILSVRC_VID),
        goals=(
            Goal(competitor="heldout score", figure="memory", most=2e9, of=None),
            Goal(competitor="heldout, warm", figure="memory", most=2e9, of=None),
        ),
        is_full=False,
    ),
)
REAL_CASE = Case(
    name="real",
    title="Detection, the kit's demo file on the real validation set",
    remarks=(
        *_REMARKS,
        "The peers know no blacklist: they count the blacklisted pairs of image and class too.",
        *bounds.SMALL_FILES,
    ),
    prepare=_prepare_real,
)
DECIMALS_CASE = Case(
    name="decimals",
    title="Detection, as long-winded as the kit's demo",
    remarks=("As above, but with six decimals everywhere in the boxes: more bytes for both sides.",),
    prepare=partial(_prepare, data=DetectionData(shape=ILSVRC_DET, decimals=6), goals=(), is_full=False),
    is_long=True,
)
LONG_CASE = Case(
    name="detection-long",
    title="Detection, the size of the ILSVRC test set, beside slow peers",
    remarks=_REMARKS[:3],
    prepare=_prepare_long,
    is_long=True,
)
