from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.evaluation import validate
from scoring.formats import json_rows
from scoring.formats.json_rows import json_windows
from scoring.formats.layouts import COCO_DETECTIONS, DETECTIONS, LABELS, LOCATED_LABELS, TRACKS, Layout
from scoring.formats.unreadable import UnreadableFile
from tests.scoring.formats.reading import ReadRows, read_rows
from tests.scoring.making import classes_of, errors, findings, public_round

DET = public_round("det", images=[1, 4, 9], classes=classes_of((2, 3, 5)))
CLS = public_round("cls")
GOOD = '{"image_id": 4, "category_id": 3, "bbox": [1, 2, 30, 40.5], "score": 0.25}'
QUOTE = chr(34)
CORNERS = [4, 3, 0.25, 1, 2, 30, 41.5]


def rows_of(text: str | bytes, layout: Layout = DETECTIONS, *, chunk_bytes: int = 1 << 20) -> ReadRows:
    content = text if isinstance(text, bytes) else text.encode()
    return read_rows(json_windows, content, layout, chunk_bytes=chunk_bytes)


def fault_of(text: str | bytes, layout: Layout = DETECTIONS) -> tuple[str, int | None, str | None]:
    with pytest.raises(UnreadableFile) as caught:
        rows_of(text, layout)
    finding = caught.value.finding
    assert finding.severity == "error"
    assert finding.advice
    return finding.code, finding.line, finding.value


# Records


def test_the_box_of_coco_becomes_inclusive_corners() -> None:
    # 1 + 30 - 1 and 2 + 40.5 - 1
    assert rows_of(f"[{GOOD}]").lines == [CORNERS]


def test_where_boxes_are_x_y_width_height_it_is_taken_as_it_stands() -> None:
    assert rows_of(f"[{GOOD}]", COCO_DETECTIONS).lines == [[4, 3, 0.25, 1, 2, 30, 40.5]]


def test_corners_are_refused_where_boxes_are_x_y_width_height() -> None:
    text = '[{"image": 4, "class": 3, "score": 1, "xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}]'
    assert fault_of(text, COCO_DETECTIONS)[0] == "columns"


def test_records_name_their_columns_in_any_order() -> None:
    text = '[{"ymax": 4, "xmax": 3, "ymin": 2, "xmin": 1, "confidence": 0.5, "class": 3, "image": 4}]'
    assert rows_of(text).lines == [[4, 3, 0.5, 1, 2, 3, 4]]


def test_tracks_have_a_column_of_their_own() -> None:
    text = '[{"image": 4, "class": 3, "track": 7, "score": 0.5, "bbox": [1, 2, 3, 4]}]'
    assert rows_of(text, TRACKS).lines == [[4, 3, 7, 0.5, 1, 2, 3, 5]]


@pytest.mark.parametrize("between", ["", "\n", " ", "\r\n\t"])
def test_one_record_a_line_will_do(between: str) -> None:
    assert rows_of(between.join([GOOD] * 3) + between).lines == [CORNERS] * 3


def test_classes_may_be_wnids() -> None:
    assert rows_of("[" + GOOD.replace(" 3,", ' "n00000012",') + "]").lines == [[4, "n00000012", *CORNERS[2:]]]


def test_labels_are_a_list_and_the_image_a_name_or_an_index() -> None:
    text = '[{"image": "val/a", "labels": [3, 1]}, {"image": 7, "labels": [2, 1, 3, 1, 2, 9]}]'
    read = rows_of(text, LABELS)
    assert (read.lines, read.keys) == ([[3, 1], [2, 1, 3, 1, 2, 9]], ["val/a", "7"])


def test_labels_may_be_members_too_and_nulls_at_the_end_are_none() -> None:
    read = rows_of('[{"label1": 3, "label2": null, "label3": null}]', LABELS)
    assert (read.lines, read.keys) == ([[3]], None)


@pytest.mark.parametrize("count", [1, 2, 5, 6])
def test_guesses_are_lists_of_a_label_and_four_corners(count: int) -> None:
    guesses = [[label, 1, 2, 3.5, 4] for label in range(1, count + 1)]
    read = rows_of(json.dumps([{"image": 3, "guesses": guesses}, {"guesses": guesses, "image": 4}]), LOCATED_LABELS)
    assert read.lines == [[number for guess in guesses for number in guess]] * 2
    assert read.keys == ["3", "4"]


