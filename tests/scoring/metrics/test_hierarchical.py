from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats.label_lines import GuessColumns
from scoring.label_sets import LabelSets
from scoring.metrics.classification import LabelOutcomes, LabelScorer
from scoring.metrics.hierarchical import guess_heights
from scoring.metrics.localization import LocatedScorer
from scoring.scorecard import Scorecard
from scoring.truth import Truth, TruthBoxes
from tests.parity.oracles_hierarchy import score_hierarchy, score_label_sets
from tests.scoring.hierarchies import SmallHierarchy, hierarchies, zoo
from tests.scoring.making import classes_of, public_round

DOG, POODLE, CAT, GOLDFISH, CAR = range(5)

Rows = list[tuple[set[int], list[int]]]  # of each image its labels and its guesses


def outcomes(rows: Rows, small: SmallHierarchy | None = None, classes: int = 5) -> LabelOutcomes:
    sets = LabelSets.of_sets([labels for labels, _ in rows])
    public = public_round(
        "cls", images=max(1, len(rows)), classes=small.classes if small else classes_of(range(1, classes + 1))
    )
    scorer = LabelScorer(public, Truth(task="cls", digest="", label_sets=sets))
    filled = np.array([(guesses + [-2] * 5)[:5] for _, guesses in rows], np.int32).reshape(-1, 5)
    half = len(rows) // 2
    images = np.arange(len(rows), dtype=np.int32)[::-1]  # in any order
    for part in (images[:half], images[half:]):
        scorer.add(GuessColumns(images=part, labels=filled[part]))
    return scorer.finish()


def scores(rows: Rows) -> dict[str, float | None]:
    return outcomes(rows, zoo()).scorecard().scores


@st.composite
def rounds(draw: st.DrawFn, *, least_labels: int = 0, most_labels: int = 3) -> tuple[SmallHierarchy, Rows]:
    small = draw(hierarchies())
    classes = st.integers(0, len(small.nodes) - 1)
    rows = st.tuples(st.sets(classes, min_size=least_labels, max_size=most_labels), st.lists(classes, max_size=5))
    return small, draw(st.lists(rows, max_size=6))


def test_the_figures_of_three_images_by_hand() -> None:
    """Of 1: poodle; dog is 1 away, cat 5, car 9. Of 2: right at once. Of 3: goldfish; cat is 5 away, dog 2."""
    found = scores([({POODLE}, [CAR, CAT, DOG]), ({CAR}, [CAR, DOG]), ({GOLDFISH}, [CAT, DOG, CAT])])
    costs = [9 + 0 + 5, 5 + 0 + 2, 1 + 0 + 2, 1 + 0 + 2, 1 + 0 + 2]
    # the means of the first k of (9, 5, 1), (0, 9) and (5, 2, 5), or of as many as there are
    three = 15 / 3 + 9 / 2 + 12 / 3
    means = [9 + 0 + 5, 14 / 2 + 9 / 2 + 7 / 2, three, three, three]
    for k in range(1, 6):
        assert found[f"hierarchical{k}_error"] == costs[k - 1] / 3
        assert found[f"hierarchical{k}_error_2011"] == costs[k - 1] / (3 * 9)
        assert found[f"hier_dist{k}"] == pytest.approx(means[k - 1] / 3, rel=1e-15)
    assert found["mistake_severity"] == (9 + 5) / 2
    assert len(found) == 5 + 5 + 5 + 5 + 1


def test_the_nearest_of_several_labels_counts() -> None:
    found = scores([({CAR, POODLE, CAT}, [DOG, GOLDFISH, CAR])])
    assert [found[f"hierarchical{k}_error"] for k in range(1, 6)] == [1, 1, 0, 0, 0]
    assert [found[f"hier_dist{k}"] for k in (1, 2, 3)] == [1, 1.5, 1]  # 1, 2 and 0
    assert found["mistake_severity"] == 1


