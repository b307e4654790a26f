"""Label maps written: a zip of one PNG for each image, as the readers of truths and predictions take it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from scoring.formats.map_names import ENDING, MapNames
from scoring.images import Images

Ids = npt.NDArray[np.integer[Any]]  # (height, width) class ids, 0 for none of them

_LARGEST_BYTE = 255


def write_maps(target: IO[bytes], images: Images, map_of: Callable[[int], Ids]) -> None:
    """Write the zip; the same maps give the same bytes.

    Args:
        target: takes it.
        images: those of the round.
        map_of: the map of the image at a position.
    """
    names = MapNames(images)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for image in range(len(images)):
            info = zipfile.ZipInfo(f"{names.name(image)}{ENDING}", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, _png(map_of(image)))


def _png(ids: Ids) -> bytes:
    """Grey, of two bytes a pixel where one does not do."""
    from PIL import Image  # the one task that needs it loads it

    kind = np.uint8 if ids.max(initial=0) <= _LARGEST_BYTE else np.uint16
    stream = io.BytesIO()
    Image.fromarray(ids.astype(kind)).save(stream, "PNG")
    return stream.getvalue()
