"""What holds for every task of the registry, whatever its metrics are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.scorecard import Scorecard
from scoring.tasks import TASKS, Metric
from tests.parity import variants
from tests.parity.agreement import evaluation_of, scorecard_of
from tests.parity.cases import Case, ClassRow
from tests.parity.oracles import Box, TruthBox
from tests.parity.strategies import cases

every_task = pytest.mark.parametrize("task", TASKS)
detection_tasks = pytest.mark.parametrize("task", [slug for slug in TASKS if "labels" not in TASKS[slug].truth_keys])

# The hunt for odd cases is that of test_scoring_equals_the_oracles; here a few will do.
few = settings(max_examples=settings().max_examples // 4)

# Of the figures so far: all are fractions.
BEST, WORST = {True: 0.0, False: 1.0}, {True: 1.0, False: 0.0}


def is_better(metric: Metric, one: Scorecard, other: Scorecard) -> bool:
    """Whether `one` beats `other`; what is undefined beats nothing, nor is it beaten."""
    ours, theirs = one.scores[metric.name], other.scores[metric.name]
    if ours is None or theirs is None:
        assert ours is theirs  # undefined by the truth, whatever is predicted
        return False
    return ours < theirs if metric.is_lower_better else ours > theirs


def scorecard_of_nothing(case: Case, folder: Path) -> Scorecard:
    """The core's verdict on an empty array of predictions."""
    case.write(folder)
    public, truth = open_round(folder, cache=folder / "cache")
    return TASKS[case.task].scorer(public, truth).finish().scorecard()


def one_image(task: str) -> Case:
    """A round of one image with one object, and no predictions."""
    has_labels = "labels" in TASKS[task].truth_keys
    return Case(
        task=task, image_indices=(1,), has_image_list=False, classes=(ClassRow(id=3, wnid="n20000003", name="three"),),
        is_class_csv=False, labels=(3,) if has_labels else (), boxes=(TruthBox(1, 3, Box(0, 0, 19, 19)),), text="",
    )  # fmt: skip


def can_all_be_found(case: Case) -> bool:
    """Whether every image of a localization round has an instance of its label."""
    found = {(truth.image, truth.class_id) for truth in case.boxes}
    return case.task != "cls-loc" or set(zip(sorted(case.image_indices), case.labels, strict=True)) <= found


@every_task
@few
@given(data=st.data())
def test_perfect_predictions_are_best(task: str, data: st.DataObject) -> None:
    case = data.draw(cases(task))
    perfect = variants.perfect(case)
    if not perfect.text:
        return  # no object anywhere: nothing to be perfect about
    card, best = scorecard_of(case), scorecard_of(perfect)
    for metric in TASKS[task].metrics:
        assert not is_better(metric, card, best)
        if can_all_be_found(case) and best.scores[metric.name] is not None:
            assert best.scores[metric.name] == BEST[metric.is_lower_better]


@every_task
@few
@given(data=st.data())
def test_no_predictions_are_worst(task: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    case = data.draw(cases(task))
    card, worst = scorecard_of(case), scorecard_of_nothing(case, tmp_path_factory.mktemp("nothing"))
    for metric in TASKS[task].metrics:
        assert not is_better(metric, worst, card)
        assert worst.scores[metric.name] in {WORST[metric.is_lower_better], None}


@every_task
@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(task: str, content: bytes, tmp_path: Path) -> None:
    file = one_image(task).write(tmp_path)
    file.write_bytes(content)
    public, truth = open_round(tmp_path, cache=tmp_path / "cache")
    evaluation = evaluate(public, truth, file)
    assert not evaluation.checked.report.is_valid
    assert evaluation.scorecard is None
    assert evaluation.outcomes is None


@detection_tasks
@few
@given(data=st.data())
def test_the_order_of_lines_does_not_matter_with_distinct_confidences(task: str, data: st.DataObject) -> None:
    case = variants.with_distinct_confidences(data.draw(cases(task)))
    shuffled = variants.with_lines(case, data.draw(st.permutations(variants.lines_of(case))))
    assert scorecard_of(shuffled) == scorecard_of(case)


@every_task
@few
@given(data=st.data())
def test_the_numbering_of_images_does_not_matter(task: str, data: st.DataObject) -> None:
    case = data.draw(cases(task))
    if not variants.is_by_line(case):
        case = variants.with_distinct_confidences(case)  # equal ones stand in order of index
    moved = variants.renumbered(case, data.draw(st.permutations(range(len(case.image_indices)))))
    assert scorecard_of(moved) == scorecard_of(case)


@every_task
@few
@given(data=st.data())
def test_the_figures_of_some_images_are_those_of_a_round_of_these_images(
    task: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = data.draw(cases(task))
    ascending = sorted(case.image_indices)
    kept = data.draw(st.sets(st.sampled_from(ascending), min_size=1))
    fewer = variants.restricted(case, kept)
    outcomes = evaluation_of(case).outcomes
    assert outcomes is not None
    card = outcomes.scorecard(np.array([index in kept for index in ascending]))
    alone = scorecard_of(fewer) if fewer.text else scorecard_of_nothing(fewer, tmp_path_factory.mktemp("fewer"))
    assert card == alone


@every_task
@few
@given(data=st.data())
def test_a_scorecard_has_the_metrics_of_the_registry_and_no_mask_stands_for_all_images(
    task: str, data: st.DataObject
) -> None:
    case = data.draw(cases(task))
    outcomes = evaluation_of(case).outcomes
    assert outcomes is not None
    card = outcomes.scorecard()
    assert card == outcomes.scorecard(np.ones(len(case.image_indices), dtype=np.bool_))
    assert set(card.scores) == {metric.name for metric in TASKS[task].metrics}
    assert TASKS[task].main_metric in card.scores
    assert all(score is None or 0 <= score <= 1 for score in card.scores.values())
