"""The localization round: the largest digit of each scene, with a box around it or its like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from samples_maker import classifiers
from samples_maker.classifiers import FloatArray, Trainer, ranked
from samples_maker.digits import Digits, IntArray, class_id
from samples_maker.files import Entry, write_boxes_csv, write_class_table_csv, write_entries, write_lines
from samples_maker.finder import CAREFUL, GREEDY, Finder, Piece
from samples_maker.scenes import Box, Canvas, Scene

SLUG = "digits-loc"

SCENES = 300
WIDTH, HEIGHT = 112, 96

# One scene in so many is spoilt by a blot over its main digit, and blacklisted.
SPOILT_EVERY = 20

GUESSES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledScene:
    """A scene with the label of its image."""

    scene: Scene
    label: int  # the digit
    is_spoilt: bool  # blacklisted: annotators could not say where the digit ends


def draw(digits: Digits, *, seed: int) -> list[LabelledScene]:
    """All scenes; each has its own random numbers, so that a change to one moves no other."""
    return [_draw_one(digits, number, seed=seed) for number in range(1, SCENES + 1)]


def make(folder: Path, *, training: Digits, evaluation: Digits, seed: int) -> None:
    """Write the round's generated files into `folder`."""
    scenes = draw(evaluation, seed=seed)
    numbered = list(enumerate(scenes, start=1))
    write_class_table_csv(folder / "classes.csv")
    write_lines(folder / "ground_truth.txt", [str(class_id(labelled.label)) for labelled in scenes])
    write_boxes_csv(
        folder / "boxes.csv",
        # Of the spoilt scenes the even ones carry the best guess of where the digit was, the others no box.
        {number: one.scene.placed for number, one in numbered if not one.is_spoilt or number % 2 == 0},
    )
    write_lines(folder / "blacklist.txt", [str(number) for number, one in numbered if one.is_spoilt])
    cut_outs, images = training.as_cut_outs(), [labelled.scene.image for labelled in scenes]
    write_entries(folder, {entry: approach.lines(cut_outs, images) for entry, approach in ENTRIES.items()})


