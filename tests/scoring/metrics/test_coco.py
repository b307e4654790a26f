"""The twelve figures of COCO: a case worked out by hand, each rule alone, and what must hold of all rounds."""

from __future__ import annotations

from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.metrics.coco import CocoScorer, coco_scorer
from scoring.metrics.confidence_order import best_first
from scoring.rounds import PublicRound
from scoring.truth import Truth
from tests.parity.coco_cases import Box, CocoCase, make_case

A, B, C = (0, 0, 10, 10), (0, 0, 50, 50), (100, 0, 100, 100)  # areas 100, 2500 and 10,000: small, medium, large
FIGURES = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large",
           "ar_1", "ar_10", "ar_100", "ar_small", "ar_medium", "ar_large")  # fmt: skip


def an_object(number: int, image: int, box: Box, *, category: int = 3, **more: Any) -> dict[str, Any]:
    return {"id": number, "image_id": image, "category_id": category, "bbox": list(box), "area": box[2] * box[3]} | more


def a_case(
    objects: list[dict[str, Any]], detections: list[tuple[int, int, Box, float]], *, images: int = 2
) -> CocoCase:
    return CocoCase(image_ids=range(1, images + 1), category_ids=(9, 3), annotations=objects, detections=detections)


BY_HAND = a_case(
    [an_object(1, 1, A), an_object(2, 2, B), an_object(3, 2, C)],
    [
        (2, 3, (300, 300, 10, 10), 0.7),  # finds nothing
        (1, 3, A, 0.9),
        (2, 3, (0, 0, 50, 31), 0.8),  # 62 % of B: right at 0.5, 0.55 and 0.6
        (2, 3, C, 0.6),
    ],
)


def test_the_figures_are_those_worked_out_by_hand() -> None:
    # At 0.5 .. 0.6: found, found, wrong, found. Of 3 boxes, precision is 1 up to recall 2/3 (0 .. 0.66, 67 points), and
    # 3/4 up to 1 (34 points). At 0.65 .. 0.95: found, wrong, wrong, found. Precision is 1 up to 1/3 (34 points),
    # 2/4 up to 2/3 (33 points), 0 beyond.
    low, high = (67 + 34 * 3 / 4) / 101, (34 + 33 / 2) / 101
    # Small: only A counts; what finds B or C, or is as large as they, is ignored. Medium: B is found at three overlaps
    # of ten. At most one detection of an image: A, and B at three overlaps.
    expected = {
        "ap": (3 * low + 7 * high) / 10, "ap50": low, "ap75": high,
        "ap_small": 1, "ap_medium": 0.3, "ap_large": 1,
        "ar_1": (3 * 2 / 3 + 7 * 1 / 3) / 10, "ar_10": (3 + 7 * 2 / 3) / 10, "ar_100": (3 + 7 * 2 / 3) / 10,
        "ar_small": 1, "ar_medium": 0.3, "ar_large": 1,
    }  # fmt: skip
    card = BY_HAND.outcomes().scorecard()
    assert tuple(card.scores) == FIGURES
    assert card.scores == pytest.approx(expected, rel=1e-14)
    assert card.counts == {"images": 2, "detections": 4, "positives": 3, "skipped": 0}
    assert card.per_class == [
        {"id": 3, "wnid": "", "name": "category 3", "ap": card.scores["ap"], "ap50": card.scores["ap50"],
         "positives": 3, "detections": 4},
        {"id": 9, "wnid": "", "name": "category 9", "ap": None, "ap50": None, "positives": 0, "detections": 0},
    ]  # fmt: skip


def figure_of(
    name: str, objects: list[dict[str, Any]], detections: list[tuple[int, int, Box, float]], *, images: int = 2
) -> float | None:
    return a_case(objects, detections, images=images).outcomes().scorecard().scores[name]


def test_a_second_detection_of_a_found_box_is_a_false_positive() -> None:
    again = [(1, 3, A, 0.9), (1, 3, A, 0.8), (2, 3, B, 0.7)]
    # recall 1/2 at precision 1 (51 points), the second half at 2/3
    expected = pytest.approx((51 + 50 * 2 / 3) / 101)
    assert figure_of("ap", [an_object(1, 1, A), an_object(2, 2, B)], again) == expected


