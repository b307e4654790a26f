from __future__ import annotations

import numpy as np
import pytest

from scoring.formats.map_names import MapNames
from scoring.images import Images
from tests.scoring.formats.label_map_files import NAMES


@pytest.mark.parametrize(
    ("names", "path", "position"),
    [
        (NAMES, "ADE_val_2.png", 1),
        (NAMES, "run/ADE_val_2.png", 1),
        (NAMES, "ADE_val_2", -1),
        (NAMES, "ADE_val_2.jpg", -1),
        (NAMES, "ADE_val_2.png.png", 1),
        (NAMES, "2.png", 1),
        (("a.jpg", "b.jpg"), "b.png", 1),
        (("a.jpg", "b.jpg"), "b.jpg.png", 1),
        (("a.jpg", "a.png"), "a.png", -1),  # which of the two?
        (("a.jpg", "a.png"), "a.png.png", 1),
        (("val/a", "test/a"), "test/a.png", 1),
        (("val/a", "test/a"), "run/test/a.png", 1),
        (("val/a", "test/a"), "a.png", -1),
        (("val/a", "test/a"), "run/a.png", -1),
        (("val/a", "val/b"), "b.png", 1),
        (None, "2.png", 1),
        (None, "0002.png", 1),
        (None, "run/2.png", 1),
        (None, "3.png", -1),
        (None, "0.png", -1),
        (None, "a.png", -1),
        (None, "", -1),
    ],
)
def test_a_map_is_of_the_image_it_is_called_like(names: tuple[str, ...] | None, path: str, position: int) -> None:
    indices = np.arange(1, (len(names) if names else 2) + 1)
    assert MapNames(Images(indices=indices, names=names)).position(path) == position


@pytest.mark.parametrize(
    ("names", "path", "folders"),
    [
        (("a",), "a.png", 0),
        (("a",), "x/a.png", 1),
        (("v/a",), "v/a.png", 0),
        (("v/a",), "a.png", -1),
        (None, "r/1.png", 1),
    ],
)
def test_folders_are_counted_beyond_those_of_the_list(names: tuple[str, ...] | None, path: str, folders: int) -> None:
    assert MapNames(Images(indices=np.array([1]), names=names)).folders_around(path, 0) == folders


def test_an_image_is_called_as_listed_or_by_its_index() -> None:
    indices = np.array([4, 7])
    assert MapNames(Images(indices=indices, names=("a", "b"))).name(1) == "b"
    assert MapNames(Images(indices=indices)).name(1) == "7"
