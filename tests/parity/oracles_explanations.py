"""Average precision by object size and TIDE's kinds of errors, written out: slow, literal, plain Python.

Objects are (image, class, box), detections (image, class, confidence, box), both in the order of their files; images
are positions, in order. Nothing here knows the package `scoring`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tests.parity.oracles import Box, average_precision, height, intersection_over_union, threshold, width

Object = tuple[int, int, tuple[float, float, float, float]]
Line = tuple[int, int, float, tuple[float, float, float, float]]

RANGES = {"small": (-math.inf, 1024), "medium": (1024, 9216), "large": (9216, math.inf)}
KINDS = ("class", "localization", "both", "duplicate", "background", "missed")


@dataclass
class Judged:
    """What became of every line: `found` has its object; lines in neither are false positives."""

    objects: list[Object]  # those that count
    lines: Sequence[Line]
    skipped: set[int] = field(default_factory=set)
    found: dict[int, int] = field(default_factory=dict)  # line: object

    @property
    def false(self) -> list[int]:
        return [k for k in range(len(self.lines)) if k not in self.found and k not in self.skipped]


def iou(line: Line, thing: Object) -> float:
    return intersection_over_union(Box(*line[3]), Box(*thing[2]))


def reaches(line: Line, thing: Object) -> bool:
    return iou(line, thing) >= threshold(Box(*thing[2]))


def judge(objects: Sequence[Object], lines: Sequence[Line], blacklist: Collection[tuple[int, int]]) -> Judged:
    judged = Judged(objects=[thing for thing in objects if thing[:2] not in blacklist], lines=lines)
    for k in sorted(range(len(lines)), key=lambda k: -lines[k][2]):
        line = lines[k]
        if line[:2] in blacklist:
            judged.skipped.add(k)
            continue
        free = [
            number
            for number, thing in enumerate(judged.objects)
            if thing[:2] == line[:2] and reaches(line, thing) and number not in judged.found.values()
        ]
        if free:
            judged.found[k] = max(free, key=lambda number: iou(line, judged.objects[number]))  # the first of equals
    return judged


def ap_of(points: Sequence[tuple[float, int, int, bool]], positives: int) -> float | None:
    """Of (confidence, image, line, is true)."""
    return average_precision([hit for *_, hit in sorted(points, key=lambda p: (-p[0], p[1], p[2]))], positives)


def mean(figures: Collection[float | None]) -> float | None:
    defined = [figure for figure in figures if figure is not None]
    return math.fsum(defined) / len(defined) if defined else None


def by_image(
    objects: Sequence[Object], lines: Sequence[Line], blacklist: Collection[tuple[int, int]]
) -> tuple[Judged, Errors]:
    """As `judge` and `kinds_of_errors`, one image at a time: the same, for as many images as there are."""
    things: dict[int, list[Object]] = defaultdict(list)
    rows: dict[int, list[int]] = defaultdict(list)
    for thing in objects:
        things[thing[0]].append(thing)
    for k, line in enumerate(lines):
        rows[line[0]].append(k)
    everything, errors = Judged([], lines), Errors({}, {}, set())
    for image in sorted({*things, *rows}):
        here = rows[image]
        judged = judge(things[image], [lines[k] for k in here], blacklist)
        first = len(everything.objects)
        everything.objects += judged.objects
        everything.skipped |= {here[k] for k in judged.skipped}
        everything.found |= {here[k]: first + number for k, number in judged.found.items()}
        found = kinds_of_errors(judged)
        errors.kind |= {here[k]: name for k, name in found.kind.items()}
        errors.target |= {here[k]: first + number for k, number in found.target.items()}
        errors.missed |= {first + number for number in found.missed}
    return everything, errors


# By size


def has_size(box: tuple[float, float, float, float], name: str) -> bool:
    least, most = RANGES[name]
    return least <= width(Box(*box)) * height(Box(*box)) <= most


def ap_by_size(judged: Judged, class_count: int) -> dict[str, tuple[list[float | None], list[int]]]:
    """Name: AP and positives of each class."""
    figures = {}
    rows_of: list[list[int]] = [[] for _ in range(class_count)]
    for k, line in enumerate(judged.lines):
        rows_of[line[1]].append(k)
    for name in RANGES:
        aps, positives = [], []
        for c in range(class_count):
            points = []
            for k in rows_of[c]:
                line = judged.lines[k]
                if k in judged.skipped:
                    continue
                is_true = k in judged.found
                box = judged.objects[judged.found[k]][2] if is_true else line[3]
                if has_size(box, name):  # otherwise ignored
                    points.append((line[2], line[0], k, is_true))
            positives.append(sum(thing[1] == c and has_size(thing[2], name) for thing in judged.objects))
            aps.append(ap_of(points, positives[-1]))
        figures[name] = aps, positives
    return figures


# TIDE


@dataclass
class Errors:
    kind: dict[int, str]  # of every false positive
    target: dict[int, int]  # of class and localization errors, the object
    missed: set[int]  # objects


def kinds_of_errors(judged: Judged) -> Errors:
    errors = Errors({}, {}, set())
    for k in judged.false:
        line = judged.lines[k]
        here = [number for number, thing in enumerate(judged.objects) if thing[0] == line[0]]
        own = [number for number in here if judged.objects[number][1] == line[1]]
        other = [number for number in here if judged.objects[number][1] != line[1]]

        def overlap(number: int, line: Line = line) -> float:
            return iou(line, judged.objects[number])

        reached_own = [number for number in own if reaches(line, judged.objects[number])]
        reached_other = [number for number in other if reaches(line, judged.objects[number])]
        near_own = [number for number in own if overlap(number) >= 0.1]
        near_other = [number for number in other if overlap(number) >= 0.1]
        if near_own and not reached_own:
            errors.kind[k] = "localization"
            errors.target[k] = max(near_own, key=overlap)  # max takes the first of equals
        elif reached_other:
            errors.kind[k] = "class"
            errors.target[k] = max(reached_other, key=overlap)
        elif reached_own:
            assert all(number in judged.found.values() for number in reached_own)  # that is why it found none
            errors.kind[k] = "duplicate"
        elif near_other:
            errors.kind[k] = "both"
        else:
            errors.kind[k] = "background"
    touched = {*judged.found.values(), *errors.target.values()}
    errors.missed = {number for number in range(len(judged.objects)) if number not in touched}
    return errors


def mean_ap_without(judged: Judged, errors: Errors, kind: str | None, class_count: int) -> float | None:
    """The mean AP once the errors of a kind are mended; as it is for None."""
    points: list[list[tuple[float, int, int, bool]]] = [[] for _ in range(class_count)]
    taken = set(judged.found.values())
    for k in sorted(range(len(judged.lines)), key=lambda k: -judged.lines[k][2]):
        image, c, confidence, _ = judged.lines[k]
        if k in judged.found:
            points[c].append((confidence, image, k, True))
        elif k in errors.kind and errors.kind[k] != kind:
            points[c].append((confidence, image, k, False))
        elif k in errors.target and errors.target[k] not in taken:
            taken.add(errors.target[k])
            points[judged.objects[errors.target[k]][1]].append((confidence, image, k, True))
    gone = errors.missed if kind == "missed" else set()
    left = [thing[1] for number, thing in enumerate(judged.objects) if number not in gone]
    return mean([ap_of(points[c], left.count(c)) for c in range(class_count)])
