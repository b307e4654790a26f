"""A parsed truth as files again, so that its round can be opened elsewhere with the same digest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scoring.errors import HeldoutError
from scoring.images import Images
from scoring.synsets import Classes
from scoring.truth import Truth


class TruthNotWritten(HeldoutError):
    """The truth of this task is not kept in a form that files can be written of; copy the organizer's folder."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def truth_files(
    truth: Truth, *, images: Images, classes: Classes, prefix: str = "truth"
) -> tuple[dict[str, Any], dict[str, str]]:
    """([truth] of round.toml, content by name) of labels, boxes and blacklists; names begin with `prefix`.

    Raises:
        TruthNotWritten: the truth is of another kind.
    """
    if truth.task not in {"cls", "cls-loc", "det", "vid"} or truth.label_sets is not None:
        raise TruthNotWritten
    section: dict[str, Any] = {}
    files: dict[str, str] = {}
    for key, ending, lines in _parts(truth, images, classes):
        section[key] = name = f"{prefix}-{ending}"
        files[name] = "".join(f"{line}\n" for line in lines)
    return section, files


def _parts(truth: Truth, images: Images, classes: Classes) -> Iterator[tuple[str, str, Iterator[str]]]:
    """(key, end of the file's name, lines) of what is there."""
    if truth.labels is not None:
        yield "labels", "labels.txt", (str(number) for number in classes.ids[truth.labels].tolist())
    boxes = truth.boxes
    if boxes is not None:
        pairs = zip(images.indices[boxes.images].tolist(), classes.ids[boxes.classes].tolist(), strict=True)
        corners = (",".join(repr(corner) for corner in box) for box in boxes.corners.tolist())
        rows = zip(pairs, corners, strict=True)
        yield "boxes", "boxes.csv", (f"{image},{class_id},{box}" for (image, class_id), box in rows)
    if truth.blacklisted_images is not None:
        numbers = (np.flatnonzero(truth.blacklisted_images) + 1).tolist()
        yield "blacklist", "blacklist.txt", (str(number) for number in numbers)
    elif truth.blacklisted_pairs is not None:
        found = truth.blacklisted_pairs.tolist()
        lines = (f"{images.indices[image]} {classes.wnids[class_] or classes.ids[class_]}" for image, class_ in found)
        yield "blacklist", "blacklist.txt", lines
