"""Sizes and errors of the kit's own detection demo, in every fifth image, beside the literal oracles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from scoring.formats.detection_lines import DetectionColumns
from scoring.metrics.detection import DetectionOutcomes, DetectionScorer
from scoring.metrics.detection_errors import KINDS, detection_errors
from scoring.metrics.detection_explanations import DetectionExplainer, DetectionExplanations
from scoring.metrics.detection_sizes import ap_by_size
from tests.parity import kit_files
from tests.parity import oracles_explanations as oracles
from tests.parity.real_rounds import OpenedRound

EVERY = 5


@dataclass(frozen=True, kw_only=True)
class Explained:
    outcomes: DetectionOutcomes
    explanations: DetectionExplanations
    judged: oracles.Judged
    errors: oracles.Errors
    mask: npt.NDArray[np.bool_]  # the images the oracles know


@pytest.fixture(scope="module")
def demo(ilsvrc: Path, det_round: OpenedRound) -> Explained:
    detections = kit_files.read_detections((ilsvrc / "det/demo.val.pred.det.txt").read_text())
    # Images and classes are numbered from 1 without a gap.
    lines = [(d.image - 1, d.class_id - 1, d.confidence, tuple(d.box)) for d in detections]
    boxes, blacklist = det_round.truth.box_columns, det_round.truth.blacklisted_pairs
    assert blacklist is not None
    columns_of_truth = (boxes.images.tolist(), boxes.classes.tolist(), map(tuple, boxes.corners.tolist()))
    objects = list(zip(*columns_of_truth, strict=True))
    judged, errors = oracles.by_image(
        [thing for thing in objects if thing[0] % EVERY == 0],
        [line for line in lines if line[0] % EVERY == 0],
        set(map(tuple, blacklist.tolist())),
    )
    columns = DetectionColumns(
        images=np.array([line[0] for line in lines], np.int32),
        classes=np.array([line[1] for line in lines], np.int32),
        confidences=np.array([line[2] for line in lines]),
        boxes=np.array([line[3] for line in lines], np.float64),
    )
    scorer = DetectionScorer(det_round.public, det_round.truth)
    scorer.add(columns)
    outcomes = scorer.finish()
    explainer = DetectionExplainer(outcomes.positives)
    explainer.add(columns)
    return Explained(
        outcomes=outcomes,
        explanations=explainer.explain(outcomes.windows),
        judged=judged,
        errors=errors,
        mask=np.arange(len(det_round.public.images)) % EVERY == 0,
    )


def test_the_errors_of_the_demo_are_those_of_the_oracle(demo: Explained) -> None:
    before = oracles.mean_ap_without(demo.judged, demo.errors, None, 200)
    assert demo.outcomes.scorecard(demo.mask).scores["mean_ap"] == pytest.approx(before, rel=1e-12, abs=0)
    figures = detection_errors(demo.outcomes, demo.explanations, mask=demo.mask)
    for name, found in figures.items():
        after = oracles.mean_ap_without(demo.judged, demo.errors, name, 200)
        assert before is not None
        assert after is not None
        assert found.delta_ap == pytest.approx(after - before, rel=0, abs=1e-12)
    right = list(demo.errors.kind.values())
    assert {name: figures[name].count for name in KINDS} == {name: right.count(name) for name in KINDS}
    assert figures["missed"].count == len(demo.errors.missed)


def test_the_sizes_of_the_demo_are_those_of_the_oracle(demo: Explained) -> None:
    right = oracles.ap_by_size(demo.judged, 200)
    for name, found in ap_by_size(demo.outcomes, demo.explanations, mask=demo.mask).items():
        aps, positives = right[name]
        assert found.class_positives == positives
        assert found.ap == [None if ap is None else pytest.approx(ap, rel=1e-12, abs=0) for ap in aps]
