from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.metrics import box_pairs
from scoring.metrics.detection_errors import ErrorFigures, detection_errors, errors_as_json, missed_boxes
from scoring.metrics.detection_explanations import BACKGROUND, BOTH, CLASS, DUPLICATE, LOCALIZATION, NO_BOX
from tests.parity.oracles_explanations import KINDS, judge, kinds_of_errors, mean_ap_without
from tests.scoring.metrics.detections import CLASSES, IMAGES, Box, DetectionRound, detection_rounds
from tests.scoring.metrics.explained import explained

BOX: Box = (0, 0, 29, 29)  # 30 x 30: reached from a half on
ASIDE: Box = (15, 0, 44, 29)  # overlaps BOX by 15 x 30 of 45 x 30: a third
FAR: Box = (100, 100, 129, 129)
CODES = {"class": CLASS, "localization": LOCALIZATION, "both": BOTH, "duplicate": DUPLICATE, "background": BACKGROUND}


def round_of(
    objects: list[tuple[int, int, Box]], detections: list[tuple[int, int, float, Box]],
    blacklist: list[tuple[int, int]] | None = None,
) -> DetectionRound:  # fmt: skip
    return DetectionRound(objects=objects, detections=detections, blacklist=blacklist or [])


def figures_of(*arguments: list) -> dict[str, ErrorFigures]:  # type: ignore[type-arg]
    return detection_errors(*explained(round_of(*arguments)))


def counts_of(*arguments: list) -> dict[str, int]:  # type: ignore[type-arg]
    """The kinds that occur."""
    return {name: found.count for name, found in figures_of(*arguments).items() if found.count}


def costs_of(*arguments: list) -> dict[str, float | None]:  # type: ignore[type-arg]
    """The kinds that cost something."""
    return {name: found.delta_ap for name, found in figures_of(*arguments).items() if found.delta_ap != 0}


# The six kinds


def test_a_detection_that_reaches_an_object_of_another_class_is_a_class_error() -> None:
    assert counts_of([(0, 1, BOX)], [(0, 0, 0.5, BOX)]) == {"class": 1}


def test_a_detection_near_an_object_of_its_class_is_a_localization_error() -> None:
    assert counts_of([(0, 0, BOX)], [(0, 0, 0.5, ASIDE)]) == {"localization": 1}


def test_a_detection_near_an_object_of_another_class_is_both() -> None:
    assert counts_of([(0, 1, BOX)], [(0, 0, 0.5, ASIDE)]) == {"both": 1, "missed": 1}


def test_a_second_detection_of_a_found_object_is_a_duplicate() -> None:
    assert counts_of([(0, 0, BOX)], [(0, 0, 0.5, BOX), (0, 0, 0.4, BOX)]) == {"duplicate": 1}


def test_a_detection_near_no_object_is_background() -> None:
    assert counts_of([], [(0, 0, 0.5, FAR)]) == {"background": 1}
    assert counts_of([(0, 0, BOX)], [(0, 0, 0.5, FAR)]) == {"background": 1, "missed": 1}
    assert counts_of([(0, 0, BOX)], [(1, 0, 0.5, BOX)]) == {"background": 1, "missed": 1}


def test_an_object_that_nothing_touches_is_missed() -> None:
    assert counts_of([(0, 0, BOX)], []) == {"missed": 1}


def test_a_detection_that_finds_its_object_is_no_error() -> None:
    assert counts_of([(0, 0, BOX)], [(0, 0, 0.5, BOX)]) == {}


def test_a_tenth_is_near_and_less_is_not() -> None:
    # a row of 10 pixels in an object of 10 x 10, which a quarter reaches: an overlap of a tenth exactly
    assert counts_of([(0, 0, (0, 0, 9, 9))], [(0, 0, 0.5, (0, 0, 9, 0))]) == {"localization": 1}
    assert counts_of([(0, 0, (0, 0, 9, 9))], [(0, 0, 0.5, (0, 0, 8, 0))]) == {"background": 1, "missed": 1}
    assert counts_of([(0, 1, (0, 0, 9, 9))], [(0, 0, 0.5, (0, 0, 9, 0))]) == {"both": 1, "missed": 1}
    assert counts_of([(0, 1, (0, 0, 9, 9))], [(0, 0, 0.5, (0, 0, 8, 0))]) == {"background": 1, "missed": 1}


