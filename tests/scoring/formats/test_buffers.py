from __future__ import annotations

import numpy as np

from scoring.formats.buffers import Buffers


def test_an_array_is_given_out_again_once_nobody_holds_it() -> None:
    buffers = Buffers(10, np.int32)
    first = buffers.take(10)
    address = first.ctypes.data
    assert buffers.take(3).ctypes.data != address
    del first
    assert buffers.take(10).ctypes.data == address


def test_a_part_of_an_array_keeps_it() -> None:
    buffers = Buffers(10, np.int32)
    part = buffers.take(10)[2:4][:1]
    part[:] = 7
    other = buffers.take(10)
    other[:] = 8
    assert part.tolist() == [7]


def test_a_larger_array_than_usual_is_made_for_the_occasion() -> None:
    buffers = Buffers(10, np.float64)
    assert len(buffers.take(11)) == 11
    assert (len(buffers.take(10)), buffers.take(0).dtype) == (10, np.float64)
