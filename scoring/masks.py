"""The ground truth of scene parsing: a label map for every image, kept packed and opened one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from scoring.faults import FaultLog
from scoring.formats.image_keys import UNKNOWN_IMAGE
from scoring.formats.map_classes import ClassMap, MapClasses
from scoring.formats.map_names import ENDING, MapNames
from scoring.formats.png_maps import MAX_PNG_BYTES, MapValues, UnfitMap, decode_map
from scoring.formats.unreadable import UnreadableFile
from scoring.formats.zip_files import ZipCaps, zipped_files
from scoring.images import Images
from scoring.progress import Progress
from scoring.synsets import Classes

_KEY = "truth.masks"
_FASTEST = 1  # of its levels: regions of one class pack to a fiftieth even so


@dataclass(frozen=True, kw_only=True, eq=False)
class TruthMasks:
    """Label maps in the order of the images, as class position + 1, 0 for what no class is labelled."""

    packed: npt.NDArray[np.uint8]  # (bytes,) zlib streams of the pixels, row by row, little-endian
    starts: npt.NDArray[np.int64]  # (images + 1,) the stream of image i is packed[starts[i]:starts[i + 1]]
    shapes: npt.NDArray[np.int32]  # (images, 2) height and width in pixels
    digests: npt.NDArray[np.uint8]  # (images, 32) sha256 of the values as the PNG has them, two bytes each

    def __len__(self) -> int:
        return len(self.shapes)

    def shape(self, image: int) -> tuple[int, int]:
        """Height and width in pixels of the image at position `image`."""
        height, width = self.shapes[image].tolist()
        return height, width

    def class_map(self, image: int) -> ClassMap:
        """(height, width) class position + 1 of each pixel, 0 where no class is labelled."""
        height, width = self.shape(image)
        pixels = isal_zlib.decompress(self.packed[self.starts[image] : self.starts[image + 1]].data)
        return np.frombuffer(pixels, dtype=f"<u{len(pixels) // (height * width)}").reshape(height, width)

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `from_columns` makes the same masks of."""
        return {
            "packed": self.packed,
            "starts": self.starts,
            "shapes": self.shapes,
            "digests": self.digests,
        }

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.NDArray[np.generic]]) -> Self | None:
        """The masks among the columns of a stored truth; None where it has none."""
        if "packed" not in columns:
            return None
        return cls(
            packed=columns["packed"].astype(np.uint8, copy=False),
            starts=columns["starts"].astype(np.int64, copy=False),
            shapes=columns["shapes"].astype(np.int32, copy=False),
            digests=columns["digests"].astype(np.uint8, copy=False),
        )

    def digest_columns(self, images: Images, classes: Classes) -> dict[str, npt.NDArray[np.generic]]:
        """What the digest of a truth is taken over: sizes, and each map's own digest, which speaks of class ids.

        How the PNGs were packed does not matter, nor in which order they came.
        """
        return {
            "images": images.indices.astype("<i8"),
            "classes": classes.ids.astype("<i8"),
            "shapes": self.shapes.astype("<i8"),
            "digests": self.digests,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class _PackedMask:
    shape: tuple[int, int]
    pixels: bytes  # packed
    digest: bytes


def read_masks(
    path: Path, *, images: Images, classes: Classes, faults: FaultLog, progress: Progress | None = None
) -> TruthMasks | None:
    """Read the PNGs of a zip or a folder; all faults go to `faults`, and None is returned if there are any here.

    Args:
        path: a zip, or a folder; files that do not end in .png are passed over.
        images: each has one PNG, called as `MapNames` says.
        classes: their ids are the values of the maps, 0 apart.
        faults: learns of images without a PNG, PNGs without an image, and what is no map of these classes.
        progress: called with (maps done, images).

    Raises:
        OSError: when there is nothing at `path`.
    """
    known_faults = len(faults)
    names, lookup = MapNames(images), MapClasses.of(classes)
    found: dict[int, _PackedMask | None] = {}
    try:
        for name, content in _pngs(path):
            position = names.position(name)
            if position == UNKNOWN_IMAGE or position in found:
                faults.add(
                    "mask-image", "no image of the list is called like this file, or two files are of one image",
                    advice="name masks like the images, and give each image one", file=path.name, key=_KEY, value=name,
                )  # fmt: skip
                continue
            found[position] = _packed_mask(name, content, lookup, path=path, faults=faults)
            if progress:
                progress(len(found), len(images))
    except UnreadableFile as error:
        faults.add(
            "archive", f"the masks cannot be read: {error}", advice="pack the masks again, as a zip",
            file=path.name, key=_KEY,
        )  # fmt: skip
        return None
    for position in range(len(images)):
        if position not in found:
            faults.add(
                "mask-missing", "this image has no mask", advice="add a PNG of its size; 0 in it is no class",
                file=path.name, key=_KEY, value=names.name(position),
            )  # fmt: skip
    whole = [mask for _, mask in sorted(found.items()) if mask is not None]
    return _joined(whole) if len(faults) == known_faults else None


def _pngs(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() == ENDING and file.is_file():
                yield file.relative_to(path).as_posix(), file.read_bytes()
        return
    for zipped in zipped_files(path, ZipCaps(file_bytes=MAX_PNG_BYTES, unpacked_bytes=None)):
        if zipped.name.lower().endswith(ENDING):
            yield zipped.name, zipped.content


def _packed_mask(name: str, content: bytes, lookup: MapClasses, *, path: Path, faults: FaultLog) -> _PackedMask | None:
    """One mask; None, and a fault, where it is none."""
    try:
        values = decode_map(content).values
    except UnfitMap as unfit:
        faults.add("mask", unfit.message, advice=unfit.advice, file=path.name, key=_KEY, value=name)
        return None
    found = lookup.classes(values)
    unknown = lookup.unknown_values(values, found)
    if unknown:
        faults.add(
            "unknown-class", "a value of this mask is neither 0 nor an id of the class table",
            advice="use the round's own ids, and 0 for what has no label", file=path.name, key=_KEY,
            value=f"{name}: {', '.join(map(str, unknown))}",
        )  # fmt: skip
        return None
    return _PackedMask(
        shape=(values.shape[0], values.shape[1]),
        pixels=isal_zlib.compress(found.astype(found.dtype.newbyteorder("<")).tobytes(), _FASTEST),
        digest=_digest(values),
    )


def _digest(values: MapValues) -> bytes:
    return hashlib.sha256(values.astype("<u2").tobytes()).digest()


def _joined(masks: list[_PackedMask]) -> TruthMasks:
    return TruthMasks(
        packed=np.frombuffer(b"".join(mask.pixels for mask in masks), dtype=np.uint8),
        starts=np.cumsum([0, *(len(mask.pixels) for mask in masks)], dtype=np.int64),
        shapes=np.array([mask.shape for mask in masks], dtype=np.int32).reshape(-1, 2),
        digests=np.frombuffer(b"".join(mask.digest for mask in masks), dtype=np.uint8).reshape(-1, 32),
    )
