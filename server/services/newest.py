"""The newest of each kind of thing, kept in memory: what has been superseded is never asked for again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

_V = TypeVar("_V")


class Newest(Generic[_V]):
    """One value per place, as long as its tag is the one asked for; the places used last.

    A board of 500 rows is thousands of objects, and one is made whenever a file is scored: had they stayed until there
    were too many, looking through them for garbage would take longer than making a board.
    """

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, tuple[str, _V]] = OrderedDict()
        self._lock = Lock()

    def find(self, place: Hashable, tag: str) -> _V | None:
        """What was kept for the place under this tag; None where that is nothing, or under another one."""
        with self._lock:
            tag_and_value = self._kept.get(place)
            if tag_and_value is None or tag_and_value[0] != tag:
                return None
            self._kept.move_to_end(place)
            return tag_and_value[1]

    def keep(self, place: Hashable, tag: str, value: _V) -> None:
        """In place of what was kept there."""
        with self._lock:
            self._kept[place] = (tag, value)
            self._kept.move_to_end(place)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)
