"""The oracles on cases small enough to be worked out on paper."""

from __future__ import annotations

from itertools import product

import pytest

from tests.parity import kit_files
from tests.parity.oracles import (
    Box,
    Detection,
    Guess,
    OracleScore,
    TruthBox,
    average_precision,
    intersection_over_union,
    score_cls,
    score_cls_loc,
    score_det,
    score_vid,
    threshold,
)

SQUARE = Box(0, 0, 19, 19)  # 20 x 20 pixels: its threshold is 400 / 900


def det(boxes: list[TruthBox], detections: list[Detection], blacklist: tuple[tuple[int, int], ...] = ()) -> OracleScore:
    return score_det(images=(1, 2), class_ids=(3, 7), boxes=boxes, blacklist=blacklist, detections=detections)


def ap_of(score: OracleScore, class_id: int) -> float | int | None:
    return next(figures["ap"] for figures in score.per_class if figures["id"] == class_id)


# Boxes


def test_corners_are_inclusive() -> None:
    assert intersection_over_union(Box(0, 0, 9, 9), Box(0, 0, 9, 4)) == 50 / 100
    assert intersection_over_union(Box(0, 0, 0, 0), Box(0, 0, 0, 0)) == 1.0  # one pixel


def test_boxes_that_touch_by_a_shared_pixel_column_overlap() -> None:
    assert intersection_over_union(Box(0, 0, 9, 9), Box(9, 0, 18, 9)) == 10 / 190
    assert intersection_over_union(Box(0, 0, 9, 9), Box(10, 0, 19, 9)) == 0


def test_an_inverted_box_overlaps_nothing_while_its_width_is_not_positive() -> None:
    assert intersection_over_union(Box(9, 0, 0, 9), Box(0, 0, 9, 9)) == 0
    assert intersection_over_union(Box(5, 0, 4.5, 9), Box(0, 0, 9, 9)) == 5 / 100  # half a pixel is left


@pytest.mark.parametrize(("side", "expected"), [(1, 1 / 121), (10, 0.25), (20, 400 / 900), (25, 0.5), (500, 0.5)])
def test_small_objects_have_a_threshold_below_a_half(side: int, expected: float) -> None:
    assert threshold(Box(3, 4, 3 + side - 1, 4 + side - 1)) == expected


# Detection


def test_a_second_detection_of_a_found_object_is_a_false_positive() -> None:
    score = det([TruthBox(1, 3, SQUARE)], [Detection(1, 3, 0.9, SQUARE), Detection(1, 3, 0.8, SQUARE)])
    assert ap_of(score, 3) == 1.0
    score = det(
        [TruthBox(1, 3, SQUARE), TruthBox(2, 3, SQUARE)],
        [Detection(1, 3, 0.9, SQUARE), Detection(1, 3, 0.8, SQUARE), Detection(2, 3, 0.7, SQUARE)],
    )
    assert ap_of(score, 3) == pytest.approx((1 + 2 / 3) / 2)


def test_the_next_best_box_can_still_be_matched_unlike_in_pascal() -> None:
    near, far = Box(0, 0, 19, 19), Box(0, 4, 19, 23)
    aimed_at_near = Box(0, 1, 19, 20)  # overlaps `near` by 380 / 420 and `far` by 340 / 460
    score = det(
        [TruthBox(1, 3, near), TruthBox(1, 3, far)],
        [Detection(1, 3, 0.9, aimed_at_near), Detection(1, 3, 0.8, aimed_at_near)],
    )
    assert ap_of(score, 3) == 1.0


def test_the_largest_overlap_is_taken_not_the_first() -> None:
    first, better = Box(0, 4, 19, 23), Box(0, 0, 19, 19)
    only_first = Box(0, 8, 19, 27)  # reaches `first` alone
    score = det(
        [TruthBox(1, 3, first), TruthBox(1, 3, better)],
        [Detection(1, 3, 0.9, better), Detection(1, 3, 0.8, only_first)],
    )
    assert ap_of(score, 3) == 1.0


