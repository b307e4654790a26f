"""Files of rows, read as far as tokens: what the tests of the formats look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scoring.formats.archives import HashedFile
from scoring.formats.layouts import Layout
from scoring.formats.source import Source
from scoring.formats.tokens import NUMBER, tokenise
from scoring.formats.windows import Window
from scoring.policies import Policy


@dataclass(frozen=True)
class ReadRows:
    lines: list[list[float | str]]  # a number, a WNID, or the text of what is neither
    keys: list[str] | None
    notices: list[str]  # codes
    windows: int


def windows_of(
    windows: Callable[[Source], Iterator[Window]], content: bytes, layout: Layout, *, chunk_bytes: int = 1 << 20
) -> list[Window]:
    """All windows of a file of `content`; raises UnreadableFile."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows"
        path.write_bytes(content)
        chunks = (content[start : start + chunk_bytes] for start in range(0, len(content), chunk_bytes))
        with path.open("rb") as stream:
            source = Source(path=path, file=HashedFile(stream), policy=Policy(best_by=""), layout=layout, chunks=chunks)
            return list(windows(source))


def read_rows(
    windows: Callable[[Source], Iterator[Window]], content: bytes, layout: Layout, *, chunk_bytes: int = 1 << 20
) -> ReadRows:
    """The lines that a file of `content` is read as; raises UnreadableFile."""
    return _joined(windows_of(windows, content, layout, chunk_bytes=chunk_bytes))


def _joined(windows: list[Window]) -> ReadRows:
    lines: list[list[float | str]] = []
    keys: list[str] = []
    is_keyed = False
    for window in windows:
        tokens = tokenise(window)
        is_keyed = tokens.keys is not None
        keys += tokens.keys or ()
        for line in range(tokens.line_count):
            row = range(int(tokens.line_starts[line]), int(tokens.line_starts[line + 1]))
            lines.append(
                [
                    float(tokens.values[token]) if tokens.kinds[token] == NUMBER else tokens.text_of(token)
                    for token in row
                ]
            )
    notices = [notice.code for window in windows for notice in window.notices]
    return ReadRows(lines=lines, keys=keys if is_keyed else None, notices=notices, windows=len(windows))
