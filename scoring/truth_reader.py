"""The [truth] half of round.toml -> Truth, with every fault of its files."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.annotations import (
    UNREADABLE,
    AnnotatedObject,
    MalformedAnnotation,
    Progress,
    parse_annotation,
    read_annotations,
    without_common_folders,
)
from scoring.faults import FaultLog
from scoring.rounds import ROUND_FILE, FolderSource, PublicRound, check_name, read_text
from scoring.tasks import find_task
from scoring.truth import Truth, TruthBoxes, truth_digest
from scoring.whole_numbers import whole_number

_ARCHIVE_ENDINGS = (".tgz", ".tar.gz", ".tar", ".zip")


@dataclass(kw_only=True)
class TruthReader:
    """Reads the truth of one round; faults go to `faults`, and what is returned then is not to be used."""

    folder: Path
    public: PublicRound
    faults: FaultLog
    progress: Progress | None = None
    source: FolderSource = field(init=False)

    def __post_init__(self) -> None:
        self.source = FolderSource(self.folder)

    def read(self, section: Mapping[str, Any]) -> Truth:
        """The truth that the table `section` ([truth] of round.toml) names."""
        task = find_task(self.public.task)
        known = task.truth_keys + task.optional_truth_keys
        for key in task.truth_keys:
            if key not in section:
                self.faults.add(
                    "truth-missing", f"a {task.slug} round needs {key} under [truth]",
                    advice="name the file that has them", file=ROUND_FILE, key=f"truth.{key}",
                )  # fmt: skip
        for key in section:
            if key not in known:
                self.faults.add(
                    "truth-key", f"a {task.slug} round does not use {key}",
                    advice=f"take it out; used are {', '.join(known)}", file=ROUND_FILE, key=f"truth.{key}",
                )  # fmt: skip
        labels = self._labels(section["labels"]) if "labels" in section and "labels" in known else None
        boxes = self._boxes(section["boxes"]) if "boxes" in section and "boxes" in known else None
        has_blacklist = "blacklist" in section and "blacklist" in known
        lines = self._blacklisted_lines(section["blacklist"]) if has_blacklist and task.slug == "cls-loc" else None
        pairs = self._blacklisted_pairs(section["blacklist"]) if has_blacklist and task.slug == "det" else None
        digest = truth_digest(
            self.public.images, self.public.classes,
            labels=labels, boxes=boxes, blacklisted_images=lines, blacklisted_pairs=pairs,
        ) if not self.faults else ""  # fmt: skip
        return Truth(
            task=task.slug, digest=digest, labels=labels, boxes=boxes, blacklisted_images=lines, blacklisted_pairs=pairs
        )

    def _numbered_lines(self, name: object, key: str) -> Iterable[tuple[int, str]]:
        text = read_text(self.source, name, key=key, faults=self.faults)
        return (
            [] if text is None else [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        )

    def _labels(self, name: object) -> npt.NDArray[np.int32]:
        positions = self.public.classes.position_of_id
        found = []
        for line, content in self._numbered_lines(name, "truth.labels"):
            label = whole_number(content, most=len(positions) - 1)
            position = -1 if label is None else int(positions[label])
            if position < 0:
                self.faults.add(
                    "unknown-class", "a line is one class id of the class table", advice="use the round's own ids",
                    file=str(name), key="truth.labels", line=line, value=content,
                )  # fmt: skip
            found.append(position)
        if len(found) != len(self.public.images) and not self.faults.has("file-missing", str(name)):
            self.faults.add(
                "label-count", f"there are {len(found):,} labels for {len(self.public.images):,} images",
                advice="write one label a line, in the order of the images", file=str(name), key="truth.labels",
            )  # fmt: skip
        return np.array(found, dtype=np.int32)

    def _blacklisted_lines(self, name: object) -> npt.NDArray[np.bool_]:
        blacklisted = np.zeros(len(self.public.images), dtype=np.bool_)
        for line, content in self._numbered_lines(name, "truth.blacklist"):
            number = whole_number(content, most=len(blacklisted))
            if not number:
                self.faults.add(
                    "blacklist-line", f"a line is a line number from 1 to {len(blacklisted):,}",
                    advice="number images by their place in the list", file=str(name), key="truth.blacklist",
                    line=line, value=content,
                )  # fmt: skip
                continue
            blacklisted[number - 1] = True
        return blacklisted

    def _blacklisted_pairs(self, name: object) -> npt.NDArray[np.int32]:
        pairs = []
        for line, content in self._numbered_lines(name, "truth.blacklist"):
            index_text, wnid = (*content.split(None, 1), "")[:2]
            image = self._image_position(index_text)
            position = self.public.classes.position_of_wnid.get(wnid)
            if image is None or position is None:
                self.faults.add(
                    "blacklist-pair", "a line is `<image index> <WNID>`, both of this round",
                    advice="use indices of the image list and WNIDs of the class table",
                    file=str(name), key="truth.blacklist", line=line, value=content,
                )  # fmt: skip
                continue
            pairs.append((image, position))
        return np.array(pairs, dtype=np.int32).reshape(-1, 2)

    def _image_position(self, index_text: str) -> int | None:
        positions = self.public.images.position_of_index
        index = whole_number(index_text, most=len(positions) - 1)
        return None if index is None or positions[index] < 0 else int(positions[index])

    def _boxes(self, name: object) -> TruthBoxes:
        checked = check_name(name, key="truth.boxes", faults=self.faults)
        if checked is None or not (self.folder / checked).exists():
            if checked is not None:
                self.faults.add(
                    "file-missing", "this file cannot be read", advice="put it into the folder, or mend its name",
                    file=checked, key="truth.boxes",
                )  # fmt: skip
            return _boxes([], [], [])
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
        """Paths as image names: without the folders common to all, unless the list names its images with them."""
        known = self.public.images.position_of_name
        whole = [path.with_suffix("").as_posix() for path in paths]
        return max(without_common_folders(paths), whole, key=lambda names: sum(name in known for name in names))

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
        images, classes, corners = [], [], []
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
        return _boxes(images, classes, corners)

    def _from_csv(self, path: Path) -> TruthBoxes:
        """Columns by position: image index, class id, xmin, ymin, xmax, ymax; a header is optional."""
        try:
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            text = content.decode("utf-8-sig")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            self.faults.add(
                "csv", f"this file cannot be read: {error}", advice="write a CSV, plain or gzipped",
                file=path.name, key="truth.boxes",
            )  # fmt: skip
            return _boxes([], [], [])
        first_line = 1 if text.lstrip()[:1].isdigit() else 2
        numbered = enumerate(text.splitlines()[first_line - 1 :], start=first_line)
        return self._of_rows(path, [(line, content) for line, content in numbered if content.strip()])

    def _of_rows(self, path: Path, rows: list[tuple[int, str]]) -> TruthBoxes:
        """Boxes of numbered CSV lines."""
        lines, table = np.array([line for line, _ in rows], dtype=np.int64), _table_of([row for _, row in rows])
        if table is None:  # something is wrong: say of each line whether it is
            parsed = [(line, content, _table_of([content])) for line, content in rows]
            for line, content, row in parsed:
                if row is None:
                    self.faults.add(
                        "csv", "a line is six numbers: image index, class id, xmin, ymin, xmax, ymax",
                        advice="separate them by commas, with a decimal point where due",
                        file=path.name, key="truth.boxes", line=line, value=content,
                    )  # fmt: skip
            lines = np.array([line for line, _, row in parsed if row is not None], dtype=np.int64)
            table = np.concatenate([np.zeros((0, 6)), *(row for _, _, row in parsed if row is not None)])
        images = _positions(self.public.images.position_of_index, table[:, 0])
        classes = _positions(self.public.classes.position_of_id, table[:, 1])
        for place in np.flatnonzero((images < 0) | (classes < 0)):
            self.faults.add(
                "unknown-image" if images[place] < 0 else "unknown-class",
                "the image index or the class id is not of this round", file=path.name, key="truth.boxes",
                advice="use indices of the image list and ids of the class table",
                line=int(lines[place]), value=f"{table[place, 0]:g},{table[place, 1]:g}",
            )  # fmt: skip
        known = (images >= 0) & (classes >= 0)
        return TruthBoxes.grouped(images=images[known], classes=classes[known], corners=table[known, 2:])


def _table_of(rows: list[str]) -> npt.NDArray[np.float64] | None:
    """(rows, 6) the numbers of CSV lines; None where they are not six a line."""
    if not rows:
        return np.zeros((0, 6))
    try:
        table = np.loadtxt(rows, delimiter=",", comments=None, ndmin=2, dtype=np.float64)
    except ValueError:
        return None
    return table if table.shape == (len(rows), 6) else None


def _positions(table: npt.NDArray[np.int32], ids: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Positions of `ids` by the dense `table`; -1 for what is none, fractions included."""
    is_inside = (ids >= 0) & (ids < len(table)) & (ids == np.floor(ids))
    return np.where(is_inside, table[np.where(is_inside, ids, 0).astype(np.int64)], -1).astype(np.int32)


def _boxes(images: list[int], classes: list[int], corners: list[tuple[float, float, float, float]]) -> TruthBoxes:
    return TruthBoxes.grouped(
        images=np.array(images, dtype=np.int32),
        classes=np.array(classes, dtype=np.int32),
        corners=np.array(corners, dtype=np.float64).reshape(-1, 4),
    )
