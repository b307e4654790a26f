from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats.detection_lines import DetectionColumns
from scoring.metrics.detection import DetectionScorer, average_precision
from scoring.scorecard import Scorecard
from tests.scoring.making import classes_of, public_round
from tests.scoring.metrics.detections import CLASSES, IMAGES, Box, DetectionRound, detection_rounds

BOX: Box = (0, 0, 29, 29)
NEAR: Box = (5, 0, 34, 29)  # overlaps BOX by more than a half
FAR: Box = (100, 100, 130, 130)


def card_of(
    objects: list[tuple[int, int, Box]], detections: list[tuple[int, int, float, Box]],
    blacklist: list[tuple[int, int]] | None = None,
) -> Scorecard:  # fmt: skip
    return DetectionRound(objects=objects, detections=detections, blacklist=blacklist or []).outcomes().scorecard()


def ap_of(*arguments: list, **options: list) -> float | None:  # type: ignore[type-arg]
    """The average precision of the first class."""
    ap: float | None = card_of(*arguments, **options).per_class[0]["ap"]
    return ap


def test_a_detection_that_finds_its_object_is_a_true_positive() -> None:
    assert ap_of([(0, 0, BOX)], [(0, 0, 0.5, BOX)]) == 1
    assert ap_of([(0, 0, BOX)], [(0, 0, 0.5, NEAR)]) == 1
    assert ap_of([(0, 0, BOX)], [(0, 0, 0.5, FAR)]) == 0
    assert ap_of([(0, 0, BOX)], [(1, 0, 0.5, BOX)]) == 0
    assert ap_of([(0, 0, BOX)], [(0, 1, 0.5, BOX)]) == 0


def test_a_second_detection_of_a_found_object_is_a_false_positive() -> None:
    assert ap_of([(0, 0, BOX), (1, 0, BOX)], [(0, 0, 0.9, BOX), (0, 0, 0.8, BOX), (1, 0, 0.7, BOX)]) == (1 + 2 / 3) / 2


def test_a_detection_whose_best_object_is_taken_may_find_another() -> None:
    assert ap_of([(0, 0, BOX), (0, 0, NEAR)], [(0, 0, 0.9, BOX), (0, 0, 0.8, BOX)]) == 1


def test_of_two_objects_it_overlaps_alike_a_detection_takes_the_first_in_the_file() -> None:
    left, right, between = (0.0, 0.0, 29.0, 29.0), (14.0, 0.0, 43.0, 29.0), (7.0, 0.0, 36.0, 29.0)
    detections = [(0, 0, 0.9, between), (0, 0, 0.8, left)]
    assert ap_of([(0, 0, left), (0, 0, right)], detections) == 0.5
    assert ap_of([(0, 0, right), (0, 0, left)], detections) == 1


def test_of_equal_confidences_the_earlier_line_is_matched_first() -> None:
    one, two = (0, 0, 0.5, NEAR), (0, 0, 0.5, BOX)
    # whichever comes first takes the object; the other is a false positive behind it, or before it
    assert ap_of([(0, 0, BOX)], [one, two]) == 1
    assert ap_of([(0, 0, BOX)], [(0, 0, 0.5, FAR), one]) == 0.5


def test_of_equal_confidences_the_image_of_lower_index_comes_first_in_the_curve() -> None:
    found, missed = (1, 0, 0.5, BOX), (0, 0, 0.5, FAR)
    assert ap_of([(1, 0, BOX)], [found, missed]) == 0.5
    assert ap_of([(0, 0, BOX)], [(1, 0, 0.5, FAR), (0, 0, 0.5, BOX)]) == 1


def test_small_objects_are_found_with_less_overlap() -> None:
    small = (0, 0, 9, 9)  # 10 x 10: a quarter is enough
    assert ap_of([(0, 0, small)], [(0, 0, 0.5, (0, 0, 19, 19))]) == 1
    assert ap_of([(0, 0, small)], [(0, 0, 0.5, (0, 0, 19, 20))]) == 0


