"""A valid prediction file for a round, made from its public half alone: to look at, and to try the way with."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from scoring.rounds import PublicRound
from scoring.tasks import Encoding, find_task

GUESSES = 5

# A detection file may leave images out; a few lines show what one looks like.
DETECTIONS = 20

# Lines are made a hundred kilobytes at a time.
_LINES_PER_PIECE = 4_096


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """A valid file. Its predictions mean nothing."""

    ending: str  # of its name: "txt"
    media_type: str
    pieces: Iterator[bytes]


def sample_file(public: PublicRound) -> Sample:
    """A file in the first of the task's formats."""
    form = find_task(public.task).formats[0]
    ending, media_type = _KINDS[form.encoding]
    if form.encoding == "label maps":
        return Sample(ending=ending, media_type=media_type, pieces=_label_maps(public))
    lines = _LINES_OF_FORMAT[form.name](public) if form.name in _LINES_OF_FORMAT else iter([form.example + "\n"])
    return Sample(ending=ending, media_type=media_type, pieces=_pieces(lines))


def _pieces(lines: Iterator[str]) -> Iterator[bytes]:
    while piece := "".join(islice(lines, _LINES_PER_PIECE)):
        yield piece.encode()


def _guesses(public: PublicRound) -> Iterator[list[int]]:
    """Up to five different class ids per image, another first one each time."""
    ids = public.classes.ids.tolist()
    for position in range(len(public.images)):
        yield [ids[(position + k) % len(ids)] for k in range(min(GUESSES, len(ids)))]


def _labels(public: PublicRound) -> Iterator[str]:
    for guesses in _guesses(public):
        yield " ".join(map(str, guesses)) + "\n"


def _located_labels(public: PublicRound) -> Iterator[str]:
    for guesses in _guesses(public):
        yield " ".join(f"{label} {5 * k + 1} {5 * k + 1} {5 * k + 40} {5 * k + 30}" for k, label in enumerate(guesses))
        yield "\n"


def _detections(public: PublicRound) -> Iterator[str]:
    ids = public.classes.ids.tolist()
    for k, index in enumerate(public.images.indices[:DETECTIONS].tolist()):
        yield f"{index} {ids[k % len(ids)]} {0.95 - 0.04 * k:.2f} {2 * k + 1} {k + 1} {2 * k + 60} {k + 45}\n"


def _tracked_detections(public: PublicRound) -> Iterator[str]:
    ids = public.classes.ids.tolist()
    for k, index in enumerate(public.images.indices[:DETECTIONS].tolist()):
        yield f"{index} {ids[0]} 0 {0.95 - 0.04 * k:.2f} {2 * k + 1} {k + 1} {2 * k + 60} {k + 45}\n"


def _scenes(public: PublicRound) -> Iterator[str]:
    names = public.images.names or public.images.indices.tolist()
    ids = public.classes.ids.tolist()
    for position, name in enumerate(names):
        yield f"{name} {' '.join(str(ids[(position + k) % len(ids)]) for k in range(GUESSES))}\n"


def _coco_results(public: PublicRound) -> Iterator[str]:
    yield "[\n"
    indices = public.images.indices[:DETECTIONS].tolist()
    for k, index in enumerate(indices):
        end = "," if k < len(indices) - 1 else ""
        box = f"[{2 * k + 1}.5, {k + 1}.5, 60.25, 45.25]"
        yield f'{{"image_id": {index}, "category_id": 1, "bbox": {box}, "score": {0.95 - 0.04 * k:.2f}}}{end}\n'
    yield "]\n"


def _label_maps(public: PublicRound) -> Iterator[bytes]:
    """A zip of maps of one pixel: the sizes of the images are not known here."""
    from scoring.formats.map_zips import write_maps

    packed = io.BytesIO()
    write_maps(packed, public.images, lambda _: np.zeros((1, 1), np.uint8))
    yield packed.getvalue()


_KINDS: Mapping[Encoding, tuple[str, str]] = {
    "text": ("txt", "text/plain; charset=utf-8"),
    "json": ("json", "application/json"),
    "label maps": ("zip", "application/zip"),
}

_LINES_OF_FORMAT: Mapping[str, Callable[[PublicRound], Iterator[str]]] = {
    "labels": _labels,
    "located labels": _located_labels,
    "detections": _detections,
    "tracked detections": _tracked_detections,
    "scenes": _scenes,
    "COCO results": _coco_results,
}
