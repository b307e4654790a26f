"""The ground truth of a round, as columns. Nothing under server/api or server/web may import this module."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.boxes import Corners
from scoring.images import Images
from scoring.synsets import Classes


@dataclass(frozen=True, kw_only=True, eq=False)
class TruthBoxes:
    """Annotated objects, grouped by image; inside an image in the order of the file."""

    images: npt.NDArray[np.int32]  # (boxes,) image positions, ascending
    classes: npt.NDArray[np.int32]  # (boxes,) class positions
    corners: Corners  # (boxes, 4) xmin, ymin, xmax, ymax, pixels, inclusive

    @classmethod
    def grouped(cls, *, images: npt.NDArray[np.int32], classes: npt.NDArray[np.int32], corners: Corners) -> TruthBoxes:
        """Boxes in any order, put in order of image."""
        order = np.argsort(images, kind="stable")
        return cls(images=images[order], classes=classes[order], corners=corners[order])

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
    labels: npt.NDArray[np.int32] | None = None  # (images,) class positions: cls, cls-loc
    boxes: TruthBoxes | None = None  # cls-loc, det, vid
    blacklisted_images: npt.NDArray[np.bool_] | None = None  # (images,) cls-loc: out of the localization error
    blacklisted_pairs: npt.NDArray[np.int32] | None = None  # (pairs, 2) det: image position, class position

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


def truth_digest(
    images: Images, classes: Classes, *, labels: npt.NDArray[np.int32] | None, boxes: TruthBoxes | None,
    blacklisted_images: npt.NDArray[np.bool_] | None, blacklisted_pairs: npt.NDArray[np.int32] | None,
) -> str:  # fmt: skip
    """sha256 over the columns with image indices and class ids in place of positions, little-endian.

    Boxes are hashed in order of image, class and corners, so that the order of an archive does not matter.
    """
    digest = hashlib.sha256(b"heldout truth 1")

    def feed(name: str, column: npt.NDArray[np.generic]) -> None:
        digest.update(f"\n{name} {column.shape}\n".encode())
        digest.update(np.ascontiguousarray(column).tobytes())

    if labels is not None:
        feed("labels", classes.ids[labels].astype("<i8"))
    if boxes is not None:
        table = np.column_stack([images.indices[boxes.images], classes.ids[boxes.classes], boxes.corners])
        feed("boxes", table[np.lexsort(table.T[::-1])].astype("<f8"))
    if blacklisted_images is not None:
        feed("blacklisted images", images.indices[blacklisted_images].astype("<i8"))
    if blacklisted_pairs is not None:
        pairs = np.column_stack([images.indices[blacklisted_pairs[:, 0]], classes.ids[blacklisted_pairs[:, 1]]])
        feed("blacklisted pairs", np.unique(pairs, axis=0).astype("<i8"))
    return digest.hexdigest()


def save_truth(truth: Truth, path: Path) -> None:
    """Write the columns to one .npz, readable by its owner alone, replacing what was there at once."""
    columns: dict[str, npt.NDArray[np.generic]] = {"task": np.array(truth.task), "digest": np.array(truth.digest)}
    if truth.labels is not None:
        columns["labels"] = truth.labels
    if truth.boxes is not None:
        columns |= {
            "box_images": truth.boxes.images,
            "box_classes": truth.boxes.classes,
            "box_corners": truth.boxes.corners,
        }
    if truth.blacklisted_images is not None:
        columns["blacklisted_images"] = truth.blacklisted_images
    if truth.blacklisted_pairs is not None:
        columns["blacklisted_pairs"] = truth.blacklisted_pairs
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".truth-", suffix=".npz")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, **columns)  # type: ignore[arg-type]  # its keywords are arrays; numpy's stub also has a flag
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_truth(path: Path) -> Truth:
    """Read what `save_truth` wrote."""
    with np.load(path, allow_pickle=False) as columns:
        boxes = (
            TruthBoxes(images=columns["box_images"], classes=columns["box_classes"], corners=columns["box_corners"])
            if "box_images" in columns
            else None
        )
        return Truth(
            task=str(columns["task"]),
            digest=str(columns["digest"]),
            labels=columns.get("labels"),
            boxes=boxes,
            blacklisted_images=columns.get("blacklisted_images"),
            blacklisted_pairs=columns.get("blacklisted_pairs"),
        )
