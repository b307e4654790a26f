"""The round of the season: real labels, the split redrawn by hand, a correction, and another private half."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

SLUG = "season"
SEED = "thirty days of november"
IMAGES = 50_000
CORRECTIONS = 200
CLASSES = 1000

STARTS = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
FREEZES = STARTS + timedelta(days=24)
ENDS = STARTS + timedelta(days=30)

Labels = npt.NDArray[np.int64]

_ROUND = f"""slug = "{SLUG}"
title = "A season of classification"
task = "cls"
[images]
count = {IMAGES}
[classes]
table = "map_clsloc.txt"
[policy]
opens = {STARTS.isoformat()}
freezes = {FREEZES.isoformat()}
closes = {ENDS.isoformat()}
reveals = {(ENDS + timedelta(days=30)).isoformat()}
submissions_per_day = 1
submissions_per_week = 2
submissions_total = 3
represents = "finals"
finals = 1
public_share = 0.5
[truth]
labels = "ground_truth.txt"
split_seed = "{SEED}"
"""


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """The same round twice: as it was opened, and corrected."""

    opened: Path
    corrected: Path
    is_public: npt.NDArray[np.bool_]


def write_rounds(root: Path, ilsvrc: Path, *, has_other_private_half: bool = False) -> Rounds:
    """Write both folders; with another private half, every label of a public image stays and most others do not."""
    labels = np.loadtxt(ilsvrc / "clsloc" / "ILSVRC2015_clsloc_validation_ground_truth.txt", dtype=np.int64)
    is_public = drawn(labels)
    corrected = _corrections(labels, ilsvrc)
    if has_other_private_half:
        mended = corrected != labels
        labels = with_other_private_half(labels, is_public)
        corrected = np.where(mended, np.where(is_public, corrected, labels % CLASSES + 1), labels)
    return Rounds(
        opened=_write(root / "opened", labels, ilsvrc),
        corrected=_write(root / "corrected", corrected, ilsvrc),
        is_public=is_public,
    )


def draws() -> npt.NDArray[np.uint64]:
    """The number each image draws, as the documents tell: the first eight bytes of sha256 of the seed and its index."""
    digests = (hashlib.sha256(f"{SEED}\n{index}".encode()).digest() for index in range(IMAGES + 1))
    return np.array([int.from_bytes(digest[:8], "little") for digest in digests], dtype=np.uint64)


def drawn(labels: Labels) -> npt.NDArray[np.bool_]:
    """(images,) the public ones: every other image in order of class and draw."""
    numbers = draws()
    order = np.lexsort((numbers[1:], labels))
    places = np.floor((np.arange(IMAGES + 1) + int(numbers[0]) / 2**64) * 0.5)
    is_public = np.zeros(IMAGES, dtype=np.bool_)
    is_public[order] = places[1:] > places[:-1]
    return is_public


def with_other_private_half(labels: Labels, is_public: npt.NDArray[np.bool_]) -> Labels:
    """Labels of private images exchanged, wherever this leaves the split as it is.

    Two private images of different classes can change places if each drew a number that falls between the public
    neighbours of the other. Those that follow each other by their numbers nearly always can.
    """
    numbers = draws()[1:]
    order = np.lexsort((numbers, labels))
    low, high = np.zeros(IMAGES, np.uint64), np.full(IMAGES, np.iinfo(np.uint64).max)
    is_same_class = labels[order][1:] == labels[order][:-1]
    low[order[1:][is_same_class]] = numbers[order[:-1][is_same_class]]
    high[order[:-1][is_same_class]] = numbers[order[1:][is_same_class]]
    private = np.flatnonzero(~is_public)
    private = private[np.argsort(numbers[private])]
    one, two = private[: len(private) // 2 * 2].reshape(-1, 2).T
    fits = (
        (low[one] < numbers[two]) & (numbers[two] < high[one]) & (low[two] < numbers[one]) & (numbers[one] < high[two])
    )
    changed = labels.copy()
    changed[one[fits]], changed[two[fits]] = labels[two[fits]], labels[one[fits]]
    return changed


def early_version(file: Path, *, lines: int) -> bytes:
    """A model's predictions when it was worse: of its first lines only the first guess is kept."""
    guesses = gzip.decompress(file.read_bytes()).decode().splitlines()
    cut = [line.split()[0] for line in guesses[:lines]]
    return "\n".join([*cut, *guesses[lines:], ""]).encode()


def _corrections(labels: Labels, ilsvrc: Path) -> Labels:
    """The labels with 200 mended: images, spread over all, that experts found to show one other class."""
    wnids = [line.split()[0] for line in (ilsvrc / "synsets" / "map_clsloc.txt").read_text().splitlines()]
    id_of = {place: wnids.index(wnid) + 1 for place, wnid in enumerate(sorted(wnids))}
    experts = json.loads((ilsvrc / "clsloc" / "real.json").read_text())
    known = {image: id_of[found[0]] for image, found in enumerate(experts) if len(found) == 1}
    wrong = [image for image, label in known.items() if label != labels[image]]
    corrected = labels.copy()
    for image in wrong[:: len(wrong) // CORRECTIONS][:CORRECTIONS]:
        corrected[image] = known[image]
    return corrected


def _write(folder: Path, labels: Labels, ilsvrc: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "round.toml").write_text(_ROUND)
    (folder / "map_clsloc.txt").write_bytes((ilsvrc / "synsets" / "map_clsloc.txt").read_bytes())
    (folder / "ground_truth.txt").write_text("".join(f"{label}\n" for label in labels.tolist()))
    return folder
