from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats.parquet_footer import ColumnChunk, column_chunks
from scoring.formats.parquet_pages import check_pages
from scoring.formats.unreadable import UnreadableFile


def table(rows: int, columns: int, **options: object) -> io.BytesIO:
    stream = io.BytesIO()
    names = [f"c{number}" for number in range(columns)]
    pq.write_table(pa.table({name: pa.array(range(rows), pa.float64()) for name in names}), stream, **options)
    return stream


@given(
    rows=st.integers(0, 9), columns=st.integers(1, 20), group=st.integers(1, 5), has_dictionary=st.booleans(),
    has_index=st.booleans(), version=st.sampled_from(["1.0", "2.0"]),
)  # fmt: skip
def test_columns_lie_where_pyarrow_says(
    rows: int, columns: int, group: int, has_dictionary: bool, has_index: bool, version: str
) -> None:
    stream = table(
        rows, columns, row_group_size=group, use_dictionary=has_dictionary, write_page_index=has_index,
        data_page_version=version,
    )  # fmt: skip
    metadata = pq.ParquetFile(stream).metadata
    expected = []
    for number in range(metadata.num_row_groups):
        chunks = [metadata.row_group(number).column(column) for column in range(columns)]
        starts = [min(chunk.data_page_offset, chunk.dictionary_page_offset or 1 << 60) for chunk in chunks]
        expected.append(
            [(start, start + chunk.total_compressed_size) for start, chunk in zip(starts, chunks, strict=True)]
        )
    assert [[(chunk.start, chunk.end) for chunk in chunks] for chunks in column_chunks(stream)] == expected


@pytest.mark.parametrize(("old", "new"), [
    (b"\x19\x1c", b"\x18\x1c"),  # a list that is a text
    (b"\x16\x06", b"\x16\x08"),  # a row more
])  # fmt: skip
def test_a_footer_that_lies_is_damaged(old: bytes, new: bytes) -> None:
    content = table(3, 1).getvalue()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    changed = content[:footer] + content[footer:].replace(old, new, 1)
    assert changed != content
    with pytest.raises(UnreadableFile) as raised:
        column_chunks(io.BytesIO(changed))
    assert raised.value.finding.code == "parquet-broken"


def by_hand(*, packed: bytes, start: bytes) -> io.BytesIO:
    """A file of nothing but a footer of one row group of one column, in Thrift's compact protocol."""
    column = b"\x3c\x76" + packed + b"\x26" + start + b"\x00\x00"
    footer = b"\x36\x00\x19\x1c\x19\x1c" + column + b"\x26\x00\x00\x00"
    return io.BytesIO(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")


def test_a_column_that_lies_before_the_file_or_has_less_than_no_bytes_is_damaged() -> None:
    assert column_chunks(by_hand(packed=b"\x08", start=b"\x08")) == [[ColumnChunk(start=4, end=8)]]
    for packed, start in ((b"\x01", b"\x08"), (b"\x08", b"\x01")):
        with pytest.raises(UnreadableFile):
            column_chunks(by_hand(packed=packed, start=start))


def test_a_row_group_without_a_column_that_is_read_is_damaged() -> None:
    with pytest.raises(UnreadableFile):
        check_pages(io.BytesIO(), [[]], columns={0: False}, most=100)
