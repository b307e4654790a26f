"""Real classifiers of very different quality, each trained on the training half alone.

Every one is robust against the last bits of floating point: integer arithmetic where it can be, scores
rounded before they are ordered, ties to the lower digit. No result depends on the linear algebra library,
its threads or the processor.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from samples_maker.digits import Digits, IntArray

FloatArray = NDArray[np.float64]

# Rows of pixels in, one score per row and digit out: the higher, the likelier; between 0 and 1.
Classifier = Callable[[IntArray], FloatArray]

Trainer = Callable[[Digits], Classifier]

DIGITS = range(10)

# Scores that differ by less are equal; far above rounding errors, far below any real difference.
DECIMALS = 6

# The squared distance between two images at which they are half alike.
HALF_ALIKE = 1000

TREE_SEED = 20


def ranked(scores: FloatArray) -> IntArray:
    """The digits of each row from the likeliest down; equal scores go to the lower digit first."""
    return np.argsort(-scores, axis=1, kind="stable").astype(np.int64)


def support_vectors(training: Digits) -> Classifier:
    """A support vector machine with a cubic kernel; on whole numbers its kernel is exact."""
    machine = SVC(kernel="poly", degree=3, gamma=1 / 1024, C=1.0, decision_function_shape="ovr")
    machine.fit(training.pixels, training.labels)
    # Each of the ten digits meets nine others, so that the score lies between 0 and 9, and a bit beside.
    return lambda pixels: np.round(np.clip((machine.decision_function(pixels) + 0.5) / 10, 0, 1), DECIMALS)


def forest(training: Digits, *, trees: int = 50) -> Classifier:
    """Decision trees, averaged."""
    many = RandomForestClassifier(trees, random_state=TREE_SEED, n_jobs=1)
    many.fit(training.pixels, training.labels)
    return lambda pixels: np.round(many.predict_proba(pixels), DECIMALS)


def tree(training: Digits, *, depth: int) -> Classifier:
    """One decision tree that may ask `depth` questions."""
    one = DecisionTreeClassifier(max_depth=depth, random_state=TREE_SEED)
    one.fit(training.pixels, training.labels)
    return lambda pixels: np.round(one.predict_proba(pixels), DECIMALS)


def naive_bayes(training: Digits) -> Classifier:
    """Every pixel a normal distribution of its own."""
    bayes = GaussianNB(var_smoothing=1e-3)
    bayes.fit(training.pixels, training.labels)
    return lambda pixels: np.round(bayes.predict_proba(pixels), DECIMALS)


def nearest_neighbour(training: Digits, *, examples: int | None = None) -> Classifier:
    """For each digit the distance to its nearest example, of all or of the first few."""
    known = [training.pixels[training.labels == digit][:examples] for digit in DIGITS]

    def scores(pixels: IntArray) -> FloatArray:
        nearest = np.stack([_squared_distances(pixels, rows).min(axis=1) for rows in known], axis=1)
        return np.round(HALF_ALIKE / (HALF_ALIKE + nearest), DECIMALS)

    return scores


def nearest_mean(training: Digits) -> Classifier:
    """For each digit the distance to the mean of its examples."""
    counts = np.bincount(training.labels, minlength=10)
    sums = np.stack([training.pixels[training.labels == digit].sum(axis=0) for digit in DIGITS])

    def scores(pixels: IntArray) -> FloatArray:
        apart = pixels[:, None, :] * counts[:, None] - sums
        distances = (apart * apart).sum(axis=2) / (counts * counts)
        return np.round(HALF_ALIKE / (HALF_ALIKE + distances), DECIMALS)

    return scores


def ink(training: Digits) -> Classifier:
    """Only how much ink there is, whatever its shape."""
    counts = np.bincount(training.labels, minlength=10)
    totals = np.bincount(training.labels, weights=training.pixels.sum(axis=1), minlength=10).astype(np.int64)

    def scores(pixels: IntArray) -> FloatArray:
        apart = np.abs(pixels.sum(axis=1)[:, None] * counts - totals) / counts
        return np.round(HALF_ALIKE / (HALF_ALIKE + apart), DECIMALS)

    return scores


def _squared_distances(left: IntArray, right: IntArray) -> IntArray:
    """Between every row of `left` and every row of `right`, in whole numbers."""
    across = left @ right.T
    return (left * left).sum(axis=1)[:, None] + (right * right).sum(axis=1) - 2 * across
