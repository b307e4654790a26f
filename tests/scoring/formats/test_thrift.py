from __future__ import annotations

import pytest

from scoring.formats.thrift import I32, I64, LIST, STRUCT, ThriftStruct


def test_whole_numbers_structs_and_lists_are_read_by_their_ids() -> None:
    # field 1 an i32 of 3, field 2 an i64 of -2, field 20 a struct of {1: i32 of 1}, field 21 a list of two i32
    data = b"\x15\x06\x16\x03\x0c\x28\x15\x02\x00\x19\x25\x02\x04\x00" + b"more"
    read = ThriftStruct(data)
    assert read.fields == {(1, I32): 3, (2, I64): -2, (20, STRUCT): {(1, I32): 1}, (21, LIST): [1, 2]}
    assert read.size == len(data) - len(b"more")


def test_what_nobody_asks_for_is_passed_over() -> None:
    # a truth, a byte, a double, a text of three bytes, and a list of two truths
    data = b"\x11\x13\x07\x17" + bytes(8) + b"\x18\x03abc\x19\x21\x01\x02\x15\x02\x00"
    assert ThriftStruct(data).fields[6, I32] == 1
    assert ThriftStruct(data).size == len(data)


@pytest.mark.parametrize("data", [
    b"", b"\x15", b"\x15\x80", b"\x15\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00", b"\x18\x7fabc\x00",
    b"\x17abc\x00", b"\x15\x02\x05\x02\x02\x00", b"\x1b\x00\x00", b"\x1c" * 40, b"\x19" * 4_000,
    b"\x19\xfc\xff\xff\x7f",
    b"\x19\xf7\xff\xff\xff\xff\xff\xff\x7f",
])  # fmt: skip
def test_what_is_cut_doubled_or_nested_too_deep_is_none(data: bytes) -> None:
    with pytest.raises(IndexError):
        ThriftStruct(data)
