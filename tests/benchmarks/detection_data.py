"""A detection round as large as the ILSVRC test set: the same boxes as the kit's text and as COCO's JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.benchmarks.text_columns import Line, Number, joined, write_rows

IMAGES = 40_152  # ILSVRC 2013 and 2014, detection, test
LINES = 4_000_000
CLASSES = 200

# Images with 0, 1, 2 ... boxes in the ILSVRC 2013 detection validation set (20,121 images, 55,502 boxes).
_IMAGES_WITH_BOXES = (
    1441, 7706, 4280, 2098, 1240, 832, 665, 427, 310, 242, 176, 145, 120, 85, 62, 61, 42, 39, 34, 31, 25,
    13, 8, 8, 6, 7, 4, 4, 2, 2, 2, 1, 2, 1,
)  # fmt: skip
# The sizes most frequent there, as (width, height), and how often.
_IMAGE_SIZES = ((500, 375), (500, 333), (375, 500), (500, 500), (333, 500), (500, 334), (500, 400))
_IMAGE_SIZE_COUNTS = (2752, 859, 711, 532, 275, 226, 178)
# One class, person, has 23 % of the boxes; the others fall off as a power of their rank.
_LARGEST_CLASS_SHARE = 0.23
_CLASS_FALL_OFF = 0.85
# Half the boxes are at most 117 pixels wide, three quarters at most 221; their heights follow loosely.
_MEDIAN_WIDTH, _WIDTH_SPREAD, _MEDIAN_ASPECT, _ASPECT_SPREAD = 117.0, 0.94, 1.15, 0.5
# Of the lines, this share lies near a box of the truth (some six for each box); the others are anywhere.
_NEAR_SHARE = 0.17
# Of the confidences, this share is cut to four decimals, so that many tie.
_TIED_SHARE = 0.3


@dataclass(frozen=True, kw_only=True)
class DetectionFiles:
    """What the competitors read."""

    round_folder: Path  # a round as `heldout` reads it
    predictions: Path  # the kit's text
    coco_truth: Path
    coco_results: Path


@dataclass(frozen=True, kw_only=True, eq=False)
class Boxes:
    """Boxes as columns."""

    images: npt.NDArray[np.int64]  # (boxes,) 1-based
    classes: npt.NDArray[np.int64]  # (boxes,) 1-based
    corners: npt.NDArray[np.int64]  # (boxes, 4) xmin, ymin, xmax, ymax, inclusive, in pixels / 10**decimals
    decimals: int  # whole numbers of such units let both files say the same

    @property
    def pixel(self) -> int:
        """Units that make a pixel."""
        return int(10**self.decimals)

    def __len__(self) -> int:
        return len(self.images)


def make_detection_data(folder: Path, *, scale: float, seed: int, decimals: int = 2) -> DetectionFiles:
    """Make the case's files in `folder`.

    Args:
        folder: where; it must not exist.
        scale: images and lines, as a share of the real thing's.
        seed: the same seed makes the same bytes.
        decimals: those of the predicted boxes; 2 make 172 MB of text, 6, as in the kit's demo, 235 MB.
    """
    rng = np.random.default_rng(seed)
    image_count, line_count = detection_size(scale)
    files = detection_files(folder)
    files.round_folder.mkdir(parents=True)
    sizes = np.array(_IMAGE_SIZES)[_choose(rng, _IMAGE_SIZE_COUNTS, size=image_count)]
    class_shares = _class_shares(rng)
    truth = _truth(rng, sizes=sizes, class_shares=class_shares, decimals=decimals)
    found = _detections(rng, truth=truth, sizes=sizes, class_shares=class_shares, lines=line_count)
    confidences, shown_decimals = _confidences(rng, is_near=found.is_near)
    _write_round(files.round_folder, truth=truth, image_count=image_count)
    _write_coco_truth(files.coco_truth, truth=truth, sizes=sizes)
    _write_predictions(files, boxes=found.boxes, confidences=confidences, shown_decimals=shown_decimals)
    return files


def detection_size(scale: float) -> tuple[int, int]:
    """How many images and lines there are at `scale`."""
    return max(1, round(IMAGES * scale)), max(1, round(LINES * scale))


def detection_files(folder: Path) -> DetectionFiles:
    """Where the case's files lie in `folder`."""
    return DetectionFiles(
        round_folder=folder / "round",
        predictions=folder / "predictions.txt",
        coco_truth=folder / "truth.json",
        coco_results=folder / "results.json",
    )


