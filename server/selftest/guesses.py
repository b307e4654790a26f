"""Trials of the tasks that name classes: `cls`, `scene`, `cls-loc`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.label_sets import LabelSets
from scoring.rounds import PublicRound
from scoring.samples import GUESSES
from scoring.tasks import find_task
from scoring.truth import Truth
from server.selftest.objects import far_box, random_boxes
from server.selftest.trials import Expectation, Trial, best_of, exactly, greatest_of, near
from server.selftest.words import class_words

MISTAKE_SEVERITY = "mistake_severity"  # a mean over the images that are wrong

Labels = npt.NDArray[np.int64]  # (images, guesses) class positions


def guess_trials(public: PublicRound, truth: Truth, folder: Path, *, rng: np.random.Generator) -> Iterator[Trial]:
    """The right label for every image, a wrong one, and any."""
    labels = LabelSets.of_labels(truth.label_column) if truth.label_sets is None else truth.label_sets
    writer = _Writer(public, truth, folder, rng=rng)
    is_blank = not labels.is_labelled.any()
    somewhere = _somewhere(public, is_blank=is_blank)
    yield Trial(
        name="perfect", path=writer.write("perfect", _right(labels), is_placed=True),
        expected=_all_right(public, truth, labels),
    )  # fmt: skip
    wrong, is_wrong = _wrong(labels, len(public.classes))
    yield Trial(
        name="empty", path=writer.write("empty", wrong),
        expected=(*_all_wrong(public, labels, is_wrong), *somewhere),
    )  # fmt: skip
    guesses = random_guesses(len(labels), len(public.classes), rng=rng)
    chances = [_chance(public, labels, k) for k in range(1, GUESSES + 1)] if not is_blank else []
    yield Trial(name="random", path=writer.write("random", guesses), expected=(*chances, *somewhere))


def random_guesses(image_count: int, class_count: int, *, rng: np.random.Generator) -> Labels:
    """(images, guesses) different classes for each image, up to five, each as likely as any."""
    width = min(GUESSES, class_count)
    guesses = rng.integers(class_count, size=(image_count, width))
    while True:
        ordered = np.sort(guesses, axis=1)
        has_twice = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not has_twice.any():
            return guesses
        guesses[has_twice] = rng.integers(class_count, size=(int(has_twice.sum()), width))


def _right(labels: LabelSets) -> Labels:
    """A right guess for each image; any where there is none."""
    first = np.zeros(len(labels), np.int64)
    first[labels.is_labelled] = labels.classes[labels.starts[:-1][labels.is_labelled]]
    return first[:, None]


def _wrong(labels: LabelSets, class_count: int) -> tuple[Labels, npt.NDArray[np.bool_]]:
    """A wrong guess for each image, and (images,) whether there is one."""
    guesses, is_wrong = (_right(labels)[:, 0] + 1) % class_count, np.full(len(labels), class_count > 1)
    for image in np.flatnonzero(np.diff(labels.starts) > 1):
        known = set(labels.classes[labels.starts[image] : labels.starts[image + 1]].tolist())
        other = next((label for label in range(class_count) if label not in known), None)
        guesses[image], is_wrong[image] = (0, False) if other is None else (other, True)
    return guesses[:, None], is_wrong


def _all_right(public: PublicRound, truth: Truth, labels: LabelSets) -> tuple[Expectation, ...]:
    """The best of every figure; what is a mean over no image is undefined."""
    is_labelled = labels.is_labelled
    is_placed = is_labelled if truth.blacklisted_images is None else is_labelled & ~truth.blacklisted_images
    found: list[Expectation] = []
    for metric in find_task(public.task).metrics_of(public):
        images = is_placed if metric.name.startswith("loc") else is_labelled
        is_of_none = metric.name == MISTAKE_SEVERITY or not images.any()
        found += exactly([metric.name], best_of(metric), may_be_undefined=is_of_none)
    return tuple(found)


def _somewhere(public: PublicRound, *, is_blank: bool) -> tuple[Expectation, ...]:
    """Errors in the hierarchy, where they may be: a wrong guess may be a near relative or a far one."""
    task = find_task(public.task)
    return tuple(
        Expectation(
            metric=metric.name, low=0.0, high=greatest_of(metric, public),
            may_be_undefined=is_blank or metric.name == MISTAKE_SEVERITY,
        )
        for metric in task.metrics_of(public) if metric not in task.metrics
    )  # fmt: skip


def _all_wrong(public: PublicRound, labels: LabelSets, is_wrong: npt.NDArray[np.bool_]) -> tuple[Expectation, ...]:
    is_labelled = labels.is_labelled
    is_blank = not is_labelled.any()
    share = 1.0 if is_blank else float((is_wrong & is_labelled).sum() / is_labelled.sum())
    names = [metric.name for metric in find_task(public.task).metrics]
    return (
        *exactly([name for name in names if name.startswith("top")], share, may_be_undefined=is_blank),
        *exactly([name for name in names if name.startswith("loc")], 1.0, may_be_undefined=True),
    )


def _chance(public: PublicRound, labels: LabelSets, k: int) -> Expectation:
    """Where the error of k different guesses lies that know nothing."""
    sizes = np.diff(labels.starts)[labels.is_labelled]
    class_count = len(public.classes)
    is_missed = np.ones(len(sizes))
    for guess in range(min(k, class_count)):
        is_missed *= np.maximum(class_count - sizes - guess, 0) / (class_count - guess)
    error, spread = is_missed.mean(), np.sqrt((is_missed * (1 - is_missed)).sum()) / len(sizes)
    return near(f"top{k}_error", float(error), float(spread))


class _Writer:
    """Writes guesses in the kit's text of the round's task."""

    def __init__(self, public: PublicRound, truth: Truth, folder: Path, *, rng: np.random.Generator) -> None:
        self._public = public
        self._truth = truth
        self._folder = folder
        self._rng = rng
        self._words = class_words(public)

    def write(self, name: str, guesses: Labels, *, is_placed: bool = False) -> Path:
        """A file of these guesses; in `cls-loc` with the instances' boxes, or with random ones."""
        path = self._folder / f"{name}.txt"
        lines = self._placed_lines(name, guesses, is_placed=is_placed) if self._public.task == "cls-loc" else (
            self._lines(guesses)
        )  # fmt: skip
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
        return path

    def _lines(self, guesses: Labels) -> Iterator[str]:
        rows = ([self._words[label] for label in row] for row in guesses.tolist())
        if self._public.task != "scene":
            yield from (" ".join(row) for row in rows)
            return
        names: Iterable[object] = self._public.images.names or self._public.images.indices.tolist()
        for name, row in zip(names, rows, strict=True):  # a line of exactly five
            yield f"{name} {' '.join((row * GUESSES)[:GUESSES])}"

    def _placed_lines(self, name: str, guesses: Labels, *, is_placed: bool) -> Iterator[str]:
        count = guesses.shape[1]
        if name == "random":
            corners = random_boxes(self._truth.box_columns.corners, guesses.size, rng=self._rng)
        else:
            corners = np.tile(far_box(), (guesses.size, 1))
        boxes = corners.reshape(len(guesses), count, 4)
        if is_placed:
            rows = self._instances()
            boxes[self._truth.box_columns.images[rows], 0] = self._truth.box_columns.corners[rows]
        for labels, placed in zip(guesses.tolist(), boxes.tolist(), strict=True):
            yield " ".join(
                f"{self._words[label]} {' '.join(map(repr, box))}"
                for label, box in zip(labels, placed, strict=True)
            )  # fmt: skip

    def _instances(self) -> npt.NDArray[np.intp]:
        """One box of each image that has one of its label."""
        boxes = self._truth.box_columns
        rows = np.flatnonzero(boxes.classes == self._truth.label_column[boxes.images])
        return rows[np.unique(boxes.images[rows], return_index=True)[1]]
