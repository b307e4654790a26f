"""Which image a label map is of, told by the name of its file."""

from __future__ import annotations

from scoring.formats.image_keys import UNKNOWN_IMAGE, ImageKeys
from scoring.images import Images

ENDING = ".png"


class MapNames:
    """Map files are called like their images in the round's list, `.png` behind the name or in place of its ending."""

    def __init__(self, images: Images) -> None:
        self._images = images
        self._keys = ImageKeys(images)

    def position(self, path: str) -> int:
        """The position of the image that the map at `path` is of; UNKNOWN_IMAGE where there is none.

        The folders of the list may be left out where the rest is enough, and one more folder may stand around all.

        >>> MapNames(Images(indices=np.array([4, 7]), names=("val/a", "val/b.jpg"))).position("run/val/b.png")
        1
        """
        if path[-len(ENDING) :].lower() != ENDING:
            return UNKNOWN_IMAGE
        whole = path[: -len(ENDING)]
        inner = whole.partition("/")[2]
        exact = self._images.position_of_name
        found = (exact.get(whole), exact.get(inner), *self._keys.positions([inner, whole]).tolist())
        return next((place for place in found if place is not None and place != UNKNOWN_IMAGE), UNKNOWN_IMAGE)

    def name(self, position: int) -> str:
        """What the list calls the image, or its index."""
        names = self._images.names
        return names[position] if names else str(self._images.indices[position])

    def folders_around(self, path: str, position: int) -> int:
        """How many folders `path` has more than the image's name in the list."""
        names = self._images.names
        return path.count("/") - (names[position].count("/") if names else 0)
