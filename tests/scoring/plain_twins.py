"""Every compiled function once more in plain Python: slow, literal, to be read beside it and equalled by it.

A twin has the name and the arguments of its kernel. Where a kernel may say "not proved" (kind HARD, or False), its twin
says what is right, and the kernel is held to it only where it does claim something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

NUMBER, WNID, BAD = 0, 1, 2
TABS, COMMAS, RUNS = 1, 2, 4
SEPARATORS = b"\t\n\r ,"

_NUMBER = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WNID = re.compile(rb"n[0-9]{8}")


# scoring/formats/token_kernel.py


def split_product_error(a: float, b: float, product: float) -> float:
    """What the rounding of a * b to `product` has lost; it is a double where nothing underflows."""
    return float(Fraction(a) * Fraction(b) - Fraction(product))


def scaled(digits: int, places: int) -> float:
    """The double nearest to digits / 10^places."""
    exact = Fraction(int(digits)) / Fraction(10) ** int(places)
    try:
        return float(exact)  # of a Fraction this is correctly rounded
    except OverflowError:
        return float("inf")


def is_separator(c: int) -> bool:
    return c in SEPARATORS


def parse_any(data: Sequence[int], start: int) -> tuple[float, int, int]:
    """Value and kind of the token at `start`, and the place behind it."""
    end = start
    while data[end] not in SEPARATORS:
        end += 1
    token = bytes(bytearray(data[start:end]))
    if _WNID.fullmatch(token):
        return float(token[1:]), WNID, end
    if _NUMBER.fullmatch(token) and abs(float(token)) != float("inf"):
        return float(token), NUMBER, end
    return 0.0, BAD, end


def tokenise_window(data: Sequence[int], size: int) -> tuple[list[float], list[int], list[int], list[int], int, int]:
    """Values, kinds, offsets, line starts, the longest line and the separators seen, byte by byte."""
    values: list[float] = []
    kinds: list[int] = []
    offsets: list[int] = []
    line_starts = [0]
    longest = line_offset = seen = 0
    gap = 1  # a line starts as if behind a separator
    place = 0
    while place < size:
        byte = int(data[place])
        if byte == ord("\n"):
            line_starts.append(len(values))
            longest = max(longest, place - line_offset)
            line_offset = place + 1
            gap = 1
        elif byte in b" \t,":
            gap += 1
            seen |= (RUNS if gap > 1 else 0) | (TABS if byte == ord("\t") else 0) | (COMMAS if byte == ord(",") else 0)
        elif byte != ord("\r"):
            gap = 0
            offsets.append(place)
            value, kind, place = parse_any(data, place)
            values.append(value)
            kinds.append(kind)
            continue
        place += 1
    return values, kinds, offsets, line_starts, longest, seen


# scoring/formats/detection_columns.py

OK, BLANK, COLUMNS, TOKEN, IMAGE, CLASS, COORDINATE = range(7)


def detection_columns(
    values: Any,
    kinds: Any,
    line_starts: Any,
    image_positions: Any,
    class_positions: Any,
    wnids: Any,
    wnid_positions: Any,
) -> tuple[Any, ...]:
    """As the function of this name, line by line."""
    faults, images, classes, confidences, boxes = [], [], [], [], []
    counts = dict.fromkeys(("wnids", "ids", "inverted", "one_pixel", "negative", "normalised", "unusual", "tiny"), 0)
    class_ids: list[float] = []
    position_of_wnid = {int(wnid): int(position) for wnid, position in zip(wnids, wnid_positions, strict=True)}
    for first, end in pairwise(line_starts):
        line, line_kinds = [float(value) for value in values[first:end]], [int(kind) for kind in kinds[first:end]]
        fault, row = _detection(line, line_kinds, image_positions, class_positions, position_of_wnid)
        faults.append(fault)
        if fault not in (BLANK, COLUMNS, TOKEN):
            is_wnid = line_kinds[1] == WNID
            counts["wnids"] += is_wnid
            counts["ids"] += not is_wnid and line[1] != 0  # a 0 may mean that classes are counted from 0
            class_ids += [] if is_wnid else [line[1]]
        if row is None:
            continue
        image, position, confidence, (x1, y1, x2, y2) = row
        counts["inverted"] += x2 < x1 or y2 < y1
        counts["one_pixel"] += x2 == x1 and y2 == y1
        counts["negative"] += min(x1, y1, x2, y2) < 0
        counts["normalised"] += all(0 <= corner <= 1 for corner in (x1, y1, x2, y2))
        counts["unusual"] += not 0 <= confidence <= 1
        counts["tiny"] += any(_is_tiny(number) for number in line[2:])
        images.append(image)
        classes.append(position)
        confidences.append(0.0 if confidence == 0 else confidence)
        boxes.append((x1, y1, x2, y2))
    extremes = [
        min(confidences, default=np.inf), max(confidences, default=-np.inf),
        min(class_ids, default=np.inf), max(class_ids, default=-np.inf),
    ]  # fmt: skip
    return faults, images, classes, confidences, boxes, list(counts.values()), extremes


def _detection(
    line: list[float], kinds: list[int], image_positions: Any, class_positions: Any, position_of_wnid: dict[int, int]
) -> tuple[int, tuple[int, int, float, tuple[float, ...]] | None]:
    """The fault of a line, and the detection it holds where it has none."""
    if not line:
        return BLANK, None
    if len(line) != 7:
        return COLUMNS, None
    if kinds[1] not in (NUMBER, WNID) or any(kind != NUMBER for place, kind in enumerate(kinds) if place != 1):
        return TOKEN, None
    image = _position(line[0], image_positions)
    position = position_of_wnid.get(int(line[1]), -1) if kinds[1] == WNID else _position(line[1], class_positions)
    if image < 0:
        return IMAGE, None
    if position < 0:
        return CLASS, None
    if any(abs(corner) > 1e7 for corner in line[3:]):
        return COORDINATE, None
    return OK, (image, position, line[2], tuple(line[3:]))


def _position(number: float, positions: Any) -> int:
    return int(positions[int(number)]) if number.is_integer() and 0 <= number < len(positions) else -1


def _is_tiny(number: float) -> bool:
    """Whether it is -0.0 or a denormal number."""
    return str(number) == "-0.0" or 0 < abs(number) < 2.2250738585072014e-308


# scoring/metrics/detection_kernels.py

FALSE_POSITIVE, TRUE_POSITIVE, SKIPPED, CANDIDATE = range(4)


def overlap_of(
    x1: float, y1: float, x2: float, y2: float, left: float, top: float, right: float, bottom: float
) -> float:
    """Intersection over union as the kits compute it; 0 where boxes do not overlap or the union is nothing."""
    width = min(x2, right) - max(x1, left) + 1
    height = min(y2, bottom) - max(y1, top) + 1
    if width <= 0 or height <= 0:
        return 0.0
    area = (right - left + 1) * (bottom - top + 1)
    union = (x2 - x1 + 1) * (y2 - y1 + 1) + area - width * height
    return width * height / union if union != 0 else 0.0


def sift(
    images: Any, classes: Any, boxes: Any, box_starts: Any, box_classes: Any, box_corners: Any, box_thresholds: Any,
    skip_starts: Any, skip_classes: Any,
) -> tuple[list[int], list[int]]:  # fmt: skip
    """What becomes of each detection before any matching, and the rows of those that are to be matched."""
    states = []
    for image, label, box in zip(images, classes, boxes.tolist(), strict=True):
        overlaps = [
            (overlap_of(*box, *box_corners[b].tolist()), box_thresholds[b])
            for b in range(box_starts[image], box_starts[image + 1])
            if box_classes[b] == label
        ]
        if label in skip_classes[skip_starts[image] : skip_starts[image + 1]]:
            states.append(SKIPPED)
        elif any(value >= threshold for value, threshold in overlaps):
            states.append(CANDIDATE)
        else:
            states.append(FALSE_POSITIVE)
    return states, [row for row, state in enumerate(states) if state == CANDIDATE]


def best_first(images: Any, confidences: Any, image_count: int) -> tuple[list[int], list[int]]:
    """Rows by image, then by descending confidence, then as they came; and where each image starts."""
    order = sorted(range(len(images)), key=lambda row: (images[row], -confidences[row], row))
    starts = [sum(1 for image in images if image < bound) for bound in range(image_count + 1)]
    return order, starts


def match(
    images: Any, classes: Any, confidences: Any, boxes: Any,
    box_starts: Any, box_classes: Any, box_corners: Any, box_thresholds: Any,
) -> list[bool]:  # fmt: skip
    """Which detections find a box: all of them in descending confidence, each the free box it overlaps most."""
    is_matched = [False] * len(images)
    taken: set[int] = set()
    for row in sorted(range(len(images)), key=lambda row: -confidences[row]):
        best: tuple[float, int] | None = None
        for b in range(box_starts[images[row]], box_starts[images[row] + 1]):
            if box_classes[b] != classes[row] or b in taken:
                continue
            value = overlap_of(*boxes[row].tolist(), *box_corners[b].tolist())
            if value >= box_thresholds[b] and (best is None or value > best[0]):
                best = value, b
        if best is not None:
            taken.add(best[1])
            is_matched[row] = True
    return is_matched


def count_false_positives(
    images: Any, classes: Any, confidences: Any, states: Any, first_row: int, mask: Any,
    class_starts: Any, tp_confidences: Any, tp_images: Any, tp_rows: Any,
) -> list[int]:  # fmt: skip
    """For each true positive, the false positives between it and the true positive of its class before it."""
    before = [0] * len(tp_rows)
    for row, state in enumerate(states):
        if state != FALSE_POSITIVE or not mask[images[row]]:
            continue
        key = (-confidences[row], images[row], first_row + row)
        for t in range(class_starts[classes[row]], class_starts[classes[row] + 1]):
            if key < (-tp_confidences[t], tp_images[t], tp_rows[t]):
                before[t] += 1
                break
    return before


def bucket_of(confidence: float, greatest: float, scale: float, buckets: int) -> int:
    """How many whole buckets a confidence lies below the greatest, within those there are."""
    return int(min(max((greatest - confidence) * scale, 0), buckets))


def fill_buckets(
    class_count: int, class_starts: Any, tp_confidences: Any, buckets: int
) -> tuple[list[float], list[float], list[list[int]]]:
    """Scales, greatest confidences, and for each bucket the first true positive in it or behind it."""
    scales, greatest, table = [], [], []
    for c in range(class_count):
        found = tp_confidences[class_starts[c] : class_starts[c + 1]].tolist()
        width = found[0] - found[-1] if found else 0.0
        scales.append(buckets * (1 - 1e-9) / width if width > 0 else 0.0)
        greatest.append(found[0] if found else 0.0)
        places = [bucket_of(confidence, greatest[c], scales[c], buckets) for confidence in found]
        table.append([int(class_starts[c]) + sum(place < k for place in places) for k in range(buckets + 2)])
    return scales, greatest, table