def test_overlap_exactly_at_the_threshold_is_enough() -> None:
    pixel, padded = Box(50, 50, 50, 50), Box(45, 45, 55, 55)  # 1 / 121 is its threshold and their overlap
    assert ap_of(det([TruthBox(1, 3, pixel)], [Detection(1, 3, 0.9, padded)]), 3) == 1.0
    too_wide = padded._replace(xmax=56)
    assert ap_of(det([TruthBox(1, 3, pixel)], [Detection(1, 3, 0.9, too_wide)]), 3) == 0.0


def test_detections_of_a_blacklisted_pair_are_skipped_and_its_boxes_leave_the_positives() -> None:
    boxes = [TruthBox(1, 3, SQUARE), TruthBox(2, 3, SQUARE), TruthBox(1, 7, SQUARE)]
    detections = [Detection(1, 3, 0.9, Box(90, 90, 99, 99)), Detection(2, 3, 0.8, SQUARE)]
    score = det(boxes, detections, blacklist=((1, 3),))
    assert ap_of(score, 3) == 1.0
    assert ap_of(score, 7) == 0.0
    assert score.counts == {"images": 2, "detections": 2, "positives": 2, "skipped": 1}


def test_a_class_without_positives_has_no_ap_and_leaves_the_mean() -> None:
    score = det([TruthBox(1, 3, SQUARE)], [Detection(1, 3, 0.9, SQUARE), Detection(1, 7, 0.9, SQUARE)])
    assert ap_of(score, 7) is None
    assert score.scores == {"mean_ap": 1.0, "median_ap": 1.0}
    nothing = det([], [Detection(1, 7, 0.9, SQUARE)])
    assert nothing.scores == {"mean_ap": None, "median_ap": None}


def test_equal_confidences_of_one_image_keep_file_order() -> None:
    hit, miss = Detection(1, 3, 0.5, SQUARE), Detection(1, 3, 0.5, Box(90, 90, 99, 99))
    assert ap_of(det([TruthBox(1, 3, SQUARE)], [hit, miss]), 3) == 1.0
    assert ap_of(det([TruthBox(1, 3, SQUARE)], [miss, hit]), 3) == 0.5


def test_equal_confidences_of_two_images_stand_in_order_of_image_index() -> None:
    hit, miss = Detection(1, 3, 0.5, SQUARE), Detection(2, 3, 0.5, SQUARE)
    for detections in ([hit, miss], [miss, hit]):
        assert ap_of(det([TruthBox(1, 3, SQUARE)], detections), 3) == 1.0
    hit, miss = Detection(2, 3, 0.5, SQUARE), Detection(1, 3, 0.5, SQUARE)
    for detections in ([hit, miss], [miss, hit]):
        assert ap_of(det([TruthBox(2, 3, SQUARE)], detections), 3) == 0.5


def test_precision_is_made_monotone_from_the_right_before_the_area_is_taken() -> None:
    # precisions at the hits: 1/2, 2/3, 3/5; made monotone: 2/3, 2/3, 3/5; a fourth object is never found
    hits = [False, True, True, False, True, False]
    assert average_precision(hits, positives=4) == pytest.approx((2 / 3 + 2 / 3 + 3 / 5) / 4, rel=1e-15)


def test_a_class_of_video_is_scored_as_in_detection() -> None:
    boxes, detections = [TruthBox(1, 3, SQUARE)], [Detection(2, 3, 0.9, SQUARE), Detection(1, 3, 0.8, SQUARE)]
    assert score_vid(images=(1, 2), class_ids=(3, 7), boxes=boxes, detections=detections) == det(boxes, detections)


# The published example of seven images, 15 objects and 24 detections: AP 24.57 % with inclusive corners.

SEVEN_IMAGES_HITS = (1, 3, 10, 12, 13, 14, 23)  # ranks of its true positives, as its precision-recall table shows them


