"""Work that falls into two halves, done side by side where that is worth a second thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Half = TypeVar("_Half")
_Answer = TypeVar("_Answer")


def both(do: Callable[[_Half], _Answer], halves: tuple[_Half, _Half], *, in_threads: bool) -> list[_Answer]:
    """The answers for both halves; `in_threads` where they take longer than starting threads does."""
    if not in_threads:
        return [do(half) for half in halves]
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="heldout-half") as threads:
        return list(threads.map(do, halves))
