"""The boxes of a truth: PASCAL VOC XML in an archive or a folder, or a CSV."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from scoring.annotations import (
    UNREADABLE,
    AnnotatedObject,
    MalformedAnnotation,
    parse_annotation,
    possible_names,
    read_annotations,
)
from scoring.faults import FaultLog
from scoring.progress import Progress
from scoring.rounds import PublicRound, check_name
from scoring.truth import TruthBoxes
from scoring.whole_numbers import whole_number

# Track numbers count the objects of a snippet.
MAX_TRACK = 1_000_000_000

_COLUMNS = ("image index", "class id", "xmin", "ymin", "xmax", "ymax")
_TRACK_COLUMNS = ("image index", "class id", "track", "xmin", "ymin", "xmax", "ymax")

_ARCHIVE_ENDINGS = (".tgz", ".tar.gz", ".tar", ".zip")


@dataclass(kw_only=True)
class BoxReader:
    """Reads what `boxes` names; faults go to `faults`, and what is returned then is not to be used."""

    folder: Path
    public: PublicRound
    faults: FaultLog
    has_tracks: bool  # whether every box says which object it is of
    progress: Progress | None = None

    def read(self, name: object) -> TruthBoxes:
        """The boxes in the file or folder `name` of the round."""
        checked = check_name(name, key="truth.boxes", faults=self.faults)
        if checked is None or not (self.folder / checked).exists():
            if checked is not None:
                self.faults.add(
                    "file-missing", "this file cannot be read", advice="put it into the folder, or mend its name",
                    file=checked, key="truth.boxes",
                )  # fmt: skip
            return self._none()
        path = self.folder / checked
        boxes = self._from_xml(path) if path.is_dir() or checked.endswith(_ARCHIVE_ENDINGS) else self._from_csv(path)
        inverted = (boxes.corners[:, 2] < boxes.corners[:, 0]) | (boxes.corners[:, 3] < boxes.corners[:, 1])
        unusable = inverted | ~np.isfinite(boxes.corners).all(axis=1)
        for row in np.flatnonzero(unusable):
            self.faults.add(
                "box-inverted", "a ground truth box needs xmin <= xmax and ymin <= ymax, both finite",
                advice="mend the annotation", file=checked, key="truth.boxes",
                value=f"image {self.public.images.indices[boxes.images[row]]}: {boxes.corners[row].tolist()}",
            )  # fmt: skip
        return boxes

    def _from_xml(self, path: Path) -> TruthBoxes:
        paths, annotations = [], []
        try:
            for inner_path, content in read_annotations(path, self.progress):
                paths.append(inner_path)
                annotations.append(self._parsed(path, str(inner_path), content))
        except UNREADABLE as error:
            self.faults.add(
                "archive", f"this archive cannot be read: {error}", advice="pack the annotations again",
                file=path.name, key="truth.boxes",
            )  # fmt: skip
        rows: list[tuple[int, AnnotatedObject]] = []
        for position, k in self._joined(path, self._image_names(paths)):
            rows += [(position, found) for found in annotations[k]]
        return self._of_objects(path, rows)

    def _image_names(self, paths: list[PurePosixPath]) -> list[str]:
        """Paths as image names: without the folders common to all, unless the list names its images with some."""
        known = self.public.images.position_of_name
        return max(possible_names(paths), key=lambda names: sum(name in known for name in names))

    def _parsed(self, path: Path, inner_path: str, content: bytes) -> list[AnnotatedObject]:
        try:
            return parse_annotation(content)
        except MalformedAnnotation as error:
            self.faults.add(
                "annotation", str(error), advice="mend this annotation",
                file=path.name, key="truth.boxes", value=inner_path,
            )  # fmt: skip
            return []

    def _joined(self, path: Path, names: list[str]) -> list[tuple[int, int]]:
        """(image position, annotation) for each annotation that belongs to an image of the round."""
        images = self.public.images
        if images.names is None:  # a count alone: file-name order is line order
            if len(names) != len(images):
                self.faults.add(
                    "annotation-count", f"there are {len(names):,} annotations for {len(images):,} images",
                    advice="put one XML for each image, or give [images] a list of names",
                    file=path.name, key="truth.boxes",
                )  # fmt: skip
                return []
            return list(enumerate(sorted(range(len(names)), key=names.__getitem__)))
        joined = []
        missing = dict(images.position_of_name)
        for k, name in enumerate(names):
            position = missing.pop(name, None)
            if position is None:
                self.faults.add(
                    "annotation-image", "no image of the list has this name, or two annotations do",
                    advice="name annotations like the images, and give each image one",
                    file=path.name, key="truth.boxes", value=name,
                )  # fmt: skip
            else:
                joined.append((position, k))
        for name in missing:
            self.faults.add(
                "annotation-missing", "this image has no annotation", file=path.name, key="truth.boxes", value=name,
                advice="add an XML without objects if the image has no box",
            )  # fmt: skip
        return joined

    def _of_objects(self, path: Path, rows: list[tuple[int, AnnotatedObject]]) -> TruthBoxes:
        positions = self.public.classes.position_of_wnid
        images, classes, corners, tracks = [], [], [], []
        for image, found in rows:
            if found.name not in positions:
                self.faults.add(
                    "unknown-class", "this object's name is no WNID of the class table", advice="mend the name",
                    file=path.name, key="truth.boxes", value=found.name,
                )  # fmt: skip
                continue
            images.append(image)
            classes.append(positions[found.name])
            corners.append(found.corners)
            tracks.append(self._track(path, found))
        return TruthBoxes.grouped(
            images=np.array(images, dtype=np.int32),
            classes=np.array(classes, dtype=np.int32),
            corners=np.array(corners, dtype=np.float64).reshape(-1, 4),
            tracks=np.array(tracks, dtype=np.int32) if self.has_tracks else None,
        )

    def _track(self, path: Path, found: AnnotatedObject) -> int:
        """The object's track; 0 where tracks are not asked for."""
        if not self.has_tracks:
            return 0
        track = None if found.track is None else whole_number(found.track, most=MAX_TRACK)
        if track is None:
            self.faults.add(
                "track", f"an object needs a trackid, a whole number up to {MAX_TRACK:,}",
                advice="number the objects of each snippet",
                file=path.name, key="truth.boxes", value=f"{found.name} {found.track or ''}".strip(),
            )  # fmt: skip
        return track or 0

    def _from_csv(self, path: Path) -> TruthBoxes:
        """Columns by position: image index, class id, the track where due, and the corners; a header is optional."""
        try:
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            text = content.decode("utf-8-sig")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            self.faults.add(
                "csv", f"this file cannot be read: {error}", advice="write a CSV, plain or gzipped",
                file=path.name, key="truth.boxes",
            )  # fmt: skip
            return self._none()
        first_line = 1 if text.lstrip()[:1].isdigit() else 2
        numbered = enumerate(text.splitlines()[first_line - 1 :], start=first_line)
        return self._of_rows(path, [(line, content) for line, content in numbered if content.strip()])

    def _of_rows(self, path: Path, rows: list[tuple[int, str]]) -> TruthBoxes:
        """Boxes of numbered CSV lines."""
        columns = _TRACK_COLUMNS if self.has_tracks else _COLUMNS
        lines = np.array([line for line, _ in rows], dtype=np.int64)
        table = _table_of([row for _, row in rows], columns=len(columns))
        if table is None:  # something is wrong: say of each line whether it is
            parsed = [(line, content, _table_of([content], columns=len(columns))) for line, content in rows]
            for line, content, row in parsed:
                if row is None:
                    self.faults.add(
                        "csv", f"a line is {len(columns)} numbers: {', '.join(columns)}",
                        advice="separate them by commas, with a decimal point where due",
                        file=path.name, key="truth.boxes", line=line, value=content,
                    )  # fmt: skip
            lines = np.array([line for line, _, row in parsed if row is not None], dtype=np.int64)
            table = np.concatenate([np.zeros((0, len(columns))), *(row for _, _, row in parsed if row is not None)])
        images = _positions(self.public.images.position_of_index, table[:, 0])
        classes = _positions(self.public.classes.position_of_id, table[:, 1])
        for place in np.flatnonzero((images < 0) | (classes < 0)):
            self.faults.add(
                "unknown-image" if images[place] < 0 else "unknown-class",
                "the image index or the class id is not of this round", file=path.name, key="truth.boxes",
                advice="use indices of the image list and ids of the class table",
                line=int(lines[place]), value=f"{table[place, 0]:g},{table[place, 1]:g}",
            )  # fmt: skip
        is_track = np.ones(len(table), np.bool_)
        if self.has_tracks:
            is_track = (table[:, 2] >= 0) & (table[:, 2] <= MAX_TRACK) & (table[:, 2] == np.floor(table[:, 2]))
        for place in np.flatnonzero(~is_track):
            self.faults.add(
                "track", f"a track is a whole number from 0 to {MAX_TRACK:,}",
                advice="number the objects of each snippet",
                file=path.name, key="truth.boxes", line=int(lines[place]), value=f"{table[place, 2]:g}",
            )  # fmt: skip
        known = (images >= 0) & (classes >= 0) & is_track
        return TruthBoxes.grouped(
            images=images[known],
            classes=classes[known],
            corners=table[known, -4:],
            tracks=table[known, 2].astype(np.int32) if self.has_tracks else None,
        )

    def _none(self) -> TruthBoxes:
        return self._of_objects(self.folder, [])


def _table_of(rows: list[str], *, columns: int) -> npt.NDArray[np.float64] | None:
    """(rows, columns) the numbers of CSV lines; None where they are not so many a line."""
    if not rows:
        return np.zeros((0, columns))
    try:
        table = np.loadtxt(rows, delimiter=",", comments=None, ndmin=2, dtype=np.float64)
    except ValueError:
        return None
    return table if table.shape == (len(rows), columns) else None


def _positions(table: npt.NDArray[np.int32], ids: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Positions of `ids` by the dense `table`; -1 for what is none, fractions included."""
    is_inside = (ids >= 0) & (ids < len(table)) & (ids == np.floor(ids))
    return np.where(is_inside, table[np.where(is_inside, ids, 0).astype(np.int64)], -1).astype(np.int32)
