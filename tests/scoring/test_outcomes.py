"""Every number is a reduction of outcomes: under a mask, the numbers are those of the round of the masked images."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.formats.label_lines import GuessColumns
from scoring.metrics.classification import LabelScorer
from scoring.metrics.localization import LocatedScorer
from scoring.outcomes import Outcomes
from scoring.truth import Truth, TruthBoxes
from tests.scoring.making import classes_of, public_round
from tests.scoring.metrics.detections import IMAGES, DetectionRound, detection_rounds, stray_boxes, truth_boxes

CLASSES = classes_of((1, 2, 3))
masks = st.lists(st.booleans(), min_size=IMAGES, max_size=IMAGES)

# Of one image: its label, its guesses, its objects, and whether it is blacklisted.
Image = tuple[int, list[tuple[int, tuple[float, ...]]], list[tuple[int, tuple[float, ...]]], bool]
images = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.lists(st.tuples(st.integers(-2, 2), st.one_of(truth_boxes, stray_boxes)), min_size=5, max_size=5),
        st.lists(st.tuples(st.integers(0, 2), truth_boxes), max_size=3),
        st.booleans(),
    ),
    min_size=IMAGES,
    max_size=IMAGES,
)


def guess_outcomes(task: str, rows: list[Image]) -> Outcomes:
    objects = [(position, *found) for position, row in enumerate(rows) for found in row[2]]
    truth = Truth(
        task=task,
        digest="",
        labels=np.array([row[0] for row in rows], np.int32),
        boxes=TruthBoxes(
            images=np.array([image for image, _, _ in objects], np.int32),
            classes=np.array([label for _, label, _ in objects], np.int32),
            corners=np.array([box for _, _, box in objects], np.float64).reshape(-1, 4),
        ),
        blacklisted_images=np.array([row[3] for row in rows], np.bool_),
    )
    public = public_round(task, images=max(1, len(rows)), classes=CLASSES)
    scorer = (LabelScorer if task == "cls" else LocatedScorer)(public, truth)
    scorer.add(
        GuessColumns(
            images=np.arange(len(rows), dtype=np.int32),
            labels=np.array([[label for label, _ in row[1]] for row in rows], np.int32).reshape(-1, 5),
            boxes=np.array([[box for _, box in row[1]] for row in rows], np.float64).reshape(-1, 5, 4),
        )
    )
    return scorer.finish()


@given(images, masks)
def test_numbers_of_guesses_under_a_mask_are_those_of_the_images_it_keeps(rows: list[Image], mask: list[bool]) -> None:
    kept = [row for row, is_kept in zip(rows, mask, strict=True) if is_kept]
    for task in ("cls", "cls-loc"):
        masked = guess_outcomes(task, rows).scorecard(np.array(mask))
        assert masked == guess_outcomes(task, kept).scorecard()


@given(detection_rounds(), masks)
def test_numbers_of_detections_under_a_mask_are_those_of_the_images_it_keeps(
    small: DetectionRound, mask: list[bool]
) -> None:
    kept = [image for image, is_kept in enumerate(mask) if is_kept]
    masked = small.outcomes(window=5).scorecard(np.array(mask))
    reduced = small.reduced(kept)
    if kept:
        assert masked == reduced.outcomes().scorecard()
    else:
        assert masked.counts == {"images": 0, "detections": 0, "positives": 0, "skipped": 0}
        assert masked.scores == {"mean_ap": None, "median_ap": None}


@settings(max_examples=settings.default.max_examples // 4)
@given(detection_rounds(), images)
def test_a_mask_of_all_images_changes_nothing(small: DetectionRound, rows: list[Image]) -> None:
    everything = np.ones(IMAGES, dtype=np.bool_)
    for outcomes in (small.outcomes(), guess_outcomes("cls", rows), guess_outcomes("cls-loc", rows)):
        assert outcomes.scorecard(everything) == outcomes.scorecard()
