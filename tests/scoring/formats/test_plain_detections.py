"""Plain lines, read from bytes to columns at once, beside the plain twin and beside the slower way through tokens."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.findings import FindingLog
from scoring.formats.archives import HashedFile
from scoring.formats.detection_lines import DetectionLines
from scoring.formats.plain_detections import PlainDetections, PlainLines
from scoring.formats.recognition import recognise
from scoring.formats.rows import RowWindow
from scoring.formats.tokens import HAS_COMMAS, HAS_TABS
from scoring.formats.windows import SPARE_BYTES, WINDOW_BYTES, Window
from scoring.images import dense_positions
from scoring.tasks import find_task
from tests.scoring import plain_twins_records as twins
from tests.scoring.making import classes_of, public_round

PUBLIC = public_round("det", images=[1, 2, 5, 9], classes=classes_of((1, 2, 4, 40)))
IMAGES, CLASSES = PUBLIC.images.position_of_index, dense_positions(PUBLIC.classes.ids)


def window_of(text: bytes) -> Window:
    return Window(data=np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8), size=len(text))


def windows_of(task: str, text: bytes) -> list[Window]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "predictions"
        file.write_bytes(text)
        with file.open("rb") as stream:
            recognised = recognise(HashedFile(stream), file, task=find_task(task), policy=PUBLIC.policy)
            return list(recognised.windows())


def read(text: bytes) -> PlainDetections | None:
    return PlainLines(IMAGES, CLASSES).read(window_of(text))


digits = st.text("0123456789", min_size=1, max_size=12)
plain_numbers = st.one_of(
    st.integers(0, 99_999_999).map(str),
    st.floats(0, 2000).map("{:.2f}".format),
    st.floats(0, 1).map("{:.6f}".format),
    st.floats(-500, 2000).map("{:.9f}".format),
    st.floats(0, 1).map(repr),
    st.builds("{}.{}".format, digits, digits),
    st.sampled_from(
        ("0", "-0", "0.0", "-0.0", "5.", ".5", "-.5", "+3", "1e3", "1e-5", "5e-324", "10000000", "10000000.1")
    ),
)
odd_numbers = st.sampled_from(
    ("", "x", ".", "-", "+", "1e", "nan", "inf", "--1", "1-", "1.2.3", "n00000001", "1e400", "9" * 25)
)
numbers = st.one_of(*[plain_numbers] * 15, odd_numbers)
indices = st.sampled_from(
    ("1", "2", "5", "9", "1", "2", "5", "9", "1", "9", "5.0", "0", "3", "10", "1.5", "-1", "1e300")
)
labels = st.sampled_from(("1", "2", "4", "40", "1", "2", "4", "40", "4.0", "0", "3", "41", "n00008998"))


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    separator = draw(st.sampled_from((" ", " ", " ", "\t", ",")))
    end = draw(st.sampled_from(("\n", "\n", "\r\n")))
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        tokens = [draw(indices), draw(labels), *(draw(plain_numbers) for _ in range(5))]
        odd = draw(st.integers(0, 40))
        if odd < 7:
            tokens[odd] = draw(numbers)
        lines.append((separator + separator if odd == 8 else separator).join(tokens[: 6 if odd == 7 else 7]))
        lines[-1] += " " * (odd == 9) + "\n" * (odd == 10)
    return (end.join(lines) + end).encode()


def fields_of(text: bytes) -> list[list[str]]:
    separator = next((mark for mark in (" ", "\t", ",") if mark in text.split(b"\n")[0].decode()), " ")
    return [line.split(separator) for line in text.decode().replace("\r\n", "\n").split("\n")[:-1]]


@given(texts())
@example(b"1 1 0.5 0 0 9 9\n")
@example(b"1 1 0.5 0 0 9 9\n" * 2)
@example(b"1 1 -0.0 0 0 9 -0\n" * 3)
def test_what_is_read_at_once_is_what_its_tokens_come_to(text: bytes) -> None:
    found = read(text)
    if found is None:
        return
    rows = [[float(field) for field in fields] for fields in fields_of(text)]
    right = twins.take_objects(rows, IMAGES, CLASSES, is_sized=False)
    assert right is not None
    _, images, classes, confidences, boxes, counts, extremes = right
    assert found.images.tolist() == images
    assert found.classes.tolist() == classes
    assert found.confidences.tobytes() == np.array(confidences, np.float64).tobytes()
    assert found.boxes.tobytes() == np.array(boxes, np.float64).tobytes()
    assert (found.counts.tolist(), found.extremes.tolist()) == (counts, extremes)
    assert found.longest_line == max(map(len, text.splitlines(keepends=True)))


@given(texts())
def test_a_reader_finds_the_same_either_way(text: bytes) -> None:
    def outcome(*, is_plain: bool) -> object:
        reader, log = DetectionLines(PUBLIC), FindingLog()
        window = window_of(text)
        parsed = reader.parse(window) if is_plain else reader._parse_any(window)
        columns = reader.accept(parsed, log)
        reader.finish(log)
        return (
            columns.images.tolist(), columns.classes.tolist(), columns.confidences.tobytes(), columns.boxes.tobytes(),
            log.report(), reader.line_count,
        )  # fmt: skip

    assert outcome(is_plain=True) == outcome(is_plain=False)


@pytest.mark.parametrize("form", ["{:.0f}", "{:.2f}", "{:.4f}", "{:.6f}", "{:.8f}", "{!r}", "{:.17g}"])
def test_the_numbers_of_real_files_are_plain(form: str) -> None:
    generator = np.random.default_rng(5)
    rows = np.column_stack([generator.uniform(0, 1, 500), generator.uniform(0, 2000, (500, 4))]).tolist()
    text = "".join(f"1 2 {' '.join(map(form.format, row))}\n" for row in rows).encode()
    found = read(text)
    assert found is not None
    assert found.boxes.tolist() == [[float(form.format(number)) for number in row[1:]] for row in rows]


@pytest.mark.parametrize(("separator", "seen"), [(" ", 0), ("\t", HAS_TABS), (",", HAS_COMMAS)])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tabs_commas_and_line_ends_of_two_bytes_are_plain_too(separator: str, seen: int, end: str) -> None:
    found = read(("9 40 0.5 1 2 3 4".replace(" ", separator) + end).encode() * 3)
    assert found is not None
    assert (found.separators, found.images.tolist(), found.boxes.tolist()) == (
        seen,
        [3] * 3,
        [[1.0, 2.0, 3.0, 4.0]] * 3,
    )


@pytest.mark.parametrize("text", [b"\n", b"\r\n", b"1\n", b"\n" * 40, b"1 1 0.5 0 0 9 9\n\n", b"1 1 .5 0 0 9\n9\n"])
def test_blank_and_short_lines_are_left_to_the_tokeniser(text: bytes) -> None:
    assert read(text) is None


def test_a_window_larger_than_any_usual_one_is_read_as_well() -> None:
    text = b"1 1 0 0 0 0 0\n" * (2 * WINDOW_BYTES // 14 + 10)
    found = read(text)
    assert found is not None
    assert len(found.images) == len(text) // 14


def test_columns_that_somebody_holds_are_not_written_over() -> None:
    lines = PlainLines(IMAGES, CLASSES)
    first, second = lines.read(window_of(b"1 1 0.5 0 0 9 9\n")), lines.read(window_of(b"9 2 0.25 1 2 3 4\n"))
    assert first is not None and second is not None
    assert (first.boxes.tolist(), second.boxes.tolist()) == ([[0, 0, 9, 9]], [[1, 2, 3, 4]])
    assert (first.images.tolist(), first.classes.tolist()) == ([0], [0])


numbers_of_json = st.one_of(
    st.integers(0, 50).map(str), st.floats(0, 500).map("{:.2f}".format), st.floats(0.001, 1).map(repr)
)


@given(
    st.lists(st.tuples(indices, labels.filter(str.isdigit), *[numbers_of_json] * 5), min_size=2, max_size=6),
    st.booleans(),
)
def test_json_records_come_to_the_same_as_their_lines(records: list[tuple[str, ...]], is_sized: bool) -> None:
    names = ("image_id", "category_id", "score")
    texts_of_json = []
    for image, label, score, *box in records:
        head = ",".join(f'"{name}":{value}' for name, value in zip(names, (image, label, score), strict=True))
        sides = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        tail = f'"bbox":[{",".join(box)}]' if is_sized else ",".join(f'"{side}":{value}' for side, value in sides)
        texts_of_json.append(f"{{{head},{tail}}}")
    text = f"[{','.join(texts_of_json)}]".encode()
    (window,) = windows_of("det", text)
    assert isinstance(window, RowWindow)
    found = PlainLines(IMAGES, CLASSES).read(window)
    rows = [[float(value) for value in record] for record in records]
    right = twins.take_objects(rows, IMAGES, CLASSES, is_sized=is_sized)
    if right is None:
        assert found is None
        return
    assert found is not None
    assert (found.images.tolist(), found.classes.tolist()) == (right[1], right[2])
    assert found.boxes.tobytes() == np.array(right[4], np.float64).tobytes()
    assert (found.counts.tolist(), found.extremes.tolist()) == (right[5], right[6])
