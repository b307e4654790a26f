"""Parquet tables whose columns are named as a CSV's; read in batches, the columns of the layout alone.

A table's footer may claim anything, and a page of a few bytes may unpack to gigabytes. So the claims are held against
the caps first, and so is the size of every page, before anything is unpacked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.formats.complaints import error, notice
from scoring.formats.csv_rows import KAGGLE_HEADER, refuse_odd_kaggle
from scoring.formats.layouts import Header, Layout
from scoring.formats.parquet_footer import column_chunks, damaged
from scoring.formats.parquet_pages import check_pages
from scoring.formats.rows import RowWindow
from scoring.formats.source import Source
from scoring.formats.table_tokens import NO_TEXT, Table
from scoring.formats.unreadable import UnreadableFile, too_large, unreadable
from scoring.formats.windows import Window

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"

# A footer has some hundred bytes a column and row group; in memory it takes thirty times as much.
_MAX_FOOTER_BYTES = 4_000_000
_MAX_FOOTER_ITEMS = 20_000  # columns, or row groups
_MAX_FOOTER_DEPTH = 100

_BATCH_ROWS = 65_536
_READ_BYTES = 1 << 20


def parquet_windows(source: Source) -> Iterator[Window]:
    """Windows over a Parquet table, a batch of rows each.

    Raises:
        UnreadableFile: for a table without the layout's columns or without rows, too large, or damaged.
    """
    import pyarrow as pa  # an eighth of a second, for those alone who send such a file

    with _file_of(source) as path:
        try:
            yield from _windows(path, source)
        except (pa.ArrowException, OSError, ValueError) as fault:
            raise damaged(str(fault).partition("\n")[0][:200]) from None


@contextmanager
def _file_of(source: Source) -> Iterator[Path]:
    """The table as a file of its own: the one that was sent, or an unpacked copy."""
    with source.path.open("rb") as sent:
        is_plain = sent.read(len(_MAGIC)) in (_MAGIC, _ENCRYPTED)
    if is_plain:
        yield source.path
        return
    with tempfile.NamedTemporaryFile(prefix="heldout-") as copy:
        for chunk in source.chunks:
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _windows(path: Path, source: Source) -> Iterator[Window]:
    _check_footer(path)
    file = _open(path)
    if not 0 <= file.metadata.num_rows <= source.policy.max_lines:
        raise too_large(f"there are more than {source.policy.max_lines:,} rows")
    if not file.metadata.num_rows:
        raise unreadable("empty", "the table has no rows", "send one row per image, or per detection")
    columns = _columns_of(file.schema_arrow, source.layout)
    leaves = {file.metadata.schema.column(leaf).path: leaf for leaf in range(file.metadata.num_columns)}
    with path.open("rb") as stream:
        check_pages(
            stream, column_chunks(stream), columns={leaves[name]: name in columns.strings for name in columns.names},
            most=source.policy.max_unpacked_bytes,
        )  # fmt: skip
    notices = columns.notices()
    batches = _open(path, strings=columns.strings).iter_batches(
        _BATCH_ROWS, columns=list(dict.fromkeys(columns.names)), use_threads=False
    )
    for batch in batches:
        arrays = [batch.column(name) for name in columns.names]
        table = Table(
            arrays=arrays, is_keyed=columns.is_keyed, required=source.layout.required, is_kaggle=columns.is_kaggle
        )
        yield RowWindow(data=NO_TEXT, size=0, notices=notices, read=table.read)
        notices = ()


def _open(path: Path, *, strings: Sequence[str] = ()) -> pq.ParquetFile:
    """The file as it may be read in little memory; strings as dictionaries, which a bomb of repeats cannot blow up."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(
        path, read_dictionary=list(strings), pre_buffer=False, buffer_size=_READ_BYTES, page_checksum_verification=True,
        thrift_string_size_limit=_MAX_FOOTER_BYTES, thrift_container_size_limit=_MAX_FOOTER_ITEMS,
        schema_depth_limit=_MAX_FOOTER_DEPTH,
    )  # fmt: skip


def _check_footer(path: Path) -> None:
    """Refuse a footer that would take much memory, or is none."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(4)
        stream.seek(max(0, size - 8))
        end = stream.read(8)
    if _ENCRYPTED in (start, end[4:]):
        raise unreadable("parquet-encrypted", "the Parquet file is encrypted", "write it without encryption")
    if size < 12 or end[4:] != _MAGIC:
        raise damaged("it has no end")
    if int.from_bytes(end[:4], "little") > min(_MAX_FOOTER_BYTES, size - 12):
        raise damaged("its footer is too large")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Columns:
    """The columns that are read, the image's key before the others where there is one."""

    names: tuple[str, ...]
    strings: tuple[str, ...]  # those of them that hold strings
    is_keyed: bool
    is_kaggle: bool = False
    ignored: tuple[str, ...] = ()

    def notices(self) -> tuple[Any, ...]:
        if not self.ignored:
            return ()
        return (
            notice(
                "columns-ignored", "columns mean nothing in this task", count=len(self.ignored),
                value=",".join(self.ignored), advice="leave them out",
            ),
        )  # fmt: skip


def _columns_of(schema: pa.Schema, layout: Layout) -> _Columns:
    names = list(schema.names)
    if tuple(name.lower() for name in names) == KAGGLE_HEADER and layout.has_key:
        return _typed(schema, [0, 1], is_keyed=True, is_kaggle=True)
    refuse_odd_kaggle(names, layout)
    header: Header = layout.header(names, "table")
    places = [*([] if header.key is None else [header.key]), *header.order]
    return _typed(schema, places, is_keyed=header.key is not None, ignored=header.ignored)


def _typed(
    schema: pa.Schema, places: Sequence[int], *, is_keyed: bool, is_kaggle: bool = False, ignored: tuple[str, ...] = ()
) -> _Columns:
    """The columns at these places, once each holds numbers or strings."""
    import pyarrow.types as kinds

    strings = []
    for place in places:
        field = schema.field(place)
        kind = field.type.value_type if kinds.is_dictionary(field.type) else field.type
        is_string = kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)
        is_number = kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind)
        if not is_string and (is_kaggle or not is_number):
            raise _odd_column(field.name, str(field.type))
        if is_string:
            strings.append(field.name)
    return _Columns(
        names=tuple(schema.field(place).name for place in places), strings=tuple(strings), is_keyed=is_keyed,
        is_kaggle=is_kaggle, ignored=ignored,
    )  # fmt: skip


def _odd_column(name: str, kind: str) -> UnreadableFile:
    return UnreadableFile(
        error(
            "column-type", None, f"{name}: {kind}", "a column holds neither numbers nor strings",
            advice="write one number a cell: labels and boxes in columns of their own",
        )
    )  # fmt: skip
