from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.formats.label_lines import GuessColumns
from scoring.metrics.classification import NEVER
from scoring.metrics.localization import LocatedOutcomes, LocatedScorer
from scoring.truth import Truth, TruthBoxes
from tests.scoring.making import classes_of, public_round

Box = tuple[float, float, float, float]
BOX: Box = (0, 0, 9, 9)
HALF: Box = (0, 0, 9, 4)  # an IoU of exactly a half with BOX
LESS: Box = (0, 0, 9, 3)
FAR: Box = (50, 50, 60, 60)


def outcomes(
    guesses: list[list[tuple[int, Box]]], labels: list[int], objects: list[tuple[int, int, Box]],
    *, blacklist: list[bool] | None = None, window: int = 100, order: list[int] | None = None,
) -> LocatedOutcomes:  # fmt: skip
    """`guesses` are (class position, box), `objects` (image, class position, box); images are told of in `order`."""
    truth = Truth(
        task="cls-loc",
        digest="",
        labels=np.array(labels, np.int32),
        boxes=TruthBoxes.grouped(
            images=np.array([image for image, _, _ in objects], np.int32),
            classes=np.array([label for _, label, _ in objects], np.int32),
            corners=np.array([box for _, _, box in objects], np.float64).reshape(-1, 4),
        ),
        blacklisted_images=None if blacklist is None else np.array(blacklist),
    )
    filled = [[*image, *[(-2, BOX)] * (5 - len(image))] for image in guesses]
    scorer = LocatedScorer(public_round("cls-loc", images=len(labels), classes=classes_of(range(1, 5))), truth)
    ordered = list(range(len(filled))) if order is None else order
    for first in range(0, len(filled), window):
        images = ordered[first : first + window]
        scorer.add(
            GuessColumns(
                images=np.array(images, np.int32),
                labels=np.array([[label for label, _ in filled[image]] for image in images], np.int32),
                boxes=np.array([[box for _, box in filled[image]] for image in images], np.float64),
            )
        )
    return scorer.finish()


def ranks(*arguments: list, **options: object) -> list[int]:  # type: ignore[type-arg]
    return outcomes(*arguments, **options).box_ranks.tolist()  # type: ignore[arg-type]


def test_an_image_is_right_if_a_guess_has_its_label_and_overlaps_an_instance_by_half() -> None:
    objects = [(0, 2, BOX)]
    assert ranks([[(2, BOX)]], [2], objects) == [1]
    assert ranks([[(2, HALF)]], [2], objects) == [1]
    assert ranks([[(2, LESS)]], [2], objects) == [NEVER]
    assert ranks([[(1, BOX)]], [2], objects) == [NEVER]
    assert ranks([[(2, LESS), (1, BOX), (2, HALF)]], [2], objects) == [3]


def test_label_and_box_must_be_right_in_the_same_guess() -> None:
    found = outcomes([[(2, FAR), (1, BOX)]], [2], [(0, 2, BOX)])
    assert found.labels.label_ranks.tolist() == [1]
    assert found.box_ranks.tolist() == [NEVER]


def test_the_box_may_be_that_of_any_instance_of_the_label_and_of_no_other_class() -> None:
    assert ranks([[(2, FAR)]], [2], [(0, 2, BOX), (0, 2, FAR)]) == [1]
    assert ranks([[(2, FAR)]], [2], [(0, 2, BOX), (0, 1, FAR)]) == [NEVER]


def test_an_image_without_a_box_of_its_label_is_never_right() -> None:
    assert ranks([[(2, BOX)], [(2, BOX)]], [2, 2], [(1, 3, BOX)]) == [NEVER, NEVER]


def test_the_box_of_a_neighbouring_image_does_not_count() -> None:
    for window in (1, 2, 3):
        assert ranks(
            [[(2, BOX)], [(2, BOX)], [(2, FAR)]], [2, 2, 2], [(0, 2, BOX), (1, 2, FAR), (2, 2, FAR)], window=window
        ) == [1, NEVER, 1]


@pytest.mark.parametrize("order", [[2, 0, 1], [1, 2, 0], [2, 1, 0]])
@pytest.mark.parametrize("window", [1, 2, 3])
def test_images_may_come_in_any_order(order: list[int], window: int) -> None:
    guesses = [[(2, FAR), (2, BOX)], [(1, BOX)], [(0, FAR)]]
    objects = [(0, 2, BOX), (1, 3, BOX), (2, 0, BOX), (2, 0, FAR)]
    found = outcomes(guesses, [2, 1, 0], objects, window=window, order=order)
    assert found.box_ranks.tolist() == [2, NEVER, 1]
    assert found.labels.label_ranks.tolist() == [1, 1, 1]


def test_a_missing_guess_is_not_right_even_where_class_0_is() -> None:
    assert ranks([[]], [0], [(0, 0, BOX)]) == [NEVER]


