"""The detection round: every digit of every scene, small ones included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from samples_maker import classifiers
from samples_maker.classifiers import Trainer, ranked
from samples_maker.digits import Digits, IntArray, class_id
from samples_maker.files import (
    Entry,
    pseudo_wnid,
    write_boxes_archive,
    write_class_table_text,
    write_entries,
    write_lines,
)
from samples_maker.finder import CAREFUL, GREEDY, Finder
from samples_maker.scenes import Canvas, Scene

SLUG = "digits-det"

SCENES = 300
WIDTH, HEIGHT = 160, 120

# Heights of digits in pixels; below some 24 x 24 the overlap that counts as found falls under one half.
HEIGHTS = (7, 9, 11, 14, 18, 22, 26, 30, 36)

# One in so many pairs of a scene and a digit in it is blacklisted.
BLACKLISTED_OF = 40


def draw(digits: Digits, *, seed: int) -> list[Scene]:
    """All scenes; each has its own random numbers, so that a change to one moves no other."""
    return [_draw_one(digits, number, seed=seed) for number in range(1, SCENES + 1)]


def image_name(number: int) -> str:
    return f"digits_det_{number:08}"


def make(folder: Path, *, training: Digits, evaluation: Digits, seed: int) -> None:
    """Write the round's generated files into `folder`."""
    scenes = draw(evaluation, seed=seed)
    numbered = dict(enumerate(scenes, start=1))
    write_class_table_text(folder / "map_det.txt")
    write_lines(folder / "val.txt", [f"{image_name(number)} {number}" for number in numbered])
    write_boxes_archive(
        folder / "boxes.tgz",
        {image_name(number): scene for number, scene in numbered.items()},
        folder="digits_det_val",
    )
    write_lines(folder / "blacklist.txt", _blacklist(scenes, seed=seed))
    cut_outs, images = training.as_cut_outs(), [scene.image for scene in scenes]
    write_entries(folder, {entry: approach.lines(cut_outs, images) for entry, approach in ENTRIES.items()})


def _draw_one(digits: Digits, number: int, *, seed: int) -> Scene:
    canvas = Canvas(np.random.default_rng([seed, 3, number]), width=WIDTH, height=HEIGHT)
    for _ in range(canvas.pick(0, 8)):
        canvas.place_digit(digits, height=HEIGHTS[canvas.pick(0, len(HEIGHTS) - 1)], min_gap=0)
    for _ in range(canvas.pick(2, 8)):
        canvas.draw_stroke()
    for _ in range(canvas.pick(0, 4)):
        canvas.draw_blot(radius=canvas.pick(2, 8))
    canvas.draw_specks(canvas.pick(0, 40))
    return Scene(image=canvas.image, placed=tuple(canvas.placed))


def _blacklist(scenes: Sequence[Scene], *, seed: int) -> list[str]:
    random = np.random.default_rng([seed, 4])
    pairs = [
        (number, digit)
        for number, scene in enumerate(scenes, start=1)
        for digit in sorted({one.digit for one in scene.placed}, key=class_id)
    ]
    return [f"{number} {pseudo_wnid(digit)}" for number, digit in pairs if random.integers(BLACKLISTED_OF) == 0]


# From the scores of one piece: the digits to report, each with its confidence.
Reporter = Callable[[np.ndarray], list[tuple[int, float]]]


def _two_likeliest(scores: np.ndarray) -> list[tuple[int, float]]:
    """The likeliest digit, and the next one for less."""
    first, second = (int(digit) for digit in ranked(scores[None])[0][:2])
    return [(first, float(scores[first])), (second, float(scores[second]) / 4)]


def _likeliest(scores: np.ndarray) -> list[tuple[int, float]]:
    return _two_likeliest(scores)[:1]


def _undecided(scores: np.ndarray) -> list[tuple[int, float]]:
    """The likeliest digit, always as sure."""
    return [(_two_likeliest(scores)[0][0], 0.5)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Approach:
    """How an entry was made."""

    train: Trainer
    finders: tuple[Finder, ...] = (CAREFUL,)  # one pass each
    reporter: Reporter = _two_likeliest

    def lines(self, training: Digits, images: Sequence[IntArray]) -> list[str]:
        """The prediction file for `images`, in the order of the images and of what is found in them."""
        classifier = self.train(training)
        found = [
            (number, piece)
            for number, image in enumerate(images, start=1)
            for finder in self.finders
            for piece in finder.find(image)
        ]
        scores = classifier(np.stack([piece.pixels for _, piece in found]))
        return [
            f"{number} {class_id(digit)} {confidence:.4f} {piece.box}"
            for (number, piece), row in zip(found, scores, strict=True)
            for digit, confidence in self.reporter(row)
        ]


# Best first.
ENTRIES: dict[Entry, Approach] = {
    Entry(
        file="neighbours.txt",
        team="Nearest Neighbours",
        method="Digit-like pieces, nearest example",
        description="Connected pieces of digit-like shape, two guesses each, surer near an example.",
    ): Approach(train=classifiers.nearest_neighbour),
    Entry(
        file="support_vectors.txt",
        team="Margin Walkers",
        method="All pieces, support vectors",
        description="Every piece of ink is taken for a digit, clutter too.",
    ): Approach(train=classifiers.support_vectors, finders=(GREEDY,)),
    Entry(
        file="nearest_mean.txt",
        team="Ten Means",
        method="Digit-like pieces, nearest mean",
        description="Connected pieces of digit-like shape, compared with ten mean digits.",
    ): Approach(train=classifiers.nearest_mean),
    Entry(
        file="twice.txt",
        team="Look Twice",
        method="Two passes, nothing suppressed",
        description="All ink and dark ink in two passes, so that many digits are reported twice.",
    ): Approach(train=classifiers.forest, finders=(GREEDY, Finder(faintest_ink=7))),
    Entry(
        file="undecided.txt",
        team="Undecided",
        method="All confidences equal",
        description="Good pieces and labels, but every detection is as sure as any other.",
    ): Approach(train=classifiers.nearest_neighbour, reporter=_undecided),
    Entry(
        file="large_only.txt",
        team="Far-sighted",
        method="Large pieces only",
        description="Good on digits of at least twenty pixels, blind to smaller ones.",
    ): Approach(train=classifiers.nearest_neighbour, finders=(Finder(min_height=20),)),
    Entry(
        file="coarse.txt",
        team="Coarse Grid",
        method="Boxes on a grid of twelve pixels",
        description="Good labels, but boxes widened to a grid.",
    ): Approach(train=classifiers.nearest_neighbour, finders=(Finder(grid=12),), reporter=_likeliest),
    Entry(
        file="three_questions.txt",
        team="Twenty Questions",
        method="All pieces, a tree of depth three",
        description="Every piece of ink, classified by a decision tree that asks for three pixels.",
    ): Approach(train=partial(classifiers.tree, depth=3), finders=(GREEDY,), reporter=_likeliest),
}
