"""Predictions as text, CSV, Parquet and JSON give the same score to the bit, for every task of the registry."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.tasks import TASKS
from scoring.truth import Truth
from tests.parity import real_rounds, table_files
from tests.parity.strategies import cases
from tests.scoring.making import write_round

# Tasks whose predictions are rows of numbers.
TABLE_TASKS = [slug for slug, task in TASKS.items() if any(form.encoding == "csv" for form in task.formats)]
some = settings(max_examples=settings().max_examples // 6)

Rows = list[list[str]]


def scorecards(public: PublicRound, truth: Truth, rows: Rows, folder: Path) -> dict[str, Scorecard]:
    """The scorecard of the same rows in every encoding that the task takes."""
    task = TASKS[public.task]
    found: dict[str, Scorecard] = {}
    for form in task.formats:
        file = folder / "sent"
        file.write_bytes(table_files.WRITERS[form.encoding](rows, task.layout))
        evaluation = evaluate(public, truth, file)
        assert evaluation.checked.format == form.name
        assert evaluation.scorecard is not None, (form.name, evaluation.checked.report.as_json())
        found[form.encoding] = evaluation.scorecard
    return found


def rows_of_text(text: str, public: PublicRound) -> Rows:
    """The rows of a kit's text, the image in front where tables name it."""
    rows = table_files.rows_of(text)
    return table_files.keyed_rows(rows, TASKS[public.task].layout, public.images.indices.tolist())


def assert_all_alike(cards: dict[str, Scorecard]) -> None:
    assert len(cards) >= 3
    first, *others = cards.values()
    assert all(card == first for card in others)


numbers = st.one_of(st.integers(-20, 120).map(str), st.floats(-20, 120, allow_subnormal=False).map(repr))


@st.composite
def rows_for(draw: st.DrawFn, public: PublicRound) -> Rows:
    """Rows as the layout of the round's task has them."""
    layout = TASKS[public.task].layout
    indices = public.images.indices.tolist()
    ids = public.classes.ids.tolist() or [1, 18, 999]  # without a table, any will do
    if layout.has_key:
        names = public.images.names if layout.needs_key else indices
        group = [column.removesuffix("1") for column in layout.columns if column.endswith("1")]
        least = layout.required // len(group)
        rows = []
        for name in draw(st.permutations(names)) if layout.needs_key else names:
            row = [str(name)]
            for label in draw(st.lists(st.sampled_from(ids), min_size=least, max_size=5)):
                row += [str(label), *(draw(numbers) for _ in group[1:])]
            rows.append(row)
        return rows
    pairs = draw(st.lists(st.tuples(st.sampled_from(indices), st.sampled_from(ids)), min_size=1, unique=True))
    return [[_cell(draw, column, image, label) for column in layout.columns] for image, label in pairs]


def _cell(draw: st.DrawFn, column: str, image: int, label: int) -> str:
    of_row = {"image": str(image), "class": str(label), "track": str(label)}  # a track of one class has a box a frame
    if column in of_row:
        return of_row[column]
    size = column in {"width", "height"}
    return draw(st.floats(0.5, 90).map(repr)) if size else draw(numbers)


@pytest.mark.parametrize("task", TABLE_TASKS)
def test_every_encoding_gives_the_same_scorecard(task: str, tmp_path: Path) -> None:
    write_round(tmp_path, task)
    public, truth = open_round(tmp_path, cache=tmp_path / "cache")

    @some
    @given(rows=rows_for(public))
    def holds(rows: Rows) -> None:
        assert_all_alike(scorecards(public, truth, rows, tmp_path))

    holds()


@pytest.mark.parametrize("task", ["cls", "cls-loc", "det", "vid"])
@some
@given(data=st.data())
def test_the_odd_spellings_of_texts_are_the_same_numbers_in_tables(task: str, data: st.DataObject) -> None:
    case = data.draw(cases(task))
    with TemporaryDirectory() as name:
        folder = Path(name)
        case.write(folder)
        public, truth = open_round(folder, cache=folder / "cache")
        rows = rows_of_text(case.text, public)
        (folder / "text").write_text(case.text)
        original = evaluate(public, truth, folder / "text").scorecard
        cards = scorecards(public, truth, rows, folder)
        assert original == cards["text"]
        assert_all_alike(cards)


def test_a_real_model_is_scored_alike_in_every_encoding(ilsvrc: Path, tmp_path: Path) -> None:
    opened = real_rounds.open_real_round(
        tmp_path,
        task="cls",
        images="count = 50000",
        files={
            "classes.txt": ilsvrc / "synsets/map_clsloc.txt",
            "labels.txt": ilsvrc / real_rounds.LABELS["clsloc"],
        },
    )
    model = min(real_rounds.read_expected_counts(ilsvrc, "clsloc"))
    text = gzip.decompress(real_rounds.model_file(ilsvrc, "clsloc", model).read_bytes()).decode()
    assert_all_alike(scorecards(opened.public, opened.truth, rows_of_text(text, opened.public), tmp_path))
