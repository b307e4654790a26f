"""Runs in the peers' environment: evaluates COCO results as bbox.

python peer.py NAME one|twelve whole|warm TRUTH.json RESULTS.json

one: AP at one IoU threshold, by the fewest settings that the peer allows. twelve: COCO's twelve figures, its defaults.
warm: the truth is loaded and indexed once; each turn loads the results and evaluates them.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any

from coco_figures import twelve_scores
from turns import own_output, take_turns

# Distribution -> the modules that hold COCO and COCOeval, and the evaluator's name. They differ in little else.
_INTERFACES = {
    "pycocotools": ("pycocotools.coco", "pycocotools.cocoeval", "COCOeval"),
    "hotcoco": ("hotcoco", "hotcoco", "COCOeval"),
    "ultrafast-pycocotools": ("ultrafast_pycocotools", "ultrafast_pycocotools", "COCOeval"),
    "faster-coco-eval": ("faster_coco_eval", "faster_coco_eval", "COCOeval_faster"),
}


class CocoPeer:
    """A package with the interface of pycocotools."""

    def __init__(self, name: str, truth: str) -> None:
        coco_module, evaluator_module, evaluator = _INTERFACES[name]
        self.evaluator: Any = getattr(importlib.import_module(evaluator_module), evaluator)
        self.truth: Any = importlib.import_module(coco_module).COCO(truth)

    def load(self, results: str) -> Any:
        return self.truth.loadRes(results)

    def scores(self, detections: Any, *, is_twelve: bool) -> dict[str, float | None]:
        evaluation = self.evaluator(self.truth, detections, "bbox")
        if not is_twelve:
            # One threshold, one area range and one limit: the default of ten, four and three would be more work.
            evaluation.params.iouThrs = [0.5]
            evaluation.params.areaRng = [[0, 1e10]]
            evaluation.params.areaRngLbl = ["all"]
            evaluation.params.maxDets = [100]
        evaluation.evaluate()
        evaluation.accumulate()
        if is_twelve:
            evaluation.summarize()
            return twelve_scores(list(evaluation.stats)[:12])
        precision = evaluation.eval["precision"]  # (thresholds, recalls, classes, areas, limits), -1: undefined
        return {"mean_ap": float(precision[precision > -1].mean())}


class Vernier:
    """vernier by its own interface, which its manual recommends over the one like pycocotools'."""

    def __init__(self, truth: str) -> None:
        self.instance: Any = importlib.import_module("vernier.instance")
        self.truth: Any = self.instance.CocoDataset.from_json(Path(truth).read_bytes())

    def load(self, results: str) -> Any:
        return Path(results).read_bytes()

    def scores(self, detections: Any, *, is_twelve: bool) -> dict[str, float | None]:
        options = {} if is_twelve else {"iou_thresholds": (0.5,), "max_dets": (100,)}
        evaluator = self.instance.Evaluator(iou=self.instance.Bbox(), parity_mode="strict", **options)
        summary = evaluator.evaluate(self.truth, detections, num_threads=os.cpu_count())
        return twelve_scores(summary.stats) if is_twelve else {"mean_ap": float(summary.stats[0])}


def main(name: str, figures: str, mode: str, truth: str, results: str) -> None:
    """Load and evaluate; print the scores and the seconds of each step."""
    start = time.perf_counter()
    answers = own_output()
    peer = Vernier(truth) if name == "vernier" else CocoPeer(name, truth)
    before = {"import and truth": time.perf_counter() - start} if mode == "whole" else {}

    def turn() -> dict[str, Any]:
        began = time.perf_counter()
        detections = peer.load(results)
        loaded = time.perf_counter()
        scores = peer.scores(detections, is_twelve=figures == "twelve")
        steps = {"results": loaded - began, "evaluate": time.perf_counter() - loaded}
        return {"scores": scores, "seconds": {**before, **steps}}

    take_turns(turn, answers, is_warm=mode == "warm")


if __name__ == "__main__":
    main(*sys.argv[1:])
