from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.metrics.tracking import TrackingScorer
from scoring.metrics.tracklet_matching import mean_confidence
from scoring.scorecard import Scorecard
from scoring.truth import Truth, TruthBoxes
from tests.parity.oracles import Box
from tests.parity.oracles_tracking import Line
from tests.scoring.metrics.tracked import SNIPPETS, TrackedRound, tracked_rounds

BOX = Box(0, 0, 29, 29)  # 30 x 30: matched from a half on
ASIDE = Box(15, 0, 44, 29)  # a third of an overlap
FAR = Box(200, 0, 229, 29)

FOUR = (0, 0, 0, 0)  # frames of one snippet


def track(
    frames: range | tuple[int, ...], *, number: int = 0, box: Box = BOX, of: int = 0, confidence: float = 0.5
) -> list[Line]:
    """A box that stands still through some frames."""
    return [Line(frame, of, number, box, confidence) for frame in frames]


def card_of(truth: list[Line], lines: list[Line], snippets: tuple[int, ...] = FOUR) -> Scorecard:
    return TrackedRound(truth=truth, lines=lines, snippets=snippets).outcomes().scorecard()


def aps_of(truth: list[Line], lines: list[Line], snippets: tuple[int, ...] = FOUR) -> list[float | None]:
    """AP of the first class at an overlap of 0.25, 0.5 and 0.75."""
    row = card_of(truth, lines, snippets).per_class[0]
    return [row["ap_25"], row["ap_50"], row["ap_75"]]


def test_a_tracklet_overlaps_by_its_matched_frames_over_the_frames_of_either() -> None:
    truth = track(range(4))
    assert aps_of(truth, track(range(4))) == [1, 1, 1]
    assert aps_of(truth, track(range(3))) == [1, 1, 1]  # 3 / 4
    assert aps_of(truth, track(range(2))) == [1, 1, 0]  # 2 / 4
    assert aps_of(truth, track(range(1))) == [1, 0, 0]  # 1 / 4
    assert aps_of(track(range(2)), track(range(4))) == [1, 1, 0]  # frames of the prediction alone count too
    assert aps_of(track((0, 1)), track((1, 2))) == [1, 0, 0]  # 1 / 3
    assert aps_of(track((0, 1, 2, 3)), track((3, 4)), (0,) * 5) == [0, 0, 0]  # 1 / 5
    assert aps_of(track((0, 1)), track((2, 3))) == [0, 0, 0]


def test_a_frame_in_which_the_boxes_overlap_too_little_counts_in_the_union_alone() -> None:
    lines = [*track((0, 1)), *track((2, 3), box=ASIDE)]
    assert aps_of(track(range(4)), lines) == [1, 1, 0]
    assert aps_of(track(range(4)), [*track((0,)), *track((1, 2, 3), box=ASIDE)]) == [1, 0, 0]


def test_a_frame_is_matched_at_the_own_threshold_of_its_ground_truth_box() -> None:
    small = Box(0, 0, 9, 9)  # 10 x 10: a quarter is enough
    assert aps_of(track((0,), box=small), track((0,), box=Box(0, 0, 19, 19))) == [1, 1, 1]
    assert aps_of(track((0,), box=small), track((0,), box=Box(0, 0, 19, 20))) == [0, 0, 0]
    assert aps_of(track((0,)), track((0,), box=Box(0, 0, 29, 14))) == [1, 1, 1]
    assert aps_of(track((0,)), track((0,), box=Box(0, 0, 29, 13))) == [0, 0, 0]


def test_tracklets_of_another_class_or_snippet_are_not_found() -> None:
    assert aps_of(track((0, 1), of=1), track((0, 1))) == [None, None, None]
    card = card_of(track((0, 1), of=1), track((0, 1)))
    assert [row["ap"] for row in card.per_class] == [None, 0, None]
    # one track id in two snippets is two tracklets: each has found its own, though one lacks the other's frames
    assert aps_of(track(range(4)), track(range(4)), (0, 0, 1, 1)) == [1, 1, 1]
    assert card_of(track(range(4)), track(range(4)), (0, 0, 1, 1)).counts == {
        "images": 4, "snippets": 2, "detections": 4, "tracklets": 2, "positives": 2,
    }  # fmt: skip
    assert aps_of(track((0, 1)), track((2, 3)), (0, 0, 1, 1)) == [0, 0, 0]