def test_what_lies_in_a_crowd_is_ignored_however_often() -> None:
    objects = [an_object(1, 1, (0, 0, 100, 100), iscrowd=1), an_object(2, 2, B, iscrowd=0)]
    inside: list[tuple[int, int, Box, float]] = [(1, 3, (5, 5, 10, 10), 0.9), (1, 3, (5, 5, 10, 10), 0.8)]
    assert figure_of("ap", objects, [*inside, (2, 3, B, 0.5)]) == pytest.approx(1)
    half_outside = (-10, 0, 20, 10)  # one half of it inside: not enough at 0.55
    assert figure_of("ap50", objects, [(1, 3, half_outside, 0.9), (2, 3, B, 0.5)]) == pytest.approx(1)
    assert figure_of("ap75", objects, [(1, 3, half_outside, 0.9), (2, 3, B, 0.5)]) == 0.5


def test_a_crowd_is_nothing_to_be_found() -> None:
    card = a_case([an_object(1, 1, A, iscrowd=1)], [(1, 3, A, 0.9)]).outcomes().scorecard()
    assert card.scores == dict.fromkeys(FIGURES)
    assert card.counts == {"images": 2, "detections": 1, "positives": 0, "skipped": 0}
    assert card.per_class[0]["ap"] is None


def test_a_box_that_counts_goes_before_an_ignored_one_of_larger_overlap() -> None:
    objects = [an_object(1, 1, A, iscrowd=1), an_object(2, 1, (0, 0, 10, 8))]
    assert figure_of("ap75", objects, [(1, 3, A, 0.9)]) == pytest.approx(1)  # 80 % of the one, all of the crowd
    assert figure_of("ap", objects, [(1, 3, A, 0.9)]) == pytest.approx(0.7)  # at 0.85 the crowd takes it: ignored


def test_the_larger_overlap_wins_and_of_equal_ones_the_later_box() -> None:
    left, right = (0, 0, 10, 10), (4, 0, 10, 10)
    between = (2, 0, 10, 10)  # 80 of 120 with either
    objects = [an_object(1, 1, left), an_object(2, 1, right)]
    # up to 0.65 the first takes the right box, and the second, 90 of 110 with the right one alone, finds nothing; up
    # to 0.8 the second takes it
    assert figure_of("ar_100", objects, [(1, 3, between, 0.9), (1, 3, (5, 0, 10, 10), 0.8)]) == pytest.approx(0.35)
    # up to 0.65 both are found, beyond that the left one
    assert figure_of("ar_100", objects, [(1, 3, between, 0.9), (1, 3, left, 0.8)]) == pytest.approx(0.7)
    nearer = (1, 0, 10, 10)  # 90 of 110 with the left, 70 of 130 with the right
    assert figure_of("ar_100", objects, [(1, 3, nearer, 0.9), (1, 3, right, 0.8)]) == pytest.approx((7 + 10) / 20)


@pytest.mark.parametrize(
    ("area", "sizes"),
    [(0, "s"), (1023.9, "s"), (1024, "sm"), (1024.1, "m"), (9215.9, "m"), (9216, "ml"), (9216.1, "l"), (1e10, "l"),
     (1.1e10, "")],
)  # fmt: skip
def test_the_annotated_area_decides_the_size_and_edges_belong_to_both(area: float, sizes: str) -> None:
    card = a_case([an_object(1, 1, A, area=area)], [(1, 3, A, 0.9)]).outcomes().scorecard()
    for letter, size in (("s", "small"), ("m", "medium"), ("l", "large")):
        assert (card.scores[f"ar_{size}"] is not None) == (letter in sizes), size
    assert card.counts["positives"] == (1 if sizes else 0)


