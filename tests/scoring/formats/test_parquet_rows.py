from __future__ import annotations

import io
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.formats import parquet_pages, parquet_rows
from scoring.formats.layouts import DETECTIONS, LABELS, LOCATED_LABELS, Layout
from scoring.formats.parquet_rows import parquet_windows
from tests.scoring.formats.reading import ReadRows, read_rows
from tests.scoring.making import checked, classes_of, errors, findings, gzip_of, public_round, zip_of

DET = public_round("det", images=[1, 4, 9], classes=classes_of((2, 3, 5)))
CLS = public_round("cls")
COLUMNS: dict[str, Any] = {
    "image": [1, 4, 9], "class": [2, 3, 5], "score": [0.1, 0.25, 1 / 3],
    "xmin": [1.0, 2, 3], "ymin": [1, 2, 3], "xmax": [40, 50.5, 60], "ymax": pa.array([7, 8, 9], pa.int16()),
}  # fmt: skip
LINES = [[1, 2, 0.1, 1, 1, 40, 7], [4, 3, 0.25, 2, 2, 50.5, 8], [9, 5, 1 / 3, 3, 3, 60, 9]]


def table(columns: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def det(**changes: Any) -> bytes:
    return table(COLUMNS | changes)


def rows_of(content: bytes, layout: Layout = DETECTIONS) -> ReadRows:
    return read_rows(parquet_windows, content, layout)


def test_columns_are_found_by_name_in_any_order() -> None:
    assert rows_of(det()).lines == LINES
    assert rows_of(table(dict(reversed(COLUMNS.items())))).lines == LINES


@pytest.mark.parametrize("wrap", [gzip_of, lambda content: zip_of({"rows.parquet": content})])
def test_a_table_may_be_packed(wrap: Any, tmp_path: Path) -> None:
    assert checked(DET, wrap(det()), tmp_path).report == checked(DET, det(), tmp_path).report
    assert checked(DET, wrap(det()), tmp_path).lines == 3


@pytest.mark.parametrize("kind", [
    pa.uint8(), pa.int32(), pa.uint64(), pa.float32(), pa.float16(), pa.decimal128(25, 2),
    pa.dictionary(pa.int8(), pa.int64()), pa.string(), pa.large_string(), pa.dictionary(pa.int16(), pa.string()),
])  # fmt: skip
def test_columns_may_be_of_any_type_that_holds_numbers(kind: pa.DataType) -> None:
    values = pa.array([2, 3, 5])
    is_dictionary = pa.types.is_dictionary(kind)
    array = values.cast(kind.value_type).dictionary_encode() if is_dictionary else values.cast(kind)
    assert rows_of(det(**{"class": array})).lines == LINES


@given(st.lists(st.floats(), min_size=1, max_size=5))
@settings(max_examples=40)
def test_numbers_are_those_of_the_table_bit_for_bit(values: list[float]) -> None:
    columns = {name: [1] * len(values) for name in COLUMNS} | {"score": pa.array(values, pa.float64())}
    read = [line[2] for line in rows_of(table(columns)).lines]
    for value, found in zip(values, read, strict=True):
        expected = value if np.isfinite(value) else str(value)
        assert found == expected
        assert np.signbit(value) == np.signbit(found) if np.isfinite(value) else True


def test_integers_beyond_doubles_become_the_nearest_as_in_text() -> None:
    assert rows_of(det(score=[2**53 + 1, 2**63 - 1, -(2**63)])).lines[0][2] == float("9007199254740993")


def test_decimals_are_read_exactly() -> None:
    scores = [Decimal("0.1234567890123456789"), Decimal("0.3"), Decimal("-1e-7")]
    assert [line[2] for line in rows_of(det(score=scores)).lines] == [float(score) for score in scores]


def test_classes_may_be_wnids(tmp_path: Path) -> None:
    content = det(**{"class": ["n00008998", "n00008997", "n00008995"]})
    assert findings(DET, content, tmp_path).keys() == {"wnids"}


def test_images_are_named_by_index_or_by_name_and_empty_cells_at_the_end_are_none() -> None:
    guesses = {"label1": [3, 1, 2], "label2": pa.array([1, None, 2]), "label3": pa.array([None, None, 2])}
    read = rows_of(table({"image": ["val/c", "a", "1"], **guesses}), LABELS)
    assert (read.lines, read.keys) == ([[3, 1], [1], [2, 2, 2]], ["val/c", "a", "1"])
    assert rows_of(table({"image_id": [3, 1, 2], **guesses}), LABELS).keys == ["3", "1", "2"]
    assert rows_of(table({"image_id": [3.0, None, 2.5], **guesses}), LABELS).keys == ["3", "", "2.5"]
    assert rows_of(table(guesses), LABELS).keys is None


def test_kaggles_two_columns_hold_the_kits_lines(tmp_path: Path) -> None:
    columns = {"ImageId": ["3", "1", "2"], "PredictionString": ["1 2", "3 2 1", "2\n3"]}
    read = rows_of(table(columns), LABELS)
    assert (read.lines, read.keys) == ([[1, 2], [3, 2, 1], [2, 3]], ["3", "1", "2"])
    assert checked(CLS, table(columns), tmp_path).report.is_valid
    located = table({"ImageId": ["1"], "PredictionString": ["n00000012 1 2 3 4.5"]})
    assert rows_of(located, LOCATED_LABELS).lines == [["n00000012", 1, 2, 3, 4.5]]


def test_many_rows_come_in_batches(tmp_path: Path) -> None:
    rows = 150_000
    columns = {name: np.resize(np.array(values), rows) for name, values in COLUMNS.items()}
    columns["image"][-1] = 7
    content = table(columns, row_group_size=40_000)
    assert rows_of(content).windows > 2
    assert errors(DET, content, tmp_path) == [("unknown-image", rows, "7")]


# Faults of a cell


@pytest.mark.parametrize(
    ("column", "values", "found"),
    [
        ("score", [0.5, None, 0.25], ("not-numeric", 2, "null")),
        ("score", [0.5, 0.5, float("nan")], ("not-a-number", 3, "nan")),
        ("score", [0.5, float("-inf"), 0.25], ("infinite", 2, "-inf")),
        ("class", ["n00008998", "a cat", "n00008995"], ("not-numeric", 2, "a_cat")),
        ("class", [2, 3, 7], ("unknown-class", 3, "7")),
        ("class", [2, 3.5, 5], ("unknown-class", 2, "3.5")),
        ("image", [1, 4, -9], ("unknown-image", 3, "-9")),
        ("xmin", [1, 2e8, 3], ("coordinate-range", 2, "200000000")),
        ("xmin", ["1", "n00008998", "3"], ("not-numeric", 2, "n00008998")),
    ],
)
def test_a_faulty_cell_is_told_with_its_row(
    column: str, values: Sequence[Any], found: tuple[str, int, str], tmp_path: Path
) -> None:
    assert errors(DET, det(**{column: values}), tmp_path) == [found]


def test_an_empty_cell_before_another_is_a_fault(tmp_path: Path) -> None:
    content = table({"label1": [1, 2, 3], "label2": pa.array([None, 2, None], pa.int64()), "label3": [1, 2, 3]})
    assert errors(CLS, content, tmp_path) == [("not-numeric", 1, "null"), ("not-numeric", 3, "null")]


# Faults of the table


def code_of(content: bytes, tmp_path: Path) -> str:
    ((code, _, _),) = errors(DET, content, tmp_path)
    return code


def test_a_column_that_is_missing_or_stands_there_twice_is_told(tmp_path: Path) -> None:
    assert code_of(table({"image": [1], "class": [2]}), tmp_path) == "columns"
    arrays = [pa.array([1])] * 8
    twice = pa.table(arrays, names=[*COLUMNS, "image"])
    stream = io.BytesIO()
    pq.write_table(twice, stream)
    assert code_of(stream.getvalue(), tmp_path) == "columns"


def test_lists_in_the_place_of_columns_are_answered_with_advice_for_a_table(tmp_path: Path) -> None:
    found = findings(DET, table({"image": [1], "class": [2], "score": [0.5], "bbox": [[1, 2, 3, 4]]}), tmp_path)
    assert "line" not in found["columns"].advice
    assert "part lists into columns of their own" in found["columns"].advice


@pytest.mark.parametrize("columns", [
    {"PredictionString": ["1 2"], "ImageId": ["1"]}, {"ImageId": ["1"], "PredictionString": ["1 2"], "n": [1]},
])  # fmt: skip
def test_kaggles_columns_in_another_order_or_with_others_are_told(columns: dict[str, Any], tmp_path: Path) -> None:
    assert findings(CLS, table(columns), tmp_path)["columns"].message.startswith("Kaggle's files have two columns")


def test_columns_that_mean_nothing_are_ignored(tmp_path: Path) -> None:
    found = findings(DET, det(note=["a", "b", "c"], boxes=[[1], [2], [3]], at=[{"x": 1}] * 3), tmp_path)
    assert found["columns-ignored"].value == "note,boxes,at"
    assert found["columns-ignored"].severity == "notice"


@pytest.mark.parametrize("column", [
    [[1.0], [2.0], [3.0]], [{"a": 1}] * 3, [True, False, True], [b"1", b"2", b"3"],
    pa.array([1, 2, 3], pa.timestamp("s")), pa.nulls(3),
])  # fmt: skip
def test_columns_of_other_types_are_refused(column: Any, tmp_path: Path) -> None:
    assert code_of(det(xmin=column), tmp_path) == "column-type"


def test_a_table_without_rows_is_empty(tmp_path: Path) -> None:
    assert code_of(table({name: pa.array([], pa.int64()) for name in COLUMNS}), tmp_path) == "empty"


def test_strings_that_are_no_text_are_refused(tmp_path: Path) -> None:
    array = pa.array([b"n0000\xff998", b"a", b"b"]).view(pa.string())
    assert code_of(det(**{"class": array}), tmp_path) == "not-utf8"


def test_more_rows_than_the_cap_are_refused_by_the_footer_alone(tmp_path: Path) -> None:
    public = public_round("det", images=[1, 4, 9], classes=classes_of((2, 3, 5)), max_lines=2)
    assert errors(public, det(), tmp_path) == [("too-large", None, None)]


@pytest.mark.parametrize("cut", [1, 4, 9, 200])
def test_a_table_cut_short_is_damaged(cut: int, tmp_path: Path) -> None:
    assert code_of(det()[:-cut], tmp_path) == "parquet-broken"


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1PAR1", b"PAR1\0\0\0\0PAR1", b"PAR1" + b"\xff" * 40 + b"PAR1"])
def test_what_only_starts_like_a_table_is_damaged(content: bytes, tmp_path: Path) -> None:
    assert code_of(content, tmp_path) == "parquet-broken"


def test_an_encrypted_table_is_refused(tmp_path: Path) -> None:
    assert code_of(b"PARE" + det()[4:-4] + b"PARE", tmp_path) == "parquet-encrypted"
    assert code_of(det()[:-4] + b"PARE", tmp_path) == "parquet-encrypted"


@settings(max_examples=150)
@given(data=st.data())
def test_a_damaged_table_is_refused_or_read_and_nothing_else(data: st.DataObject, tmp_path_factory: Any) -> None:
    content = bytearray(data.draw(st.sampled_from(SMALL)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    checked(DET, bytes(content), tmp_path_factory.getbasetemp())


SMALL = [
    det(), table(COLUMNS, use_dictionary=False, compression="zstd", write_page_index=True),
    table(COLUMNS | {"class": ["n00008998", "n00008997", "n00008995"]}, data_page_version="2.0", compression="gzip"),
]  # fmt: skip


# Bombs: a few kilobytes that claim, or hold, gigabytes


def claiming(content: bytes, rows: int, *, everywhere: bool) -> bytes:
    """A table of three rows whose footer claims others: of the file, or also of its row groups and columns."""
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    number, claim = 2 * rows, bytearray()  # zigzag, seven bits a byte
    while number > 127:
        claim.append(number & 127 | 128)
        number >>= 7
    claim.append(number)
    changed = footer.replace(b"\x16\x06", b"\x16" + bytes(claim), -1 if everywhere else 1)
    assert changed != footer
    return content[: -8 - len(footer)] + changed + len(changed).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_footer_that_claims_very_many_rows_is_refused(everywhere: bool, tmp_path: Path) -> None:
    content = claiming(det(), 10**14, everywhere=everywhere)
    assert pq.ParquetFile(io.BytesIO(content)).metadata.num_rows == 10**14
    before = peak_bytes()
    assert code_of(content, tmp_path) == "too-large"
    assert peak_bytes() - before < 50_000_000


@pytest.mark.parametrize("rows", [2, 4, 10**6, 40_000_000])
def test_a_footer_that_claims_other_rows_than_there_are_does_no_harm(rows: int, tmp_path: Path) -> None:
    before = peak_bytes()
    told = {code for code, _, _ in errors(DET, claiming(det(), rows, everywhere=True), tmp_path)}
    assert told <= {"parquet-broken", "not-numeric"}
    assert peak_bytes() - before < 200_000_000


def test_pages_that_unpack_to_more_than_memory_holds_are_refused(tmp_path: Path) -> None:
    huge = pa.array(["x" * 130_000_000, "y", "z"])
    content = table(COLUMNS | {"class": huge}, compression="zstd", use_dictionary=False, write_statistics=False)
    assert len(content) < 100_000
    before = peak_bytes()
    assert code_of(content, tmp_path) == "parquet-pages"
    assert peak_bytes() - before < 100_000_000


def test_a_long_string_repeated_is_not_laid_out(tmp_path: Path) -> None:
    rows = 60_000
    long = pa.DictionaryArray.from_arrays(np.zeros(rows, dtype=np.int32), ["x" * 20_000])
    columns = {name: np.ones(rows) for name in COLUMNS} | {"class": long}
    assert findings(DET, table(columns), tmp_path)["not-numeric"].count == rows
    located = table({"ImageId": np.arange(rows).astype(str), "PredictionString": long})
    assert errors(CLS, located, tmp_path) == [("too-large", None, None)]


@pytest.mark.parametrize(("name", "value", "code"), [
    ("_MAX_PAGES", 6, "too-large"), ("MAX_PAGES_BYTES", 100, "parquet-pages"), ("MAX_PAGES_BYTES", 5_000, None),
])  # fmt: skip
def test_pages_are_held_against_their_caps(
    name: str, value: int, code: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, name, value)
    assert [found for found, _, _ in errors(DET, det(), tmp_path)] == ([code] if code else [])


def test_a_footer_is_held_against_its_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_rows, "_MAX_FOOTER_BYTES", 100)
    assert code_of(det(), tmp_path) == "parquet-broken"


def test_what_all_pages_unpack_to_is_held_against_the_rounds_cap(tmp_path: Path) -> None:
    rows = 100_000
    content = table({name: np.ones(rows) for name in COLUMNS}, use_dictionary=False, compression="zstd")
    assert len(content) < 100_000
    public = replace(DET, policy=replace(DET.policy, max_unpacked_bytes=7 * 8 * rows))
    assert errors(public, content, tmp_path) == [("too-large", None, None)]  # headers and levels come on top


def test_a_page_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    content = bytearray(det())
    metadata = pq.ParquetFile(io.BytesIO(bytes(content))).metadata
    place = metadata.row_group(0).column(0).dictionary_page_offset
    content[place : place + 4] = b"\x15\x00\x15\xff"
    assert code_of(bytes(content), tmp_path) == "parquet-broken"


def peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak << 10
