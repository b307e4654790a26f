"""PASCAL VOC annotations: one XML a picture, thousands of them in an archive or a folder."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from scoring.progress import Progress

# One annotation is a few kilobytes; the largest of ILSVRC has some hundred objects.
MAX_ANNOTATION_BYTES = 4 << 20

# What damaged, cut, encrypted and otherwise unusable archives raise.
UNREADABLE = (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, RuntimeError)


class MalformedAnnotation(Exception):
    """An annotation is not PASCAL VOC XML."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotatedObject:
    """One object of one picture."""

    name: str  # a WNID
    corners: tuple[float, float, float, float]  # xmin, ymin, xmax, ymax
    track: str | None = None  # its trackid, as written


_CORNER_TAGS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(slots=True)
class _Walk:
    """What the XML parser has seen. Coordinates are taken by tag name: the kits write xmin, xmax, ymin, ymax."""

    objects: list[AnnotatedObject] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    name: str = ""
    track: str | None = None
    corners: dict[str, float] = field(default_factory=dict)

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self.path.append(tag)
        self.text.clear()
        if tag == "object":
            self.name = ""
            self.track = None
            self.corners = {}

    def end(self, tag: str) -> None:
        self.path.pop()
        parent = self.path[-1] if self.path else ""
        is_own_box = self.path[-2:] == ["object", "bndbox"]  # not that of a part of the object
        if tag == "name" and parent == "object":
            self.name = "".join(self.text).strip()
        elif tag == "trackid" and parent == "object":
            self.track = "".join(self.text).strip()
        elif is_own_box and tag in _CORNER_TAGS:
            self.corners[tag] = float("".join(self.text))
        elif tag == "object":
            if not self.name or len(self.corners) != 4:
                raise MalformedAnnotation("an object needs a name and a bndbox with xmin, ymin, xmax and ymax")
            xmin, ymin, xmax, ymax = (self.corners[corner] for corner in _CORNER_TAGS)
            self.objects.append(AnnotatedObject(name=self.name, corners=(xmin, ymin, xmax, ymax), track=self.track))


def _refuse_doctype(*_: object) -> None:
    raise MalformedAnnotation("a document type is not allowed here: it can pull in other files")


def parse_annotation(content: bytes) -> list[AnnotatedObject]:
    """The objects of one XML, in file order; none is a picture without boxes.

    Raises:
        MalformedAnnotation: with the reason.
    """
    walk = _Walk()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError) as error:  # the latter for an encoding nobody knows
        raise MalformedAnnotation(f"this is not XML: {error}") from None
    except ValueError as error:
        raise MalformedAnnotation(f"a coordinate is not a number: {error}") from None
    return walk.objects


def read_annotations(path: Path, progress: Progress | None = None) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Every .xml of a folder, .zip, .tar or .tgz, with its path there, in the order they lie in.

    Raises:
        UNREADABLE: when it cannot be read.
    """
    if path.is_dir():
        yield from _from_folder(path, progress)
    elif zipfile.is_zipfile(path):
        yield from _from_zip(path, progress)
    else:
        yield from _from_tar(path, progress)


def possible_names(paths: list[PurePosixPath]) -> list[list[str]]:
    """Paths as image names, without extension, in the ways that a list of images may name them.

    First without the folders that the whole archive has in common, then with the last of these, and so on to the whole
    path: all frames of a single snippet share a folder that belongs to their names.
    """
    folders = [path.parent.parts for path in paths] or [()]
    first, last = min(folders), max(folders)
    common = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return [["/".join((*path.parts[dropped:-1], path.stem)) for path in paths] for dropped in range(common, -1, -1)]


def _from_folder(path: Path, progress: Progress | None) -> Iterator[tuple[PurePosixPath, bytes]]:
    files = sorted(path.rglob("*.xml"))
    for done, file in enumerate(files, start=1):
        yield PurePosixPath(file.relative_to(path).as_posix()), file.read_bytes()
        if progress:
            progress(done, len(files))


def _from_zip(path: Path, progress: Progress | None) -> Iterator[tuple[PurePosixPath, bytes]]:
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if info.filename.endswith(".xml")]
        for done, info in enumerate(members, start=1):
            if info.file_size > MAX_ANNOTATION_BYTES:
                raise zipfile.BadZipFile(
                    f"{info.filename} has {info.file_size:,} bytes; an annotation has a few thousand"
                )
            yield PurePosixPath(info.filename), archive.read(info)
            if progress:
                progress(done, len(members))


def _from_tar(path: Path, progress: Progress | None) -> Iterator[tuple[PurePosixPath, bytes]]:
    with path.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|*") as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # a stream is read once; keeping 50,000 headers costs 60 MB
            if not member.isfile() or not member.name.endswith(".xml"):
                continue
            if member.size > MAX_ANNOTATION_BYTES:
                raise tarfile.TarError(f"{member.name} has {member.size:,} bytes; an annotation has a few thousand")
            stream = archive.extractfile(member)
            if stream is not None:
                yield PurePosixPath(member.name), stream.read()
            if progress:
                progress(raw.tell(), path.stat().st_size)
