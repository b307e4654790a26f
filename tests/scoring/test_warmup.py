from __future__ import annotations

from scoring.formats import json_kernel, plain_detections, token_kernel
from scoring.metrics import coco_kernel, detection_kernels
from scoring.warmup import warm_up


def test_warming_up_compiles_every_kernel_that_scoring_calls() -> None:
    assert warm_up() > 0
    called = (
        token_kernel.tokenise_window,
        json_kernel.alike_records,
        coco_kernel.sift,
        coco_kernel.match,
        coco_kernel.accumulate,
    )
    assert [kernel.py_func.__name__ for kernel in called if not kernel.signatures] == []
    assert plain_detections.CODE.is_loaded
    assert detection_kernels.CODE.is_loaded
