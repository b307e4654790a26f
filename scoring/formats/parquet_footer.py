"""Where a Parquet file's columns lie, read from its footer: pyarrow ends the process where a footer tells lies of them.

Its readers turn what is damaged into exceptions; its objects for the metadata of single columns do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from scoring.formats.thrift import I64, LIST, STRUCT, Fields, ThriftStruct
from scoring.formats.unreadable import UnreadableFile, unreadable

# Of the footer, of a row group, of a column in it, and of its metadata, as the format's description numbers them.
_ROWS, _ROW_GROUPS, _COLUMNS, _ROWS_OF_GROUP, _METADATA = (3, I64), (4, LIST), (1, LIST), (3, I64), (3, STRUCT)
_PACKED, _DATA_PAGE, _DICTIONARY_PAGE = (7, I64), (9, I64), (11, I64)

# In front of the end mark stands the footer's size.
_END_BYTES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnChunk:
    """One column of one row group, in bytes of the file."""

    start: int
    end: int


def column_chunks(stream: IO[bytes]) -> list[list[ColumnChunk]]:
    """The columns of each row group.

    Raises:
        UnreadableFile: where the footer does not say.
    """
    size = stream.seek(0, 2)
    stream.seek(size - _END_BYTES)
    footer_size = int.from_bytes(stream.read(4), "little")
    stream.seek(size - _END_BYTES - footer_size)
    try:
        footer = ThriftStruct(stream.read(footer_size)).fields
        groups = footer[_ROW_GROUPS]
        if footer[_ROWS] != sum(group[_ROWS_OF_GROUP] for group in groups):
            raise damaged("its row groups have other rows than it says")
        return [[_chunk(column) for column in group[_COLUMNS]] for group in groups]
    except (IndexError, KeyError, TypeError):
        raise damaged("its footer cannot be read") from None


def _chunk(column: Fields) -> ColumnChunk:
    metadata: Fields = column[_METADATA]
    start, dictionary = metadata[_DATA_PAGE], metadata.get(_DICTIONARY_PAGE, 0)
    if dictionary:
        start = min(start, dictionary)
    if start < 0 or metadata[_PACKED] < 0:
        raise damaged("a column lies nowhere")
    return ColumnChunk(start=start, end=start + metadata[_PACKED])


def damaged(why: str) -> UnreadableFile:
    return unreadable("parquet-broken", f"the Parquet file is damaged: {why}", "write it again, and send all of it")
