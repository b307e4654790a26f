"""Reads the kits' files for the oracles: text lines to numbers, in the plainest way. Knows nothing of `scoring`."""

from __future__ import annotations

import csv
import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from tests.parity.oracles import Box, Detection, Guess, TruthBox
from tests.parity.oracles_scenes import LabelMap


def rows_of(text: str) -> list[list[str]]:
    """The fields of every line; blank lines at the end are no lines."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return [line.replace(",", " ").split() for line in text.split("\n")] if text else []


def whole(field: str) -> int:
    """Ids may be written `12.0`."""
    number = float(field)
    assert number.is_integer(), field
    return int(number)


def class_of(field: str, class_id_of_wnid: Mapping[str, int]) -> int:
    return class_id_of_wnid[field] if field in class_id_of_wnid else whole(field)


def read_guesses(text: str, wnids: Mapping[str, int] | None = None) -> list[list[int]]:
    """cls: one line an image, 1 to 5 ids in descending confidence."""
    return [[class_of(field, wnids or {}) for field in row] for row in rows_of(text)]


def read_placed_guesses(text: str, wnids: Mapping[str, int] | None = None) -> list[list[Guess]]:
    """cls-loc: up to 5 groups `<label> <xmin> <ymin> <xmax> <ymax>` a line."""
    lines = []
    for row in rows_of(text):
        groups = [row[start : start + 5] for start in range(0, len(row), 5)]
        lines.append([Guess(class_of(label, wnids or {}), Box(*map(float, box))) for label, *box in groups])
    return lines


def read_detections(text: str, wnids: Mapping[str, int] | None = None) -> list[Detection]:
    """det, vid: `<image_index> <class_id> <confidence> <xmin> <ymin> <xmax> <ymax>`."""
    return [
        Detection(whole(image), class_of(class_id, wnids or {}), float(confidence), Box(*map(float, box)))
        for image, class_id, confidence, *box in filter(None, rows_of(text))
    ]


def read_tracked_detections(text: str, wnids: Mapping[str, int] | None = None) -> list[tuple[int, Detection]]:
    """vid-track: `<frame_index> <class_id> <track_id> <confidence> <xmin> <ymin> <xmax> <ymax>`; (track, detection)."""
    rows = [row for row in rows_of(text) if row]
    without = "\n".join(" ".join([*row[:2], *row[3:]]) for row in rows)
    return list(zip([whole(row[2]) for row in rows], read_detections(without, wnids), strict=True))


def read_named_guesses(text: str, wnids: Mapping[str, int] | None = None) -> list[tuple[str, list[int]]]:
    """scene: `<file name>` and five ids; each name with its ids."""
    return [(name, [class_of(field, wnids or {}) for field in fields]) for name, *fields in filter(None, rows_of(text))]


def read_sized_detections(text: str) -> list[tuple[int, int, tuple[float, float, float, float], float]]:
    """coco-det: image id, category id, (x, y, width, height) and score of rows as a CSV of the task has them."""
    detections = read_detections(text)
    return [(image, category, (*box,), confidence) for image, category, confidence, box in detections]


def read_label_maps(text: str) -> dict[int, LabelMap]:
    """scene-parsing: rows of values by image index, of lines `<image index> <width> <value> ...`."""
    maps = {}
    for image, width, *values in rows_of(text):
        across = int(width)
        numbers = [int(value) for value in values]
        maps[int(image)] = [numbers[start : start + across] for start in range(0, len(numbers), across)]
    return maps


def read_numbers(path: Path) -> list[int]:
    """A file of one whole number a line: labels, or a localization blacklist."""
    return [int(line) for line in path.read_text().split()]


def read_image_list(path: Path) -> dict[str, int]:
    """`<image name> <index>` a line."""
    return {name: int(index) for name, index in rows_of(path.read_text())}


def read_class_table(path: Path) -> dict[str, int]:
    """`<WNID> <id> <name ...>` a line."""
    return {row[0]: int(row[1]) for row in rows_of(path.read_text())}


def read_det_blacklist(path: Path, wnids: Mapping[str, int]) -> set[tuple[int, int]]:
    """`<image index> <WNID>` a line."""
    return {(int(image), wnids[wnid]) for image, wnid in rows_of(path.read_text())}


def read_voc_archive(path: Path, wnids: Mapping[str, int]) -> Iterator[tuple[str, list[tuple[int, Box]]]]:
    """Image name and annotated objects of every XML of a .tgz, in file-name order."""
    with tarfile.open(path) as archive:
        members = sorted((member for member in archive if member.isfile()), key=lambda member: member.name)
        for member in members:
            file = archive.extractfile(member)
            assert file is not None
            yield PurePosixPath(member.name).stem, read_voc(file.read(), wnids)


def read_voc(xml: bytes, wnids: Mapping[str, int]) -> list[tuple[int, Box]]:
    """The objects of one PASCAL VOC file, none included; coordinates by tag name."""
    return [
        (
            wnids[node.findtext("name", "").strip()],
            Box(*(float(node.findtext(f"bndbox/{side}", "")) for side in Box._fields)),
        )
        for node in ET.fromstring(xml).iter("object")
    ]


def read_box_table(path: Path) -> list[TruthBox]:
    """A CSV of image index, class id, xmin, ymin, xmax, ymax by position; header optional; plain or .gz."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [row for row in csv.reader(io.StringIO(raw.decode())) if row]
    if not rows[0][0].strip().isdigit():
        rows = rows[1:]
    return [TruthBox(int(row[0]), int(row[1]), Box(*map(float, row[2:6]))) for row in rows]


def read_text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
