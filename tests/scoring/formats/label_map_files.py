"""Makers of label maps and their zips, honest and not, and the way through the reader."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from scoring.findings import Finding, FindingLog
from scoring.formats.archives import HashedFile
from scoring.formats.label_maps import LabelMaps, MapColumns, label_map_files
from scoring.formats.layouts import LABELS
from scoring.formats.source import Source
from scoring.formats.unreadable import UnreadableFile
from scoring.images import Images
from scoring.policies import Policy
from scoring.rounds import PublicRound
from scoring.synsets import Classes
from tests.scoring.making import classes_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NAMES = ("ADE_val_1", "ADE_val_2", "ADE_val_3")

LabelMap = Sequence[Sequence[int]]


def scene_round(
    *, names: tuple[str, ...] | None = NAMES, images: int = 3, classes: Classes | None = None, **policy: Any
) -> PublicRound:
    """A round of scene parsing in memory, its class ids 1, 2 and 3 where nothing else is said."""
    return PublicRound(
        slug="scenes", title="Scenes", challenge=None, task="scene-parsing",
        images=Images(indices=np.arange(1, (len(names) if names else images) + 1), names=names),
        classes=classes or classes_of(),
        policy=Policy(best_by="score", **policy),
    )  # fmt: skip


def png_of(values: LabelMap | npt.NDArray[Any], *, bits: int = 8, **options: Any) -> bytes:
    """A grey PNG as Pillow writes it."""
    pixels = np.array(values, dtype=np.uint8 if bits == 8 else np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", **options)
    return buffer.getvalue()


def palette_png(values: LabelMap, *, bits: int = 8) -> bytes:
    """A PNG of a palette, its colours in the order opposite to their indices."""
    image = Image.fromarray(np.array(values, dtype=np.uint8)).convert("P")
    image.putpalette([255 - place // 3 for place in range(3 * (1 << bits))])
    image.putdata([value for row in values for value in row])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", bits=bits)
    return buffer.getvalue()


def png_in_mode(mode: str, size: tuple[int, int] = (2, 2)) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, "PNG")
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, *, depth: int = 8, colour: int = 0, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def png_by_hand(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


def pixels(*rows: bytes) -> bytes:
    """An IDAT of unfiltered rows."""
    return chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))


def zip_of_maps(maps: Mapping[str, LabelMap | bytes], *, folder: str = "") -> bytes:
    """A zip of PNGs; bytes are taken as they are."""
    return zip_of_entries(
        *((f"{folder}{name}", value if isinstance(value, bytes) else png_of(value)) for name, value in maps.items())
    )


def zip_of_entries(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name) if isinstance(name, str) else name, content, method)
    return buffer.getvalue()


class ReadMaps:
    """What reading a zip of maps told."""

    def __init__(self, public: PublicRound, content: bytes, folder: Path) -> None:
        path = folder / "predictions.zip"
        path.write_bytes(content)
        reader, log = LabelMaps(public), FindingLog()
        self.columns: list[MapColumns] = []
        with path.open("rb", buffering=0) as stream:
            hashed = HashedFile(stream, chunk_bytes=64)
            source = Source(path=path, file=hashed, policy=public.policy, layout=LABELS, chunks=iter(()))
            try:
                for piece in label_map_files(source):
                    columns = reader.accept(reader.parse(piece), log)
                    self.columns += [] if columns is None else [columns]
                reader.finish(log)
            except UnreadableFile as error:
                log.add(error.finding)
            self.bytes_read = hashed.bytes_read
        self.report = log.report()
        self.count = reader.line_count

    @property
    def errors(self) -> list[tuple[str, str | None]]:
        return [(finding.code, finding.value) for finding in self.report.errors]

    @property
    def notices(self) -> dict[str, Finding]:
        return {finding.code: finding for finding in self.report.notices}

    def maps(self) -> dict[int, list[list[int]]]:
        """Class position + 1 by image position."""
        return {columns.image: columns.classes.tolist() for columns in self.columns}
