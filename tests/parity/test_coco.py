"""The twelve figures are those of COCO's own evaluation, on rounds as unlucky as chance makes them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.coco_cases import CocoCase, make_case
from tests.parity.coco_oracle import differences, kit_figures
from tests.parity.coco_val import make_val_like


@given(st.randoms(use_true_random=False), st.integers(1, 40), st.integers(1, 50))
@settings(max_examples=60)
def test_small_rounds_score_as_the_kit_scores_them(random: Random, window: int, grouped_rows: int) -> None:
    case = make_case(random)
    outcomes = case.outcomes(window=window, grouped_rows=grouped_rows)
    assert differences(outcomes.scorecard(), kit_figures(case)) == []


def test_a_larger_round_scores_as_the_kit_scores_it() -> None:
    case = make_val_like(images=60, categories=8, detections=3_000, seed=5)
    assert differences(case.outcomes(window=500, grouped_rows=1_000).scorecard(), kit_figures(case)) == []


BOX = [0, 0, 20, 20]
FOUND = [
    # a box that is ignored for its area can be found once, a crowd again and again
    CocoCase(
        image_ids=(1,), category_ids=(1,),
        annotations=[
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 2e10, "iscrowd": 0},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [50, 0, 20, 20], "area": 400, "iscrowd": 1},
            {"id": 3, "image_id": 1, "category_id": 1, "bbox": [100, 0, 20, 20], "area": 400, "iscrowd": 0},
        ],
        detections=[
            *[(1, 1, (0, 0, 20, 20), 0.9)] * 2, *[(1, 1, (50, 0, 20, 20), 0.9)] * 3, (1, 1, (100, 0, 20, 20), 0.1),
        ],
    ),
    # the flag `ignore` changes nothing
    CocoCase(
        image_ids=(1,), category_ids=(1,),
        annotations=[
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 400, "iscrowd": 0, "ignore": 1},
        ],
        detections=[(1, 1, (0, 0, 20, 20), 0.9)],
    ),
    # among boxes of equal overlap the last is found, which leaves the first to the next detection
    CocoCase(
        image_ids=(1,), category_ids=(1,),
        annotations=[
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 400, "iscrowd": 0},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 2000, "iscrowd": 0},
            {"id": 3, "image_id": 1, "category_id": 1, "bbox": [1, 0, 20, 20], "area": 400, "iscrowd": 0},
        ],
        detections=[(1, 1, (0, 0, 20, 20), 0.9), (1, 1, (0.5, 0, 20, 20), 0.8), (1, 1, (0, 0, 20, 15), 0.8)],
    ),
    # image ids from 0, and larger than any table
    CocoCase(
        image_ids=(0, 3, 2**53), category_ids=(0, 1),
        annotations=[
            {"id": 1, "image_id": 0, "category_id": 1, "bbox": BOX, "area": 400, "iscrowd": 0},
            {"id": 2, "image_id": 2**53, "category_id": 0, "bbox": BOX, "area": 400, "iscrowd": 0},
        ],
        detections=[
            (0, 1, (0, 0, 20, 20), 0.9), (3, 1, (0, 0, 20, 20), 0.95), (2**53, 0, (0, 0, 20, 15), 0.8),
            (2**53, 0, (0, 0, 20, 20), 0.7),
        ],
    ),
    # a detection of an area below 0 is of no size: it is ignored where it finds nothing
    CocoCase(
        image_ids=(1, 2), category_ids=(1,),
        annotations=[{"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 400, "iscrowd": 0}],
        detections=[(1, 1, (5, 5, -3, 4), 0.9), (2, 1, (5, 5, -3, -4), 0.85), (1, 1, (0, 0, 20, 20), 0.8)],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_cases_that_once_needed_care_score_as_the_kit_scores_them(case: CocoCase) -> None:
    assert differences(case.outcomes(window=500, grouped_rows=1_000).scorecard(), kit_figures(case)) == []