def test_the_area_under_the_seven_image_curve_is_the_published_one() -> None:
    hits = [rank in SEVEN_IMAGES_HITS for rank in range(1, 25)]
    assert average_precision(hits, positives=15) == pytest.approx(0.2457, abs=5e-5)


# Classification


def test_an_image_is_right_at_k_when_any_of_its_first_k_ids_is_the_label() -> None:
    score = score_cls(class_ids=(1, 2, 3), labels=[1, 2], guesses=[[3, 1], [2]])
    assert [score.counts[f"top{k}_wrong"] for k in range(1, 6)] == [1, 0, 0, 0, 0]
    assert score.scores["top1_error"] == 0.5
    assert score.per_class[2] == {"id": 3, "images": 0, "top1_error": None, "top5_error": None}


def test_columns_past_the_fifth_are_ignored() -> None:
    score = score_cls(class_ids=(1, 2), labels=[1], guesses=[[2, 2, 2, 2, 2, 1]])
    assert score.scores["top5_error"] == 1.0


# Localization


def loc(guesses: list[list[Guess]], blacklist: tuple[int, ...] = ()) -> OracleScore:
    return score_cls_loc(
        class_ids=(1, 2),
        labels=[1, 2],
        boxes=[[(1, SQUARE), (1, Box(50, 50, 69, 69)), (2, Box(80, 80, 99, 99))], [(2, SQUARE)]],
        blacklist=blacklist,
        guesses=guesses,
    )


def test_a_guess_must_have_label_and_box_right_at_once() -> None:
    right = Guess(2, SQUARE)
    elsewhere = Box(200, 200, 219, 219)
    assert loc([[Guess(1, elsewhere), Guess(2, SQUARE)], [right]]).counts["loc5_wrong"] == 1
    assert loc([[Guess(1, elsewhere), Guess(1, SQUARE)], [right]]).counts["loc5_wrong"] == 0
    assert loc([[Guess(1, elsewhere), Guess(1, SQUARE)], [right]]).counts["loc1_wrong"] == 1


def test_any_instance_of_the_label_will_do_but_no_instance_of_another() -> None:
    assert loc([[Guess(1, Box(50, 50, 69, 69))], [Guess(2, SQUARE)]]).counts["loc1_wrong"] == 0
    assert loc([[Guess(1, Box(80, 80, 99, 99))], [Guess(2, SQUARE)]]).counts["loc1_wrong"] == 1


def test_localization_needs_a_full_half_whatever_the_size() -> None:
    half, less = Box(0, 0, 19, 9), Box(0, 0, 19, 8)
    assert loc([[Guess(1, half)], [Guess(2, SQUARE)]]).counts["loc1_wrong"] == 0
    assert loc([[Guess(1, less)], [Guess(2, SQUARE)]]).counts["loc1_wrong"] == 1


def test_a_blacklisted_image_leaves_the_localization_error_but_not_the_classification_error() -> None:
    score = loc([[Guess(2, SQUARE)], [Guess(2, SQUARE)]], blacklist=(1,))
    assert score.counts["images"] == 2
    assert score.counts["scored_images"] == 1
    assert score.scores["loc5_error"] == 0.0
    assert score.scores["top5_error"] == 0.5
    assert score.per_class[0] == {"id": 1, "images": 1, "top1_error": 1.0, "top5_error": 1.0, "loc5_error": None}


# Reading


@pytest.mark.parametrize(("separator", "newline"), list(product((" ", "\t", ",", ", "), ("\n", "\r\n", "\r"))))
def test_separators_and_line_ends_do_not_matter(separator: str, newline: str) -> None:
    lines = [separator.join(fields.split()) for fields in ("1 3 .5 0 0 9 9", "2 7.0 5e-1 0 0 9.5 -9")]
    assert kit_files.read_detections(newline.join(lines) + newline) == [
        Detection(1, 3, 0.5, Box(0, 0, 9, 9)),
        Detection(2, 7, 0.5, Box(0, 0, 9.5, -9)),
    ]