def test_an_image_without_labels_or_out_of_the_mask_counts_for_nothing() -> None:
    rows: Rows = [(set(), [DOG]), ({DOG}, [CAT]), ({DOG}, [CAR])]
    card = outcomes(rows, zoo()).scorecard(np.array([True, True, False]))
    assert (card.counts["images"], card.counts["scored_images"]) == (2, 1)
    assert (card.scores["hierarchical1_error"], card.scores["mistake_severity"], card.scores["hier_dist5"]) == (5, 5, 5)


def test_an_image_without_guesses_costs_what_is_most() -> None:
    found = scores([({DOG}, []), ({DOG}, [DOG])])
    for k in range(1, 6):
        assert found[f"hierarchical{k}_error"] == found[f"hier_dist{k}"] == 4.5
        assert found[f"hierarchical{k}_error_2011"] == 0.5
    assert found["mistake_severity"] == 9


def test_an_image_never_spoken_of_costs_what_is_most() -> None:
    public = public_round("cls", images=1, classes=zoo().classes)
    scorer = LabelScorer(public, Truth(task="cls", digest="", labels=np.array([DOG], np.int32)))
    outcomes = scorer.finish()
    assert not outcomes.columns()["is_guess"].any()
    found = outcomes.scorecard().scores
    assert found["hierarchical5_error"] == found["hier_dist5"] == found["mistake_severity"] == 9
    assert found["hierarchical5_error_2011"] == 1


def test_a_first_guess_is_a_mistake_though_the_second_is_right() -> None:
    assert scores([({DOG}, [CAT, DOG])])["mistake_severity"] == 5


def test_where_nothing_is_wrong_there_is_no_severity() -> None:
    found = scores([({DOG, CAT}, [CAT])])
    assert found["mistake_severity"] is None
    assert found["hierarchical1_error"] == found["hier_dist5"] == 0
    assert set(scores([]).values()) == {None}


def test_without_a_hierarchy_there_are_no_such_figures() -> None:
    card = outcomes([({0}, [1])]).scorecard()
    assert set(card.scores) == {f"top{k}_error" for k in range(1, 6)}
    assert card.details == {}


def is_near(ours: float | None, theirs: float | None) -> bool:
    return ours is theirs if ours is None or theirs is None else math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=0)


@given(rounds())
def test_every_figure_is_that_of_the_oracle(drawn: tuple[SmallHierarchy, Rows]) -> None:
    small, rows = drawn
    card = outcomes(rows, small).scorecard()
    sets, guesses = [labels for labels, _ in rows], [line for _, line in rows]
    nodes = small.nodes
    expected: dict[str, Any] = score_label_sets(sets, guesses)
    expected |= score_hierarchy(
        small.tree,
        [{nodes[label] for label in labels} for labels in sets],
        [[nodes[c] for c in line] for line in guesses],
    )
    found = card.scores | card.counts
    assert set(found) == set(expected) | {"images"}
    assert {key: (found[key], value) for key, value in expected.items() if not is_near(found[key], value)} == {}


@given(rounds(), st.data())
def test_numbers_under_masks_are_those_of_the_images_they_keep(
    drawn: tuple[SmallHierarchy, Rows], data: st.DataObject
) -> None:
    small, rows = drawn
    mask = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    chosen = data.draw(st.lists(st.booleans(), min_size=len(small.nodes), max_size=len(small.nodes)))
    kept = [row for row, is_kept in zip(rows, mask, strict=True) if is_kept and any(chosen[label] for label in row[0])]
    card = outcomes(rows, small).scorecard(np.array(mask, np.bool_), classes=np.array(chosen))
    assert card == outcomes(kept, small).scorecard()


@given(rounds(least_labels=1, most_labels=1))
def test_one_label_for_each_image_is_scored_like_a_column_of_labels(drawn: tuple[SmallHierarchy, Rows]) -> None:
    small, rows = drawn
    public = public_round("cls", images=max(1, len(rows)), classes=small.classes)
    scorer = LabelScorer(
        public, Truth(task="cls", digest="", labels=np.array([label for (label,), _ in rows], np.int32))
    )
    filled = np.array([(guesses + [-2] * 5)[:5] for _, guesses in rows], np.int32).reshape(-1, 5)
    scorer.add(GuessColumns(images=np.arange(len(rows), dtype=np.int32), labels=filled))
    assert scorer.finish().scorecard() == outcomes(rows, small).scorecard()


