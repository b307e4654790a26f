from __future__ import annotations

import numpy as np
import pytest

from scoring.findings import FindingLog
from scoring.formats.image_lines import EXPLAINED_TOKENS, GUESSES, ImageLines, LineCount, padded
from scoring.formats.tokens import Tokens, tokenise_plainly
from scoring.formats.unreadable import UnreadableFile
from scoring.formats.windows import MAX_LINE_BYTES, SPARE_BYTES, Window


def window_of(text: bytes) -> tuple[Window, Tokens]:
    window = Window(data=np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8), size=len(text))
    return window, tokenise_plainly(window)


def read(lines: ImageLines, *texts: bytes) -> FindingLog:
    log = FindingLog()
    for text in texts:
        lines.accept(*window_of(text), log)
    return log


def blank(log: FindingLog) -> list[int | None]:
    return [finding.line for finding in log.report().errors if finding.code == "blank-line"]


def test_windows_are_numbered_on() -> None:
    lines = LineCount(max_lines=10)
    log = FindingLog()
    assert [lines.accept(*window_of(text), log) for text in (b"1\n\n", b"2\n", b"3\n4\n")] == [0, 2, 3]
    assert lines.physical == 5


def test_a_line_over_the_cap_of_lines_is_one_too_many() -> None:
    lines = LineCount(max_lines=3)
    log = FindingLog()
    lines.accept(*window_of(b"1\n2\n3\n"), log)
    with pytest.raises(UnreadableFile) as caught:
        lines.accept(*window_of(b"4\n"), log)
    assert (caught.value.finding.code, caught.value.finding.message) == ("too-large", "there are more than 3 lines")


@pytest.mark.parametrize(("length", "is_refused"), [(MAX_LINE_BYTES, False), (MAX_LINE_BYTES + 1, True)])
def test_a_line_may_have_a_megabyte_and_no_more(length: int, is_refused: bool) -> None:
    window, tokens = window_of(b"1" * length + b"\n2\n")
    lines, log = LineCount(max_lines=3), FindingLog()
    if not is_refused:
        assert lines.accept(window, tokens, log) == 0
        return
    with pytest.raises(UnreadableFile) as caught:
        lines.accept(window, tokens, log)
    assert caught.value.finding.code == "too-large"


def test_explaining_stops_after_so_many_tokens_but_the_first_faulty_line_is_always_explained() -> None:
    _, tokens = window_of(b"1 1\n" * 10)
    faulty = np.arange(10)
    lines = LineCount(max_lines=100)
    assert lines.explainable(faulty[:0], tokens) == 0
    assert lines.explainable(faulty, tokens) == 10
    _, many = window_of(b"1 " * (EXPLAINED_TOKENS - 25) + b"\n" + b"1 1\n" * 10)
    assert lines.explainable(np.arange(11), many) == 3
    assert lines.explainable(faulty, tokens) == 0
    _, endless = window_of(b"1 " * (EXPLAINED_TOKENS + 1) + b"\n" + b"1\n")
    assert LineCount(max_lines=100).explainable(np.arange(2), endless) == 1


def test_blank_lines_are_faults_only_where_something_follows() -> None:
    lines = ImageLines(4, max_lines=100)
    log = read(lines, b"\n1\n\n", b"\n", b"\n2\n3\n\n4\n\n", b"\n")
    assert blank(log) == [1, 3, 4, 5, 8]
    lines.finish(log)
    assert [(n.code, n.count) for n in log.report().notices] == [("blank-end", 2)]
    assert lines.count == 9


def test_a_great_many_blank_lines_are_counted_and_twenty_shown() -> None:
    lines = ImageLines(1, max_lines=10**6)
    log = read(lines, b"\n" * 5000, b"\n" * 5000 + b"1\n", b"2\n" + b"\n" * 10 + b"3\n")
    assert blank(log) == list(range(1, 21))
    assert {finding.count for finding in log.report().errors} == {10_010}


@pytest.mark.parametrize(("text", "count"), [(b"1\n2\n", 2), (b"1\n2\n3\n4\n", 4)])
def test_fewer_or_more_lines_than_images_are_a_fault_with_both_counts(text: bytes, count: int) -> None:
    lines = ImageLines(3, max_lines=100)
    log = read(lines, text)
    lines.finish(log)
    (fault,) = log.report().errors
    assert (fault.code, fault.value) == ("line-count", f"{count} lines")
    assert fault.message == f"the file has {count} lines, the round has 3 images"


def test_a_file_of_blank_lines_alone_is_empty() -> None:
    lines = ImageLines(3, max_lines=100)
    log = read(lines, b"\n\n", b" \n")
    with pytest.raises(UnreadableFile) as caught:
        lines.finish(log)
    assert caught.value.finding.code == "empty"


def test_lines_beyond_the_images_speak_of_none() -> None:
    lines = ImageLines(3, max_lines=100)
    _, tokens = window_of(b"1\n2\n")
    assert [list(lines.images(first, tokens)) for first in (0, 1, 2, 3, 7)] == [[0, 1], [1, 2], [2], [], []]


def test_values_of_lines_are_laid_out_in_columns() -> None:
    _, tokens = window_of(b"1 2 3\n4\n\n5 6\n")
    laid_out = padded(tokens.values, tokens.line_starts, width=2)
    assert laid_out[0].tolist() == [1, 2]
    assert laid_out[1, 0] == 4
    assert laid_out[3].tolist() == [5, 6]
    _, nothing = window_of(b"\n\n")
    assert padded(nothing.values, nothing.line_starts, width=GUESSES).tolist() == [[0] * 5] * 2
