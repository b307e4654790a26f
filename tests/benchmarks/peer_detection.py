"""Runs in the peers' environment: bbox AP at one IoU threshold, by the fewest settings that the peer allows.

python peer_detection.py NAME TRUTH.json RESULTS.json [MOST_DETECTIONS]
"""

from __future__ import annotations

import contextlib
import json
import sys
import time


def main(name: str, truth: str, results: str, most_detections: str = "100") -> None:
    """Load, evaluate and accumulate; then print the mean AP and the seconds of each step as JSON."""
    start = time.perf_counter()
    if name == "hotcoco":
        from hotcoco import COCO, COCOeval

        options = {}
    else:
        from ultrafast_pycocotools import COCO, COCOeval

        options = {"verbose": False}
    imported = time.perf_counter()
    ground_truth = COCO(truth, **options)
    detections = ground_truth.loadRes(results)
    loaded = time.perf_counter()
    evaluation = COCOeval(ground_truth, detections, "bbox")
    # One threshold, one area range and one limit: the default of ten, four and three would be more work.
    evaluation.params.iouThrs = [0.5]
    evaluation.params.areaRng = [[0, 1e10]]
    evaluation.params.areaRngLbl = ["all"]
    evaluation.params.maxDets = [int(most_detections)]
    with contextlib.redirect_stdout(sys.stderr):  # their progress, as in pycocotools
        evaluation.evaluate()
        evaluated = time.perf_counter()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]  # (thresholds, recalls, classes, areas, limits), -1: undefined
    mean_ap = float(precision[precision > -1].mean())
    done = time.perf_counter()
    seconds = {
        "import": imported - start,
        "load": loaded - imported,
        "evaluate": evaluated - loaded,
        "accumulate": done - evaluated,
    }
    print(json.dumps({"mean_ap": mean_ap, "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