def _choose(rng: np.random.Generator, weights: tuple[int, ...], *, size: int) -> npt.NDArray[np.int64]:
    return rng.choice(len(weights), size=size, p=np.array(weights) / sum(weights))


def _class_shares(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(classes,) the share of each class among the boxes, in no order of the ids."""
    others = np.arange(1, CLASSES) ** -_CLASS_FALL_OFF
    shares = np.concatenate([[_LARGEST_CLASS_SHARE], (1 - _LARGEST_CLASS_SHARE) * others / others.sum()])
    return rng.permutation(shares)


def _truth(
    rng: np.random.Generator,
    *,
    sizes: npt.NDArray[np.int64],
    class_shares: npt.NDArray[np.float64],
    decimals: int,
) -> Boxes:
    images = np.repeat(np.arange(len(sizes)), _choose(rng, _IMAGES_WITH_BOXES, size=len(sizes)))
    classes = rng.choice(CLASSES, size=len(images), p=class_shares)
    # Two boxes in three are of the class of the box before them in their image: objects come in flocks.
    is_first = np.r_[True, images[1:] != images[:-1]][: len(images)]
    is_own = is_first | (rng.random(len(images)) > 0.65)
    classes = classes[np.maximum.accumulate(np.where(is_own, np.arange(len(images)), 0))]
    corners = _random_corners(rng, sizes[images])
    whole_pixels = np.rint(corners).astype(np.int64)
    return Boxes(images=images + 1, classes=classes + 1, corners=whole_pixels * 10**decimals, decimals=decimals)


def _random_corners(rng: np.random.Generator, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(boxes, 4) boxes in pixels, each inside an image of the (boxes, 2) `sizes`."""
    width = _MEDIAN_WIDTH * rng.lognormal(0, _WIDTH_SPREAD, size=len(sizes))
    height = width * _MEDIAN_ASPECT * rng.lognormal(0, _ASPECT_SPREAD, size=len(sizes))
    sides = np.clip(np.stack([width, height], axis=1), 5, sizes - 1)
    low = rng.random((len(sizes), 2)) * (sizes - 1 - sides)
    return np.concatenate([low, low + sides], axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Detections:
    boxes: Boxes
    is_near: npt.NDArray[np.bool_]  # (boxes,) made from a box of the truth


def _detections(
    rng: np.random.Generator,
    *,
    truth: Boxes,
    sizes: npt.NDArray[np.int64],
    class_shares: npt.NDArray[np.float64],
    lines: int,
) -> _Detections:
    near_count = round(lines * _NEAR_SHARE) if len(truth) else 0
    origin = rng.integers(0, max(1, len(truth)), size=near_count)
    pixels = truth.corners[origin] / truth.pixel
    side = np.tile(pixels[:, 2:] - pixels[:, :2] + 1, 2)
    near = pixels + side * rng.normal(0, 0.09, size=side.shape)

    # Images differ in how much a detector sees in them, three to one and more.
    busyness = rng.gamma(4, size=len(sizes))
    far_images = rng.choice(len(sizes), size=lines - near_count, p=busyness / busyness.sum())
    far_shares = (class_shares + 1 / CLASSES) / 2
    far_classes = rng.choice(CLASSES, size=lines - near_count, p=far_shares)
    far = _random_corners(rng, sizes[far_images])

    images = np.concatenate([truth.images[origin], far_images + 1])
    classes = np.concatenate([truth.classes[origin], far_classes + 1])
    corners = np.maximum(np.rint(np.concatenate([near, far]) * truth.pixel).astype(np.int64), 0)
    corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2])  # COCO's boxes cannot be inverted
    order = np.lexsort((rng.random(lines), images))  # image after image, in no order inside one
    boxes = Boxes(images=images[order], classes=classes[order], corners=corners[order], decimals=truth.decimals)
    return _Detections(boxes=boxes, is_near=order < near_count)


