"""What holds for every task of the registry in every format, whatever its metrics are."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
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
every_format = pytest.mark.parametrize(
    ("task", "encoding"), [(slug, form.encoding) for slug, task in TASKS.items() for form in task.formats]
)

# The hunt for odd cases is that of test_scoring_equals_the_oracles; here a few will do.
few = settings(max_examples=settings().max_examples // 8)

# Of the figures so far: all are fractions. Those of a hierarchy are none, and a worse prediction may have a better
# mistake severity: they are measured where a round has a hierarchy alone, which no round here has.
BEST, WORST = {True: 0.0, False: 1.0}, {True: 1.0, False: 0.0}

# What does not hold, and why not.
ROWS_HAVE_THEIR_PLACE = {
    ("cls", "text"): "a line is of the image whose turn it is",
    ("cls-loc", "text"): "a line is of the image whose turn it is",
    ("scene-parsing", "label maps"): "a zip has no rows; the cases have its files in any order",
}
BEST_IS_OUT_OF_REACH = {
    ("coco-det", "ar_1"): "one detection cannot find the several objects of an image and category",
    ("coco-det", "ar_10"): "ten detections cannot find more objects",
}
EMPTY_TABLES = {
    "csv": "its header alone",
    "json": "a list of no records",
    "parquet": "columns of no rows",
    "kaggle": "its header alone",
    "label maps": "a zip of no files",
}


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
    """A round of one image with one object; the predictions are still to come."""
    keys = TASKS[task].truth_keys
    is_tracked = task == "vid-track"
    annotation = {"id": 1, "image_id": 1, "category_id": 3, "bbox": [0, 0, 20, 20], "area": 400, "iscrowd": 0}
    return Case(
        task=task, image_indices=(1,), has_image_list=False,
        classes=(ClassRow(id=0, wnid="n20000002", name="zero"),) * (TASKS[task].first_class_id == 0)
        + (ClassRow(id=3, wnid="n20000003", name="three"),),
        is_class_csv=False, labels=(3,) if "labels" in keys else (),
        boxes=(TruthBox(1, 3, Box(0, 0, 19, 19), 0 if is_tracked else None),), snippets=(0,) * is_tracked,
        masks=(((3,),),) if "masks" in keys else (), annotations=(annotation,) if "annotations" in keys else (),
        text="",
    )  # fmt: skip


def can_all_be_found(case: Case) -> bool:
    """Whether there are predictions to which every figure gives its best."""
    if case.task == "cls-loc":  # every image has an instance of its label
        found = {(truth.image, truth.class_id) for truth in case.boxes}
        return set(zip(sorted(case.image_indices), case.labels, strict=True)) <= found
    if case.task == "scene-parsing":  # every class has a pixel: one that has none counts 0
        return set(case.class_ids) <= {value for rows in case.masks for row in rows for value in row}
    return True


@every_format
@few
@given(data=st.data())
def test_perfect_predictions_are_best(task: str, encoding: str, data: st.DataObject) -> None:
    case = variants.with_areas(data.draw(cases(task)))
    perfect = variants.in_encoding(variants.perfect(case), encoding)
    if not perfect.text:
        return  # no object anywhere: nothing to be perfect about
    card, best = scorecard_of(case), scorecard_of(perfect)
    for metric in TASKS[task].metrics:
        assert not is_better(metric, card, best)
        is_within_reach = can_all_be_found(case) and (task, metric.name) not in BEST_IS_OUT_OF_REACH
        if is_within_reach and best.scores[metric.name] is not None:
            assert best.scores[metric.name] == pytest.approx(BEST[metric.is_lower_better], rel=0, abs=1e-12)


@every_task
@few
@given(data=st.data())
def test_no_predictions_are_worst(task: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    case = data.draw(cases(task))
    card, worst = scorecard_of(case), scorecard_of_nothing(case, tmp_path_factory.mktemp("nothing"))
    for metric in TASKS[task].metrics:
        assert not is_better(metric, worst, card)
        assert worst.scores[metric.name] in {WORST[metric.is_lower_better], None}


def assert_refused(case: Case, content: bytes, folder: Path) -> None:
    file = case.write(folder)
    file.write_bytes(content)
    public, truth = open_round(folder, cache=folder / "cache")
    evaluation = evaluate(public, truth, file)
    assert not evaluation.checked.report.is_valid
    assert evaluation.scorecard is None
    assert evaluation.outcomes is None


@every_task
@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(task: str, content: bytes, tmp_path: Path) -> None:
    assert_refused(variants.perfect(one_image(task)), content, tmp_path)


def table_without_rows(task: str, encoding: str) -> bytes:
    layout = TASKS[task].layout
    names = (*(("image",) if layout.has_key else ()), *layout.columns)
    stream = io.BytesIO()
    if encoding == "parquet":
        pq.write_table(pa.table({name: pa.array([], pa.float64()) for name in names}), stream)
    elif encoding == "label maps":
        zipfile.ZipFile(stream, "w").close()
    elif encoding == "json":
        stream.write(b"[]")
    else:
        stream.write(b"ImageId,PredictionString\n" if encoding == "kaggle" else ",".join(names).encode() + b"\n")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("task", "encoding"),
    [(slug, form.encoding) for slug, task in TASKS.items() for form in task.formats if form.encoding in EMPTY_TABLES],
)
def test_a_file_without_rows_is_refused(task: str, encoding: str, tmp_path: Path) -> None:
    assert_refused(variants.perfect(one_image(task)), table_without_rows(task, encoding), tmp_path)


@every_format
@few
@given(data=st.data())
def test_the_order_of_rows_does_not_matter_with_distinct_confidences(
    task: str, encoding: str, data: st.DataObject
) -> None:
    case = variants.in_encoding(variants.with_distinct_confidences(data.draw(cases(task))), encoding)
    if (task, encoding) in ROWS_HAVE_THEIR_PLACE:
        return
    shuffled = variants.in_row_order(case, data.draw(st.permutations(range(len(variants.lines_of(case))))))
    assert scorecard_of(shuffled) == scorecard_of(case)


@every_task
@few
@given(data=st.data())
def test_the_numbering_of_images_does_not_matter(task: str, data: st.DataObject) -> None:
    case = variants.with_distinct_confidences(data.draw(cases(task)))  # equal ones stand in order of index
    order = data.draw(st.permutations(range(len(case.image_indices))))
    moved = variants.renumbered(case, variants.in_snippet_order(case, order))
    assert scorecard_of(moved) == scorecard_of(case)


@every_task
@few
@given(data=st.data())
def test_the_figures_of_some_images_are_those_of_a_round_of_these_images(
    task: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = data.draw(cases(task))
    ascending = sorted(case.image_indices)
    kept = variants.whole_snippets(case, data.draw(st.sets(st.sampled_from(ascending), min_size=1)))
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