def test_an_object_is_reached_at_its_own_threshold() -> None:
    tiny: Box = (0, 0, 1, 1)  # 2 x 2: 4 / 144 is enough, less than a tenth
    assert counts_of([(0, 1, tiny)], [(0, 0, 0.5, (0, 0, 11, 11))]) == {"class": 1}
    assert counts_of([(0, 1, tiny)], [(0, 0, 0.5, (0, 0, 11, 12))]) == {"background": 1, "missed": 1}
    assert counts_of([(0, 1, BOX)], [(0, 0, 0.5, (0, 0, 29, 14))]) == {"class": 1}
    assert counts_of([(0, 1, BOX)], [(0, 0, 0.5, (0, 0, 29, 13))]) == {"both": 1, "missed": 1}


def test_the_kinds_are_asked_for_in_order() -> None:
    """Localization before class, class before duplicate, duplicate before both, both before background."""
    assert counts_of([(0, 0, BOX), (0, 1, ASIDE)], [(0, 0, 0.5, ASIDE)]) == {"localization": 1, "missed": 1}
    assert counts_of([(0, 0, BOX), (0, 1, BOX)], [(0, 0, 0.9, BOX), (0, 0, 0.8, BOX)]) == {"class": 1}
    assert counts_of([(0, 0, BOX), (0, 1, ASIDE)], [(0, 0, 0.9, BOX), (0, 0, 0.8, BOX)]) == {
        "duplicate": 1, "missed": 1,
    }  # fmt: skip
    # near one of its class and reaching another of it, which is taken: no localization error
    assert counts_of([(0, 0, BOX), (0, 0, ASIDE)], [(0, 0, 0.9, BOX), (0, 0, 0.8, BOX)]) == {
        "duplicate": 1, "missed": 1,
    }  # fmt: skip


def test_a_detection_that_finds_its_object_is_no_error_though_it_reaches_another_class_too() -> None:
    assert counts_of([(0, 0, BOX), (0, 1, BOX)], [(0, 0, 0.9, BOX)]) == {"missed": 1}


def test_blacklisted_pairs_are_nobodys_target_and_no_error() -> None:
    detections = [(0, 0, 0.9, BOX), (0, 1, 0.8, BOX)]
    assert counts_of([(0, 0, BOX)], detections, [(0, 0)]) == {"background": 1}


def test_counts_are_by_class_of_the_detection_and_of_the_missed_object() -> None:
    figures = figures_of([(0, 1, BOX), (1, 2, BOX)], [(0, 0, 0.5, BOX), (0, 2, 0.5, BOX), (1, 0, 0.4, FAR)])
    assert figures["class"].class_counts == [1, 0, 1]
    assert figures["background"].class_counts == [1, 0, 0]
    assert figures["missed"].class_counts == [0, 0, 1]
    assert [figures[name].count for name in figures] == [2, 0, 0, 0, 1, 1]
    assert list(figures) == ["class", "localization", "both", "duplicate", "background", "missed"]


def test_the_target_is_what_overlaps_most_and_on_a_tie_stands_first() -> None:
    left, right, between = (0.0, 0.0, 29.0, 29.0), (36.0, 0.0, 65.0, 29.0), (18.0, 0.0, 47.0, 29.0)
    for objects, target in (([left, right], 0), ([right, left], 0), ([FAR, right, left], 1)):
        small = round_of([(0, 0, box) for box in objects], [(0, 0, 0.5, between)])
        _, explanations = explained(small)
        assert explanations.windows[0].boxes.tolist() == [target]
        assert explanations.windows[0].kinds.tolist() == [LOCALIZATION]
    nearer = (19.0, 0.0, 48.0, 29.0)
    _, explanations = explained(round_of([(0, 0, left), (0, 0, right)], [(0, 0, 0.5, nearer)]))
    assert explanations.windows[0].boxes.tolist() == [1]
    _, explanations = explained(round_of([(0, 1, BOX), (0, 2, (0, 0, 29, 28))], [(0, 0, 0.5, (0, 0, 29, 28))]))
    assert explanations.windows[0].boxes.tolist() == [1]
    assert explanations.windows[0].kinds.tolist() == [CLASS]


def test_a_localization_error_is_meant_for_its_own_class_though_another_overlaps_more() -> None:
    figures = figures_of([(0, 0, BOX), (0, 1, ASIDE)], [(0, 0, 0.5, ASIDE)])
    assert figures["localization"].class_counts == [1, 0, 0]
    assert figures["missed"].class_counts == [0, 1, 0]


def test_the_object_a_true_positive_found_is_of_its_class_though_another_overlaps_more() -> None:
    _, explanations = explained(round_of([(0, 0, BOX), (0, 1, (0, 0, 29, 28))], [(0, 0, 0.5, (0, 0, 29, 28))]))
    assert explanations.windows[0].boxes.tolist() == [0]
    assert explanations.is_found.tolist() == [True, False]


