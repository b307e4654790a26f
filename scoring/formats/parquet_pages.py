"""The pages of a Parquet file, walked header by header, so that none unpacks to more than memory holds.

A header is read as the Parquet format's description has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from scoring.formats.parquet_footer import ColumnChunk, damaged
from scoring.formats.thrift import I32, STRUCT, ThriftStruct
from scoring.formats.unreadable import UnreadableFile, too_large, unreadable

# Of a page, packed and unpacked, that the columns read side by side may have. Most writers make pages of a megabyte;
# one makes a page of a whole column, of 32 MB for four million numbers.
MAX_PAGES_BYTES = 256_000_000

# A batch of strings is built from however many pages its rows lie on.
MAX_STRINGS_BYTES = 128_000_000

# Forty million rows, twenty thousand a page, in thirty columns.
_MAX_PAGES = 60_000

# Statistics may hold two values of the column.
_HEADER_BYTES = 65_536

# The fields of a page's header that are looked at.
_UNPACKED, _PACKED, _DICTIONARY, _VALUES = (2, I32), (3, I32), (7, STRUCT), (1, I32)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pages:
    """What the pages of one column of one row group come to, in bytes."""

    unpacked: int
    largest: int  # pages packed and unpacked, the dictionary and the largest other one
    pages: int


def check_pages(
    stream: IO[bytes], groups: Sequence[Sequence[ColumnChunk]], *, columns: Mapping[int, bool], most: int
) -> None:
    """Walk the pages of some columns; `columns` says of each, by its number, whether it holds strings.

    Args:
        stream: the file; groups: where the columns of each row group lie; most: bytes that all pages may unpack to.

    Raises:
        UnreadableFile: for pages that are damaged, or too large.
    """
    unpacked = pages = 0
    for group in groups:
        side_by_side = 0
        for column, is_string in columns.items():
            if column >= len(group):
                raise damaged("a row group lacks a column")
            chunk = _walk(stream, group[column], most=_MAX_PAGES - pages)
            pages += chunk.pages
            unpacked += chunk.unpacked
            side_by_side += chunk.largest
            if is_string and chunk.unpacked > MAX_STRINGS_BYTES:
                raise _too_wide()
        if side_by_side > MAX_PAGES_BYTES:
            raise _too_wide()
        if unpacked > most:
            raise too_large(f"the table unpacks to more than {most:,} bytes")


def _walk(stream: IO[bytes], column: ColumnChunk, *, most: int) -> _Pages:
    place, end = column.start, column.end
    unpacked = dictionary = largest = pages = 0
    while place < end:
        pages += 1
        if pages > most:
            raise too_large(f"the table is made of more than {_MAX_PAGES:,} pages")
        stream.seek(place)
        header = _header(stream.read(_HEADER_BYTES))
        page, packed = header.fields.get(_UNPACKED), header.fields.get(_PACKED)
        if not isinstance(page, int) or not isinstance(packed, int) or page < 0 or packed < 0:
            raise damaged("a page has no size")
        known = header.fields.get(_DICTIONARY)
        if isinstance(known, dict):
            values = known.get(_VALUES)
            if not isinstance(values, int) or not 0 <= values <= page:
                raise damaged("a dictionary is larger than its page")
            dictionary = max(dictionary, page + packed)
        else:
            largest = max(largest, page + packed)
        unpacked += page
        place += header.size + packed
    if place != end:
        raise damaged("a page runs over the end of its column")
    return _Pages(unpacked=unpacked, largest=largest + dictionary, pages=pages)


def _too_wide() -> UnreadableFile:
    advice = "write smaller row groups, with pages of a megabyte, as most writers do unless told otherwise"
    return unreadable("parquet-pages", "the table's pages are too large to be read side by side", advice)


def _header(data: bytes) -> ThriftStruct:
    try:
        return ThriftStruct(data)
    except IndexError:
        raise damaged("a page's header cannot be read") from None
