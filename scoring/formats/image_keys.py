"""The image that a row names, by name or by index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scoring.formats.tokens import NUMBER, parse_token
from scoring.images import Images

UNKNOWN_IMAGE = -1

# Of pictures; anything else behind a point belongs to the name: "v1.5", or the NUL that somebody put there.
_ENDINGS = (".jpg", ".jpeg", ".png")


class ImageKeys:
    """Looks up what rows call their images: the listed name, its last part, either without its ending, or the index."""

    def __init__(self, images: Images) -> None:
        self._images = images

    def positions(self, keys: Sequence[str]) -> npt.NDArray[np.int32]:
        """(rows,) the position of each image, UNKNOWN_IMAGE for what names none.

        >>> ImageKeys(Images(indices=np.array([4, 7]), names=("val/a.jpg", "val/b.jpg"))).positions(["b", "4", "c"])
        array([ 1,  0, -1], dtype=int32)
        """
        return np.fromiter((self._position(key) for key in keys), dtype=np.int32, count=len(keys))

    def _position(self, key: str) -> int:
        known = self._images.position_of_name.get(key)  # nearly always: the other names are made where it fails
        if known is not None:
            return known
        by_index = self._images.position_of_index
        index, kind = parse_token(key)  # as the tokeniser reads it where a whole window is plain
        if kind == NUMBER and self._images.is_sparse:
            index = float(self._images.positions(np.array([index]))[0])
        if kind == NUMBER and 0 <= index < len(by_index) and index == int(index):
            return int(by_index[int(index)])
        last = key.rpartition("/")[2]
        found = (self._short_names.get(name) for name in (key, _without_ending(key), _without_ending(last)))
        return next((place for place in found if place is not None), UNKNOWN_IMAGE)

    @cached_property
    def _short_names(self) -> dict[str, int]:
        names = self._images.position_of_name
        return _unambiguous((short, place) for name, place in names.items() for short in _shortened(name)) | names


def is_index(values: npt.NDArray[np.float64], kinds: npt.NDArray[np.uint8]) -> bool:
    """Whether all of these tokens are whole numbers, as images have for an index."""
    return not ((kinds != NUMBER) | (values != np.floor(values)) | (values < 0)).any()


def _shortened(name: str) -> set[str]:
    last = name.rpartition("/")[2]
    return {last, _without_ending(last), _without_ending(name)}


def _without_ending(name: str) -> str:
    return next((name[: -len(ending)] for ending in _ENDINGS if name.lower().endswith(ending)), name)


def _unambiguous(named: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Names of one image each: those of two are left out."""
    found: dict[str, int] = {}
    shared = set()
    for name, place in named:
        if found.setdefault(name, place) != place:
            shared.add(name)
    return {name: place for name, place in found.items() if name not in shared}
