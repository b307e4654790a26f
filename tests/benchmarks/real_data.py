"""The real ILSVRC 2013 detection validation set with the kit's demo file, also as COCO's JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.cache import made_once
from tests.benchmarks.cases import LeftOut, Settings
from tests.benchmarks.detection_data import DetectionFiles
from tests.parity import kit_files
from tests.parity.oracles import Box

_BOXES = "det/ILSVRC2013_DET_bbox_val.tgz"
_IMAGES = "det/val.txt"
_CLASSES = "synsets/map_det.txt"
_BLACKLIST = "det/ILSVRC2014_det_validation_blacklist.txt"
_DEMO = "det/demo.val.pred.det.txt"

_ROUND = """slug = "benchmark-real"
title = "Benchmark, the real validation set"
task = "det"

[images]
list = "images.txt"

[classes]
table = "classes.txt"

[truth]
boxes = "boxes.tgz"
blacklist = "blacklist.txt"
"""


def make_real_data(settings: Settings) -> DetectionFiles:
    """The files, made if they are not in the cache.

    Raises:
        LeftOut: where the real data is not to be found.
    """
    ilsvrc = settings.ilsvrc
    if ilsvrc is None or not (ilsvrc / _BOXES).is_file():
        raise LeftOut("no real ILSVRC data: set HELDOUT_ILSVRC to the folder that holds it")
    folder = made_once(settings.cache / "ilsvrc-real-v1", lambda target: _make(target, ilsvrc))
    return DetectionFiles(folder=folder)


def real_data_described(files: DetectionFiles) -> str:
    """What was made, in a sentence."""
    images = _count_lines(files.round_folder / "images.txt")
    return (
        f"{_count_lines(files.predictions):,} lines over {images:,} images and 200 classes, six decimals in the boxes"
    )


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _make(folder: Path, ilsvrc: Path) -> None:
    files = DetectionFiles(folder=folder)
    files.round_folder.mkdir(parents=True)
    (files.round_folder / "round.toml").write_text(_ROUND, encoding="utf-8")
    copies = {_IMAGES: "images.txt", _CLASSES: "classes.txt", _BOXES: "boxes.tgz", _BLACKLIST: "blacklist.txt"}
    for source, name in copies.items():
        shutil.copyfile(ilsvrc / source, files.round_folder / name)
    shutil.copyfile(ilsvrc / _DEMO, files.predictions)
    files.coco_round_folder.mkdir()
    classes = kit_files.read_class_table(ilsvrc / _CLASSES)
    images = kit_files.read_image_list(ilsvrc / _IMAGES)
    truth = {
        "images": [{"id": index, "file_name": f"{name}.JPEG"} for name, index in images.items()],
        "categories": [{"id": index, "name": wnid} for wnid, index in classes.items()],
        "annotations": list(_annotations(ilsvrc, classes, images)),
    }
    _write(files.coco_truth, truth)
    found = kit_files.read_detections(files.predictions.read_text(encoding="utf-8"))
    detections = [
        {"image_id": each.image, "category_id": each.class_id, "bbox": _bbox(each.box), "score": each.confidence}
        for each in found
    ]
    _write(files.coco_results, detections)


def _annotations(ilsvrc: Path, classes: dict[str, int], images: dict[str, int]) -> Iterator[dict[str, Any]]:
    number = 0
    for name, objects in kit_files.read_voc_archive(ilsvrc / _BOXES, classes):
        for class_id, box in objects:
            number += 1
            bbox = _bbox(box)
            yield {
                "id": number, "image_id": images[name], "category_id": class_id, "bbox": bbox,
                "area": bbox[2] * bbox[3], "iscrowd": 0,
            }  # fmt: skip


def _bbox(box: Box) -> list[float]:
    """x, y, width, height, the inclusive corner's pixel within."""
    return [box.xmin, box.ymin, round(box.xmax - box.xmin + 1, 6), round(box.ymax - box.ymin + 1, 6)]


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
