"""Arrays that are filled again and again: to touch fresh memory costs more than to read the file into it."""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np
import numpy.typing as npt


def _references(arrays: list[npt.NDArray[Any]]) -> list[int]:
    return [sys.getrefcount(array) for array in arrays]


# The list's own, the loop's, and that of the question itself; interpreters count differently.
_REFERENCES_WHEN_IDLE = _references([np.empty(0)])[0]


class Buffers:
    """Arrays of one kind, each given out anew as soon as nothing else refers to it or to a part of it."""

    def __init__(self, length: int, dtype: npt.DTypeLike) -> None:
        self._length = length
        self._dtype = dtype
        self._arrays: list[npt.NDArray[Any]] = []
        self._lock = threading.Lock()

    def take(self, length: int) -> npt.NDArray[Any]:
        """An array of at least `length` numbers, whatever they are."""
        if length > self._length:
            return np.empty(length, self._dtype)
        with self._lock:
            for array, references in zip(self._arrays, _references(self._arrays), strict=True):
                if references == _REFERENCES_WHEN_IDLE:
                    return array
            array = np.empty(self._length, self._dtype)
            self._arrays.append(array)
            return array
