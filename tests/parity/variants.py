"""Cases made from cases: perfect predictions, other orders, fewer images."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace

from tests.parity import kit_files
from tests.parity.cases import Case


def lines_of(case: Case) -> list[list[str]]:
    """The fields of every line of the predictions that has any."""
    return [row for row in kit_files.rows_of(case.text) if row]


def with_lines(case: Case, lines: Sequence[Sequence[str]]) -> Case:
    return replace(case, text="".join(" ".join(fields) + "\n" for fields in lines))


def is_by_line(case: Case) -> bool:
    """Whether the predictions have one line an image, in the order of the images."""
    return bool(case.labels)


def perfect(case: Case) -> Case:
    """The same round with the truth as its predictions; None of its figures can be better."""
    return with_lines(case, _PERFECT_LINES[case.task](case))


def _perfect_labels(case: Case) -> list[list[str]]:
    return [[str(label)] for label in case.labels]


def _perfect_places(case: Case) -> list[list[str]]:
    """A box of the label where the image has one; any box where it has not."""
    lines = []
    for index, label in zip(sorted(case.image_indices), case.labels, strict=True):
        boxes = [truth.box for truth in case.boxes if (truth.image, truth.class_id) == (index, label)]
        lines.append([str(label), *map(repr, boxes[0] if boxes else (0, 0, 9, 9))])
    return lines


def _perfect_detections(case: Case) -> list[list[str]]:
    return [[str(truth.image), str(truth.class_id), "0.5", *map(repr, truth.box)] for truth in case.boxes]


# A task that is added to the registry needs its line here.
_PERFECT_LINES = {
    "cls": _perfect_labels,
    "cls-loc": _perfect_places,
    "det": _perfect_detections,
    "vid": _perfect_detections,
}


def with_distinct_confidences(case: Case) -> Case:
    """A detection file whose confidences fall from line to line."""
    lines = lines_of(case)
    return with_lines(case, [[*row[:2], f"{1 - place / 1000:.3f}", *row[3:]] for place, row in enumerate(lines)])


def crowded(case: Case, *, seed: int) -> Case:
    """Some hundred detections of the same boxes on each image, with the confidences the file has, in any order."""
    rng = random.Random(seed)
    lines = lines_of(case)
    confidences = [row[2] for row in lines]
    many = [rng.choice(lines) for _ in range(rng.randint(70, 300) * len(case.image_indices))]
    return with_lines(case, [[*row[:2], rng.choice(confidences), *row[3:]] for row in many])


def renumbered(case: Case, order: Sequence[int]) -> Case:
    """The same images under other indices: the image at place i of the ascending list takes that of place order[i]."""
    ascending = sorted(case.image_indices)
    new_index = {index: ascending[order[place]] for place, index in enumerate(ascending)}
    old_place = {new: place for place, new in enumerate(order)}
    boxes = tuple(truth._replace(image=new_index[truth.image]) for truth in case.boxes)
    lines = lines_of(case)
    if is_by_line(case):
        lines = [lines[old_place[place]] for place in range(len(lines))]
    else:
        lines = [[str(new_index[kit_files.whole(image)]), *fields] for image, *fields in lines]
    moved = replace(
        case,
        labels=tuple(case.labels[old_place[place]] for place in range(len(case.labels))),
        boxes=boxes,
        blacklisted_lines=tuple(order[line - 1] + 1 for line in case.blacklisted_lines),
        blacklisted_pairs=tuple((new_index[image], class_id) for image, class_id in case.blacklisted_pairs),
    )
    return with_lines(moved, lines)


def restricted(case: Case, kept: Collection[int]) -> Case:
    """The round of the images `kept` alone, with what the predictions say about them."""
    ascending = sorted(case.image_indices)
    places = [place for place, index in enumerate(ascending) if index in kept]
    lines = lines_of(case)
    if is_by_line(case):
        lines = [lines[place] for place in places]
    else:
        lines = [row for row in lines if kit_files.whole(row[0]) in kept]
    fewer = replace(
        case,
        image_indices=tuple(index for index in case.image_indices if index in kept),
        has_image_list=True,
        labels=tuple(case.labels[place] for place in places if case.labels),
        boxes=tuple(truth for truth in case.boxes if truth.image in kept),
        blacklisted_lines=tuple(n for n, place in enumerate(places, 1) if place + 1 in case.blacklisted_lines),
        blacklisted_pairs=tuple(pair for pair in case.blacklisted_pairs if pair[0] in kept),
    )
    return with_lines(fewer, lines)
