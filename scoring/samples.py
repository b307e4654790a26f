"""A valid prediction file for a round, made from its public half alone: to look at, and to try the way with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from scoring.rounds import PublicRound
from scoring.tasks import find_task

GUESSES = 5

# A detection file may leave images out; a few lines show what one looks like.
DETECTIONS = 20


def sample_lines(public: PublicRound) -> Iterator[str]:
    """The lines of a valid file, each with its line end. The guesses mean nothing."""
    return _LINES_OF_FORMAT[find_task(public.task).formats[0].name](public)


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


_LINES_OF_FORMAT: Mapping[str, Callable[[PublicRound], Iterator[str]]] = {
    "labels": _labels,
    "located labels": _located_labels,
    "detections": _detections,
}
