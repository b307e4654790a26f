"""What the scores of four tasks mean, written out: slow, literal, plain Python.

Made from the evaluation protocols alone and meant to be read beside them: each rule is a line one can point at.
Nothing here knows the package `scoring`; the keys are those that scorecards have.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Box(NamedTuple):
    """Pixels; both corners belong to the box."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float


class Guess(NamedTuple):
    """One group of a localization line."""

    label: int
    box: Box


class TruthBox(NamedTuple):
    image: int
    class_id: int
    box: Box
    track: int | None = None  # where objects are followed


class Detection(NamedTuple):
    image: int
    class_id: int
    confidence: float
    box: Box


@dataclass(frozen=True, kw_only=True)
class OracleScore:
    """The figures of one prediction file; None where a figure is undefined."""

    scores: dict[str, float | None]
    counts: dict[str, int]
    per_class: list[dict[str, float | int | None]]


# Conventions shared by all tasks


def width(box: Box) -> float:
    return box.xmax - box.xmin + 1  # corners INCLUSIVE


def height(box: Box) -> float:
    return box.ymax - box.ymin + 1


def intersection_over_union(one: Box, other: Box) -> float:
    """The formula as it stands, for boxes that leave the image or are inverted too."""
    shared_width = min(one.xmax, other.xmax) - max(one.xmin, other.xmin) + 1
    shared_height = min(one.ymax, other.ymax) - max(one.ymin, other.ymin) + 1
    if shared_width <= 0 or shared_height <= 0:  # no overlap
        return 0.0
    shared = shared_width * shared_height
    return shared / (width(one) * height(one) + width(other) * height(other) - shared)


def error(wrong: int, images: int) -> float | None:
    """A fraction, divided last; undefined over no images."""
    return wrong / images if images else None


# CLS: classification, top-k error


def is_wrong_at(guesses: Sequence[int], label: int, k: int) -> bool:
    """Whether none of the first k ids equals the label. Columns past five never count, because k ends at five."""
    return label not in guesses[:k]


def score_cls(*, class_ids: Collection[int], labels: Sequence[int], guesses: Sequence[Sequence[int]]) -> OracleScore:
    """`labels` and `guesses` have one item an image, in the same order."""
    images = len(labels)
    assert len(guesses) == images  # the number of lines must equal the number of images
    top = {k: [is_wrong_at(ids, label, k) for ids, label in zip(guesses, labels, strict=True)] for k in range(1, 6)}
    wrong = {k: sum(top[k]) for k in top}
    per_class: list[dict[str, float | int | None]] = []
    for class_id, rows in _rows_of_label(class_ids, labels).items():
        per_class.append({
            "id": class_id,
            "images": len(rows),
            "top1_error": error(sum(top[1][row] for row in rows), len(rows)),
            "top5_error": error(sum(top[5][row] for row in rows), len(rows)),
        })  # fmt: skip
    return OracleScore(
        scores={f"top{k}_error": error(wrong[k], images) for k in top},
        counts={"images": images, "scored_images": images} | {f"top{k}_wrong": wrong[k] for k in top},
        per_class=per_class,
    )


def _rows_of_label(class_ids: Collection[int], labels: Sequence[int]) -> dict[int, list[int]]:
    """The images of every class, in id order, classes without images included."""
    rows: dict[int, list[int]] = {class_id: [] for class_id in sorted(class_ids)}
    for row, label in enumerate(labels):
        rows[label].append(row)
    return rows


# CLS-LOC: single-object localization


def first_well_placed(guesses: Sequence[Guess], label: int, instances: Sequence[Box]) -> float:
    """Which guess, from 1, is the first with the label AND half overlap with ANY annotated instance of that label."""
    for number, guess in enumerate(guesses[:5], start=1):
        if guess.label == label:
            for instance in instances:
                if intersection_over_union(guess.box, instance) >= 0.5:
                    return number
    return math.inf


def score_cls_loc(
    *,
    class_ids: Collection[int],
    labels: Sequence[int],
    boxes: Sequence[Sequence[tuple[int, Box]]],
    blacklist: Collection[int],
    guesses: Sequence[Sequence[Guess]],
) -> OracleScore:
    """`boxes` has the annotated objects (class id, box) of every image; `blacklist` holds line numbers from 1."""
    top = score_cls(class_ids=class_ids, labels=labels, guesses=[[g.label for g in line] for line in guesses])
    scored = [row for row in range(len(labels)) if row + 1 not in blacklist]  # the others leave the denominator
    instances = [[box for class_id, box in boxes[row] if class_id == labels[row]] for row in range(len(labels))]
    placed = [first_well_placed(guesses[row], labels[row], instances[row]) for row in range(len(labels))]
    loc = {k: [number > k for number in placed] for k in range(1, 6)}  # none among the first k is well placed
    wrong = {k: sum(loc[k][row] for row in scored) for k in loc}
    scored_rows = set(scored)
    for figures, rows in zip(top.per_class, _rows_of_label(class_ids, labels).values(), strict=True):
        kept = [row for row in rows if row in scored_rows]
        figures["loc5_error"] = error(sum(loc[5][row] for row in kept), len(kept))
    return OracleScore(
        scores=top.scores | {f"loc{k}_error": error(wrong[k], len(scored)) for k in loc},
        counts=top.counts | {"scored_images": len(scored)} | {f"loc{k}_wrong": wrong[k] for k in loc},
        per_class=top.per_class,
    )


