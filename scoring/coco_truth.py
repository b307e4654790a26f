"""The ground truth of `coco-det`: COCO's instances.json -> columns, with every fault of the file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from scoring.faults import FaultLog
from scoring.images import MAX_IMAGE_ID, Images
from scoring.synsets import MAX_CATEGORY_ID, Classes

_KEY = "truth.annotations"

# The largest coordinate that predictions may have, in pixels; and the largest area of such boxes.
_MAX_COORDINATE = 1e7
_MAX_AREA = _MAX_COORDINATE**2

_Id = Annotated[int, msgspec.Meta(ge=0, le=MAX_IMAGE_ID)]
_Corner = Annotated[float, msgspec.Meta(ge=-_MAX_COORDINATE, le=_MAX_COORDINATE)]
_Side = Annotated[float, msgspec.Meta(ge=0, le=_MAX_COORDINATE)]


class _Image(msgspec.Struct, gc=False):
    id: _Id


class _Annotation(msgspec.Struct, gc=False):
    id: _Id
    image_id: _Id
    category_id: _Id
    bbox: tuple[_Corner, _Corner, _Side, _Side]
    area: Annotated[float, msgspec.Meta(ge=0, le=_MAX_AREA)]
    iscrowd: Literal[0, 1] | bool = 0


class _Category(msgspec.Struct, gc=False):
    id: Annotated[int, msgspec.Meta(ge=0, le=MAX_CATEGORY_ID)]
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""


class _Instances(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


class _Parts(msgspec.Struct):
    """The same, its records still to be read one by one."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[msgspec.Raw]


class _Named(msgspec.Struct):
    """Any record, as far as it can be named."""

    id: Any = None


_Record = TypeVar("_Record", _Image, _Annotation, _Category)