@pytest.mark.parametrize(("indices", "keys"), [("7 8", ["7", "8"]), ("7.0 8", ["7", "8"]), ("7 2.5", ["7", "2.5"])])
def test_images_are_named_by_index_where_all_records_are_alike(indices: str, keys: list[str]) -> None:
    one, other = indices.split()
    guess = '"guesses": [[1, 2, 3, 4, 5.5]]'
    read = rows_of(f'[{{"image": {one}, {guess}}}, {{"image": {other}, {guess}}}]', LOCATED_LABELS)
    assert (read.lines, read.keys) == ([[1, 2, 3, 4, 5.5]] * 2, keys)


@pytest.mark.parametrize("gap", [10, 1000])
def test_records_may_be_indented(gap: int) -> None:
    assert rows_of("[" + ", ".join([GOOD.replace(": ", ":" + " " * gap)] * 3) + "]").lines == [CORNERS] * 3


def test_keys_that_mean_nothing_are_ignored_and_told_once() -> None:
    record = GOOD[:-1] + ', "id": 1, "area": 7.5, "segmentation": [[1, 2], {"counts": "}{"}], "iscrowd": 0}'
    read = rows_of(f"[{record}, {record}]")
    assert read.lines == [CORNERS] * 2
    assert read.notices == ["columns-ignored"]


def test_keys_that_first_come_later_are_told_as_well(tmp_path: Path) -> None:
    text = '[{"image": 1, "labels": [1]}, {"image": 2, "labels": [1], "note": "x"}, {"image": 3, "labels": [1]}]'
    assert findings(CLS, text, tmp_path)["columns-ignored"].value == "note"


def test_a_byte_order_mark_is_noticed() -> None:
    read = rows_of(b"\xef\xbb\xbf [" + GOOD.encode() + b"]")
    assert (read.lines, read.notices) == ([CORNERS], ["byte-order-mark"])


# Numbers, which the two ways through must read alike


numbers = st.one_of(
    st.floats(-1e7, 1e7).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(
        ("1e-7", "5E+3", "-0.0", "0.1000000000000000055511151231257827", "1e-400", "123456789012345678901")
    ),
)


@given(rows=st.lists(st.lists(numbers, min_size=7, max_size=7), min_size=1, max_size=6), is_odd=st.booleans())
def test_numbers_are_those_of_python_bit_for_bit(rows: list[list[str]], is_odd: bool) -> None:
    names = DETECTIONS.columns
    records = [", ".join(f'"{name}": {value}' for name, value in zip(names, row, strict=True)) for row in rows]
    last = ' , "note": "spelled otherwise, so read one by one"' if is_odd else ""
    read = rows_of("[" + ", ".join(f"{{{record}{last}}}" for record in records) + "]")
    assert np.array(read.lines).tobytes() == np.array(rows, dtype=np.float64).tobytes()


@given(
    boxes=st.lists(st.lists(st.floats(-1e4, 1e4), min_size=4, max_size=4), min_size=1, max_size=5), gap=st.booleans()
)
def test_corners_are_the_same_by_both_ways(boxes: list[list[float]], gap: bool) -> None:
    records = [{"image_id": 1, "category_id": 2, "bbox": box, "score": 0.5} for box in boxes]
    text = json.dumps(records)
    spaced = text.replace('"score"', '"note": null, "score"') if gap else text.replace('": 2', '":2', 1)
    right = [[1, 2, 0.5, x, y, x + width - 1, y + height - 1] for x, y, width, height in boxes]
    assert rows_of(text).lines == rows_of(spaced).lines == right


# Streaming