def test_true_positives_know_the_object_they_found() -> None:
    near: Box = (5, 0, 34, 29)
    small = round_of(
        [(0, 0, BOX), (0, 0, near), (1, 0, BOX)],
        [(0, 0, 0.5, BOX), (0, 0, 0.9, BOX), (1, 0, 0.7, near), (1, 0, 0.1, FAR)],
    )
    _, explanations = explained(small)
    assert explanations.windows[0].boxes.tolist() == [1, 0, 2, NO_BOX]
    assert explanations.is_found.tolist() == [True, True, True]


def test_true_positives_took_their_objects_in_turn() -> None:
    boxes: list[Box] = [(x, 0, x + 29, 29) for x in (0, 5, 10)]
    between: Box = (2, 0, 31, 29)  # prefers the first, which is taken; the third would have preferred the second
    detections = [(0, 0, 0.9, boxes[0]), (0, 0, 0.8, between), (0, 0, 0.7, boxes[1])]
    _, explanations = explained(round_of([(0, 0, box) for box in boxes], detections))
    assert explanations.windows[0].boxes.tolist() == [0, 1, 2]


# What they cost


def test_mending_a_class_error_finds_its_target_under_the_right_class() -> None:
    # class 1: from 0 to 1; class 0 keeps its AP of 1, its false positive standing behind
    assert costs_of([(0, 0, BOX), (1, 1, BOX)], [(0, 0, 0.9, BOX), (1, 0, 0.5, BOX)]) == {"class": 0.5}


def test_mending_a_localization_error_finds_its_target() -> None:
    assert costs_of([(0, 0, BOX)], [(0, 0, 0.9, ASIDE)]) == {"localization": 1}


def test_of_two_errors_on_one_target_the_more_confident_takes_it_and_the_other_disappears() -> None:
    detections = [(0, 0, 0.5, ASIDE), (0, 0, 0.9, ASIDE), (1, 0, 0.7, BOX)]
    # as it is: precision 1/2 at the second of the ranks .9 .7 .5, recall 1/2: .25; mended: all right
    assert costs_of([(0, 0, BOX), (1, 0, BOX)], detections) == {"localization": 0.75}
    # the one at .9 is mended: the false positive at .7 comes behind it
    for errors in ([(0, 0, 0.5, ASIDE), (0, 0, 0.9, ASIDE)], [(0, 0, 0.9, ASIDE), (0, 0, 0.5, ASIDE)]):
        assert costs_of([(0, 0, BOX)], [*errors, (1, 0, 0.7, FAR)]) == {"localization": 1}
    # the one at .5 is mended: a false positive at .7 before it stays
    tied = [(0, 0, 0.5, ASIDE), (0, 0, 0.5, ASIDE), (1, 0, 0.7, FAR)]
    assert costs_of([(0, 0, BOX)], tied) == {"localization": 0.5}


def test_an_error_on_an_object_that_is_found_disappears() -> None:
    objects, found = [(0, 0, BOX)], (0, 0, 0.5, BOX)
    assert costs_of(objects, [(0, 0, 0.9, ASIDE), found]) == {"localization": 0.5}
    # the half box takes the object first; the whole one is a duplicate behind it, which costs nothing
    assert costs_of(objects, [(0, 0, 0.9, (0, 0, 29, 14)), found]) == {}


def test_duplicate_both_and_background_errors_disappear() -> None:
    objects = [(0, 0, BOX), (1, 0, BOX)]
    assert costs_of(objects, [(0, 0, 0.9, BOX), (0, 0, 0.8, BOX), (1, 0, 0.7, BOX)]) == {
        "duplicate": pytest.approx(1 - 5 / 6)
    }
    assert costs_of([(0, 0, BOX)], [(1, 0, 0.9, FAR), (0, 0, 0.8, BOX)]) == {"background": 0.5}
    assert costs_of([(0, 0, BOX), (1, 1, BOX)], [(1, 0, 0.9, ASIDE), (0, 0, 0.8, BOX)]) == {
        "both": 0.25,  # class 0 from .5 to 1, class 1 stays at 0
        "missed": 0.25,  # class 1, AP 0, leaves the mean: from .25 to .5
    }


def test_missed_objects_leave_the_positives() -> None:
    assert costs_of([(0, 0, BOX), (1, 0, BOX)], [(0, 0, 0.9, BOX)]) == {"missed": 0.5}


def test_what_missed_objects_cost_is_undefined_where_all_are_missed() -> None:
    figures = figures_of([(0, 0, BOX)], [])
    assert figures["missed"].delta_ap is None
    assert figures["class"].delta_ap == 0
    assert {found.delta_ap for found in figures_of([], [(0, 0, 0.5, BOX)]).values()} == {None}


