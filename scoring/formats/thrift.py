"""Thrift's compact protocol, as Parquet's footers and pages are written in it."""

from __future__ import annotations

from typing import Any

# The kinds of a field that anybody asks for.
I32, I64, LIST, STRUCT = 5, 6, 9, 12

_TRUE, _FALSE, _BYTE, _I16, _DOUBLE, _BINARY, _SET = 1, 2, 3, 4, 7, 8, 10

_MAX_DEPTH = 16

# Fields by (id, kind): readers pass over a field of another kind than they expect, as if it were not there.
Fields = dict[tuple[int, int], Any]


class ThriftStruct:
    """A struct at the start of some bytes: whole numbers, structs and lists of them; of all else, None.

    Raises IndexError for what runs over the end of the bytes, is nested too deep, or stands there twice.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = 0  # bytes that it takes
        self.fields = self._struct(_MAX_DEPTH)

    def _struct(self, depth: int) -> Fields:
        found: Fields = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            kind = head & 15
            if (field, kind) in found:
                raise IndexError
            found[field, kind] = None if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if not depth:
            raise IndexError
        if kind in (_TRUE, _FALSE, _BYTE):  # in a list, a truth is a byte too
            return self._byte()
        if kind in (_I16, I32, I64):
            return self._zigzag()
        if kind in (LIST, _SET):
            return self._list(depth)
        if kind == STRUCT:
            return self._struct(depth - 1)
        if kind in (_DOUBLE, _BINARY):
            return self._skip(8 if kind == _DOUBLE else self._varint())
        raise IndexError  # maps: Parquet has none

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        return [self._value(head & 15, depth - 1) for _ in range(size)]

    def _byte(self) -> int:
        self.size += 1
        return self._data[self.size - 1]

    def _skip(self, size: int) -> None:
        self.size += size
        if self.size > len(self._data):
            raise IndexError

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number
            if shift > 63:
                raise IndexError

    def _zigzag(self) -> int:
        number = self._varint()
        return number >> 1 ^ -(number & 1)
