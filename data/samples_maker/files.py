"""The files of a round's folder, written so that the same content is always the same bytes."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samples_maker.digits import NAMES, class_id
from samples_maker.scenes import Box, PlacedDigit, Scene

DIGITS_BY_ID = sorted(range(10), key=class_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An entry that ships with a round."""

    file: str  # below the folder entries/
    team: str
    method: str
    description: str


def pseudo_wnid(digit: int) -> str:
    """An invented id of WordNet's form, because VOC XML names objects by theirs."""
    return f"n1000{class_id(digit):04}"


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Text with one newline after every line, on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def write_json(path: Path, content: object) -> None:
    write_lines(path, [json.dumps(content, indent=2)])


def write_class_table_csv(path: Path) -> None:
    """Classes without WNIDs."""
    write_lines(path, ["id,wnid,name", *(f"{class_id(digit)},,{NAMES[digit]}" for digit in DIGITS_BY_ID)])


def write_class_table_text(path: Path) -> None:
    """Classes with pseudo WNIDs, in the form of the ILSVRC kits."""
    write_lines(path, [f"{pseudo_wnid(digit)} {class_id(digit)} {NAMES[digit]}" for digit in DIGITS_BY_ID])


def write_entries(folder: Path, entries: Mapping[Entry, Sequence[str]]) -> None:
    """The prediction files, given by their lines, and beside them who sent which."""
    for entry, predictions in entries.items():
        write_lines(folder / "entries" / entry.file, predictions)
    lines = ["# The entries of this round: who sent which file, made how."]
    for entry in entries:
        lines += ["", "[[entries]]"]
        lines += [
            f"{key} = {json.dumps(value)}"
            for key, value in (
                ("file", f"entries/{entry.file}"),
                ("team", entry.team),
                ("method", entry.method),
                ("description", entry.description),
            )
        ]
    write_lines(folder / "entries.toml", lines)


def write_boxes_csv(path: Path, placed: Mapping[int, Sequence[PlacedDigit]]) -> None:
    """True boxes by image index."""
    lines = ["image,class,xmin,ymin,xmax,ymax"]
    for image, digits in placed.items():
        lines += [
            f"{image},{class_id(one.digit)},{one.box.xmin},{one.box.ymin},{one.box.xmax},{one.box.ymax}"
            for one in digits
        ]
    write_lines(path, lines)


def write_boxes_archive(path: Path, scenes: Mapping[str, Scene], *, folder: str) -> None:
    """True boxes as PASCAL VOC XML in a .tgz, one file per image name; times and owners are left out."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(scenes):
            content = _annotation(name, scenes[name], folder=folder).encode()
            member = tarfile.TarInfo(f"{folder}/{name}.xml")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    path.write_bytes(packed.getvalue())


def _annotation(name: str, scene: Scene, *, folder: str) -> str:
    height, width = scene.image.shape
    lines = [
        "<annotation>",
        f"\t<folder>{folder}</folder>",
        f"\t<filename>{name}</filename>",
        f"\t<size><width>{width}</width><height>{height}</height><depth>1</depth></size>",
    ]
    for one in scene.placed:
        lines += ["\t<object>", f"\t\t<name>{pseudo_wnid(one.digit)}</name>", _bounds(one.box), "\t</object>"]
    return "\n".join([*lines, "</annotation>", ""])


def _bounds(box: Box) -> str:
    # The order of the kits' archives; readers go by tag name.
    corners = (("xmin", box.xmin), ("xmax", box.xmax), ("ymin", box.ymin), ("ymax", box.ymax))
    return "\t\t<bndbox>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in corners) + "</bndbox>"