def test_figures_may_be_of_some_classes() -> None:
    small = round_of([(0, 0, BOX), (1, 1, BOX)], [(0, 0, 0.9, ASIDE), (1, 1, 0.9, ASIDE), (1, 1, 0.8, FAR)])
    figures = detection_errors(*explained(small), classes=np.array([False, True, True]))
    assert (figures["localization"].count, figures["localization"].class_counts) == (1, [1, 1, 0])
    assert figures["localization"].delta_ap == 1
    assert figures["background"].count == 1


def test_the_figures_are_shown_by_class_id() -> None:
    shown = errors_as_json(figures_of([(0, 0, BOX), (1, 2, BOX)], [(0, 0, 0.9, ASIDE)]), np.array([4, 6, 9]))
    assert shown["kinds"]["localization"] == {"count": 1, "delta_ap": 0.5}
    assert shown["kinds"]["missed"] == {"count": 1, "delta_ap": 0}
    assert list(shown["kinds"]) == list(KINDS)
    nothing = dict.fromkeys(KINDS, 0)
    assert shown["per_class"] == [
        {"id": 4} | nothing | {"localization": 1}, {"id": 6} | nothing, {"id": 9} | nothing | {"missed": 1},
    ]  # fmt: skip


# Beside the oracle


@given(detection_rounds(), st.integers(1, 9))
def test_every_detection_and_object_is_explained_as_by_the_oracle(small: DetectionRound, window: int) -> None:
    judged = judge(small.objects, small.detections, set(small.blacklist))
    right = kinds_of_errors(judged)
    outcomes, explanations = explained(small, window=window)
    place = {number: k for k, number in enumerate(np.argsort([t[0] for t in judged.objects], kind="stable").tolist())}
    kinds = [kind for some in explanations.windows for kind in some.kinds.tolist()]
    boxes = [box for some in explanations.windows for box in some.boxes.tolist()]
    assert {k: kinds[k] for k in right.kind} == {k: CODES[name] for k, name in right.kind.items()}
    targets = right.target | judged.found
    assert {k: boxes[k] for k in range(len(boxes)) if k not in judged.skipped} == {
        k: place[targets[k]] if k in targets else NO_BOX for k in range(len(boxes)) if k not in judged.skipped
    }
    assert set(np.flatnonzero(explanations.is_found).tolist()) == {place[number] for number in judged.found.values()}
    missed = np.flatnonzero(missed_boxes(outcomes, explanations)).tolist()
    assert set(missed) == {place[number] for number in right.missed}


@given(detection_rounds(), st.integers(1, 9))
def test_every_cost_is_that_of_the_oracle(small: DetectionRound, window: int) -> None:
    judged = judge(small.objects, small.detections, set(small.blacklist))
    right = kinds_of_errors(judged)
    before = mean_ap_without(judged, right, None, CLASSES)
    for name, found in detection_errors(*explained(small, window=window)).items():
        after = mean_ap_without(judged, right, name, CLASSES)
        if before is None or after is None:
            assert found.delta_ap is None
        else:
            assert found.delta_ap == pytest.approx(after - before, rel=0, abs=1e-12)
        count = len(right.missed) if name == "missed" else list(right.kind.values()).count(name)
        assert found.count == sum(found.class_counts) == count


@given(detection_rounds(), st.lists(st.booleans(), min_size=IMAGES, max_size=IMAGES))
def test_figures_under_a_mask_are_those_of_the_images_it_keeps(small: DetectionRound, mask: list[bool]) -> None:
    kept = [image for image, is_kept in enumerate(mask) if is_kept]
    if kept:
        masked = detection_errors(*explained(small), mask=np.array(mask))
        assert masked == detection_errors(*explained(small.reduced(kept)))


@given(detection_rounds(), st.integers(1, 5))
def test_how_many_pairs_are_looked_at_together_changes_nothing(small: DetectionRound, pairs: int) -> None:
    everything = explained(small)[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box_pairs, "PAIRS_AT_ONCE", pairs)
        by_few = explained(small)[1]
    for whole, few in zip(everything.windows, by_few.windows, strict=True):
        assert (few.kinds.tolist(), few.boxes.tolist()) == (whole.kinds.tolist(), whole.boxes.tolist())


@given(detection_rounds())
def test_false_positives_are_all_of_one_kind_or_another(small: DetectionRound) -> None:
    outcomes, explanations = explained(small)
    figures = detection_errors(outcomes, explanations)
    false = sum(int((window.states == 0).sum()) for window in outcomes.windows)
    assert sum(figures[name].count for name in KINDS[:-1]) == false
    assert all(one < other for one, other in pairwise(sorted(CODES.values())))
