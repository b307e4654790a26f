from __future__ import annotations

from scoring.formats import detection_kernel, token_kernel
from scoring.metrics import detection_kernels
from scoring.warmup import warm_up


def test_warming_up_compiles_every_kernel_that_scoring_calls() -> None:
    assert warm_up() > 0
    called = (
        token_kernel.tokenise_window,
        detection_kernel.detection_columns,
        detection_kernels.sift,
        detection_kernels.match,
        detection_kernels.count_false_positives,
    )
    assert [kernel.py_func.__name__ for kernel in called if not kernel.signatures] == []
