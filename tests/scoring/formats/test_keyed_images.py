from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.findings import FindingLog
from scoring.formats.keyed_images import KeyedImages
from scoring.formats.unreadable import UnreadableFile
from scoring.images import Images


def read(batches: list[list[str]], count: int = 3) -> tuple[list[list[int]], list[tuple[str, int | None, str | None]]]:
    """Positions of each batch, and (code, line, value) of every finding."""
    images, log, found, line = KeyedImages(Images.counted(count)), FindingLog(), [], 1
    for keys in batches:
        found.append(images.accept(keys, lines=np.arange(line, line + len(keys)), log=log).tolist())
        line += len(keys)
    images.finish(log)
    return found, [(f.code, f.line, f.value) for f in log.report().findings]


def test_rows_in_the_order_of_the_images_are_nothing_to_speak_of() -> None:
    assert read([["1", "2"], ["3"]]) == ([[0, 1], [2]], [])


@pytest.mark.parametrize("batches", [[["3", "1", "2"]], [["2", "3"], ["1"]], [["3"], ["2"], ["1"]]])
def test_rows_in_another_order_are_noticed(batches: list[list[str]]) -> None:
    found, told = read(batches)
    assert found == [[int(key) - 1 for key in keys] for keys in batches]
    assert told == [("rows-shuffled", None, None)]


def test_an_image_twice_is_told_with_both_lines_and_counts_once() -> None:
    for batches in ([["1", "2", "2", "3", "2"]], [["1", "2"], ["2", "3"], ["2"]]):
        images, log = KeyedImages(Images.counted(3)), FindingLog()
        line, found = 1, []
        for keys in batches:
            found += images.accept(keys, lines=np.arange(line, line + len(keys)), log=log).tolist()
            line += len(keys)
        assert found == [0, 1, -1, 2, -1]
        report = log.report()
        assert [(f.code, f.line, f.value) for f in report.errors] == [("image-twice", 3, "2"), ("image-twice", 5, "2")]
        assert all("line 2" in finding.message for finding in report.errors)


def test_unknown_and_missing_images_are_told() -> None:
    found, told = read([["1", "x"], ["9"]])
    assert found == [[0, -1], [-1]]
    assert told == [("unknown-image", 2, "x"), ("unknown-image", 3, "9"), ("image-missing", None, "2")]


def test_a_missing_image_is_called_as_the_list_does() -> None:
    images, log = KeyedImages(Images(indices=np.array([4, 7]), names=("val/a", "val/b"))), FindingLog()
    images.accept(["4"], lines=np.array([1]), log=log)
    images.finish(log)
    assert [f.value for f in log.report().errors] == ["val/b"]


def test_a_file_without_rows_is_empty() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read([[]])
    assert caught.value.finding.code == "empty"


@given(order=st.permutations(range(8)), cuts=st.sets(st.integers(1, 7)))
def test_any_order_in_any_batches_gives_every_image_once(order: list[int], cuts: set[int]) -> None:
    keys = [str(position + 1) for position in order]
    ends = [0, *sorted(cuts), 8]
    found, told = read([keys[start:end] for start, end in pairwise(ends)], 8)
    assert [position for batch in found for position in batch] == order
    assert told == ([] if order == sorted(order) else [("rows-shuffled", None, None)])
