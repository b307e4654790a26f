"""The classification round: which digit does each image of the evaluation half show?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from samples_maker import classifiers
from samples_maker.classifiers import Classifier, Trainer, ranked
from samples_maker.digits import Digits, class_id
from samples_maker.files import Entry, write_class_table_csv, write_entries, write_lines

SLUG = "digits-cls"

GUESSES = 5

# Best first.
ENTRIES: dict[Entry, Trainer] = {
    Entry(
        file="support_vectors.txt",
        team="Margin Walkers",
        method="Cubic support vectors",
        description="A support vector machine with a cubic kernel on the 64 pixels.",
    ): classifiers.support_vectors,
    Entry(
        file="forest.txt",
        team="Ten Trees",
        method="Random forest",
        description="Ten decision trees on the 64 pixels; their shares of votes order the guesses.",
    ): partial(classifiers.forest, trees=10),
    Entry(
        file="five_examples.txt",
        team="Nearest Neighbours",
        method="Five examples a digit",
        description="The distance to the nearest of only five training images of each digit.",
    ): partial(classifiers.nearest_neighbour, examples=5),
    Entry(
        file="naive_bayes.txt",
        team="Independent Pixels",
        method="Gaussian naive Bayes",
        description="Every pixel a normal distribution of its own.",
    ): classifiers.naive_bayes,
    Entry(
        file="four_questions.txt",
        team="Twenty Questions",
        method="Decision tree of depth four",
        description="One decision tree that asks for four pixels.",
    ): partial(classifiers.tree, depth=4),
    Entry(
        file="two_questions.txt",
        team="Two Questions",
        method="Decision tree of depth two",
        description="One decision tree that asks for two pixels.",
    ): partial(classifiers.tree, depth=2),
    Entry(
        file="ink.txt",
        team="Ink Scales",
        method="Amount of ink",
        description="Only how dark an image is on the whole, a baseline that sees no shape.",
    ): classifiers.ink,
}


def make(folder: Path, *, training: Digits, evaluation: Digits) -> None:
    """Write the round's generated files into `folder`."""
    write_class_table_csv(folder / "classes.csv")
    write_lines(folder / "ground_truth.txt", [str(class_id(int(label))) for label in evaluation.labels])
    write_entries(folder, {entry: _lines(train(training), evaluation) for entry, train in ENTRIES.items()})


def _lines(classifier: Classifier, evaluation: Digits) -> list[str]:
    guesses = ranked(classifier(evaluation.pixels))[:, :GUESSES]
    return [" ".join(str(class_id(int(digit))) for digit in row) for row in guesses]
