"""What the score of tracklets means, written out: slow, literal, plain Python. Nothing here knows `scoring`."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import NamedTuple

from tests.parity.oracles import Box, average_precision, intersection_over_union, threshold


class Line(NamedTuple):
    """A predicted box; the ground truth has them without confidence."""

    frame: int  # position
    class_id: int
    track: int
    box: Box
    confidence: float = 0.0


class Tracklet(NamedTuple):
    snippet: int
    class_id: int
    boxes: dict[int, Box]  # by frame
    confidence: Fraction


def tracklets_of(lines: Sequence[Line], snippets: Sequence[int], *, by_class: bool) -> list[Tracklet]:
    """In the order in which they first appear. By the class too in the truth; a prediction has one anyway."""
    grouped: dict[tuple[int, ...], list[Line]] = {}
    for line in lines:
        key = (snippets[line.frame], line.track, *((line.class_id,) if by_class else ()))
        grouped.setdefault(key, []).append(line)
    return [
        Tracklet(
            snippet=key[0],
            class_id=rows[0].class_id,
            boxes={row.frame: row.box for row in rows},
            confidence=sum((Fraction(row.confidence) for row in rows), Fraction(0)) / len(rows),
        )
        for key, rows in grouped.items()
    ]


def overlap(predicted: Tracklet, truth: Tracklet) -> Fraction:
    """Frames matched over frames in the UNION of both."""
    matched = 0
    for frame, box in truth.boxes.items():
        if frame in predicted.boxes and intersection_over_union(predicted.boxes[frame], box) >= threshold(box):
            matched += 1
    return Fraction(matched, len(predicted.boxes.keys() | truth.boxes.keys()))


def score_tracking(
    *, class_ids: Collection[int], snippets: Sequence[int], truth: Sequence[Line], lines: Sequence[Line]
) -> tuple[dict[str, float | None], list[dict[str, float | int | None]]]:
    """Scores, and rows of the classes. `snippets` has the snippet of every frame; both sequences are in file order."""
    # The truth is read frame by frame.
    objects = tracklets_of(sorted(truth, key=lambda line: line.frame), snippets, by_class=True)
    predicted = tracklets_of(lines, snippets, by_class=False)
    rows: list[dict[str, float | int | None]] = []
    for class_id in sorted(class_ids):
        of_class = [thing for thing in objects if thing.class_id == class_id]
        # Descending confidence; sorted() is stable: ties by snippet, then by first appearance.
        mine = sorted((p for p in predicted if p.class_id == class_id), key=lambda p: (-float(p.confidence), p.snippet))
        row: dict[str, float | int | None] = {"positives": len(of_class), "tracklets": len(mine)}
        for name, least in (("25", Fraction(1, 4)), ("50", Fraction(1, 2)), ("75", Fraction(3, 4))):
            free = list(range(len(of_class)))
            hits = []
            for tracklet in mine:
                found = [
                    k
                    for k in free
                    if of_class[k].snippet == tracklet.snippet and overlap(tracklet, of_class[k]) >= least
                ]
                if found:
                    free.remove(max(found, key=lambda k: overlap(tracklet, of_class[k])))
                hits.append(bool(found))
            row[f"ap_{name}"] = average_precision(hits, len(of_class))
        row["ap"] = mean([row["ap_25"], row["ap_50"], row["ap_75"]])
        rows.append(row)
    scores = {f"mean_ap_{name}": mean([row[f"ap_{name}"] for row in rows]) for name in ("25", "50", "75")}
    scores["mean_ap"] = mean([row[f"ap_{name}"] for row in rows for name in ("25", "50", "75")])
    return scores, rows


def mean(figures: Sequence[float | int | None]) -> float | None:
    defined = [figure for figure in figures if figure is not None]
    return math.fsum(defined) / len(defined) if defined else None
