from __future__ import annotations

import numpy as np
import pytest

from scoring.findings import FindingLog
from scoring.formats.confidence_use import ConfidenceUse


def notices(*blocks: list[float]) -> dict[str, int]:
    use, log = ConfidenceUse(), FindingLog()
    for block in blocks:
        use.add(np.array(block, dtype=np.float64))
    use.finish(log)
    return {finding.code: finding.count for finding in log.report().notices}


def test_confidences_outside_0_to_1_are_counted_over_all_blocks() -> None:
    assert notices([0.0, 1.0, -0.1], [], [1.5, 95.0, 0.5]) == {"confidence-range": 3}


@pytest.mark.parametrize("blocks", [([0.5, 0.5],), ([0.5], [0.5]), ([], [0.5], [0.5, 0.5])])
def test_confidences_that_are_all_equal_are_told(blocks: tuple[list[float], ...]) -> None:
    assert notices(*blocks) == {"confidences-equal": 1}


@pytest.mark.parametrize("blocks", [(), ([],), ([0.5],), ([0.5], [0.25])])
def test_one_confidence_is_equal_to_no_other(blocks: tuple[list[float], ...]) -> None:
    assert notices(*blocks) == {}
