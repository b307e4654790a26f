"""A parsed truth as files again, so that its round can be opened elsewhere with the same digest."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.errors import HeldoutError
from scoring.rounds import PublicRound
from scoring.truth import Truth, TruthBoxes

if TYPE_CHECKING:
    from scoring.coco_truth import CocoTruth
    from scoring.label_sets import LabelSets
    from scoring.masks import TruthMasks


class TruthNotWritten(HeldoutError):
    """The task reads its truth in a way of its own and says no way to write it; copy the organizer's folder."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, kw_only=True, slots=True)
class TruthFile:
    """One file of a truth."""

    key: str  # under [truth]
    name: str
    pieces: Iterator[bytes]  # made as they are taken


def truth_files(truth: Truth, public: PublicRound, *, prefix: str) -> list[TruthFile]:
    """The files that `TruthReader` makes the same truth of; classes are named by the kit's ids, whatever named them.

    Args:
        truth: of the round.
        public: its public half.
        prefix: with which the files' names begin.

    Raises:
        TruthNotWritten: the truth is of no kind that `TruthReader` reads.
    """
    if truth.own:
        raise TruthNotWritten
    return [
        TruthFile(key=key, name=f"{prefix}-{key}.{ending}", pieces=pieces)
        for key, ending, pieces in _parts(truth, public)
    ]


def _parts(truth: Truth, public: PublicRound) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    """(key, ending of the file's name, content) of what is there."""
    if truth.labels is not None:
        ids = map(str, public.classes.ids[truth.labels].tolist())
        yield "labels", "txt", _lines(_named(public, ids) if truth.task == "scene" else ids)
    if truth.label_sets is not None:
        yield "labels", "txt", _lines(_label_sets(truth.label_sets, public))
    if truth.boxes is not None:
        yield "boxes", "csv", _lines(_boxes(truth.boxes, public))
    if truth.blacklisted_images is not None:
        yield "blacklist", "txt", _lines(map(str, (np.flatnonzero(truth.blacklisted_images) + 1).tolist()))
    if truth.blacklisted_pairs is not None:
        indices, wnids = public.images.indices, public.classes.wnids
        pairs = truth.blacklisted_pairs.tolist()
        yield "blacklist", "txt", _lines(f"{indices[image]} {wnids[class_]}" for image, class_ in pairs)
    if truth.coco is not None:
        yield "annotations", "json", _coco(truth.coco, public)
    if truth.masks is not None:
        yield "masks", "zip", _masks(truth.masks, public)


def _lines(lines: Iterable[str]) -> Iterator[bytes]:
    return (f"{line}\n".encode() for line in lines)


def _named(public: PublicRound, labels: Iterable[str]) -> Iterator[str]:
    names = public.images.names or map(str, public.images.indices.tolist())
    return (f"{name} {label}" for name, label in zip(names, labels, strict=True))


def _label_sets(sets: LabelSets, public: PublicRound) -> Iterator[str]:
    ids = np.split(public.classes.ids[sets.classes], sets.starts[1:-1])
    return (" ".join(map(str, of_image.tolist())) for of_image in ids)


def _boxes(boxes: TruthBoxes, public: PublicRound) -> Iterator[str]:
    tracks = () if boxes.tracks is None else (boxes.tracks,)
    whole = np.column_stack([public.images.indices[boxes.images], public.classes.ids[boxes.classes], *tracks]).tolist()
    return (",".join(map(repr, (*first, *box))) for first, box in zip(whole, boxes.corners.tolist(), strict=True))


def _coco(coco: CocoTruth, public: PublicRound) -> Iterator[bytes]:
    """COCO's instances.json, a record a line."""
    rows = zip(
        public.images.indices[coco.images].tolist(), coco.category_ids[coco.classes].tolist(), coco.boxes.tolist(),
        coco.areas.tolist(), coco.is_crowd.tolist(), strict=True,
    )  # fmt: skip
    annotations = (
        {"id": number, "image_id": image, "category_id": category, "bbox": box, "area": area, "iscrowd": int(is_crowd)}
        for number, (image, category, box, area, is_crowd) in enumerate(rows, start=1)
    )
    categories = zip(coco.category_ids.tolist(), coco.category_names, strict=True)
    lists = {
        "images": ({"id": index} for index in public.images.indices.tolist()),
        "annotations": annotations,
        "categories": ({"id": number, "name": name} for number, name in categories),
    }
    for place, (name, records) in enumerate(lists.items()):
        yield f'{"," if place else "{"}"{name}": ['.encode()
        for number, record in enumerate(records):
            yield f"{',' if number else ''}\n{json.dumps(record)}".encode()
        yield b"\n]"
    yield b"}\n"


def _masks(masks: TruthMasks, public: PublicRound) -> Iterator[bytes]:
    from scoring.formats.map_zips import write_maps  # the one task that needs it loads it

    ids = np.concatenate([[0], public.classes.ids])  # of the values that maps are kept as
    packed = io.BytesIO()
    write_maps(packed, public.images, lambda image: ids[masks.class_map(image)])
    yield packed.getvalue()