@pytest.mark.parametrize(("side", "wrong_at"), [(32, "sm"), (33, "m"), (96, "ml"), (97, "l"), (31, "s"), (2e5, "")])
def test_what_finds_nothing_is_wrong_at_its_own_size_alone(side: float, wrong_at: str) -> None:
    objects = [an_object(1, 1, A), an_object(2, 1, B), an_object(3, 1, C)]
    found = [(1, 3, box, 0.5) for box in (A, B, C)]
    scores = a_case(objects, [(2, 3, (0, 0, side, side), 0.9), *found]).outcomes().scorecard().scores
    for letter, size in (("s", "small"), ("m", "medium"), ("l", "large")):
        assert scores[f"ap_{size}"] == pytest.approx(0.5 if letter in wrong_at else 1), size


def test_only_the_best_hundred_of_an_image_and_category_count() -> None:
    junk: list[tuple[int, int, Box, float]] = [(1, 3, (300, 300, 5, 5), 0.9)] * 99
    objects = [an_object(1, 1, A), an_object(2, 1, B)]
    case = a_case(objects, [(1, 3, B, 0.1), (2, 3, B, 0.1), (1, 9, A, 0.1), *junk, (1, 3, A, 0.2)])
    card = case.outcomes().scorecard()
    assert card.scores["ar_100"] == 0.5
    assert card.scores["ar_10"] == 0
    assert card.scores["ap"] == pytest.approx(51 * (1 / 100) / 101)
    assert card.counts == {"images": 2, "detections": 103, "positives": 2, "skipped": 1}
    assert [row["detections"] for row in card.per_class] == [102, 1]
    other = case.outcomes().scorecard(classes=np.array([False, True]))
    assert other.counts == {"images": 2, "detections": 1, "positives": 0, "skipped": 0}


def test_of_candidates_past_the_best_hundred_no_words_are_kept() -> None:
    category = a_case([an_object(1, 1, A)], [(1, 3, A, 0.9)] * 102).outcomes().categories[0]
    assert len(category.states) == 102
    assert len(category.found) == len(category.false) == len(category.ranks) == 100


def test_a_match_beyond_all_sizes_counts_nowhere_and_takes_no_other_its_place() -> None:
    giant = (0, 0, 200_000, 200_000)
    objects = [an_object(1, 1, giant), an_object(2, 1, A), an_object(3, 2, B)]
    card = a_case(objects, [(1, 3, giant, 0.9), (1, 3, A, 0.8), (2, 3, B, 0.7)]).outcomes().scorecard()
    assert (card.scores["ap"], card.scores["ar_100"]) == (pytest.approx(1), 1)
    assert card.counts == {"images": 2, "detections": 3, "positives": 2, "skipped": 0}


def test_at_most_one_and_ten_detections_of_an_image_are_looked_at_for_their_recalls() -> None:
    junk: list[tuple[int, int, Box, float]] = [(1, 3, (300, 300, 5, 5), 0.9)] * 8
    objects = [an_object(1, 1, A), an_object(2, 1, B), an_object(3, 2, C), an_object(4, 2, A)]
    detections = [*junk, (1, 3, A, 0.8), (1, 3, B, 0.7), (2, 3, C, 0.3), (2, 3, A, 0.2)]
    scores = a_case(objects, detections).outcomes().scorecard().scores
    assert (scores["ar_1"], scores["ar_10"], scores["ar_100"]) == (0.25, 1, 1)
    scores = a_case(objects, [*junk, *junk[:1], *detections[8:]]).outcomes().scorecard().scores
    assert (scores["ar_1"], scores["ar_10"], scores["ar_100"]) == (0.25, 0.75, 1)


def test_equal_scores_keep_the_order_of_images_and_then_of_the_file() -> None:
    wrong, right = (300, 300, 5, 5), A
    objects = [an_object(1, 2, A)]
    assert figure_of("ap", objects, [(2, 3, right, 0.5), (1, 3, wrong, 0.5)]) == 0.5
    assert figure_of("ap", objects, [(2, 3, right, 0.5), (2, 3, wrong, 0.5)]) == pytest.approx(1)
    assert figure_of("ap", objects, [(2, 3, wrong, 0.5), (2, 3, right, 0.5)]) == 0.5
    assert figure_of("ap", objects, [(2, 3, wrong, -0.0), (2, 3, right, 0.0)]) == 0.5


