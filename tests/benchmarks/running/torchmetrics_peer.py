"""Runs in an environment with torchmetrics: COCO's twelve figures of COCO results, boxes as float32 tensors.

python torchmetrics_peer.py TRUTH.json RESULTS.json
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from coco_figures import twelve_scores
from torchmetrics.detection import MeanAveragePrecision
from turns import own_output, take_turns

# Its names for the twelve figures, in COCO's order.
_NAMES = (
    "map", "map_50", "map_75", "map_small", "map_medium", "map_large",
    "mar_1", "mar_10", "mar_100", "mar_small", "mar_medium", "mar_large",
)  # fmt: skip
# Images given to it at once.
_BATCH = 256


def main(truth: str, results: str) -> None:
    """Read both files, hand their boxes over image after image, and compute."""

    def turn() -> dict[str, Any]:
        start = time.perf_counter()
        content = json.loads(Path(truth).read_bytes())
        expected = _by_image(content["annotations"])
        found = _by_image(json.loads(Path(results).read_bytes()))
        images = [image["id"] for image in content["images"]]
        loaded = time.perf_counter()
        metric = MeanAveragePrecision(box_format="xywh")
        for first in range(0, len(images), _BATCH):
            batch = images[first : first + _BATCH]
            metric.update([_found(found[image]) for image in batch], [_expected(expected[image]) for image in batch])
        computed = metric.compute()
        seconds = {"both files": loaded - start, "evaluate": time.perf_counter() - loaded}
        return {"scores": twelve_scores(float(computed[name]) for name in _NAMES), "seconds": seconds}

    answers = own_output()
    take_turns(turn, answers, is_warm=False)


def _by_image(records: Iterable[Mapping[str, Any]]) -> defaultdict[int, list[Mapping[str, Any]]]:
    images: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for record in records:
        images[record["image_id"]].append(record)
    return images


def _boxes(records: list[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    boxes = torch.tensor([record["bbox"] for record in records], dtype=torch.float32).reshape(-1, 4)
    return {"boxes": boxes, "labels": torch.tensor([record["category_id"] for record in records], dtype=torch.int64)}


def _found(records: list[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    return {**_boxes(records), "scores": torch.tensor([record["score"] for record in records], dtype=torch.float32)}


def _expected(records: list[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    crowds = torch.tensor([record["iscrowd"] for record in records], dtype=torch.int64)
    areas = torch.tensor([record["area"] for record in records], dtype=torch.float32)
    return {**_boxes(records), "iscrowd": crowds, "area": areas}


if __name__ == "__main__":
    main(*sys.argv[1:])