few = settings(max_examples=settings.default.max_examples // 3)
small = st.integers(1, 99)
records = st.lists(
    st.one_of(
        st.builds('{{"image": {}, "class": 1, "score": 0.5, "bbox": [1, 2, 3, {}]}}'.format, st.integers(1, 99), small),
        st.just('{"class": 2, "image": 3, "confidence": 0.25, "bbox": [1, 2, 3, 4], "note": "}, {\\"image\\": \\\\"}'),
        st.just('{"image": 5, "class": 1, "score": 0.5, "bbox": [1, 2, 3, 4], "of": [{"id": 1}, {"id": 2}]}'),
        st.just('{"image": 6, "class": "n00000001", "confidence": 1e-3, "bbox": [1.5, 2, 3, 4], "é": "ü"}'),
    ),
    min_size=1, max_size=9,
)  # fmt: skip


@few
@given(
    records=records,
    comma=st.sampled_from((",", ", ", " ,\n", "\n")),
    window=st.integers(1, 700),
    chunk=st.integers(1, 400),
)
def test_a_file_is_read_alike_however_it_is_cut(records: Sequence[str], comma: str, window: int, chunk: int) -> None:
    text = comma.join(records) if comma == "\n" else f"[{comma.join(records)}]\n"
    whole = rows_of(text)
    assert len(whole.lines) == len(records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "WINDOW_BYTES", window)
        patch.setattr(json_rows, "MAX_LINE_BYTES", 200)
        pieces = rows_of(text, chunk_bytes=chunk)
    assert pieces.lines == whole.lines


def test_a_long_file_comes_in_many_windows_and_its_faults_with_their_lines(tmp_path: Path) -> None:
    lines = 60_000
    parts = [GOOD] * lines
    parts[49_999] = GOOD.replace(" 4,", " 5,")
    assert rows_of(f"[{','.join(parts)}]").windows > 1
    assert errors(DET, f"[{','.join(parts)}]", tmp_path) == [("unknown-image", 50_000, "5")]
    parts[54_999] = GOOD.replace("0.25", "0,25")
    code, line, _ = fault_of(f"[{','.join(parts)}]")
    assert (code, line) == ("json", 55_000)


def test_lines_are_counted_and_capped(tmp_path: Path) -> None:
    public = public_round("det", images=[4], classes=classes_of((3,)), max_lines=5)
    assert errors(public, f"[{', '.join([GOOD] * 5)}]", tmp_path) == []
    assert errors(public, f"[{', '.join([GOOD] * 6)}]", tmp_path) == [("too-large", None, None)]
    (tmp_path / "five.json").write_text(f"[{', '.join([GOOD] * 5)}]")
    checked = validate(public, tmp_path / "five.json")
    assert (checked.lines, checked.format) == (5, "JSON")


# Faults of a value: told by the task's reader, with the record's number as the line


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("NaN", ("not-a-number", "NaN")),
        ("-Infinity", ("infinite", "-Infinity")),
        ("1e400", ("infinite", "1e400")),
        ("9" * 5000, ("infinite", "9" * 79 + "…")),
        ("null", ("not-numeric", "null")),
        ("true", ("not-numeric", "boolean")),
        ('"0.5"', ("not-numeric", '"0.5"')),
        ('"0, 5"', ("not-numeric", '"0__5"')),
        ('"\\u0663"', ("not-ascii", '"٣"')),
        ('"\\ud800"', ("not-numeric", '"\\ud800"')),
        ('"n00008998"', ("not-numeric", "n00008998")),
        ("[0.5]", ("not-numeric", "[...]")),
        ('{"a": 0.5}', ("not-numeric", "{...}")),
    ],
)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_value_that_is_no_finite_number_is_told_with_its_record(
    value: str, found: tuple[str, str], before: int, tmp_path: Path
) -> None:
    text = f"[{', '.join([GOOD] * before + [GOOD.replace('0.25', value)] + [GOOD] * 2)}]"
    code, shown = found
    assert errors(DET, text, tmp_path) == [(code, before + 1, shown)]


@pytest.mark.parametrize("box", ["[]", "[1, 2, 3]", "[1, 2, 3, 4, 5]"])
def test_a_box_has_four_numbers(box: str, tmp_path: Path) -> None:
    text = f"[{GOOD}, {GOOD.replace('[1, 2, 30, 40.5]', box)}]"
    assert errors(DET, text, tmp_path) == [("not-numeric", 2, "[]" if box == "[]" else "[...]")]


@pytest.mark.parametrize(("text", "line"), [
    (f"[{GOOD}, {GOOD.replace('0.25', '0.25' + chr(0))}]", 2),
    (f"[{GOOD.replace('0.25', QUOTE + chr(0) + QUOTE)}]", 1),
    (f"[{GOOD}{chr(0)}, {GOOD}]", 1),
    (f"[{GOOD}, {chr(0)}{GOOD}]", 2),
    (f"[{GOOD}, {GOOD}]{chr(0)}", 2),
])  # fmt: skip
def test_a_nul_byte_is_named_as_such(text: str, line: int, tmp_path: Path) -> None:
    ((code, where, value),) = errors(DET, text, tmp_path)
    assert (code, where) == ("nul-byte", line)
    assert value is not None
    assert r"\x00" in value


def test_a_guess_has_five_numbers(tmp_path: Path) -> None:
    public = public_round("cls-loc", images=3)
    text = '[{"guesses": [[1, 1, 2, 3]]}, {"guesses": []}, {"guesses": [[1, 1, 2, 3, 4], 7]}]'
    assert errors(public, text, tmp_path) == [
        ("not-numeric", 1, "[...]"), ("not-numeric", 2, "[]"), ("not-numeric", 3, "[...]"),
    ]  # fmt: skip


def test_an_image_without_labels_is_a_fault(tmp_path: Path) -> None:
    assert errors(CLS, '[{"labels": [1]}, {"labels": []}, {"labels": [2]}]', tmp_path) == [("not-numeric", 2, "[]")]


