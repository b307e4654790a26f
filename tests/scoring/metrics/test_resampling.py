"""Average precision of resampled images: that of a round in which each image lies as often as it was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from scoring.metrics.resample_kernel import LANES
from scoring.metrics.resampling import (
    ImageResamples,
    RankedDetections,
    mean_of_defined,
    resampled_class_ap,
    resampled_mean_ap,
)
from tests.scoring.metrics.detections import CLASSES, IMAGES, Box, DetectionRound, detection_rounds

BOX: Box = (0, 0, 29, 29)
FAR: Box = (100, 100, 130, 130)


def repeated(small: DetectionRound, counts: list[int]) -> DetectionRound:
    """The round in which each image lies so often, its copies side by side."""
    firsts = np.cumsum([0, *counts])
    copies = {image: range(int(firsts[image]), int(firsts[image + 1])) for image in range(small.images)}
    return DetectionRound(
        objects=[(copy, *rest) for image, *rest in small.objects for copy in copies[image]],  # type: ignore[misc]
        detections=[(copy, *rest) for image, *rest in small.detections for copy in copies[image]],  # type: ignore[misc]
        blacklist=[(copy, label) for image, label in small.blacklist for copy in copies[image]],
        images=max(1, int(firsts[-1])),
    )


@settings(max_examples=40)
@given(detection_rounds())
def test_a_resample_scores_as_the_round_of_its_images(small: DetectionRound) -> None:
    # copies of a true positive tie; whether false ones of the same image and confidence come between them is the
    # literal round's affair, so confidences are made to differ
    small = DetectionRound(
        objects=small.objects,
        detections=[(i, c, k / 32, box) for k, (i, c, _, box) in enumerate(small.detections)],
        blacklist=small.blacklist,
    )
    resamples = ImageResamples(image_count=IMAGES, count=5, seed=3)
    counts = resamples.counts(0)
    detections = RankedDetections.of(small.outcomes())
    ap = resampled_class_ap(detections, resamples)
    means = resampled_mean_ap([detections], resamples)
    for lane in range(5):
        card = repeated(small, counts[:, lane].tolist()).outcomes().scorecard()
        assert_same(ap[lane], [row["ap"] for row in card.per_class])
        assert_same(means[lane], [card.scores["mean_ap"]])


def assert_same(found: np.ndarray, expected: list[float | None]) -> None:  # type: ignore[type-arg]
    """Equal to rounding, NaN where None is expected and nowhere else."""
    np.testing.assert_allclose(found, np.array(expected, np.float64), rtol=1e-13, atol=0)


@given(detection_rounds())
def test_with_every_image_once_it_is_the_score_itself(small: DetectionRound) -> None:
    outcomes = small.outcomes(window=4)
    ap = RankedDetections.of(outcomes).class_ap(np.ones((IMAGES, LANES), np.uint8))
    expected = [row["ap"] for row in outcomes.scorecard().per_class]
    for lane in (0, LANES - 1):
        assert_same(ap[lane], expected)


def test_what_cannot_bear_on_the_area_is_left_out() -> None:
    detections = [
        (2, 1, 0.9, BOX),  # of a class without objects
        (0, 0, 0.8, FAR), (0, 0, 0.5, BOX), (1, 0, 0.7, BOX),
        (1, 0, 0.4, FAR),  # behind the last that is found
        (3, 0, 0.6, BOX),  # of a blacklisted pair
    ]  # fmt: skip
    small = DetectionRound(objects=[(1, 0, BOX), (0, 0, BOX), (2, 2, BOX)], detections=detections, blacklist=[(3, 0)])
    ranked = RankedDetections.of(small.outcomes())
    assert ranked.images.tolist() == [0, 1, 0]
    assert ranked.found.tolist() == [1, 2]
    assert ranked.class_starts.tolist() == [0, 3, 3, 3]
    assert ranked.found_starts.tolist() == [0, 2, 2, 2]
    assert ranked.positive_images.tolist() == [0, 1, 2]
    assert ranked.positive_starts.tolist() == [0, 2, 2, 3]


def test_equal_confidences_come_by_image_then_by_row() -> None:
    detections = [(1, 0, 0.5, BOX), (0, 0, 0.5, FAR), (0, 0, 0.5, BOX), (2, 0, 0.5, FAR)]
    ranked = RankedDetections.of(
        DetectionRound(objects=[(0, 0, BOX), (1, 0, BOX)], detections=detections, blacklist=[]).outcomes()
    )
    assert ranked.images.tolist() == [0, 0, 1, 2]
    assert ranked.found.tolist() == [1, 2]


def test_of_many_equal_detections_of_an_image_the_first_in_the_file_comes_first() -> None:
    classes = np.arange(120) % 3
    is_found = np.arange(120) % 7 == 0
    ranked = RankedDetections.of_columns(
        images=np.zeros(120, np.int32), classes=classes.astype(np.int32), confidences=np.full(120, 0.5),
        is_found=is_found, positive_images=np.zeros(1, np.int32), positive_classes=np.zeros(1, np.int32), class_count=3,
    )  # fmt: skip
    in_order = [row for label in range(3) for row in range(120) if classes[row] == label]
    assert ranked.found.tolist() == [place for place, row in enumerate(in_order) if is_found[row]]


def test_a_resample_holds_as_many_images_as_there_are() -> None:
    for block in range(2):
        counts = ImageResamples(image_count=50, count=70, seed=1).counts(block)
        assert counts.shape == (50, LANES)
        assert counts.sum(axis=0).tolist() == [50] * LANES


def test_every_image_is_as_likely_as_every_other() -> None:
    counts = np.concatenate([ImageResamples(image_count=20, count=6400, seed=1).counts(k) for k in range(100)], axis=1)
    # a mean of 6,400 counts of variance 0.95: standard error 0.0122
    assert np.abs(counts.mean(axis=1) - 1).max() < 5 * 0.0122
    assert counts.var() == pytest.approx(0.95, abs=0.02)


def test_resamples_follow_from_the_seed_and_differ_by_block() -> None:
    one, same, other = (ImageResamples(image_count=50, count=128, seed=seed) for seed in (1, 1, 2))
    assert (one.counts(1) == same.counts(1)).all()
    assert (one.counts(1) != other.counts(1)).any()
    assert (one.counts(0) != one.counts(1)).any()
    assert (one.counts(0)[:, 0] != one.counts(0)[:, 1]).any()


def test_a_seed_draws_the_same_images_for_ever() -> None:
    """Intervals that were published are found again from their seed."""
    resamples = ImageResamples(image_count=6, count=100, seed=1)
    assert resamples.counts(0)[:, :3].T.tolist() == [[2, 0, 1, 1, 1, 1], [0, 2, 1, 0, 1, 2], [0, 2, 1, 2, 1, 0]]
    assert resamples.counts(1)[:, 63].tolist() == [0, 5, 0, 0, 1, 0]


def test_only_images_of_the_mask_are_drawn() -> None:
    mask = np.array([True, False, True, True, False])
    counts = ImageResamples(image_count=5, count=64, seed=1, mask=mask).counts(0)
    assert (counts[~mask] == 0).all()
    assert counts.sum(axis=0).tolist() == [3] * LANES
    none_at_all = ImageResamples(image_count=5, count=64, seed=1, mask=np.zeros(5, np.bool_))
    assert none_at_all.counts(0).sum() == 0


@pytest.mark.parametrize(("count", "blocks"), [(1, 1), (64, 1), (65, 2), (1000, 16)])
def test_there_are_as_many_rows_as_resamples(count: int, blocks: int) -> None:
    small = DetectionRound(objects=[(0, 0, BOX)], detections=[(0, 0, 0.5, BOX)], blacklist=[])
    detections = RankedDetections.of(small.outcomes())
    resamples = ImageResamples(image_count=IMAGES, count=count, seed=1)
    assert resamples.blocks == blocks
    assert resampled_mean_ap([detections, detections, detections], resamples).shape == (count, 3)
    assert resampled_class_ap(detections, resamples).shape == (count, CLASSES)


def test_entries_are_scored_on_the_same_resamples_and_each_as_if_alone() -> None:
    objects = [(image, image % 2, BOX) for image in range(IMAGES)]
    good = DetectionRound(objects=objects, detections=[(i, i % 2, 0.5, BOX) for i in range(IMAGES)], blacklist=[])
    poor = DetectionRound(objects=objects, detections=[(0, 0, 0.5, BOX), (1, 1, 0.9, FAR)], blacklist=[])
    entries = [RankedDetections.of(small.outcomes()) for small in (good, poor)]
    resamples = ImageResamples(image_count=IMAGES, count=100, seed=5)
    both = resampled_mean_ap(entries, resamples)
    for place, entry in enumerate(entries):
        assert (both[:, place] == resampled_mean_ap([entry], resamples)[:, 0]).all()
    assert (both[:, 0] == 1).all()
    held = np.concatenate([resamples.counts(0), resamples.counts(1)], axis=1)[:, :100].astype(float)
    of_first = np.where(held[0] + held[2] > 0, held[0] / np.maximum(1, held[0] + held[2]), np.nan)
    of_second = np.where(held[1] + held[3] > 0, 0.0, np.nan)
    np.testing.assert_allclose(both[:, 1], np.nanmean(np.stack([of_first, of_second]), axis=0), rtol=1e-15)


def test_a_resample_without_positives_is_undefined() -> None:
    small = DetectionRound(objects=[(0, 0, BOX)], detections=[(0, 0, 0.5, BOX)], blacklist=[])
    ap = RankedDetections.of(small.outcomes()).class_ap(np.zeros((IMAGES, LANES), np.uint8))
    assert ap.shape == (LANES, CLASSES)
    assert np.isnan(ap).all()
    assert np.isnan(mean_of_defined(ap)).all()


def test_without_objects_and_detections_everything_is_undefined() -> None:
    nothing = RankedDetections.of(DetectionRound(objects=[], detections=[], blacklist=[]).outcomes())
    assert len(nothing.images) == 0
    resamples = ImageResamples(image_count=IMAGES, count=2, seed=1)
    assert np.isnan(resampled_mean_ap([nothing], resamples)).all()


def test_the_mean_leaves_out_what_is_undefined() -> None:
    values = np.array([[0.5, np.nan, 1.0], [np.nan, np.nan, np.nan], [0.25, 0.25, 0.25]])
    assert_same(mean_of_defined(values), [0.75, None, 0.25])
    assert mean_of_defined(values[0]) == 0.75