_LAYOUT = {
    _Image: "an image is an object with a whole number as id",
    _Annotation: "an annotation has id (from 1), image_id, category_id, bbox [x, y, width, height], area, and iscrowd "
    "0 or 1",
    _Category: "a category is an object with a whole number as id, and a name",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoTruth:
    """Annotated objects and crowd regions, grouped by image; inside an image in the order of the file."""

    images: npt.NDArray[np.int32]  # (boxes,) image positions, ascending
    classes: npt.NDArray[np.int32]  # (boxes,) positions in category_ids
    boxes: npt.NDArray[np.float64]  # (boxes, 4) x, y, width, height in pixels
    areas: npt.NDArray[np.float64]  # (boxes,) the annotation's own, of the object's outline; in square pixels
    is_crowd: npt.NDArray[np.bool_]  # (boxes,) a region of many objects: never an object to be found
    category_ids: npt.NDArray[np.int32]  # (categories,) ascending, from 0
    category_names: tuple[str, ...]  # (categories,)

    def __len__(self) -> int:
        return len(self.images)

    def starts(self, image_count: int) -> npt.NDArray[np.int64]:
        """(images + 1,) the boxes of image i are those from starts[i] up to starts[i + 1]."""
        return np.searchsorted(self.images, np.arange(image_count + 1)).astype(np.int64)

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `from_columns` reads back."""
        return {
            "images": self.images,
            "classes": self.classes,
            "boxes": self.boxes,
            "areas": self.areas,
            "is_crowd": self.is_crowd,
            "category_ids": self.category_ids,
            "category_names": np.frombuffer(json.dumps(self.category_names).encode(), np.uint8),
        }

    @classmethod
    def from_columns(cls, columns: Mapping[str, npt.NDArray[Any]]) -> Self | None:
        """The truth that `columns` wrote; None where there is none."""
        if "category_ids" not in columns:
            return None
        return cls(
            images=columns["images"],
            classes=columns["classes"],
            boxes=columns["boxes"],
            areas=columns["areas"],
            is_crowd=columns["is_crowd"],
            category_ids=columns["category_ids"],
            category_names=tuple(json.loads(columns["category_names"].tobytes())),
        )

    def digest_columns(self, images: Images, _classes: Classes) -> dict[str, npt.NDArray[np.generic]]:
        """The columns with ids in place of positions, little-endian, in an order that is not the file's."""
        ids = self.category_ids[self.classes]
        table = np.column_stack([images.indices[self.images], ids, self.boxes, self.areas, self.is_crowd])
        return {
            "annotations": table[np.lexsort(table.T[::-1])].astype("<f8"),
            "categories": self.category_ids.astype("<i8"),
        }


def read_coco_truth(content: bytes, *, images: Images, file: str, faults: FaultLog) -> CocoTruth:
    """Read COCO's instances.json (https://cocodataset.org/#format-data, object detection).

    Segmentations and whatever else the file holds are passed over. The flag `ignore` is too, as in COCO's evaluation.

    Args:
        content: the file's bytes.
        images: those of the round; an image id is an index of them.
        file: the file's name, for faults.
        faults: takes all that is wrong; what is returned then is not to be used.
    """
    reader = _Reader(images=images, file=file, faults=faults)
    found = _instances(content, reader)
    if found is None:
        return reader.annotated([], [])
    reader.check_images(found.images)
    return reader.annotated(found.annotations, found.categories)


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """Judges the records of one file."""

    images: Images
    file: str
    faults: FaultLog

    def add(self, code: str, message: str, *, advice: str, value: str | None = None) -> None:
        self.faults.add(code, message, advice=advice, file=self.file, key=_KEY, value=value)

    def annotated(self, annotations: list[_Annotation], categories: list[_Category]) -> CocoTruth:
        """The truth of those records that are right."""
        categories = self._unique(categories, "coco-category-twice", "this category id is given twice")
        categories = sorted(categories, key=lambda category: category.id)
        category_ids = np.array([category.id for category in categories], np.int32)
        rows = self._unique(annotations, "coco-annotation-twice", "this annotation id is given twice")
        self._complain_of_id_0(rows)
        positions = _positions(self.images.indices, [row.image_id for row in rows])
        classes = _positions(category_ids, [row.category_id for row in rows])
        known = (positions >= 0) & (classes >= 0)
        self._complain_of_unknown(rows, positions, classes)
        order = np.flatnonzero(known)[np.argsort(positions[known], kind="stable")]
        return CocoTruth(
            images=positions[order],
            classes=classes[order],
            boxes=np.array([row.bbox for row in rows], np.float64).reshape(-1, 4)[order],
            areas=np.array([row.area for row in rows], np.float64)[order],
            is_crowd=np.array([row.iscrowd for row in rows], np.bool_)[order],
            category_ids=category_ids,
            category_names=tuple(category.name or str(category.id) for category in categories),
        )

    def _complain_of_id_0(self, rows: list[_Annotation]) -> None:
        if any(row.id == 0 for row in rows):
            self.add(
                "coco-annotation",
                "an annotation cannot have the id 0: COCO's evaluation keeps the id of the box that a detection found, "
                "and takes 0 for none, so whoever finds this object would have found nothing",
                advice="number annotations from 1: add 1 to the id of each", value="id 0",
            )  # fmt: skip

    def _complain_of_unknown(
        self, rows: list[_Annotation], positions: npt.NDArray[np.int32], classes: npt.NDArray[np.int32]
    ) -> None:
        for place in np.flatnonzero(positions < 0):
            self.add(
                "unknown-image", "this annotation is of an image that the round does not have",
                advice="use indices of the round's images as image ids",
                value=f"annotation {rows[place].id}: image_id {rows[place].image_id}",
            )  # fmt: skip
        is_judged = not self.faults.has("coco-category", self.file)  # else it may be one that could not be read
        for place in np.flatnonzero(classes < 0) if is_judged else ():
            self.add(
                "unknown-class", "this annotation is of a category that the file does not list",
                advice="list every category under categories",
                value=f"annotation {rows[place].id}: category_id {rows[place].category_id}",
            )  # fmt: skip

    def check_images(self, listed: list[_Image]) -> None:
        """Complain of images that the round or the file lacks."""
        ids = [image.id for image in self._unique(listed, "coco-image-twice", "this image id is given twice")]
        positions = _positions(self.images.indices, ids)
        for place in np.flatnonzero(positions < 0):
            self.add(
                "unknown-image", "this image is not of the round",
                advice="list the images of the round, with their indices as ids", value=f"image {ids[place]}",
            )  # fmt: skip
        if self.faults.has("coco-image", self.file):
            return  # one that could not be read may be the one that is missed
        is_listed = np.zeros(len(self.images), np.bool_)
        is_listed[positions[positions >= 0]] = True
        for place in np.flatnonzero(~is_listed):
            self.add(
                "annotation-missing", "the file does not list this image of the round",
                advice="list every image of the round under images, those without objects too",
                value=f"image {self.images.indices[place]}",
            )  # fmt: skip

    def _unique(self, records: list[_Record], code: str, message: str) -> list[_Record]:
        """The records, of those with one id the first."""
        first: dict[int, _Record] = {}
        for record in records:
            if first.setdefault(record.id, record) is not record:
                self.add(code, message, advice="give each an id of its own", value=f"id {record.id}")
        return list(first.values())


def _positions(ids: npt.NDArray[np.signedinteger], wanted: list[int]) -> npt.NDArray[np.int32]:
    """Positions of `wanted` among the ascending `ids`, -1 for what is none of them."""
    numbers = np.array(wanted, np.int64)
    if not len(ids):
        return np.full(len(numbers), -1, np.int32)
    places = np.minimum(np.searchsorted(ids, numbers), len(ids) - 1)
    return np.where(ids[places] == numbers, places, -1).astype(np.int32)


def _instances(content: bytes, reader: _Reader) -> _Instances | None:
    """The records of the file; where some are faulty, the others; None where it has none of them."""
    try:
        return msgspec.json.decode(content, type=_Instances)
    except msgspec.ValidationError:
        pass  # some record is: say which
    except (msgspec.DecodeError, RecursionError) as error:
        reader.add("coco-json", f"this is not JSON: {error}", advice="write COCO's instances.json, without NaN")
        return None
    try:
        parts = msgspec.json.decode(content, type=_Parts)
    except msgspec.ValidationError as error:
        reader.add(
            "coco-layout", f"the file is not laid out as COCO's instances.json: {error}",
            advice="write an object with the lists images, annotations and categories",
        )  # fmt: skip
        return None
    return _Instances(
        images=list(_readable(parts.images, _Image, reader)),
        annotations=list(_readable(parts.annotations, _Annotation, reader)),
        categories=list(_readable(parts.categories, _Category, reader)),
    )


def _readable(parts: list[msgspec.Raw], kind: type[_Record], reader: _Reader) -> Iterable[_Record]:
    for part in parts:
        try:
            yield msgspec.json.decode(part, type=kind)
        except msgspec.ValidationError as error:
            code = f"coco-{kind.__name__.strip('_').lower()}"
            reader.add(code, f"this cannot be used: {error}", advice=_LAYOUT[kind], value=_shown(part))


def _shown(part: msgspec.Raw) -> str:
    """What tells a record from others: its id, or else how it begins."""
    try:
        number = msgspec.json.decode(part, type=_Named).id
    except msgspec.ValidationError:
        number = None
    return bytes(part)[:200].decode("utf-8", "backslashreplace") if number is None else f"id {number}"