def test_images_are_named_in_any_order_and_once(tmp_path: Path) -> None:
    text = '[{"image": 3, "labels": [1]}, {"image": "1", "labels": [2]}, {"image": 2.0, "labels": [3]}]'
    assert findings(CLS, text, tmp_path)["rows-shuffled"].severity == "notice"
    assert errors(CLS, text.replace("2.0", "3"), tmp_path) == [("image-twice", 3, "3"), ("image-missing", None, "2")]


# Faults of the file


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("[]", "empty", None),
        ("[1, 2]", "not-records", 1),
        ("[[1, 2]]", "not-records", 1),
        (f"[{GOOD}, 7]", "not-records", 2),
        ('{"images": [], "annotations": [{"image_id": 1}]}', "not-records", None),
        (f'{{"annotations": [{", ".join([GOOD] * 20_000)}]}}', "not-records", None),
        ('[{"image": 1, "score": 2}]', "columns", None),
        (f'[{GOOD}, {{"image": 1}}]', "columns", 2),
        ('[{"image_id": 1, "image": 2}]', "columns", None),
        (f'[{GOOD[:-1]}, "score": 1}}]', "key-twice", 1),
        (f'[{GOOD}, {GOOD[:-1]}, "score": 1}}]', "key-twice", 2),
        ("[" * 100_000, "json-depth", 1),
        (f'[{GOOD}, {{"a": {"[" * 100_000}', "json-depth", 2),
        (f"[{GOOD}", "json-cut", 1),
        (f"[{GOOD},", "json-cut", 1),
        (f"[{GOOD}, {GOOD[:-9]}", "json-cut", 2),
        (f'[{GOOD}, {{"image', "json-cut", 2),
        ("[", "json-cut", 1),
        (f"[{GOOD}, ]", "json", 1),
        (f"[{GOOD} {GOOD}]", "json", 1),
        (f"[{GOOD}, {GOOD} {GOOD}, {GOOD}]", "json", 2),
        (f"[{GOOD}] {GOOD}", "trailing-data", 1),
        (f"[{GOOD}]]", "trailing-data", 1),
        (f"[{GOOD}, {GOOD.replace(QUOTE, chr(39))}]", "json", 2),
        (f"[{GOOD}, // two\n{GOOD}]", "json", 2),
        (f"[{GOOD}, {GOOD[:-1]},}}]", "json", 2),
        (f"[{GOOD.replace('4,', '04,')}]", "json", 1),
        (f"[{GOOD}, {GOOD.replace('0.25', '.25')}, {GOOD}]", "json", 2),
        (f"[{GOOD}, {GOOD.replace('0.25', '+1')}, {GOOD}]", "json", 2),
        (f"[{GOOD}, {GOOD.replace('0.25', '1_000')}, {GOOD}]", "json", 2),
        (f'[{GOOD}, {{"note": "{"x" * 2_000_000}"}}]', "too-large", None),
        (f'[{{"note": "{"x" * 2_000_000}"}}]', "too-large", None),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_the_record(text: str, code: str, line: int | None) -> None:
    assert fault_of(text)[:2] == (code, line)


@pytest.mark.parametrize("raw", [b'"note": "caf\xe9"}]', b'"note": "\xff\xfe'])
def test_bytes_that_are_no_text_are_refused(raw: bytes) -> None:
    assert fault_of(f"[{GOOD}, {GOOD[:-1]}, ".encode() + raw + b" " * 9)[:2] == ("not-utf8", 2)


def test_records_all_name_their_image_or_none_does() -> None:
    text = '[{"image": 3, "labels": [1]}, {"labels": [2]}]'
    assert fault_of(text, LABELS) == ("columns", 2, "label1")


def test_millions_of_blanks_take_no_time_to_speak_of() -> None:
    assert rows_of("[" + " " * 20_000_000 + GOOD + "\n" * 9_000_000 + "]").lines == [CORNERS]


@pytest.mark.parametrize("more", [GOOD, f"[{GOOD}, {GOOD}]", f"{GOOD}, {GOOD}]"])
def test_what_stands_behind_a_list_is_told_so(more: str, tmp_path: Path) -> None:
    assert errors(DET, f"[{GOOD}, {GOOD}]\n{more}", tmp_path) == [("trailing-data", 2, None)]


def test_the_findings_before_a_broken_end_are_told_with_it(tmp_path: Path) -> None:
    stray = GOOD.replace('"image_id": 4', '"image_id": 5')
    found = errors(DET, f"[{GOOD}, {stray}, {GOOD}", tmp_path)
    assert [(code, line) for code, line, _ in found] == [("unknown-image", 2), ("json-cut", 3)]