def test_a_detection_of_a_blacklisted_pair_is_skipped_and_its_objects_do_not_count() -> None:
    objects = [(0, 0, BOX), (1, 0, BOX)]
    detections = [(1, 0, 0.9, BOX), (1, 0, 0.8, FAR), (0, 0, 0.5, BOX)]
    card = card_of(objects, detections, [(1, 0)])
    assert card.per_class[0]["ap"] == 1
    assert card.counts == {"images": 4, "detections": 3, "positives": 1, "skipped": 2}
    assert (card.per_class[0]["positives"], card.per_class[0]["detections"]) == (1, 3)


def test_a_blacklisted_pair_named_twice_is_blacklisted_once() -> None:
    assert card_of([(0, 0, BOX)], [(0, 0, 1, BOX)], [(0, 0), (0, 0)]).counts["skipped"] == 1


def test_of_a_mask_only_its_images_are_counted() -> None:
    detections = [(0, 0, 0.9, BOX), (1, 0, 0.8, BOX), (1, 1, 0.7, FAR), (2, 0, 0.6, BOX), (2, 1, 0.5, BOX)]
    small = DetectionRound(objects=[(0, 0, BOX), (1, 0, BOX)], detections=detections, blacklist=[(2, 1), (1, 1)])
    card = small.outcomes().scorecard(np.array([True, False, True, False]))
    assert card.counts == {"images": 2, "detections": 3, "positives": 1, "skipped": 1}
    assert [row["detections"] for row in card.per_class] == [2, 1, 0]


def test_a_class_without_positives_is_undefined_and_leaves_the_mean() -> None:
    card = card_of([(0, 0, BOX), (0, 2, BOX)], [(0, 0, 0.5, BOX), (0, 1, 0.5, BOX)])
    assert [row["ap"] for row in card.per_class] == [1, None, 0]
    assert card.scores == {"mean_ap": 0.5, "median_ap": 0.5}


def test_without_any_positives_there_is_no_score() -> None:
    card = card_of([], [(0, 0, 0.5, BOX)])
    assert card.scores == {"mean_ap": None, "median_ap": None}
    assert card.counts["detections"] == 1


def test_the_median_of_an_even_number_of_classes_is_the_mean_of_the_middle_two() -> None:
    objects = [(0, 0, BOX), (0, 1, BOX), (1, 1, BOX)]
    card = card_of(objects, [(0, 0, 0.5, BOX), (0, 1, 0.5, BOX)])
    assert card.scores["median_ap"] == 0.75


def test_no_predictions_at_all_score_zero(tmp_path: Path) -> None:
    none_at_all = DetectionRound(objects=[(0, 0, BOX)], detections=[], blacklist=[]).outcomes()
    assert none_at_all.scorecard().scores == {"mean_ap": 0, "median_ap": 0}
    none_at_all.save(tmp_path / "outcomes")
    with np.load(tmp_path / "outcomes") as columns:
        assert {len(columns[name]) for name in columns.files} == {0}
    public = public_round("det", images=4, classes=classes_of((1, 2, 3)))
    scorer = DetectionScorer(public, DetectionRound(objects=[(0, 0, BOX)], detections=[], blacklist=[]).truth)
    scorer.add(DetectionColumns(images=np.zeros(0, np.int32), classes=np.zeros(0, np.int32),
                                confidences=np.zeros(0), boxes=np.zeros((0, 4))))  # fmt: skip
    assert scorer.finish().scorecard() == none_at_all.scorecard()


@given(st.lists(st.booleans(), max_size=14), st.integers(0, 4))
def test_average_precision_is_the_area_under_the_monotone_curve(is_true: list[bool], missed: int) -> None:
    positives = sum(is_true) + missed
    before = [is_true[:place].count(False) for place, right in enumerate(is_true) if right]
    found = average_precision(np.array(before, dtype=np.int64), positives)
    if not positives:
        assert found is None
        return
    precisions = [Fraction(sum(is_true[: n + 1]), n + 1) for n in range(len(is_true))]
    area = sum((max(precisions[place:]) / positives for place, right in enumerate(is_true) if right), start=Fraction(0))
    assert found == pytest.approx(float(area), rel=1e-14, abs=0)