def test_detections_of_categories_that_the_truth_does_not_list_count_for_nothing() -> None:
    strays: list[tuple[int, int, Box, float]] = [(1, 4, A, 0.99), (2, -1, A, 0.99), (1, 10, A, 0.99), (1, 0, A, 0.9)]
    case = CocoCase(**{**vars(BY_HAND), "detections": [*strays, *BY_HAND.detections]})
    card, without = case.outcomes().scorecard(), BY_HAND.outcomes().scorecard()
    assert card.scores == without.scores
    assert card.per_class == without.per_class
    assert type(card.counts["skipped"]) is type(card.per_class[0]["detections"]) is int  # as JSON wants them
    assert card.counts == {"images": 2, "detections": 8, "positives": 3, "skipped": 4}
    first_image = case.outcomes().scorecard(np.array([True, False]))
    assert first_image.counts == {"images": 1, "detections": 4, "positives": 1, "skipped": 3}


def test_means_and_counts_are_taken_over_the_categories_asked_for() -> None:
    objects = [an_object(1, 1, A), an_object(2, 2, B, category=9)]
    outcomes = a_case(objects, [(1, 3, A, 0.9), (1, 9, C, 0.8), (2, 9, B, 0.7), (1, 5, B, 0.6)]).outcomes()
    both = outcomes.scorecard()
    assert both.scores["ap"] == pytest.approx(0.75)
    nine = outcomes.scorecard(classes=np.array([False, True]))
    assert nine.scores["ap"] == 0.5
    assert nine.scores["ar_medium"] == 1
    assert nine.scores["ap_small"] is None
    assert both.counts == {"images": 2, "detections": 4, "positives": 2, "skipped": 1}
    assert nine.counts == {"images": 2, "detections": 2, "positives": 1, "skipped": 0}
    assert nine.per_class == both.per_class


def test_without_a_category_or_a_detection_nothing_fails() -> None:
    nothing = CocoCase(image_ids=(1,), category_ids=(), annotations=(), detections=[(1, 3, A, 0.9)])
    card = nothing.outcomes().scorecard()
    assert card.scores == dict.fromkeys(FIGURES)
    assert card.counts == {"images": 1, "detections": 1, "positives": 0, "skipped": 1}
    assert card.per_class == []
    unseen = a_case([an_object(1, 1, A)], []).outcomes().scorecard()
    assert unseen.scores == {name: None if name.endswith(("medium", "large")) else 0 for name in FIGURES}


randoms = st.randoms(use_true_random=False)


@given(randoms, st.sets(st.integers(0, 5)))
@settings(max_examples=40)
def test_a_mask_of_images_gives_the_figures_of_the_round_of_these_images(random: Random, kept: set[int]) -> None:
    case = make_case(random)
    ids = sorted(case.image_ids)
    mask = np.array([place not in kept for place in range(len(ids))])
    masked = case.outcomes().scorecard(mask)
    alone = case.reduced({image for image, is_kept in zip(ids, mask, strict=True) if is_kept}).outcomes().scorecard()
    assert masked == alone


@given(randoms, st.integers(1, 9), st.integers(1, 50))
@settings(max_examples=40)
def test_windows_groups_and_the_order_of_images_do_not_matter(random: Random, window: int, grouped_rows: int) -> None:
    case = make_case(random)
    by_image = sorted(case.detections, key=lambda detection: detection[0])
    ordered = CocoCase(**{**vars(case), "detections": by_image}).outcomes().scorecard()
    assert case.outcomes(window=window, grouped_rows=grouped_rows).scorecard() == ordered


@given(randoms)
@settings(max_examples=40)
def test_the_objects_themselves_are_the_best_prediction(random: Random) -> None:
    case = make_case(random)
    sized = [
        {**found, "bbox": [50 * place, 0, 10, 10 + place], "iscrowd": 0, "area": 500}
        for place, found in enumerate(case.annotations)
    ]
    perfect = [(found["image_id"], found["category_id"], tuple(found["bbox"]), 0.5) for found in sized]
    scores = CocoCase(**{**vars(case), "annotations": sized, "detections": perfect}).outcomes().scorecard().scores
    assert scores["ap"] == (pytest.approx(1) if sized else None)
    assert scores["ar_100"] == (1 if sized else None)


