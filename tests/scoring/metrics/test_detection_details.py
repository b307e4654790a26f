from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given

from scoring.metrics.detection import DetectionScorer
from scoring.scorecard import Scorecard
from tests.scoring.making import classes_of, public_round
from tests.scoring.metrics.detections import CLASSES, IMAGES, DetectionRound, detection_rounds

BOX = (0.0, 0.0, 29.0, 29.0)


def card_of(
    small: DetectionRound, *, explain: bool, mask: list[bool] | None = None, classes: list[bool] | None = None
) -> Scorecard:
    public = public_round("det", images=IMAGES, classes=classes_of(range(1, CLASSES + 1)))
    scorer = DetectionScorer(public, small.truth, explain=explain)
    scorer.add(small.columns)
    return scorer.finish().scorecard(
        None if mask is None else np.array(mask), classes=None if classes is None else np.array(classes)
    )


def test_details_are_there_where_they_are_asked_for() -> None:
    small = DetectionRound(
        objects=[(0, 0, BOX), (1, 1, BOX)], detections=[(0, 0, 0.5, BOX), (1, 0, 0.5, BOX)], blacklist=[]
    )
    details = card_of(small, explain=True).details
    assert list(details) == ["curves", "sizes", "errors"]
    assert details["curves"] == [
        {"id": 1, "recall": [1.0], "precision": [1.0]}, {"id": 2, "recall": [], "precision": []},
    ]  # fmt: skip
    assert details["sizes"]["small"]["mean_ap"] == 0.5
    assert details["errors"]["kinds"]["class"] == {"count": 1, "delta_ap": 0.5}
    assert json.loads(json.dumps(details)) == details
    assert card_of(small, explain=False).details == {}


def test_details_under_a_mask_are_those_of_the_images_it_keeps() -> None:
    small = DetectionRound(
        objects=[(0, 0, BOX), (1, 0, BOX), (2, 0, BOX)], detections=[(0, 0, 0.5, BOX), (1, 1, 0.5, BOX)], blacklist=[]
    )
    details = card_of(small, explain=True, mask=[True, False, False, False]).details
    assert details["curves"] == [{"id": 1, "recall": [1.0], "precision": [1.0]}]
    assert details["sizes"]["small"]["mean_ap"] == 1
    assert {name: kind["count"] for name, kind in details["errors"]["kinds"].items() if kind["count"]} == {}
    details = card_of(small, explain=True).details
    assert details["sizes"]["small"]["mean_ap"] == pytest.approx(1 / 3)
    assert {name: kind["count"] for name, kind in details["errors"]["kinds"].items() if kind["count"]} == {
        "class": 1, "missed": 1,
    }  # fmt: skip


def test_of_some_classes_are_scores_counts_and_sums_of_details() -> None:
    small = DetectionRound(
        objects=[(0, 0, BOX), (1, 1, BOX), (2, 1, BOX)],
        detections=[(0, 0, 0.5, BOX), (1, 1, 0.5, BOX), (1, 0, 0.4, BOX), (3, 1, 0.4, BOX)],
        blacklist=[(3, 1), (2, 0)],
    )
    card = card_of(small, explain=True, classes=[False, True, True])
    assert card.scores == {"mean_ap": 0.5, "median_ap": 0.5}
    assert card.counts == {"images": 4, "detections": 2, "positives": 2, "skipped": 1}
    assert [row["ap"] for row in card.per_class] == [0.5, None]
    assert card.details["sizes"]["small"]["mean_ap"] == 0.5
    assert card.details["errors"]["kinds"]["class"]["count"] == 0
    assert card.details["errors"]["kinds"]["missed"]["count"] == 1


@given(detection_rounds())
def test_explaining_changes_no_figure(small: DetectionRound) -> None:
    explained, plain = card_of(small, explain=True), card_of(small, explain=False)
    assert (explained.scores, explained.counts, explained.per_class) == (plain.scores, plain.counts, plain.per_class)