def _confidences(
    rng: np.random.Generator, *, is_near: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(lines,) confidences in millionths, and the decimals to write of each, 4 to 6."""
    lines = len(is_near)
    confidence = np.where(is_near, rng.beta(1.2, 2, size=lines), rng.beta(0.6, 5, size=lines))
    units = np.clip(np.rint(confidence * 1e6).astype(np.int64), 100, 999_900)
    units = np.where(rng.random(lines) < _TIED_SHARE, units // 100 * 100, units)
    return units, np.where(units % 100 == 0, 4, np.where(units % 10 == 0, 5, 6))


def _write_round(folder: Path, *, truth: Boxes, image_count: int) -> None:
    (folder / "round.toml").write_text(
        'slug = "benchmark-det"\ntitle = "Benchmark, detection"\ntask = "det"\n\n'
        '[images]\nlist = "test.txt"\n\n[classes]\ntable = "map_det.txt"\n\n[truth]\nboxes = "boxes.csv"\n',
        encoding="utf-8",
    )
    names = (f"ILSVRC2013_test_{index:08d} {index}\n" for index in range(1, image_count + 1))
    (folder / "test.txt").write_text("".join(names), encoding="utf-8")
    classes = (f"n{index:08d} {index} class_{index}\n" for index in range(1, CLASSES + 1))
    (folder / "map_det.txt").write_text("".join(classes), encoding="utf-8")
    pixels = truth.corners // truth.pixel

    def line_of(rows: slice) -> Line:
        columns = (truth.images[rows], truth.classes[rows], *pixels[rows].T)
        return [*joined((Number(units=units) for units in columns), b","), b"\n"]

    write_rows(folder / "boxes.csv", line_of, rows=len(truth), before=b"image_index,class_id,xmin,ymin,xmax,ymax\n")


def _write_coco_truth(path: Path, *, truth: Boxes, sizes: npt.NDArray[np.int64]) -> None:
    images = [
        {"id": index, "file_name": f"ILSVRC2013_test_{index:08d}.JPEG", "width": int(width), "height": int(height)}
        for index, (width, height) in enumerate(sizes, start=1)
    ]
    categories = [{"id": index, "name": f"class_{index}"} for index in range(1, CLASSES + 1)]
    low, side = _low_and_side(truth)
    pixels = np.concatenate([low, side], axis=1) // truth.pixel
    annotations = [
        {
            "id": index,
            "image_id": int(truth.images[index - 1]),
            "category_id": int(truth.classes[index - 1]),
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": 0,
        }
        for index, box in enumerate(pixels.tolist(), start=1)
    ]
    content = {"images": images, "categories": categories, "annotations": annotations}
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def _write_predictions(
    files: DetectionFiles,
    *,
    boxes: Boxes,
    confidences: npt.NDArray[np.int64],
    shown_decimals: npt.NDArray[np.int64],
) -> None:
    low, side = _low_and_side(boxes)

    def parts(rows: slice) -> tuple[Number, Number, Number]:
        confidence = Number(units=confidences[rows], decimals=6, shown=shown_decimals[rows])
        return Number(units=boxes.images[rows]), Number(units=boxes.classes[rows]), confidence

    def kit_line(rows: slice) -> Line:
        image, category, confidence = parts(rows)
        corners = joined(_numbers(boxes.corners[rows], boxes.decimals), b" ")
        return [image, b" ", category, b" ", confidence, b" ", *corners, b"\n"]

    def coco_line(rows: slice) -> Line:
        image, category, confidence = parts(rows)
        box = joined(_numbers(np.concatenate([low[rows], side[rows]], axis=1), boxes.decimals), b",")
        names = (b'{"image_id":', b',"category_id":', b',"bbox":[', b'],"score":', b"},")
        return [names[0], image, names[1], category, names[2], *box, names[3], confidence, names[4]]

    write_rows(files.predictions, kit_line, rows=len(boxes))
    write_rows(files.coco_results, coco_line, rows=len(boxes), before=b"[", after=b"]", drop_last=1)


def _low_and_side(boxes: Boxes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """COCO's x, y and width, height: with the inclusive corner's pixel in the side, every IoU is the same."""
    low, high = boxes.corners[:, :2], boxes.corners[:, 2:]
    return low, high - low + boxes.pixel


def _numbers(columns: npt.NDArray[np.int64], decimals: int) -> list[Number]:
    return [Number(units=units, decimals=decimals) for units in columns.T]
