from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.findings import FindingLog, Report
from scoring.formats import image_lines, windows
from scoring.formats.rows import RowWindow
from scoring.formats.scene_lines import SceneLines, keyed_tokens
from scoring.formats.tokens import HAS_COMMAS, HAS_RUNS, HAS_TABS, Tokens, tokenise_plainly
from scoring.formats.unreadable import UnreadableFile
from scoring.formats.windows import SPARE_BYTES, Window, read_windows
from scoring.images import Images
from scoring.metrics.classification import LabelScorer
from scoring.policies import Policy
from scoring.rounds import PublicRound
from scoring.synsets import Classes
from scoring.truth import Truth
from tests.scoring.making import classes_of

NAMES = ("val_1.jpg", "val_2.jpg", "val_3.jpg")
TEN = classes_of(range(10), has_wnids=False)


def scene_round(names: tuple[str, ...] | None = NAMES, *, classes: Classes = TEN, max_lines: int = 1000) -> PublicRound:
    count = len(names) if names else 3
    return PublicRound(
        slug="places", title="Places", challenge=None, task="scene",
        images=Images(indices=np.arange(1, count + 1), names=names), classes=classes,
        policy=Policy(best_by="top5_error", max_lines=max_lines),
    )  # fmt: skip


@dataclass(frozen=True)
class Read:
    guesses: dict[int, list[int]]  # class positions by image position
    report: Report
    lines: int

    @property
    def errors(self) -> list[tuple[str, int | None, str | None]]:
        return [(found.code, found.line, found.value) for found in self.report.errors]

    @property
    def notices(self) -> dict[str, int]:
        return {found.code: found.count for found in self.report.notices}


def read(text: str | bytes, public: PublicRound | None = None, *, given: Iterator[Window] | None = None) -> Read:
    """What reading a file told."""
    reader, log = SceneLines(public or scene_round()), FindingLog()
    guesses: dict[int, list[int]] = {}
    content = text if isinstance(text, bytes) else text.encode()
    try:
        for window in given or read_windows(iter([content])):
            columns = reader.accept(reader.parse(window), log)
            assert (columns.images.dtype, columns.labels.dtype) == (np.int32, np.int32)
            guesses |= dict(zip(columns.images.tolist(), columns.labels.tolist(), strict=True))
        reader.finish(log)
    except UnreadableFile as error:
        log.add(error.finding)
    return Read(guesses, log.report(), reader.line_count)


GOOD = "val_1.jpg 0 1 2 3 4\nval_2.jpg 9 8 7 6 5\nval_3.jpg 5 0 9 1 3\n"
GUESSES = {0: [0, 1, 2, 3, 4], 1: [9, 8, 7, 6, 5], 2: [5, 0, 9, 1, 3]}


def test_each_line_names_its_image_and_0_is_a_class() -> None:
    found = read(GOOD)
    assert (found.guesses, found.report.findings, found.lines) == (GUESSES, (), 3)


@given(st.permutations(GOOD.splitlines()), st.sampled_from((".jpg", "", ".jpeg")))
def test_lines_come_in_any_order_and_names_without_their_ending(lines: list[str], ending: str) -> None:
    found = read("\n".join(lines).replace(".jpg", ending) + "\n")
    assert found.guesses == GUESSES
    assert found.report.is_valid


def test_positions_are_those_of_the_table_whatever_its_ids() -> None:
    public = scene_round(classes=classes_of((0, 5, 70, 365), has_wnids=False))
    found = read("val_1 0 5 70 365 5\nval_2 365 70 5 0 0\nval_3 5.0 5 5 +5 0\n", public)
    assert found.guesses == {0: [0, 1, 2, 3, 1], 1: [3, 2, 1, 0, 0], 2: [1, 1, 1, 1, 0]}
    assert found.notices == {"label-twice": 3}


def test_a_table_without_class_0_has_no_padding_either() -> None:
    public = scene_round(classes=classes_of(range(1, 11), has_wnids=False))
    assert read("val_1 1 2 3 4 0\nval_2 1 2 3 4 5\nval_3 1 2 3 4 5\n", public).errors == [("unknown-class", 1, "0")]


