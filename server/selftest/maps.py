"""Trials of `scene-parsing`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.formats.map_zips import Ids, write_maps
from scoring.masks import TruthMasks
from scoring.rounds import PublicRound
from scoring.truth import Truth
from server.selftest.trials import Expectation, Trial, exactly, near


def map_trials(public: PublicRound, truth: Truth, folder: Path, *, rng: np.random.Generator) -> Iterator[Trial]:
    """The truth's own maps, maps of no class, and maps of one class each, whichever."""
    masks = truth.masks
    if masks is None:
        raise TypeError(f"a {truth.task} truth has no masks")
    ids = np.concatenate([[0], public.classes.ids])  # of the values that maps are kept as
    pixels = np.array([np.count_nonzero(masks.class_map(image)) for image in range(len(masks))], np.float64)
    names = ("pixel_accuracy", "mean_iou", "score")
    is_blank = not pixels.any()
    yield Trial(
        name="perfect",
        path=_write(public, folder / "perfect.zip", lambda image: ids[masks.class_map(image)]),
        expected=() if is_blank else _best(masks, len(public.classes)),
    )
    yield Trial(
        name="empty",
        path=_write(public, folder / "empty.zip", lambda image: np.zeros(masks.shape(image), np.int64)),
        expected=exactly(names, 0.0, may_be_undefined=is_blank),
    )
    # One class a map: noise would not pack, and thousands of photos of it fill a disk.
    chosen = rng.choice(public.classes.ids, size=len(masks))
    yield Trial(
        name="random",
        path=_write(public, folder / "random.zip", lambda image: np.full(masks.shape(image), chosen[image])),
        expected=() if is_blank else (_chance(pixels, len(public.classes)),),
    )


def _best(masks: TruthMasks, class_count: int) -> tuple[Expectation, ...]:
    """A class that no pixel has counts 0 in the mean, whatever is predicted."""
    used = np.unique(np.concatenate([np.unique(masks.class_map(image)) for image in range(len(masks))]))
    mean = np.count_nonzero(used) / class_count
    return (
        *exactly(["pixel_accuracy"], 1.0),
        *exactly(["mean_iou"], mean),
        *exactly(["score"], (1.0 + mean) / 2),
    )


def _chance(pixels: npt.NDArray[np.float64], class_count: int) -> Expectation:
    """A class drawn for each image is right for a share of its pixels that is 1 in `class_count` on average."""
    chance = 1 / class_count
    spread = float(np.sqrt(chance * (pixels**2).sum()) / pixels.sum())  # at most: a share varies less than yes and no
    return near("pixel_accuracy", chance, spread)


def _write(public: PublicRound, path: Path, map_of: Callable[[int], Ids]) -> Path:
    """A zip of one PNG for each image."""
    with path.open("wb") as stream:
        write_maps(stream, public.images, map_of)
    return path
