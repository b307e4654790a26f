"""Cases made from cases: perfect predictions, other orders, fewer images."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from scoring.tasks import TASKS
from tests.parity import kit_files
from tests.parity.case_oracles import COCO_LARGEST_AREA
from tests.parity.cases import Case


def lines_of(case: Case) -> list[list[str]]:
    """The fields of every line of the predictions that has any."""
    return [row for row in kit_files.rows_of(case.text) if row]


def with_lines(case: Case, lines: Sequence[Sequence[str]]) -> Case:
    return replace(case, text="".join(" ".join(fields) + "\n" for fields in lines))


def is_by_line(case: Case) -> bool:
    """Whether the predictions have one line an image, in the order of the images."""
    layout = TASKS[case.task].layout
    return layout.has_key and not layout.needs_key


def in_encoding(case: Case, encoding: str) -> Case:
    """The same predictions, written so."""
    return replace(case, encoding=encoding)


def in_row_order(case: Case, order: Sequence[int]) -> Case:
    """The same predictions with the row of place order[i] at place i."""
    return replace(case, row_order=tuple(order))


def with_areas(case: Case) -> Case:
    """The round without COCO's boxes of no width or height: overlaps of them with themselves are undefined."""
    return replace(case, annotations=tuple(found for found in case.annotations if min(found["bbox"][2:]) > 0))


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


def _perfect_tracks(case: Case) -> list[list[str]]:
    """The truth frame by frame, a track for each object: there, one id may be that of objects of two classes."""
    snippet_of = dict(zip(sorted(case.image_indices), case.snippets, strict=True))
    tracks: dict[tuple[int, int | None, int], int] = {}
    lines = []
    for truth in sorted(case.boxes, key=lambda truth: truth.image):
        key = (snippet_of[truth.image], truth.track, truth.class_id)
        track = tracks.setdefault(key, len(tracks))
        lines.append([str(truth.image), str(truth.class_id), str(track), "0.5", *map(repr, truth.box)])
    return lines


def _perfect_scenes(case: Case) -> list[list[str]]:
    return [
        [str(index), *[str(label)] * 5] for index, label in zip(sorted(case.image_indices), case.labels, strict=True)
    ]


def _perfect_maps(case: Case) -> list[list[str]]:
    return [
        [str(index), str(len(rows[0])), *(str(value) for row in rows for value in row)]
        for index, rows in zip(sorted(case.image_indices), case.masks, strict=True)
    ]


def _perfect_sized_detections(case: Case) -> list[list[str]]:
    """First the objects that count: of some figures, an image and category have one detection, or ten."""
    return [
        [
            str(found["image_id"]), str(found["category_id"]),
            "0.9" if found["area"] <= COCO_LARGEST_AREA else "0.5", *map(repr, map(float, found["bbox"])),
        ]
        for found in case.annotations
        if not found["iscrowd"]
    ]  # fmt: skip


# A task that is added to the registry needs its line here.
_PERFECT_LINES: Mapping[str, Callable[[Case], list[list[str]]]] = {
    "cls": _perfect_labels,
    "cls-loc": _perfect_places,
    "det": _perfect_detections,
    "vid": _perfect_detections,
    "vid-track": _perfect_tracks,
    "scene": _perfect_scenes,
    "scene-parsing": _perfect_maps,
    "coco-det": _perfect_sized_detections,
}


def with_distinct_confidences(case: Case) -> Case:
    """A detection file whose confidences are all different, and so are the means of any two groups of lines."""
    columns = TASKS[case.task].layout.columns
    if "confidence" not in columns:
        return case
    place = columns.index("confidence")
    lines = lines_of(case)
    rng = random.Random(1)  # multiples of one number would not do: groups of them can have the same sum
    drawn = [f"{rng.random():.15f}" for _ in lines]
    return with_lines(case, [[*row[:place], own, *row[place + 1 :]] for own, row in zip(drawn, lines, strict=True)])


def crowded(case: Case, *, seed: int) -> Case:
    """Some hundred detections of the same boxes on each image, with the confidences the file has, in any order."""
    rng = random.Random(seed)
    lines = lines_of(case)
    confidences = [row[2] for row in lines]
    many = [rng.choice(lines) for _ in range(rng.randint(70, 300) * len(case.image_indices))]
    return with_lines(case, [[*row[:2], rng.choice(confidences), *row[3:]] for row in many])


def in_snippet_order(case: Case, order: Sequence[int]) -> list[int]:
    """`order`, the frames of each snippet in the order they have: it decides which object of a snippet is the first."""
    if not case.snippets:
        return list(order)
    found = list(order)
    for snippet in set(case.snippets):
        frames = [place for place, own in enumerate(case.snippets) if own == snippet]
        for place, new in zip(frames, sorted(order[place] for place in frames), strict=True):
            found[place] = new
    return found


def renumbered(case: Case, order: Sequence[int]) -> Case:
    """The same images under other indices: the image at place i of the ascending list takes that of place order[i]."""
    ascending = sorted(case.image_indices)
    new_index = {index: ascending[order[place]] for place, index in enumerate(ascending)}
    old_places = [place for _, place in sorted((new, place) for place, new in enumerate(order))]
    lines = lines_of(case)
    if is_by_line(case):
        lines = [lines[place] for place in old_places]
    else:
        lines = [[str(new_index[case.index_of(image)]), *fields] for image, *fields in lines]
    moved = replace(
        case,
        labels=tuple(case.labels[place] for place in old_places if case.labels),
        boxes=tuple(truth._replace(image=new_index[truth.image]) for truth in case.boxes),
        blacklisted_lines=tuple(order[line - 1] + 1 for line in case.blacklisted_lines),
        blacklisted_pairs=tuple((new_index[image], class_id) for image, class_id in case.blacklisted_pairs),
        snippets=tuple(case.snippets[place] for place in old_places if case.snippets),
        masks=tuple(case.masks[place] for place in old_places if case.masks),
        annotations=tuple({**found, "image_id": new_index[found["image_id"]]} for found in case.annotations),
    )
    return with_lines(moved, lines)


def whole_snippets(case: Case, kept: Collection[int]) -> set[int]:
    """The images of all snippets that have an image in `kept`: a tracklet cannot be cut."""
    if not case.snippets:
        return set(kept)
    snippet_of = dict(zip(sorted(case.image_indices), case.snippets, strict=True))
    wanted = {snippet_of[index] for index in kept}
    return {index for index, snippet in snippet_of.items() if snippet in wanted}


def restricted(case: Case, kept: Collection[int]) -> Case:
    """The round of the images `kept` alone, with what the predictions say about them."""
    ascending = sorted(case.image_indices)
    places = [place for place, index in enumerate(ascending) if index in kept]
    lines = lines_of(case)
    if is_by_line(case):
        lines = [lines[place] for place in places]
    else:
        lines = [row for row in lines if case.index_of(row[0]) in kept]
    fewer = replace(
        case,
        image_indices=tuple(index for index in case.image_indices if index in kept),
        has_image_list=True,
        labels=tuple(case.labels[place] for place in places if case.labels),
        boxes=tuple(truth for truth in case.boxes if truth.image in kept),
        blacklisted_lines=tuple(n for n, place in enumerate(places, 1) if place + 1 in case.blacklisted_lines),
        blacklisted_pairs=tuple(pair for pair in case.blacklisted_pairs if pair[0] in kept),
        snippets=tuple(case.snippets[place] for place in places if case.snippets),
        masks=tuple(case.masks[place] for place in places if case.masks),
        annotations=tuple(found for found in case.annotations if found["image_id"] in kept),
    )
    return with_lines(fewer, lines)
