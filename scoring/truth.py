"""The ground truth of a round, as columns. Nothing under server/api or server/web may import this module."""

from __future__ import annotations

import hashlib
import os
import pkgutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from scoring.boxes import Corners
from scoring.images import Images
from scoring.synsets import Classes

if TYPE_CHECKING:
    from scoring.coco_truth import CocoTruth
    from scoring.label_sets import LabelSets
    from scoring.masks import TruthMasks

Columns = Mapping[str, npt.NDArray[np.generic]]

# The truths of single tasks, loaded where a round has one; each is a TruthPart.
_PARTS = {
    "label_sets": "scoring.label_sets:LabelSets",
    "coco": "scoring.coco_truth:CocoTruth",
    "masks": "scoring.masks:TruthMasks",
}


class TruthPart(Protocol):
    """What a task's own kind of truth offers, to be kept and to be told from others."""

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """All there is, for the .npz."""
        ...

    @classmethod
    def from_columns(cls, columns: Columns) -> TruthPart | None:
        """The same from what `columns` gave."""
        ...

    def digest_columns(self, images: Images, classes: Classes) -> dict[str, npt.NDArray[np.generic]]:
        """What makes it up, in canonical order, with indices and ids in place of positions."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class TruthBoxes:
    """Annotated objects, grouped by image; inside an image in the order of the file."""

    images: npt.NDArray[np.int32]  # (boxes,) image positions, ascending
    classes: npt.NDArray[np.int32]  # (boxes,) class positions
    corners: Corners  # (boxes, 4) xmin, ymin, xmax, ymax, pixels, inclusive
    tracks: npt.NDArray[np.int32] | None = None  # (boxes,) the object each is of; vid-track alone

    @classmethod
    def grouped(
        cls, *, images: npt.NDArray[np.int32], classes: npt.NDArray[np.int32], corners: Corners,
        tracks: npt.NDArray[np.int32] | None = None,
    ) -> TruthBoxes:  # fmt: skip
        """Boxes in any order, put in order of image."""
        order = np.argsort(images, kind="stable")
        return cls(
            images=images[order], classes=classes[order], corners=corners[order],
            tracks=None if tracks is None else tracks[order],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.images)

    def starts(self, image_count: int) -> npt.NDArray[np.int64]:
        """(images + 1,) the boxes of image i are those from starts[i] up to starts[i + 1]."""
        return np.searchsorted(self.images, np.arange(image_count + 1)).astype(np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Truth:
    """What stays held out."""

    task: str
    digest: str  # sha256 of the parsed columns in canonical order
    labels: npt.NDArray[np.int32] | None = None  # (images,) class positions: cls, cls-loc, scene
    boxes: TruthBoxes | None = None  # cls-loc, det, vid, vid-track
    blacklisted_images: npt.NDArray[np.bool_] | None = None  # (images,) cls-loc: out of the localization error
    blacklisted_pairs: npt.NDArray[np.int32] | None = None  # (pairs, 2) det: image position, class position
    label_sets: LabelSets | None = None  # cls, where images have several labels, or none
    coco: CocoTruth | None = None  # coco-det
    masks: TruthMasks | None = None  # scene-parsing
    own: Columns = field(default_factory=dict)  # of a task whose truth is of no kind above

    @cached_property
    def box_columns(self) -> TruthBoxes:
        """The boxes; of a task whose registry entry requires them."""
        if self.boxes is None:
            raise TypeError(f"a {self.task} truth has no boxes")
        return self.boxes

    @cached_property
    def label_column(self) -> npt.NDArray[np.int32]:
        """The labels; of a task whose registry entry requires them."""
        if self.labels is None:
            raise TypeError(f"a {self.task} truth has no labels")
        return self.labels

    def class_pairs(self) -> npt.NDArray[np.int64]:
        """(pairs, 2) image and class positions: what is where, as far as the truth tells it; a pair may come twice."""
        if self.label_sets is not None:
            return np.column_stack([self.label_sets.images, self.label_sets.classes]).astype(np.int64)
        if self.boxes is not None:
            return np.column_stack([self.boxes.images, self.boxes.classes]).astype(np.int64)
        if self.coco is not None:
            return np.column_stack([self.coco.images, self.coco.classes]).astype(np.int64)
        if self.labels is not None:
            return np.column_stack([np.arange(len(self.labels)), self.labels]).astype(np.int64)
        return np.zeros((0, 2), dtype=np.int64)

    def parts(self) -> Iterator[tuple[str, TruthPart]]:
        """The truths of single tasks that are there, by name."""
        for name in _PARTS:
            part: TruthPart | None = getattr(self, name)
            if part is not None:
                yield name, part


def truth_digest(truth: Truth, images: Images, classes: Classes) -> str:
    """sha256 over the columns with image indices and class ids in place of positions, little-endian.

    Boxes are hashed in order of image, class and corners, so that the order of an archive does not matter.
    """
    digest = hashlib.sha256(b"heldout truth 1")
    for name, column in _digest_columns(truth, images, classes):
        digest.update(f"\n{name} {column.shape}\n".encode())
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _digest_columns(truth: Truth, images: Images, classes: Classes) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    if truth.labels is not None:
        yield "labels", classes.ids[truth.labels].astype("<i8")
    boxes = truth.boxes
    if boxes is not None:
        tracks = () if boxes.tracks is None else (boxes.tracks,)
        table = np.column_stack([images.indices[boxes.images], classes.ids[boxes.classes], boxes.corners, *tracks])
        yield "boxes", table[np.lexsort(table.T[::-1])].astype("<f8")
    if truth.blacklisted_images is not None:
        yield "blacklisted images", images.indices[truth.blacklisted_images].astype("<i8")
    pairs = truth.blacklisted_pairs
    if pairs is not None:
        table = np.column_stack([images.indices[pairs[:, 0]], classes.ids[pairs[:, 1]]])
        yield "blacklisted pairs", np.unique(table, axis=0).astype("<i8")
    for name, part in truth.parts():
        for column, values in part.digest_columns(images, classes).items():
            yield f"{name} {column}", values
    yield from sorted(truth.own.items())


def save_truth(truth: Truth, path: Path) -> None:
    """Write the columns to one .npz, readable by its owner alone, replacing what was there at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".truth-", suffix=".npz")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, **_columns(truth))  # type: ignore[arg-type]  # its keywords are arrays; numpy's stub also has a flag
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _columns(truth: Truth) -> dict[str, npt.NDArray[np.generic]]:
    """Every column by the name it is kept under."""
    boxes = truth.boxes
    columns: dict[str, npt.NDArray[np.generic] | None] = {
        "task": np.array(truth.task),
        "digest": np.array(truth.digest),
        "labels": truth.labels,
        "box_images": None if boxes is None else boxes.images,
        "box_classes": None if boxes is None else boxes.classes,
        "box_corners": None if boxes is None else boxes.corners,
        "box_tracks": None if boxes is None else boxes.tracks,
        "blacklisted_images": truth.blacklisted_images,
        "blacklisted_pairs": truth.blacklisted_pairs,
        **{f"{part}.{name}": column for part, known in truth.parts() for name, column in known.columns().items()},
        **{f"own.{name}": column for name, column in truth.own.items()},
    }
    return {name: column for name, column in columns.items() if column is not None}


def load_truth(path: Path) -> Truth:
    """Read what `save_truth` wrote."""
    with np.load(path, allow_pickle=False) as columns:
        boxes = (
            TruthBoxes(
                images=columns["box_images"], classes=columns["box_classes"], corners=columns["box_corners"],
                tracks=columns.get("box_tracks"),
            )
            if "box_images" in columns
            else None
        )  # fmt: skip
        return Truth(
            task=str(columns["task"]),
            digest=str(columns["digest"]),
            labels=columns.get("labels"),
            boxes=boxes,
            blacklisted_images=columns.get("blacklisted_images"),
            blacklisted_pairs=columns.get("blacklisted_pairs"),
            own=_prefixed(columns, "own."),
            **_loaded_parts(columns),
        )


def _prefixed(columns: Columns, prefix: str) -> Columns:
    return {name.removeprefix(prefix): columns[name] for name in columns if name.startswith(prefix)}


def _loaded_parts(columns: Columns) -> dict[str, Any]:
    kept = {name: _prefixed(columns, f"{name}.") for name in _PARTS}
    return {name: pkgutil.resolve_name(_PARTS[name]).from_columns(own) for name, own in kept.items() if own}