def test_a_second_tracklet_of_a_found_object_is_a_false_positive() -> None:
    truth = [*track(range(4)), *track(range(4), number=1, box=FAR)]
    twice = [*track(range(4), confidence=0.9), *track(range(4), number=1, confidence=0.8)]
    third = track(range(4), number=2, box=FAR, confidence=0.7)
    assert aps_of(truth, [*twice, *third]) == [(1 + 2 / 3) / 2] * 3


def test_each_tracklet_takes_the_free_object_it_overlaps_most() -> None:
    # frames 0 to 2 of the first object, then frame 3 of the second, which lies elsewhere
    truth = [*track((0, 1, 2)), *track((2, 3), number=1)]
    # overlaps: 3/4 with the first, 2/4 with the second
    one = track(range(4), confidence=0.9)
    # overlaps: 1/4 with the first, 2/2 with the second
    two = track((2, 3), number=1, confidence=0.8)
    assert aps_of(truth, [*one, *two]) == [1, 1, 1]
    # the other way round: first takes the second; then the first is left, 3/4
    swapped = [line._replace(confidence=1 - line.confidence) for line in [*one, *two]]
    assert aps_of(truth, swapped) == [1, 1, 1]
    # both overlap the first most, by 3/3 and 3/4; the second of them takes what is left, 2/4
    both = [*track((0, 1, 2), confidence=0.9, number=1), *track(range(4), confidence=0.8)]
    assert aps_of(truth, both) == [1, 1, 0.5]


def test_of_two_objects_it_overlaps_alike_a_tracklet_takes_the_first_in_the_truth() -> None:
    early, late = track((0, 1)), track((2, 3), number=1)
    lines = [*track(range(4), confidence=0.9), *track((2, 3), number=1, confidence=0.8)]
    assert aps_of([*early, *late], lines) == [
        1,
        1,
        0.5 / 2,
    ]  # 2/4 each: takes `early`; at .75 the second alone is right
    together = [*track((0, 1)), *track((0, 1), number=1, box=Box(5, 0, 34, 29))]
    between = track((0, 1), box=Box(2, 0, 31, 29), confidence=0.9)
    # one finds either; two finds the second alone
    only_second = track((0, 1), number=1, box=Box(13, 0, 42, 29), confidence=0.8)
    assert aps_of(together, [*between, *only_second]) == [1, 1, 1]
    assert aps_of([*together[2:], *together[:2]], [*between, *only_second]) == [0.5, 0.5, 0.5]


def test_the_confidence_of_a_tracklet_is_the_mean_of_its_boxes() -> None:
    right = [Line(0, 0, 0, BOX, 0.9), Line(1, 0, 0, BOX, 0.1)]  # .5
    wrong = track((0, 1), number=1, box=FAR, confidence=0.6)
    assert aps_of(track((0, 1)), [*right, *wrong]) == [0.5, 0.5, 0.5]
    wrong = track((0, 1, 2), number=1, box=FAR, confidence=0.4)
    assert aps_of(track((0, 1)), [*right, *wrong]) == [1, 1, 1]
    assert mean_confidence([0.9, 0.1]) == 0.5
    assert mean_confidence([1e308, 1e308, -1e308, 1e308]) == 5e307
    assert mean_confidence([1.5e308] * 3) == 1.5e308