def test_where_images_have_no_names_they_are_called_by_index() -> None:
    found = read("3 0 1 2 3 4\n1 0 1 2 3 4\n2 0 1 2 3 4\n", scene_round(None))
    assert sorted(found.guesses) == [0, 1, 2]
    assert found.notices == {"rows-shuffled": 1}


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("val_9.jpg 0 1 2 3 4", [("unknown-image", "val_9.jpg"), ("image-missing", "val_3.jpg")]),
        ("val_1.jpg 0 1 2 3 4", [("image-twice", "val_1.jpg"), ("image-missing", "val_3.jpg")]),
        ("val_3.jpg 0 1 2 3", [("column-count", "val_3.jpg 0 1 2 3")]),
        ("val_3.jpg 0 1 2 3 4 5", [("column-count", "val_3.jpg 0 1 2 3 4 5")]),
        ("val_3.jpg", [("column-count", "val_3.jpg ")]),
        ("0 1 2 3 4", [("unknown-image", "0"), ("column-count", "0 1 2 3 4"), ("image-missing", "val_3.jpg")]),
        ("val_3.jpg 0 1 2 3 10", [("unknown-class", "10")]),
        ("val_3.jpg -1 1 2.5 3 10", [("unknown-class", "-1"), ("unknown-class", "2.5"), ("unknown-class", "10")]),
        ("val_3.jpg 0 1 2 3 x", [("not-numeric", "x")]),
        ("val_3.jpg 0 nan 2 1e999 4", [("not-a-number", "nan"), ("infinite", "1e999")]),
        ("val_3.jpg 0 1_0 2 ٣ 4", [("not-numeric", "1_0"), ("not-ascii", "٣")]),
        ("val_3.jpg n00000001 1 2 3 4", [("unknown-class", "n00000001"), ("mixed-names", "n00000001")]),
        (b"caf\xe9.jpg 0 1 2 3 4", [("unknown-image", "caf\\xe9.jpg"), ("image-missing", "val_3.jpg")]),
        (b"val_3\0 0 1 2 3 4", [("unknown-image", "val_3\\x00"), ("image-missing", "val_3.jpg")]),
    ],
)
def test_a_faulty_line_is_told_with_its_number_and_the_text(
    line: str | bytes, faults: list[tuple[str, str | None]]
) -> None:
    raw = line if isinstance(line, bytes) else line.encode()
    public = scene_round(classes=classes_of(range(10)))
    found = read(b"val_1.jpg 0 1 2 3 4\n\nval_2.jpg 0 1 2 3 4\n" + raw + b"\n", public)
    expected = [(code, None if code == "image-missing" else 4, value) for code, value in faults]
    assert sorted(found.errors, key=repr) == sorted(expected, key=repr)
    assert all(finding.advice for finding in found.report.errors)


def test_the_message_says_how_many_labels_there_are() -> None:
    (found,) = read("val_1 0 1\nval_2 0 1 2 3 4\nval_3 0 1 2 3 4\n").report.errors
    assert found.message == "a line has five labels behind the file name, this one has 2"


@pytest.mark.parametrize(
    ("text", "notices"),
    [
        (GOOD.replace(" ", "\t"), {"tab-separated": 1}),
        (GOOD.replace(" ", ","), {"comma-separated": 1}),
        (GOOD.replace("jpg ", "jpg  "), {"many-blanks": 1}),
        (GOOD.replace("1 2 3", "1  2 3"), {"many-blanks": 1}),
        (" " + GOOD, {"many-blanks": 1}),
        (GOOD.replace("val_2", " val_2"), {"many-blanks": 1}),
        (GOOD.replace("\n", " \n"), {}),
        (GOOD.replace("\n", "\r\n"), {"line-ends": 1}),
        (GOOD.rstrip(), {"no-line-end": 1}),
        ("\ufeff" + GOOD, {"byte-order-mark": 1}),
        ("\n" + GOOD.replace("\n", "\n\n"), {"blank-lines": 4}),
        (GOOD.replace("0 1 2 3 4", "0 1 0 3 4"), {"label-twice": 1}),
    ],
)
def test_oddities_are_noticed(text: str, notices: dict[str, int]) -> None:
    found = read(text)
    assert found.report.is_valid
    assert sorted(found.guesses) == [0, 1, 2]
    assert found.notices == notices


def test_wnids_are_noticed_where_the_table_has_them() -> None:
    public = scene_round(classes=classes_of(range(5)))
    wnids = " ".join(public.classes.wnids)
    found = read(f"val_1 {wnids}\nval_2 {wnids}\nval_3 {wnids}\n", public)
    assert (found.guesses[0], found.notices) == ([0, 1, 2, 3, 4], {"wnids": 15})


@pytest.mark.parametrize(
    ("last_line", "is_told"), [("val_3 6 7 8 9 10", True), ("val_3 6 7 8 9 0", False), ("val_3 6 7 8 9 11", False)]
)
def test_ids_that_run_from_1_are_told_to_look_so(last_line: str, is_told: bool) -> None:
    found = read(f"val_1 1 2 3 4 5\nval_2 1 2 3 10 5\n{last_line}\n")
    told = [finding for finding in found.report.errors if finding.code == "one-based"]
    assert bool(told) == is_told
    assert not told or "from 1 to 10" in told[0].advice


def test_ids_from_1_are_as_good_as_any_where_the_table_has_them() -> None:
    assert read("val_1 1 2 3 4 5\nval_2 1 2 3 4 5\nval_3 5 6 7 8 9\n").report.is_valid
    public = scene_round(classes=classes_of((0, 5, 6, 7, 8), has_wnids=False))  # not 0..N-1
    assert "one-based" not in [code for code, _, _ in read("val_1 1 2 3 4 5\n", public).errors]


