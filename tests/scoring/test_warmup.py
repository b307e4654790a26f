from __future__ import annotations

from scoring.formats import record_template, token_kernel
from scoring.metrics import coco_kernels, detection_kernels
from scoring.warmup import warm_up


def test_warming_up_compiles_every_kernel_that_scoring_calls() -> None:
    assert warm_up() > 0
    assert token_kernel.tokenise_window.signatures
    assert record_template.CODE.is_loaded
    assert detection_kernels.CODE.is_loaded
    assert coco_kernels.CODE.is_loaded