@given(st.lists(st.integers(-1000, 1000).map(lambda n: n / 1000), min_size=1, max_size=20))
def test_a_mean_is_rounded_once(confidences: list[float]) -> None:
    exact = sum((Fraction(confidence) for confidence in confidences), Fraction(0)) / len(confidences)
    assert mean_confidence(confidences) == float(exact)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_a_mean_of_any_numbers_is_finite_and_near(confidences: list[float]) -> None:
    exact = sum((Fraction(confidence) for confidence in confidences), Fraction(0)) / len(confidences)
    assert mean_confidence(confidences) == pytest.approx(float(exact), rel=1e-15, abs=1e-290)


@given(st.floats(0, 1), st.integers(1, 50))
def test_tracklets_of_one_confidence_tie_whatever_their_length(confidence: float, frames: int) -> None:
    assert mean_confidence([confidence] * frames) == confidence


def test_of_equal_confidences_the_earlier_snippet_comes_first_then_the_earlier_line() -> None:
    snippets = (0, 0, 1, 1)
    wrong_early, right_late = track((0,), number=1, box=FAR), track((2, 3))
    assert aps_of(track((2, 3)), [*right_late, *wrong_early], snippets) == [0.5, 0.5, 0.5]
    assert aps_of(track((0, 1)), [*track((2,), box=FAR), *track((0, 1), number=1)], snippets) == [1, 1, 1]
    right, wrong = track((0, 1), number=5), track((0, 1), number=3, box=FAR)
    assert aps_of(track((0, 1)), [*right, *wrong]) == [1, 1, 1]
    assert aps_of(track((0, 1)), [*wrong, *right]) == [0.5, 0.5, 0.5]
    mixed = [right[1], wrong[0], wrong[1], right[0]]
    assert aps_of(track((0, 1)), mixed) == [1, 1, 1]


def test_a_ground_truth_track_of_two_classes_is_an_object_of_each() -> None:
    truth = [*track((0, 1)), *track((2, 3), of=1)]
    card = card_of(truth, [*track((0, 1)), *track((2, 3), number=1, of=1)])
    assert [row["positives"] for row in card.per_class] == [1, 1, 0]
    assert [row["ap"] for row in card.per_class] == [1, 1, None]


def test_the_score_is_the_mean_over_classes_and_thresholds() -> None:
    truth = [*track(range(4)), *track(range(4), of=1, number=1)]
    card = card_of(truth, [*track(range(4)), *track((0,), number=1, of=1), *track((0,), number=2, of=2)])
    assert card.scores == {"mean_ap_25": 1, "mean_ap_50": 0.5, "mean_ap_75": 0.5, "mean_ap": pytest.approx(2 / 3)}
    assert list(card.scores) == ["mean_ap", "mean_ap_25", "mean_ap_50", "mean_ap_75"]
    assert card.counts == {"images": 4, "snippets": 1, "detections": 6, "tracklets": 3, "positives": 2}
    assert card.per_class[1] == {
        "id": 2, "wnid": "n00008998", "name": "class 2", "ap": pytest.approx(1 / 3),
        "ap_25": 1, "ap_50": 0, "ap_75": 0, "positives": 1, "tracklets": 1,
    }  # fmt: skip
    assert card.per_class[2]["ap"] is None
    assert card.per_class[2]["tracklets"] == 1


def test_some_classes_have_scores_and_counts_of_their_own() -> None:
    truth = [*track(range(4)), *track(range(4), of=1, number=1)]
    lines = [*track(range(4)), *track((0,), number=1, of=1), *track((0,), number=2, of=2)]
    outcomes = TrackedRound(truth=truth, lines=lines, snippets=FOUR).outcomes()
    card = outcomes.scorecard(classes=np.array([False, True, True]))
    assert card.scores == {"mean_ap_25": 1, "mean_ap_50": 0, "mean_ap_75": 0, "mean_ap": pytest.approx(1 / 3)}
    assert card.counts == {"images": 4, "snippets": 1, "detections": 2, "tracklets": 2, "positives": 1}
    assert card.per_class == outcomes.scorecard().per_class
    assert outcomes.scorecard(classes=np.zeros(3, np.bool_)).scores["mean_ap"] is None