@pytest.mark.parametrize("text", ["\n", " \n\t\n\n"])
def test_a_file_of_blank_lines_is_empty(text: str) -> None:
    assert [code for code, _, _ in read(text).errors] == ["empty"]


def test_every_line_of_the_wrong_length_is_counted_and_twenty_are_shown() -> None:
    names = tuple(f"val_{n}" for n in range(30))
    found = read("".join(f"{name} 1 2\n" for name in names), scene_round(names))
    assert [line for _, line, _ in found.errors] == list(range(1, 21))
    assert {finding.count for finding in found.report.errors} == {30}


def test_lines_beyond_the_cap_are_refused() -> None:
    assert read(GOOD, scene_round(max_lines=3)).report.is_valid
    assert [code for code, _, _ in read(GOOD, scene_round(max_lines=2)).errors] == ["too-large"]


def test_faults_are_found_wherever_a_window_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "WINDOW_LINES", 1)
    found = read("val_1 0 1 2 3 4\nval_2 0 1 2 3 10\nval_2 0 1 2 3 4\nx 0 1 2 3 4\n")
    assert found.errors == [
        ("unknown-class", 2, "10"), ("image-twice", 3, "val_2"), ("unknown-image", 4, "x"),
        ("image-missing", None, "val_3.jpg"),
    ]  # fmt: skip


def test_other_formats_bring_the_images_beside_the_labels() -> None:
    labels = b"0 1 2 3 4\n\n5 6 7 8 9\n1 1 1 1 x\n"
    source = Window(data=np.frombuffer(labels + b"\n" * SPARE_BYTES, dtype=np.uint8), size=len(labels))

    def tokens(window: Window, tokenise: object) -> Tokens:
        return replace(tokenise_plainly(source), keys=["val_2.jpg", "", "val_1.jpg", "val_3.jpg"])

    window = RowWindow(data=source.data, size=source.size, read=tokens, lines_before=1)
    found = read("", given=iter([window]))
    assert found.guesses[1] == [0, 1, 2, 3, 4]
    assert found.guesses[0] == [5, 6, 7, 8, 9]
    assert found.errors == [("not-numeric", 5, "x")]


@given(
    st.lists(
        st.tuples(
            st.text("ab._é", min_size=1, max_size=12), st.lists(st.integers(0, 10**10), max_size=6),
            st.sampled_from([" ", "\t", ",", "  "]),
        ) | st.none(),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_what_was_written_is_split_into_names_and_numbers(lines: list[tuple[str, list[int], str] | None]) -> None:
    text = "".join(("" if line is None else line[2].join([line[0], *map(str, line[1])])) + "\n" for line in lines)
    (window,) = read_windows(iter([text.encode()]))
    tokens = keyed_tokens(window)
    assert tokens.keys == ["" if line is None else line[0] for line in lines]
    ends = tokens.line_starts.tolist()
    numbers = [tokens.values[start:end].tolist() for start, end in pairwise(ends)]
    assert numbers == [[] if line is None else line[1] for line in lines]
    used = {line[2] for line in lines if line is not None and line[1]}
    flags = HAS_TABS * ("\t" in used) | HAS_COMMAS * ("," in used) | HAS_RUNS * ("  " in used)
    assert tokens.separators == flags


# Hand-made: labels 0, 9, 5 for the three images. The guesses find them at ranks 1, 1 and 4; never; and so on.
@pytest.mark.parametrize(
    ("truth", "errors"),
    [
        ([0, 9, 5], [0, 0, 0, 0, 0]),
        ([1, 5, 3], [1, 2 / 3, 2 / 3, 2 / 3, 0]),
        ([5, 0, 2], [1, 1, 1, 1, 1]),
        ([0, 7, 2], [2 / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_the_errors_are_those_of_classification(truth: list[int], errors: list[float]) -> None:
    public, reader = scene_round(), SceneLines(scene_round())
    scorer = LabelScorer(public, Truth(task="scene", digest="", labels=np.array(truth, dtype=np.int32)))
    shuffled = "\n".join(reversed(GOOD.splitlines())).encode()
    for window in read_windows(iter([shuffled])):
        scorer.add(reader.accept(reader.parse(window), FindingLog()))
    scores = scorer.finish().scorecard().scores
    assert [scores[f"top{k}_error"] for k in range(1, 6)] == errors


def test_beyond_so_many_tokens_faulty_lines_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_lines, "EXPLAINED_TOKENS", 10)
    found = read("val_1 0 1 2 3 10\nval_2 0 1 2 3 10\nval_3 0 1 2 3 10\n")
    assert found.errors == [("unknown-class", 1, "10"), ("unknown-class", 2, "10")]
    assert {finding.count for finding in found.report.errors} == {3}
    found = read("val_1 0 1 2 3 x\nval_2 0 1 2 3 x\nval_3 0 1 2 3 x\n")
    assert found.errors == [("not-numeric", 1, "x"), ("not-numeric", 2, "x")]
    assert {finding.count for finding in found.report.errors} == {3}