# DET: object detection; VID: scored as DET, without a blacklist


def threshold(box: Box) -> float:
    """What a detection's overlap with this ground truth box must reach: less than a half for small objects."""
    w, h = width(box), height(box)
    return min(0.5, w * h / ((w + 10) * (h + 10)))


def match_image(detections: Sequence[Detection], truth: Sequence[Box]) -> list[tuple[Detection, bool]]:
    """One image and class: which detections are true positives, in the order they were judged in."""
    judged = []
    is_detected = [False] * len(truth)
    for detection in sorted(detections, key=lambda d: -d.confidence):  # STABLE: equal confidences keep file order
        best, best_overlap = None, -math.inf
        for candidate, box in enumerate(truth):
            overlap = intersection_over_union(detection.box, box)
            if is_detected[candidate]:  # among those NOT YET DETECTED
                continue
            if overlap < threshold(box):  # whose own IoU >= thr
                continue
            if overlap > best_overlap:  # the one of largest IoU, first in file order on a tie
                best, best_overlap = candidate, overlap
        if best is not None:
            is_detected[best] = True
        judged.append((detection, best is not None))
    return judged


def average_precision(hits: Sequence[bool], positives: int) -> float | None:
    """Area under the monotone precision at every recall step; `hits` in descending confidence."""
    if positives == 0:  # a class without positives has no AP
        return None
    precisions = []
    found = 0
    for seen, hit in enumerate(hits, start=1):
        found += hit
        precisions.append(found / seen)
    for place in range(len(precisions) - 2, -1, -1):  # made monotone from the right
        precisions[place] = max(precisions[place], precisions[place + 1])
    # Recall grows by 1 / positives at every true positive and nowhere else.
    return math.fsum(precision for precision, hit in zip(precisions, hits, strict=True) if hit) / positives


def score_det(
    *,
    images: Collection[int],
    class_ids: Collection[int],
    boxes: Sequence[TruthBox],
    blacklist: Collection[tuple[int, int]],
    detections: Sequence[Detection],
) -> OracleScore:
    """`boxes` and `detections` in file order; `blacklist` holds pairs (image index, class id)."""
    truth_of: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for truth in boxes:
        truth_of[truth.image, truth.class_id].append(truth.box)
    detections_of: dict[tuple[int, int], list[Detection]] = defaultdict(list)
    for detection in detections:
        detections_of[detection.image, detection.class_id].append(detection)

    image_order = sorted(images)
    # Images that show nothing of a class and were sent nothing of it add nothing to it; there are millions of them.
    concerned: dict[int, set[int]] = defaultdict(set)
    for image, class_id in truth_of.keys() | detections_of.keys():
        concerned[class_id].add(image)
    detections_sent = Counter(detection.class_id for detection in detections)
    per_class: list[dict[str, float | int | None]] = []
    aps: list[float] = []
    all_positives = 0
    for class_id in sorted(class_ids):
        judged: list[tuple[Detection, bool]] = []
        positives = 0
        for image in filter(concerned[class_id].__contains__, image_order):
            if (image, class_id) in blacklist:  # skipped, and its boxes leave the positives
                continue
            truth_boxes = truth_of.get((image, class_id), [])
            positives += len(truth_boxes)
            judged += match_image(detections_of.get((image, class_id), []), truth_boxes)
        judged.sort(key=lambda pair: -pair[0].confidence)  # stable: ties by image index, then by file order
        ap = average_precision([hit for _, hit in judged], positives)
        per_class.append({
            "id": class_id, "ap": ap, "positives": positives, "detections": detections_sent[class_id],
        })  # fmt: skip
        all_positives += positives
        if ap is not None:  # a class without positives is left out of the mean
            aps.append(ap)

    return OracleScore(
        scores={"mean_ap": math.fsum(aps) / len(aps) if aps else None, "median_ap": median(aps)},
        counts={
            "images": len(images),
            "detections": len(detections),
            "positives": all_positives,
            "skipped": sum((detection.image, detection.class_id) in blacklist for detection in detections),
        },
        per_class=per_class,
    )


def median(figures: Sequence[float]) -> float | None:
    """The middle one, or the mean of the middle two."""
    if not figures:
        return None
    ascending = sorted(figures)
    middle = len(ascending) // 2
    return ascending[middle] if len(ascending) % 2 else (ascending[middle - 1] + ascending[middle]) / 2


def score_vid(
    *,
    images: Collection[int],
    class_ids: Collection[int],
    boxes: Sequence[TruthBox],
    detections: Sequence[Detection],
) -> OracleScore:
    return score_det(images=images, class_ids=class_ids, boxes=boxes, blacklist=(), detections=detections)
