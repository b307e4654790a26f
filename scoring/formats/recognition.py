"""Which of a task's formats a file is written in: told by its content, never by its name."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from scoring.formats.archives import BYTE_ORDER_MARK, HashedFile, unpacked_chunks
from scoring.formats.csv_rows import KAGGLE_HEADER, header_cells
from scoring.formats.layouts import Layout
from scoring.formats.source import Source
from scoring.formats.unreadable import unreadable
from scoring.policies import Policy
from scoring.tasks import Encoding, Format, Task

# Each turns a Source into windows, or whatever else the task's reader parses; loaded when a file is written so.
_ENCODINGS: Mapping[Encoding, str] = {
    "text": "scoring.formats.windows:text_windows",
    "csv": "scoring.formats.csv_rows:csv_windows",
    "kaggle": "scoring.formats.csv_rows:kaggle_windows",
    "json": "scoring.formats.json_rows:json_windows",
    "parquet": "scoring.formats.parquet_rows:parquet_windows",
    "label maps": "scoring.formats.label_maps:label_map_files",
}

# Of a Parquet file, and of one whose footer is encrypted.
PARQUET_MAGICS = (b"PAR1", b"PARE")

_LINE_END = re.compile(rb"[\r\n]")

# The first line of a file is looked at as far as this.
_HEADER_BYTES = 65_536


@dataclass(frozen=True, kw_only=True, eq=False)
class Recognised:
    """A file whose format is known."""

    format: Format
    windows: Callable[[], Iterator[Any]]  # what the task's reader parses; raises UnreadableFile


def recognise(file: HashedFile, path: Path, *, task: Task, policy: Policy) -> Recognised:
    """Look at the start of a file.

    Raises:
        UnreadableFile: for a file that is in none of the task's formats.
    """
    chunks: Iterator[bytes] = iter(())
    encoding: Encoding = "label maps"
    if task.formats[0].encoding != "label maps":  # else its zip holds many files, and is no wrapping
        chunks = unpacked_chunks(file, path, policy)
        start = next(chunks)
        encoding = encoding_of(start, task.layout)
        chunks = chain([start], chunks)
    form = next((form for form in task.formats if form.encoding == encoding), None)
    if form is None:
        raise unreadable(
            "format", f"a {task.slug} round does not take this as {encoding}",
            f"send it as {', '.join(form.encoding for form in task.formats)}",
        )  # fmt: skip
    source = Source(path=path, file=file, policy=policy, layout=task.layout, chunks=chunks)
    return Recognised(format=form, windows=lambda: pkgutil.resolve_name(_ENCODINGS[encoding])(source))


def encoding_of(start: bytes, layout: Layout) -> Encoding:
    """The encoding of a file that starts so.

    >>> from scoring.formats.layouts import LABELS
    >>> encoding_of(b'771 778', LABELS), encoding_of(b'image,label1', LABELS), encoding_of(b' [{"image":', LABELS)
    ('text', 'csv', 'json')
    """
    if start.startswith(PARQUET_MAGICS):
        return "parquet"
    text = start.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith((b"[", b"{")):
        return "json"
    line = _LINE_END.split(text[:_HEADER_BYTES], maxsplit=1)[0]
    cells = header_cells(line.decode("utf-8", "backslashreplace"))
    if tuple(cell.lower() for cell in cells) == KAGGLE_HEADER:
        return "kaggle"
    return "csv" if layout.is_header(cells) else "text"