def test_rows_of_classes_and_subtrees_count_an_image_once_for_each_of_its_labels() -> None:
    card = outcomes(
        [({DOG, CAT}, [CAT]), ({CAT}, [DOG, CAT]), ({POODLE, CAR}, [DOG]), (set(), [DOG])], zoo()
    ).scorecard()
    assert (card.counts["images"], card.counts["scored_images"]) == (4, 3)
    assert (card.counts["top1_wrong"], card.counts["top5_wrong"]) == (2, 1)
    errors = [(row["images"], row["top1_error"], row["top5_error"]) for row in card.per_class]
    assert errors == [(1, 0, 0), (1, 1, 1), (2, 1 / 2, 0), (0, None, None), (1, 1, 1)]
    assert card.details["subtrees"] == [
        {"wnid": "n00000000", "name": "node 0", "images": 5, "top1_error": 3 / 5, "top5_error": 2 / 5},
        {"wnid": "n00000001", "name": "node 1", "images": 4, "top1_error": 2 / 4, "top5_error": 1 / 4},
        {"wnid": "n00000002", "name": "node 2", "images": 2, "top1_error": 1 / 2, "top5_error": 1 / 2},
        {"wnid": "n00000005", "name": "node 5", "images": 2, "top1_error": 1 / 2, "top5_error": 1 / 2},
    ]


def test_a_subtree_without_images_has_no_error() -> None:
    card = outcomes([({CAR}, [CAR])], zoo()).scorecard()
    assert [(row["images"], row["top1_error"]) for row in card.details["subtrees"]] == [
        (1, 0), (0, None), (0, None), (0, None),
    ]  # fmt: skip


def test_a_guess_that_is_not_there_is_as_far_away_as_can_be() -> None:
    labels = LabelSets.of_sets([[DOG], []])
    found = guess_heights(
        zoo().hierarchy, np.array([[-2, DOG, POODLE, -1, CAT], [DOG, -2, CAT, CAT, CAT]], np.int32), labels
    )
    assert found.tolist() == [[9, 0, 1, 9, 5], [9, 9, 9, 9, 9]]


def test_localization_has_the_figures_of_its_labels() -> None:
    small = zoo()
    boxes = TruthBoxes(
        images=np.array([0, 1], np.int32),
        classes=np.array([DOG, CAR], np.int32),
        corners=np.array([[0.0, 0, 9, 9]] * 2),
    )
    truth = Truth(task="cls-loc", digest="", labels=np.array([DOG, CAR], np.int32), boxes=boxes)
    scorer = LocatedScorer(public_round("cls-loc", images=2, classes=small.classes), truth)
    guesses = np.array([[CAT, DOG, -2, -2, -2], [CAR, -2, -2, -2, -2]], np.int32)
    scorer.add(GuessColumns(images=np.arange(2, dtype=np.int32), labels=guesses, boxes=np.zeros((2, 5, 4))))
    card: Scorecard = scorer.finish().scorecard()
    assert card.scores["hierarchical1_error"] == 2.5
    assert card.scores["hierarchical2_error"] == 0
    assert set(card.details) == {"causes", "subtrees"}


def test_distances_are_kept_beside_the_ranks(tmp_path: Path) -> None:
    outcomes([({DOG}, [CAT, DOG]), ({CAR}, [CAR]), ({DOG}, [])], zoo()).save(tmp_path / "outcomes")
    with np.load(tmp_path / "outcomes") as columns:
        assert columns["label_ranks"].tolist() == [2, 1, 6]
        assert columns["guess_heights"].tolist() == [[5, 0, 9, 9, 9], [0, 9, 9, 9, 9], [9] * 5]
        assert columns["is_guess"].tolist() == [[True, True, False, False, False], [True] + [False] * 4, [False] * 5]
        assert {column.itemsize for column in columns.values()} == {1}
    outcomes([({0}, [1])]).save(tmp_path / "plain")
    with np.load(tmp_path / "plain") as columns:
        assert set(columns) == {"label_ranks"}