def test_blacklisted_images_leave_the_localization_error_and_stay_in_the_other() -> None:
    found = outcomes(
        [[(0, BOX)], [(1, BOX)], [(0, FAR)]], [0, 0, 0], [(i, 0, BOX) for i in range(3)], blacklist=[False, True, False]
    )
    card = found.scorecard()
    assert (card.counts["images"], card.counts["scored_images"]) == (3, 2)
    assert (card.counts["top5_wrong"], card.counts["loc5_wrong"]) == (1, 1)
    assert (card.scores["top5_error"], card.scores["loc5_error"]) == (1 / 3, 1 / 2)
    assert card.per_class[0]["loc5_error"] == 1 / 2
    assert card.per_class[0]["top5_error"] == 1 / 3
    assert card.per_class[1]["loc5_error"] is None


def test_where_all_images_are_blacklisted_the_localization_error_is_undefined() -> None:
    card = outcomes([[(0, BOX)]], [0], [(0, 0, BOX)], blacklist=[True]).scorecard()
    assert (card.counts["scored_images"], card.scores["loc5_error"], card.scores["top5_error"]) == (0, None, 0)


def test_guesses_without_boxes_are_a_mistake_of_the_caller() -> None:
    scorer = LocatedScorer(
        public_round("cls-loc", images=1),
        Truth(
            task="cls-loc",
            digest="",
            labels=np.zeros(1, np.int32),
            boxes=TruthBoxes(images=np.zeros(0, np.int32), classes=np.zeros(0, np.int32), corners=np.zeros((0, 4))),
        ),
    )
    with pytest.raises(TypeError, match="come with boxes"):
        scorer.add(GuessColumns(images=np.zeros(1, np.int32), labels=np.zeros((1, 5), np.int32)))


def test_the_fifth_guess_is_the_last_that_counts() -> None:
    wrong = (1, BOX)
    card = outcomes([[wrong] * 4 + [(0, BOX)], [wrong] * 5], [0, 2], [(0, 0, BOX), (1, 2, BOX)]).scorecard()
    assert [card.scores[f"loc{k}_error"] for k in range(1, 6)] == [1, 1, 1, 1, 1 / 2]
    assert [row["loc5_error"] for row in card.per_class] == [0, None, 1, None]


# Four images: the second guess is right, its box too little of it; right; no label right; a right label, the box late.
CAUSES = (
    [[(1, BOX), (0, LESS)], [(0, BOX)], [(1, BOX), (2, BOX)], [(0, FAR), (0, BOX)]],
    [0, 0, 0, 0],
    [(i, 0, BOX) for i in range(4)],
)


def test_an_image_is_wrong_for_its_label_or_for_its_boxes() -> None:
    assert outcomes(*CAUSES).scorecard().details == {
        "causes": {
            "loc1": {
                "wrong": 3,
                "wrong_label": {"count": 2, "share": 2 / 3},
                "low_iou": {"count": 1, "share": 1 / 3},
            },
            "loc5": {
                "wrong": 2,
                "wrong_label": {"count": 1, "share": 1 / 2},
                "low_iou": {"count": 1, "share": 1 / 2},
            },
        }
    }


def test_causes_are_those_of_the_images_that_are_scored() -> None:
    found = outcomes(*CAUSES, blacklist=[True, False, False, False])
    assert found.scorecard().details["causes"]["loc5"] == {
        "wrong": 1, "wrong_label": {"count": 1, "share": 1}, "low_iou": {"count": 0, "share": 0},
    }  # fmt: skip
    masked = found.scorecard(np.array([True, True, False, True])).details["causes"]
    assert masked["loc5"] == {
        "wrong": 0, "wrong_label": {"count": 0, "share": None}, "low_iou": {"count": 0, "share": None},
    }  # fmt: skip
    assert masked["loc1"] == {
        "wrong": 1, "wrong_label": {"count": 0, "share": 0}, "low_iou": {"count": 1, "share": 1},
    }  # fmt: skip


def test_figures_of_some_classes_are_those_of_the_images_labelled_so() -> None:
    guesses = [[(0, BOX)], [(1, FAR)], [(2, BOX)], [(1, BOX)]]
    found = outcomes(guesses, [0, 1, 1, 2], [(i, c, BOX) for i, c in enumerate([0, 1, 1, 2])])
    card = found.scorecard(classes=np.array([False, True, True, False]))
    assert (card.counts["images"], card.counts["scored_images"]) == (3, 3)
    assert (card.counts["top1_wrong"], card.counts["loc1_wrong"]) == (2, 3)
    assert (card.scores["top1_error"], card.scores["loc1_error"]) == (2 / 3, 1)
    assert [row["images"] for row in card.per_class] == [0, 2, 1, 0]
    assert [row["loc5_error"] for row in card.per_class] == [None, 1, 1, None]
    both = found.scorecard(np.array([True, True, False, False]), classes=np.array([False, True, True, False]))
    assert both == found.scorecard(np.array([False, True, False, False]))


def test_outcomes_are_kept_by_column(tmp_path: Path) -> None:
    found = outcomes(*CAUSES)
    found.save(tmp_path / "outcomes")
    with np.load(tmp_path / "outcomes") as columns:
        assert set(columns) == {"label_ranks", "box_ranks"}
        assert columns["label_ranks"].tolist() == [2, 1, NEVER, 1]
        assert columns["box_ranks"].tolist() == [NEVER, 1, NEVER, 2]
        assert {column.itemsize for column in columns.values()} == {1}