def test_saved_outcomes_hold_all_columns(tmp_path: Path) -> None:
    stray = (1, 4, A, 0.5)
    case = CocoCase(**{**vars(BY_HAND), "detections": [*BY_HAND.detections, stray]})
    path = tmp_path / "outcomes.npz"
    case.outcomes().save(path)
    with np.load(path, allow_pickle=False) as saved:
        columns = {name: saved[name].tolist() for name in saved.files}
    all_overlaps = 2**10 - 1
    at_all_and_size = {size: 1 + (1 << 10 * size) for size in (1, 2, 3)}
    assert columns == {
        "category_ids": [3, 9], "detections": [4, 0], "candidates": [3, 0], "unknown": [1, 0],
        "images": [0, 1, 1, 1], "confidences": [0.9, 0.8, 0.7, 0.6],
        "states": [16 + 1 + 2, 16 + 1 + 4, 1 + 2, 16 + 1 + 8], "ranks": [0, 0, 2],
        "found": [all_overlaps * at_all_and_size[1], 0b111 * at_all_and_size[2], all_overlaps * at_all_and_size[3]],
        "false": [0, (all_overlaps - 0b111) * at_all_and_size[2], 0],
    }  # fmt: skip


def test_outcomes_of_no_category_can_be_saved(tmp_path: Path) -> None:
    nothing = CocoCase(image_ids=(1,), category_ids=(), annotations=(), detections=())
    nothing.outcomes().save(tmp_path / "outcomes.npz")
    with np.load(tmp_path / "outcomes.npz", allow_pickle=False) as saved:
        assert {name: saved[name].dtype.name for name in ("images", "confidences", "states", "found", "ranks")} == {
            "images": "int32", "confidences": "float64", "states": "uint8", "found": "int64", "ranks": "uint8",
        }  # fmt: skip


confidences = st.one_of(
    st.sampled_from((0.5, 0.5, 0.5 + 2**-53, 0.5 - 2**-54, 0.0, -0.0, 1.0, 5e-324)),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(st.tuples(st.integers(0, 3), confidences), max_size=30), st.booleans())
def test_the_order_of_the_curve_is_a_stable_sort_by_score_and_image(
    rows: list[tuple[int, float]], is_in_order: bool
) -> None:
    rows = sorted(rows, key=lambda row: row[0]) if is_in_order else rows
    expected = sorted(range(len(rows)), key=lambda row: (-rows[row][1], rows[row][0]))
    images = np.array([image for image, _ in rows], np.int32)
    assert best_first(images, np.array([score for _, score in rows], np.float64)).tolist() == expected


@pytest.mark.parametrize("scale", [1, 1e-4, 1e300, 1e-300])
def test_many_scores_of_any_scale_come_in_order(scale: float) -> None:
    rng = np.random.default_rng(3)
    scores = np.concatenate([rng.random(20_000), rng.random(5_000).round(3)]) * scale - scale / 3
    images = rng.integers(0, 50, len(scores)).astype(np.int32)
    expected = np.lexsort((np.arange(len(scores)), images, -scores))
    assert best_first(images, scores).tolist() == expected.tolist()


def test_scores_that_differ_in_the_last_bit_alone_are_told_apart_among_many() -> None:
    scores = np.tile(np.array([0.25, 0.25 + 2**-54, 1.0, 0.25 - 2**-55]), 500)
    expected = np.lexsort((np.arange(2000), -scores))
    assert best_first(np.zeros(2000, np.int32), scores).tolist() == expected.tolist()


def test_a_round_is_scored_with_its_coco_truth() -> None:
    truth = BY_HAND.truth()
    public = cast(PublicRound, SimpleNamespace(images=BY_HAND.images))
    scorer = coco_scorer(public, cast(Truth, SimpleNamespace(task="coco-det", coco=truth)))
    assert isinstance(scorer, CocoScorer)
    scorer.add(BY_HAND.columns())
    assert scorer.finish().scorecard() == BY_HAND.outcomes().scorecard()
    with pytest.raises(TypeError, match="a det truth has no COCO annotations"):
        coco_scorer(public, cast(Truth, SimpleNamespace(task="det", coco=None)))
