"""The format of `scene-parsing`: a zip of one PNG per image, each pixel a class id, 0 for other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scoring.findings import Finding, FindingLog
from scoring.formats.complaints import error, notice
from scoring.formats.image_keys import UNKNOWN_IMAGE
from scoring.formats.map_classes import ClassMap, MapClasses
from scoring.formats.map_names import MapNames
from scoring.formats.png_maps import MAX_PNG_BYTES, UnfitMap, decode_map
from scoring.formats.source import Source
from scoring.formats.unreadable import too_large
from scoring.formats.zip_files import ZipCaps, ZippedFile, zipped_files
from scoring.rounds import PublicRound

# Of the values that are no class a finding quotes the first few: a photo has hundreds.
_QUOTED_VALUES = 5

_VOID = 255  # what many data sets write where nothing is labelled


@dataclass(frozen=True, kw_only=True, eq=False)
class MapColumns:
    """The map of one image."""

    image: int  # its position
    classes: ClassMap  # (height, width) class position + 1, 0 for other


@dataclass(frozen=True, kw_only=True, eq=False)
class ParsedMap:
    """One file of the zip, before it is known which others there are."""

    file: str  # its path in the zip
    image: int  # a position, or UNKNOWN_IMAGE
    classes: ClassMap | None = None  # as in MapColumns; None where there is a fault
    unpacked_bytes: int = 0  # of its pixels
    is_palette: bool = False
    fault: Finding | None = None


def label_map_files(source: Source) -> Iterator[ZippedFile]:
    """The files of the zip, one at a time.

    Raises:
        UnreadableFile: when the file is over the round's cap, and as `zipped_files`.
    """
    size, cap = source.path.stat().st_size, source.policy.max_upload_bytes
    if size > cap:
        raise too_large(f"the file has {size:,} bytes; the cap is {cap:,}")
    caps = ZipCaps(file_bytes=MAX_PNG_BYTES, unpacked_bytes=source.policy.max_unpacked_bytes)
    for zipped in zipped_files(source.path, caps):
        while source.file.bytes_read < zipped.packed_bytes_read and source.file.read():
            pass  # what is hashed so far tells how far the reading is
        yield zipped


class LabelMaps:
    """Reads `scene-parsing` files."""

    def __init__(self, public: PublicRound) -> None:
        self._public = public
        self._names = MapNames(public.images)
        self._classes = MapClasses.of(public.classes)
        self._is_seen = np.zeros(len(public.images), dtype=np.bool_)
        self._unpacked_bytes = 0
        self._palettes = 0
        self._folder: str | None = None
        self.line_count = 0  # maps

    def parse(self, piece: ZippedFile) -> ParsedMap:
        """Decode a map, in any thread; a file that is of no image is left as it is."""
        image = self._names.position(piece.name)
        if image == UNKNOWN_IMAGE:
            return self._faulty(piece, image, _unknown_image(piece.name))
        if self._names.folders_around(piece.name, image) > 1:
            return self._faulty(piece, image, _too_deep(piece.name))
        try:
            png = decode_map(piece.content)
        except UnfitMap as unfit:
            return self._faulty(piece, image, error(unfit.code, None, piece.name, unfit.message, advice=unfit.advice))
        classes = self._classes.classes(png.values)
        unknown = self._classes.unknown_values(png.values, classes)
        return ParsedMap(
            file=piece.name,
            image=image,
            classes=None if unknown else classes,
            unpacked_bytes=png.values.nbytes,
            is_palette=png.is_palette,
            fault=self._unknown_class(piece.name, unknown) if unknown else None,
        )

    def accept(self, parsed: ParsedMap, log: FindingLog) -> MapColumns | None:
        """Take in the next map, and log what is wrong with it; None where it is of no use.

        Raises:
            UnreadableFile: when the pixels of all maps together are over the round's cap.
        """
        self.line_count += 1
        self._unpacked_bytes += parsed.unpacked_bytes
        cap = self._public.policy.max_unpacked_bytes
        if self._unpacked_bytes > cap:
            raise too_large(f"the maps unpack to more than {cap:,} bytes")
        if parsed.fault is not None:
            log.add(parsed.fault)
        if parsed.image == UNKNOWN_IMAGE:
            return None
        if self._is_seen[parsed.image]:
            log.add(_twice(parsed.file))
            return None
        self._is_seen[parsed.image] = True
        self._palettes += parsed.is_palette
        if self._folder is None and self._names.folders_around(parsed.file, parsed.image) > 0:
            self._folder = parsed.file.split("/", maxsplit=1)[0]
        return None if parsed.classes is None else MapColumns(image=parsed.image, classes=parsed.classes)

    def finish(self, log: FindingLog) -> None:
        """Log which images have no map, and what is odd about the whole."""
        missing = np.flatnonzero(~self._is_seen).tolist()
        shown = missing[: log.wants("image-missing")]
        for position in shown:
            log.add(_missing(self._names.name(position)))
        if len(missing) > len(shown):
            log.count_more("image-missing", len(missing) - len(shown))
        if self._palettes:
            log.add(
                notice(
                    "png-palette", "maps have a palette; its indices count, whatever their colours",
                    count=self._palettes, advice="grey maps are the plainer way",
                )
            )  # fmt: skip
        if self._folder is not None:
            log.add(
                notice(
                    "zip-folder", "the maps lie in a folder of the zip", value=self._folder,
                    advice="this is allowed, one folder deep",
                )
            )  # fmt: skip

    def _unknown_class(self, file: str, values: list[int]) -> Finding:
        ids = self._public.classes.ids
        quoted = ", ".join(map(str, values[:_QUOTED_VALUES])) + (", …" if len(values) > _QUOTED_VALUES else "")
        advice = f"use the ids of the round's class table, {ids[0]} to {ids[-1]}, and 0 for other"
        if values == [_VOID]:
            advice += f"; where {_VOID} marks what has no label, write 0"
        return error("unknown-class", None, f"{file}: {quoted}", "no class of this round has this id", advice=advice)

    @staticmethod
    def _faulty(piece: ZippedFile, image: int, fault: Finding) -> ParsedMap:
        return ParsedMap(file=piece.name, image=image, fault=fault)


def _unknown_image(file: str) -> Finding:
    return error(
        "unknown-image", None, file, "no image of this round is called like this file",
        advice="name each file like its image in the round's list, with the ending .png, and send nothing else",
    )  # fmt: skip


def _too_deep(file: str) -> Finding:
    return error(
        "zip-name", None, file, "the file lies more than one folder deep", advice="zip the maps with one folder at most"
    )


def _twice(file: str) -> Finding:
    return error(
        "image-twice", None, file, "another file of the zip is of the same image", advice="send one map for every image"
    )


def _missing(image: str) -> Finding:
    return error(
        "image-missing", None, image, "this image has no map", advice="send a map for every image; 0 in it is other"
    )