@given(detection_rounds(), st.integers(1, 7))
def test_how_a_file_falls_into_windows_changes_nothing(small: DetectionRound, window: int) -> None:
    assert small.outcomes(window=window).scorecard() == small.outcomes().scorecard()


@given(detection_rounds())
def test_true_false_and_skipped_detections_add_up(small: DetectionRound) -> None:
    outcomes = small.outcomes()
    card = outcomes.scorecard()
    assert card.counts["detections"] == len(small.detections) == sum(row["detections"] for row in card.per_class)
    assert card.counts["positives"] == sum(row["positives"] for row in card.per_class)
    assert card.counts["skipped"] == sum(detection[:2] in small.blacklist for detection in small.detections)
    for row in card.per_class:
        assert (row["ap"] is None) == (row["positives"] == 0)
        assert row["ap"] is None or 0 <= row["ap"] <= 1


@given(detection_rounds(), st.randoms(use_true_random=False))
def test_the_order_of_lines_matters_only_where_confidences_tie(small: DetectionRound, orders: object) -> None:
    distinct = [
        (image, label, confidence + place * 16.0, box)
        for place, (image, label, confidence, box) in enumerate(small.detections)
    ]
    shuffled = list(distinct)
    orders.shuffle(shuffled)  # type: ignore[attr-defined]
    cards = [
        DetectionRound(objects=small.objects, detections=lines, blacklist=small.blacklist).outcomes().scorecard()
        for lines in (distinct, shuffled)
    ]
    assert cards[0] == cards[1]


def test_saved_outcomes_tell_what_became_of_each_line(tmp_path: Path) -> None:
    small = DetectionRound(
        objects=[(0, 0, BOX)], detections=[(0, 0, 0.5, FAR), (0, 0, 0.4, BOX), (1, 2, 0.3, BOX)], blacklist=[(1, 2)]
    )
    for window in (1, 2, 9):
        small.outcomes(window=window).save(tmp_path / "outcomes.npz")
        with np.load(tmp_path / "outcomes.npz") as columns:
            assert columns["states"].tolist() == [0, 1, 2]
            assert columns["images"].tolist() == [0, 0, 1]
            assert columns["classes"].tolist() == [0, 0, 2]
            assert columns["confidences"].tolist() == [0.5, 0.4, 0.3]


def test_every_order_of_three_tied_lines_is_scored_as_it_stands() -> None:
    lines = [(0, 0, 0.5, BOX), (0, 0, 0.5, NEAR), (0, 0, 0.5, FAR)]
    scores = {order: ap_of([(0, 0, BOX)], [lines[k] for k in order]) for order in itertools.permutations(range(3))}
    assert scores == {(0, 1, 2): 1, (0, 2, 1): 1, (1, 0, 2): 1, (1, 2, 0): 1, (2, 0, 1): 0.5, (2, 1, 0): 0.5}


def test_some_classes_alone_give_the_rows_counts_and_means_of_these() -> None:
    objects = [(0, label, (1.0, 1.0, 10.0, 10.0)) for label in range(CLASSES)]
    detections = [
        (0, 0, 0.9, (1.0, 1.0, 10.0, 10.0)),
        (0, 2, 0.8, (50.0, 1.0, 60.0, 10.0)),
        (1, 1, 0.7, (0.0, 0.0, 1.0, 1.0)),
    ]
    outcomes = DetectionRound(objects=objects, detections=detections, blacklist=[(1, 1)]).outcomes()
    whole = outcomes.scorecard()
    assert [row["ap"] for row in whole.per_class] == [1.0, 0.0, 0.0]
    assert whole.counts == {"images": IMAGES, "detections": 3, "positives": 3, "skipped": 1}
    card = outcomes.scorecard(classes=np.array([True, False, True]))
    assert card.per_class == [whole.per_class[0], whole.per_class[2]]
    assert card.scores == {"mean_ap": 0.5, "median_ap": 0.5}
    assert card.counts == {"images": IMAGES, "detections": 2, "positives": 2, "skipped": 0}
    assert outcomes.scorecard(classes=np.zeros(CLASSES, np.bool_)).scores == {"mean_ap": None, "median_ap": None}
