from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats.unreadable import UnreadableFile
from scoring.formats.windows import (
    SPARE_BYTES,
    WINDOW_BYTES,
    WINDOW_LINES,
    Window,
    read_ahead,
    read_windows,
)


def text_of(windows: Sequence[Window]) -> bytes:
    return b"".join(window.text(0, window.size) for window in windows)


def codes(windows: Sequence[Window]) -> list[str]:
    return [notice.code for window in windows for notice in window.notices]


def windows_of(*chunks: bytes) -> list[Window]:
    windows = list(read_windows(iter(chunks)))
    for window in windows:
        assert window.size > 0
        assert window.data[window.size - 1] == ord("\n")
        assert len(window.data) >= window.size + SPARE_BYTES
        assert not window.data.flags.writeable
        assert window.size <= WINDOW_BYTES + max(map(len, chunks))
    return windows


def chunks_of(text: bytes, size: int) -> list[bytes]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def test_no_bytes_give_no_windows() -> None:
    assert windows_of() == []
    assert windows_of(b"") == []


def test_a_small_text_is_one_window() -> None:
    windows = windows_of(b"1 2\n3 4\n")
    assert text_of(windows) == b"1 2\n3 4\n"
    assert (len(windows), codes(windows)) == (1, [])


@pytest.mark.parametrize("size", [1 << 20, WINDOW_BYTES, 3_333_333, 9_000_000])
def test_a_long_text_is_cut_behind_line_ends_and_nothing_is_lost(size: int) -> None:
    text = b"".join(b"%09d %s\n" % (n, b"x" * (n % 90)) for n in range(160_000))
    windows = windows_of(*chunks_of(text, size))
    assert text_of(windows) == text
    assert len(windows) > 1
    assert codes(windows) == []


@given(st.lists(st.integers(0, 12), min_size=1, max_size=30), st.integers(1, 9), st.sampled_from((b"\n", b"\r\n")))
def test_lines_across_the_borders_of_chunks_are_whole(lengths: list[int], size: int, end: bytes) -> None:
    text = end.join(b"x" * length for length in lengths) + end
    # the start comes in one piece, which unpacked_chunks sees to; what follows in any
    windows = windows_of(text + b"y" * 3, *chunks_of(b"z\n" + text, size))
    assert text_of(windows) == text + b"yyyz\n" + text


def test_a_line_across_the_border_of_windows_is_whole() -> None:
    for length in (WINDOW_BYTES - 5, WINDOW_BYTES - 1, WINDOW_BYTES, WINDOW_BYTES + 1):
        line = b"1234567\n"
        filled = line * (length // 8) + b"x" * (length % 8)
        windows = windows_of(filled, b"yz\n", line)
        assert text_of(windows) == filled + b"yz\n" + line
        assert all(window.text(0, 1) in (b"1", b"x", b"y") for window in windows)


def test_a_text_without_a_last_line_end_is_given_one_and_noticed() -> None:
    windows = windows_of(b"1 2\n3", b" 4")
    assert (text_of(windows), codes(windows)) == (b"1 2\n3 4\n", ["no-line-end"])


def test_a_byte_order_mark_is_taken_away_and_noticed() -> None:
    windows = windows_of(b"\xef\xbb\xbf1\n", b"\xef\xbb\xbf2\n")
    assert (text_of(windows), codes(windows)) == (b"1\n\xef\xbb\xbf2\n", ["byte-order-mark"])


def test_a_mere_byte_order_mark_gives_no_windows() -> None:
    assert windows_of(b"\xef\xbb\xbf") == []


def test_line_ends_of_two_bytes_are_left_to_the_tokenisers_and_noticed() -> None:
    windows = windows_of(b"1 2\r\n3 4\r\n")
    assert (text_of(windows), codes(windows)) == (b"1 2\r\n3 4\r\n", ["line-ends"])


def test_lone_carriage_returns_are_line_ends_in_all_of_the_text() -> None:
    windows = windows_of(b"1 2\r3 4", b"\r5 6\r", b"7\r")
    assert (text_of(windows), codes(windows)) == (b"1 2\n3 4\n5 6\n7\n", ["line-ends"])


def test_all_that_was_evened_out_is_noticed_once_with_the_first_window() -> None:
    text = b"\xef\xbb\xbf" + b"1 2\r" * 3_000_000 + b"3"
    windows = windows_of(*chunks_of(text, 1 << 20))
    assert text_of(windows) == text[3:].replace(b"\r", b"\n") + b"\n"
    assert codes(windows[:1]) == ["byte-order-mark", "line-ends"]
    assert codes(windows[1:]) == ["no-line-end"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_text_of_very_many_lines_comes_in_windows_of_bounded_lines(end: bytes) -> None:
    text = (b"1" + end) * (3 * WINDOW_LINES + 10)
    windows = windows_of(*chunks_of(text, 1 << 20))
    assert text_of(windows) == text.replace(b"\r", b"\n") if end == b"\r" else text
    assert max(np.count_nonzero(window.data[: window.size] == 10) for window in windows) <= WINDOW_LINES


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_exactly_as_many_lines_as_a_window_takes_are_one_window(extra: int) -> None:
    windows = windows_of(b"1\n" * (WINDOW_LINES + extra))
    assert [np.count_nonzero(window.data[: window.size] == 10) for window in windows] == (
        [WINDOW_LINES, 1] if extra == 1 else [WINDOW_LINES + extra]
    )


@pytest.mark.parametrize("start", [b"", b"1\n"])
def test_an_endless_line_is_refused_before_it_is_taken_in(start: bytes) -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        yield start
        for _ in range(1000):
            taken += 1
            yield b"1" * (1 << 20)

    with pytest.raises(UnreadableFile) as caught:
        list(read_windows(chunks()))
    assert caught.value.finding.code == "too-large"
    assert "1,000,000 bytes" in caught.value.finding.message
    assert taken < 10


# Reading ahead


def test_windows_come_in_order_and_all_of_them() -> None:
    windows = windows_of(*[b"%07d\n" % n * WINDOW_LINES for n in range(12)])
    assert [w.text(0, 7) for w in read_ahead(iter(windows))] == [w.text(0, 7) for w in windows]


def test_what_reading_raises_is_raised_where_windows_are_taken() -> None:
    def broken() -> Iterator[Window]:
        yield from windows_of(b"1\n")
        raise OSError("the disk is gone")

    taken = []
    with pytest.raises(OSError, match="the disk is gone"):
        taken.extend(read_ahead(broken()))
    assert readers() == []


def test_the_reader_stops_when_nobody_wants_more() -> None:
    (window,) = windows_of(b"1\n")
    read = 0

    def endless() -> Iterator[Window]:
        nonlocal read
        while True:
            read += 1
            yield window

    windows = read_ahead(endless())
    for _ in range(3):
        next(windows)
    windows.close()  # type: ignore[attr-defined]  # a generator is what it is
    assert readers() == []
    assert read < 12


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "heldout-reader"]