def test_a_snippet_counts_where_all_its_frames_do() -> None:
    small = TrackedRound(truth=track(range(4)), lines=track(range(4)), snippets=(0, 0, 1, 1))
    outcomes = small.outcomes()
    assert outcomes.scorecard(np.array([True, True, True, False])).counts == {
        "images": 2, "snippets": 1, "detections": 2, "tracklets": 1, "positives": 1,
    }  # fmt: skip
    assert outcomes.scorecard(np.array([True, False, True, False])).scores["mean_ap"] is None
    assert outcomes.scorecard(np.array([True, False, True, False])).counts["images"] == 0


def test_without_predictions_all_is_missed_and_without_truth_nothing_is_defined(tmp_path: Path) -> None:
    nothing = TrackedRound(truth=track((0, 1)), lines=[], snippets=FOUR)
    assert nothing.outcomes().scorecard().scores == dict.fromkeys(
        ("mean_ap_25", "mean_ap_50", "mean_ap_75", "mean_ap"), 0
    )
    scorer = TrackingScorer(nothing.public, nothing.held_out)
    scorer.add(nothing.columns([]))
    assert scorer.finish().scorecard() == nothing.outcomes().scorecard()
    card = card_of([], track((0, 1)))
    assert set(card.scores.values()) == {None}
    assert card.counts["tracklets"] == 1
    nothing.outcomes().save(tmp_path / "outcomes.npz")
    with np.load(tmp_path / "outcomes.npz") as columns:
        assert columns["is_found"].shape == (3, 0)


def test_saved_outcomes_tell_what_became_of_each_tracklet(tmp_path: Path) -> None:
    lines = [*track((1,), number=9, of=2, confidence=0.25), *track((0, 1), number=4)]
    TrackedRound(truth=track(range(4)), lines=lines, snippets=(3, 3, 3, 3)).outcomes(window=1).save(tmp_path / "o.npz")
    with np.load(tmp_path / "o.npz") as columns:
        assert {name: columns[name].tolist() for name in columns.files} == {
            "snippets": [0, 0], "tracks": [9, 4], "classes": [2, 0], "confidences": [0.25, 0.5], "frames": [1, 2],
            "is_found": [[False, True], [False, True], [False, False]],
        }  # fmt: skip


def test_track_ids_may_be_as_large_as_hashes() -> None:
    # three snippets times this, and no snippet on: two more than 2 ** 64, so where a sum wraps around, 0 and two on
    lines = [*track((0,), number=(2**64 + 2) // 3), *track((1,), number=5), *track((2,), number=0)]
    for window in (1, 3):
        outcomes = TrackedRound(truth=track((1,)), lines=lines, snippets=(0, 1, 2)).outcomes(window=window)
        assert outcomes.frames.tolist() == [1, 1, 1]


def test_a_truth_without_tracks_is_no_tracking_truth() -> None:
    small = TrackedRound(truth=track((0,)), lines=[])
    boxes = small.held_out.box_columns
    bare = TruthBoxes(images=boxes.images, classes=boxes.classes, corners=boxes.corners)
    with pytest.raises(TypeError, match="come with tracks"):
        TrackingScorer(small.public, Truth(task="vid-track", digest="", boxes=bare))


@given(tracked_rounds(), st.integers(1, 9))
def test_how_a_file_falls_into_windows_changes_nothing(small: TrackedRound, window: int) -> None:
    assert small.outcomes(window=window).scorecard() == small.outcomes().scorecard()


@given(tracked_rounds(), st.sets(st.integers(0, 2)))
def test_numbers_under_a_mask_are_those_of_the_snippets_it_keeps(small: TrackedRound, kept: set[int]) -> None:
    mask = np.array([snippet in kept for snippet in SNIPPETS])
    masked = small.outcomes().scorecard(mask)
    if kept:
        assert masked == small.reduced(kept).outcomes().scorecard()
    else:
        assert set(masked.counts.values()) == {0}
        assert set(masked.scores.values()) == {None}
