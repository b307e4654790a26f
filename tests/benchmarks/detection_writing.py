"""Detection data -> files: rounds, the kit's text, COCO's JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from tests.benchmarks.detection_sampling import Integers, Lines, Truth
from tests.benchmarks.detection_shapes import DetectionShape
from tests.benchmarks.text_columns import Line, Number, joined, write_rows


def write_round(folder: Path, *, shape: DetectionShape, truth: Truth) -> None:
    """A round of the shape's task; the truth as CSV."""
    folder.mkdir(parents=True)
    (folder / "round.toml").write_text(
        f'slug = "benchmark-{shape.task}"\ntitle = "Benchmark, {shape.task}"\ntask = "{shape.task}"\n\n'
        '[images]\nlist = "images.txt"\n\n[classes]\ntable = "classes.txt"\n\n[truth]\nboxes = "boxes.csv"\n',
        encoding="utf-8",
    )
    _write_image_list(folder / "images.txt", images=len(truth.sizes))
    classes = (f"n{index:08d} {index} class_{index}\n" for index in range(1, shape.classes + 1))
    (folder / "classes.txt").write_text("".join(classes), encoding="utf-8")
    boxes = truth.boxes

    def line_of(rows: slice) -> Line:
        columns = (boxes.images[rows], boxes.classes[rows])
        corners = _numbers(boxes.corners[rows], boxes.decimals)
        return [*joined([*(Number(units=units) for units in columns), *corners], b","), b"\n"]

    with (folder / "boxes.csv").open("wb") as file:
        file.write(b"image_index,class_id,xmin,ymin,xmax,ymax\n")
        write_rows(file, line_of, rows=len(boxes))


def write_coco_round(folder: Path, *, annotations: Path, images: int) -> None:
    """A round of COCO's task, whose truth is `annotations`, a file of `folder`."""
    (folder / "round.toml").write_text(
        'slug = "benchmark-coco-det"\ntitle = "Benchmark, coco-det"\ntask = "coco-det"\n\n'
        f'[images]\nlist = "images.txt"\n\n[truth]\nannotations = "{annotations.name}"\n',
        encoding="utf-8",
    )
    _write_image_list(folder / "images.txt", images=images)


def _write_image_list(path: Path, *, images: int) -> None:
    path.write_text("".join(f"{_name(index)} {index}\n" for index in range(1, images + 1)), encoding="utf-8")


def _name(image: int) -> str:
    return f"image_{image:08d}"


def write_coco_truth(path: Path, *, shape: DetectionShape, truth: Truth) -> None:
    """COCO's annotations, without spaces: the shortest that its readers can be given."""
    images = [
        {"id": index, "file_name": f"{_name(index)}.jpg", "width": width, "height": height}
        for index, (width, height) in enumerate(truth.sizes.tolist(), start=1)
    ]
    categories = [{"id": index, "name": f"class_{index}"} for index in range(1, shape.classes + 1)]
    boxes = truth.boxes.coco_boxes(slice(None))
    places = boxes / truth.boxes.pixel if truth.boxes.decimals else boxes
    areas = places[:, 2] * places[:, 3]
    areas = np.round(areas * truth.filled, 4) if truth.boxes.decimals else areas
    columns = (truth.boxes.images, truth.boxes.classes, places, areas, truth.is_crowd.astype(int))
    annotations = [
        {"id": index, "image_id": image, "category_id": category, "bbox": box, "area": area, "iscrowd": crowd}
        for index, (image, category, box, area, crowd) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True), start=1
        )
    ]
    content = {"images": images, "categories": categories, "annotations": annotations}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


@dataclass(kw_only=True)
class LineWriter:
    """A file of predictions, written part by part."""

    file: BinaryIO
    line_of: Callable[[Lines, slice], Line]
    closing: bytes = b""  # in place of the last byte, such as the comma that JSON forbids there

    @classmethod
    def of_kit_text(cls, path: Path) -> Self:
        return cls(file=path.open("wb"), line_of=_kit_line)

    @classmethod
    def of_coco_results(cls, path: Path) -> Self:
        file = path.open("wb")
        file.write(b"[")
        return cls(file=file, line_of=_coco_line, closing=b"]")

    def write(self, lines: Lines) -> None:
        write_rows(self.file, lambda rows: self.line_of(lines, rows), rows=len(lines.boxes))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.closing:
            self.file.seek(-1, os.SEEK_CUR)
            self.file.write(self.closing)
        self.file.close()


def _kit_line(lines: Lines, rows: slice) -> Line:
    image, category, confidence = _front(lines, rows)
    corners = joined(_numbers(lines.boxes.corners[rows], lines.boxes.decimals), b" ")
    return [image, b" ", category, b" ", confidence, b" ", *corners, b"\n"]


def _coco_line(lines: Lines, rows: slice) -> Line:
    image, category, confidence = _front(lines, rows)
    box = joined(_numbers(lines.boxes.coco_boxes(rows), lines.boxes.decimals), b",")
    names = (b'{"image_id":', b',"category_id":', b',"bbox":[', b'],"score":', b"},")
    return [names[0], image, names[1], category, names[2], *box, names[3], confidence, names[4]]


def _front(lines: Lines, rows: slice) -> tuple[Number, Number, Number]:
    confidence = Number(units=lines.confidences[rows], decimals=6, shown=lines.shown_decimals[rows])
    return Number(units=lines.boxes.images[rows]), Number(units=lines.boxes.classes[rows]), confidence


def _numbers(columns: Integers, decimals: int) -> list[Number]:
    return [Number(units=units, decimals=decimals) for units in columns.T]