def _draw_one(digits: Digits, number: int, *, seed: int) -> LabelledScene:
    canvas = Canvas(np.random.default_rng([seed, 2, number]), width=WIDTH, height=HEIGHT)
    is_spoilt = canvas.pick(1, SPOILT_EVERY) == 1
    height = canvas.pick(14, 44)
    canvas.place_digit(digits, height=height, min_gap=2)
    label = canvas.placed[0].digit
    for _ in range(max(0, canvas.pick(-2, 2))):
        canvas.place_digit(digits, digit=label, height=canvas.pick(8, height), min_gap=2)
    same = tuple(canvas.placed)
    for _ in range(canvas.pick(0, 2)):
        canvas.place_digit(digits, height=canvas.pick(7, max(8, height // 2)), min_gap=1)
    others_of_class = tuple(one for one in canvas.placed[len(same) :] if one.digit == label)
    for _ in range(canvas.pick(2, 6)):
        canvas.draw_stroke()
    for _ in range(canvas.pick(0, 3)):
        canvas.draw_blot(radius=canvas.pick(2, 6))
    canvas.draw_specks(canvas.pick(0, 30))
    if is_spoilt:
        for one in same:
            canvas.draw_blot(radius=one.box.height // 2, around=one.box)
    return LabelledScene(
        scene=Scene(image=canvas.image, placed=same + others_of_class), label=label, is_spoilt=is_spoilt
    )


# A guess: a digit and where it is. From the pieces of a scene and their scores, the best guesses first.
Guess = tuple[int, Box]
Guesser = Callable[[Sequence[Piece], FloatArray], list[Guess]]

WHOLE_SCENE = Box(xmin=1, ymin=1, xmax=WIDTH, ymax=HEIGHT)


def _best_piece_first(pieces: Sequence[Piece], scores: FloatArray) -> list[Guess]:
    """One digit for each of the next two pieces; what is left of five guesses for the largest likely one."""
    worth = [piece.box.height * float(row.max()) for piece, row in zip(pieces, scores, strict=True)]
    order = sorted(range(len(pieces)), key=lambda i: (-round(worth[i], 4), i))[:3]
    digits = ranked(scores)
    guesses = [(int(digit), pieces[order[0]].box) for digit in digits[order[0]][: GUESSES - len(order) + 1]]
    return guesses + [(int(digits[i][0]), pieces[i].box) for i in order[1:]]


def _largest_piece(pieces: Sequence[Piece], scores: FloatArray) -> list[Guess]:
    """Five digits for the piece of the largest box, whatever it looks like."""
    largest = max(range(len(pieces)), key=lambda i: (pieces[i].box.width * pieces[i].box.height, -i))
    return [(int(digit), pieces[largest].box) for digit in ranked(scores)[largest][:GUESSES]]


def _one_box_for_all(pieces: Sequence[Piece], scores: FloatArray) -> list[Guess]:
    """The digits of the best guesses, each in the one box that holds every piece."""
    around = Box(
        xmin=min(piece.box.xmin for piece in pieces),
        ymin=min(piece.box.ymin for piece in pieces),
        xmax=max(piece.box.xmax for piece in pieces),
        ymax=max(piece.box.ymax for piece in pieces),
    )
    return [(digit, around) for digit, _ in _best_piece_first(pieces, scores)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Approach:
    """How an entry was made."""

    train: Trainer
    finder: Finder = CAREFUL
    guesser: Guesser = _best_piece_first

    def lines(self, training: Digits, images: Sequence[IntArray]) -> list[str]:
        """The prediction file for `images`."""
        classifier = self.train(training)
        found = [self.finder.find(image) for image in images]
        scores = classifier(np.stack([piece.pixels for pieces in found for piece in pieces]))
        of_images = np.split(scores, np.cumsum([len(pieces) for pieces in found])[:-1])
        guesses = [
            self.guesser(pieces, own) if pieces else [(1, WHOLE_SCENE)]
            for pieces, own in zip(found, of_images, strict=True)
        ]
        return [" ".join(f"{class_id(digit)} {box}" for digit, box in groups) for groups in guesses]


# Best first.
ENTRIES: dict[Entry, Approach] = {
    Entry(
        file="neighbours.txt",
        team="Nearest Neighbours",
        method="Pieces of ink, nearest example",
        description="Connected pieces of digit-like shape; the large and likely ones first.",
    ): Approach(train=classifiers.nearest_neighbour),
    Entry(
        file="nearest_mean.txt",
        team="Ten Means",
        method="Pieces of ink, nearest mean",
        description="Connected pieces of digit-like shape, compared with ten mean digits.",
    ): Approach(train=classifiers.nearest_mean),
    Entry(
        file="dark_ink.txt",
        team="Dark Ink Only",
        method="Dark pieces, random forest",
        description="Sees dark ink alone, so that faint digits fall to pieces.",
    ): Approach(train=classifiers.forest, finder=Finder(faintest_ink=11)),
    Entry(
        file="three_questions.txt",
        team="Twenty Questions",
        method="Pieces of ink, a tree of depth three",
        description="Connected pieces, classified by a decision tree that asks for three pixels.",
    ): Approach(train=partial(classifiers.tree, depth=3)),
    Entry(
        file="largest.txt",
        team="Biggest First",
        method="The largest piece of ink",
        description="Takes the largest piece for the digit, clutter or not.",
    ): Approach(train=classifiers.nearest_neighbour, finder=GREEDY, guesser=_largest_piece),
    Entry(
        file="coarse.txt",
        team="Coarse Grid",
        method="Boxes on a grid of twelve pixels",
        description="Good labels, but boxes widened to a grid.",
    ): Approach(train=classifiers.nearest_neighbour, finder=Finder(grid=12)),
    Entry(
        file="one_box.txt",
        team="Somewhere in Here",
        method="One box around everything",
        description="Good labels, but the box is right only where one digit stands alone.",
    ): Approach(train=classifiers.nearest_neighbour, guesser=_one_box_for_all),
}
