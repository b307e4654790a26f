from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.metrics.detection_explanations import size_bits
from scoring.metrics.detection_sizes import SizeFigures, ap_by_size, sizes_as_json
from tests.parity.oracles_explanations import ap_by_size as oracle
from tests.parity.oracles_explanations import judge, mean
from tests.scoring.metrics.detections import CLASSES, IMAGES, Box, DetectionRound, detection_rounds
from tests.scoring.metrics.explained import explained

SMALL: Box = (0, 0, 19, 19)  # 20 x 20
MEDIUM: Box = (100, 0, 149, 49)  # 50 x 50
LARGE: Box = (0, 100, 199, 299)  # 200 x 200
SIZES = ("small", "medium", "large")


def figures_of(
    objects: list[tuple[int, int, Box]], detections: list[tuple[int, int, float, Box]],
    blacklist: list[tuple[int, int]] | None = None,
) -> dict[str, SizeFigures]:  # fmt: skip
    return ap_by_size(*explained(DetectionRound(objects=objects, detections=detections, blacklist=blacklist or [])))


def first_class(figures: dict[str, SizeFigures]) -> list[float | None]:
    return [figures[name].ap[0] for name in SIZES]


def test_both_ends_of_a_range_belong_to_it() -> None:
    areas = np.array([-4, 0, 1023, 1024, 1025, 9215, 9216, 9217, 1e9])
    assert size_bits(areas).tolist() == [1, 1, 1, 3, 2, 2, 6, 4, 4]
    assert size_bits(areas).dtype == np.uint8


def test_objects_of_another_size_are_neither_positives_nor_missed() -> None:
    figures = figures_of([(0, 0, SMALL), (0, 0, MEDIUM), (0, 0, LARGE)], [(0, 0, 0.9, MEDIUM)])
    assert first_class(figures) == [0, 1, 0]
    assert [figures[name].positives for name in SIZES] == [1, 1, 1]
    figures = figures_of([(0, 0, SMALL), (1, 0, SMALL)], [(0, 0, 0.9, SMALL)])
    assert first_class(figures) == [0.5, None, None]
    assert [figures[name].mean_ap for name in SIZES] == [0.5, None, None]
    assert [figures[name].positives for name in SIZES] == [2, 0, 0]


def test_a_detection_that_found_an_object_of_another_size_is_ignored_whatever_its_own_size() -> None:
    nearly_medium: Box = (0, 0, 32, 32)  # 33 x 33 = 1089, medium, on an object of 31 x 31 = 961, small
    objects = [(0, 0, (0, 0, 30, 30)), (0, 0, MEDIUM)]
    figures = figures_of(objects, [(0, 0, 0.9, nearly_medium), (0, 0, 0.8, MEDIUM)])
    assert first_class(figures) == [1, 1, None]


def test_a_detection_that_found_nothing_is_false_for_its_own_size_alone() -> None:
    objects = [(0, 0, SMALL), (0, 0, MEDIUM), (0, 0, LARGE)]
    found = [(0, 0, 0.5, SMALL), (0, 0, 0.5, MEDIUM), (0, 0, 0.5, LARGE)]
    astray: Box = (500, 500, 599, 599)
    assert first_class(figures_of(objects, [(1, 0, 0.9, astray), *found])) == [1, 1, 0.5]
    inverted: Box = (500, 500, 400, 599)  # an area of -9900
    assert first_class(figures_of(objects, [(1, 0, 0.9, inverted), *found])) == [0.5, 1, 1]


def test_an_object_between_two_sizes_counts_for_both() -> None:
    figures = figures_of([(0, 0, (0, 0, 31, 31)), (1, 0, (0, 0, 95, 95))], [(0, 0, 0.9, (0, 0, 31, 31))])
    assert first_class(figures) == [1, 0.5, 0]
    assert [figures[name].positives for name in SIZES] == [1, 2, 1]


def test_blacklisted_pairs_count_for_no_size() -> None:
    figures = figures_of([(0, 0, SMALL), (1, 0, SMALL)], [(1, 0, 0.9, MEDIUM), (0, 0, 0.8, SMALL)], [(1, 0)])
    assert first_class(figures) == [1, None, None]
    assert figures["small"].positives == 1


def test_the_mean_may_be_over_some_classes_and_images() -> None:
    small = DetectionRound(
        objects=[(0, 0, SMALL), (1, 1, SMALL), (1, 2, SMALL), (2, 2, SMALL)],
        detections=[(0, 0, 0.5, SMALL), (1, 2, 0.5, SMALL)],
        blacklist=[],
    )
    everything = ap_by_size(*explained(small))["small"]
    assert (everything.mean_ap, everything.positives, everything.class_positives) == (0.5, 4, [1, 1, 2])
    some = ap_by_size(*explained(small), classes=np.array([False, True, True]))["small"]
    assert (some.mean_ap, some.positives, some.ap) == (0.25, 3, [1, 0, 0.5])
    masked = ap_by_size(*explained(small), mask=np.array([False, True, False, False]))["small"]
    assert (masked.mean_ap, masked.positives, masked.ap) == (0.5, 2, [None, 0, 1])


def test_the_figures_are_shown_by_class_id() -> None:
    figures = figures_of([(0, 1, LARGE)], [(0, 1, 0.5, LARGE)])
    shown = sizes_as_json(figures, np.array([1, 2, 7]))
    assert list(shown) == ["small", "medium", "large"]
    assert shown["large"] == {
        "mean_ap": 1,
        "positives": 1,
        "per_class": [
            {"id": 1, "ap": None, "positives": 0}, {"id": 2, "ap": 1, "positives": 1},
            {"id": 7, "ap": None, "positives": 0},
        ],
    }  # fmt: skip


def scaled(small: DetectionRound, factor: float) -> DetectionRound:
    """Boxes of up to 26 pixels are all small; these are of all sizes."""

    def grown(box: Box) -> Box:
        x1, y1, x2, y2 = (corner * factor for corner in box)
        return x1, y1, x2, y2

    return DetectionRound(
        objects=[(image, label, grown(box)) for image, label, box in small.objects],
        detections=[(image, label, confidence, grown(box)) for image, label, confidence, box in small.detections],
        blacklist=small.blacklist,
    )


@given(detection_rounds(), st.sampled_from((1.0, 2.0, 4.0)), st.integers(1, 9))
def test_every_figure_is_that_of_the_oracle(small: DetectionRound, factor: float, window: int) -> None:
    grown = scaled(small, factor)
    figures = ap_by_size(*explained(grown, window=window))
    right = oracle(judge(grown.objects, grown.detections, set(grown.blacklist)), CLASSES)
    for name in SIZES:
        aps, positives = right[name]
        assert figures[name].class_positives == positives
        for ap, right_ap in zip(figures[name].ap, aps, strict=True):
            assert ap == (None if right_ap is None else pytest.approx(right_ap, rel=1e-13, abs=0))
        average = mean(aps)
        assert figures[name].mean_ap == (None if average is None else pytest.approx(average, rel=1e-13, abs=0))


@given(detection_rounds(), st.lists(st.booleans(), min_size=IMAGES, max_size=IMAGES))
def test_figures_under_a_mask_are_those_of_the_images_it_keeps(small: DetectionRound, mask: list[bool]) -> None:
    grown = scaled(small, 3.0)
    kept = [image for image, is_kept in enumerate(mask) if is_kept]
    if kept:
        assert ap_by_size(*explained(grown), mask=np.array(mask)) == ap_by_size(*explained(grown.reduced(kept)))
