"""The task of a child that looks for doubtful images. No door and no service loads it: it opens the ground truth."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.findings import FindingLog
from scoring.formats.archives import HashedFile
from scoring.formats.label_lines import GuessColumns
from scoring.formats.recognition import recognise
from scoring.metrics.detection_states import FALSE_POSITIVE, TRUE_POSITIVE
from scoring.rounds import PublicRound
from scoring.splits import ALL, PRIVATE, PUBLIC
from scoring.tasks import find_task
from scoring.truth import Truth
from server.jobs.child_rounds import public_images, public_round, truth_of
from server.jobs.erratum_orders import BOX_COLUMNS
from server.jobs.suspicion_orders import DoubtfulImage, SuspicionOrder, Suspicions

# Four of five: one entry may err where the others see a fault of the truth; below two there is no agreement.
AGREEING_SHARE = 0.8
MIN_AGREEING = 2

# Whose outcomes hold every detection with what became of it.
_DETECTION_TASKS = frozenset({"det", "vid"})

# Image and class in one number: positions of both are 32 bits.
_PAIR = 1 << 32

# More than anybody looks through.
MAX_IMAGES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Doubt:
    """Positions of an image and a class that so many entries see in it against the truth."""

    image: int
    seen: int
    agreeing: int


def find_doubtful(order: SuspicionOrder) -> None:
    """Find them, and write the draft of an erratum with the images that teams have reported besides."""
    public, truth = public_round(order.public_half, order.public_digest), truth_of(order.truth_file)
    enough = max(MIN_AGREEING, int(np.ceil(AGREEING_SHARE * len(order.files))))
    doubts: list[_Doubt] = []
    has_labels = truth.labels is not None or truth.label_sets is not None
    if has_labels:
        doubts = _mislabelled(public, truth, order.files, enough)
    elif public.task in _DETECTION_TASKS:
        doubts = _unmarked(order.outcomes, enough)
    doubts.sort(key=lambda doubt: (-doubt.agreeing, doubt.image, doubt.seen))
    doubts = doubts[:MAX_IMAGES]
    Suspicions(
        is_known_kind=has_labels or public.task in _DETECTION_TASKS,
        images=list(_told(doubts, public, truth, order)),
        draft=_draft(doubts, public, truth, order.reported),
    ).write(order.result_file)


def _mislabelled(public: PublicRound, truth: Truth, files: Iterable[Path], enough: int) -> list[_Doubt]:
    """Images where enough entries have one first guess, which is none of the image's labels."""
    guesses = np.array([_first_guesses(public, file) for file in files]).reshape(-1, len(public.images))
    found = []
    for image, labels in enumerate(_labels(truth, len(public.images))):
        told = Counter(guess for guess in guesses[:, image].tolist() if guess >= 0).most_common(1)
        if told and told[0][1] >= enough and labels and told[0][0] not in labels:
            found.append(_Doubt(image=image, seen=told[0][0], agreeing=told[0][1]))
    return found


def _first_guesses(public: PublicRound, file: Path) -> npt.NDArray[np.int32]:
    """(images,) the class position of each first guess, -1 where there is none."""
    task = find_task(public.task)
    reader, log = task.reader(public), FindingLog()
    first = np.full(len(public.images), -1, dtype=np.int32)
    with file.open("rb", buffering=0) as stream:
        recognised = recognise(HashedFile(stream), file, task=task, policy=public.policy)
        for window in recognised.windows():
            columns: GuessColumns = reader.accept(reader.parse(window), log)
            first[columns.images] = columns.labels[:, 0]
    return first


def _labels(truth: Truth, image_count: int) -> list[set[int]]:
    """The classes of each image, by position."""
    labels: list[set[int]] = [set() for _ in range(image_count)]
    pairs = truth.class_pairs() if truth.label_sets is not None else _label_pairs(truth)
    for image, class_ in pairs.tolist():
        labels[image].add(class_)
    return labels


def _label_pairs(truth: Truth) -> npt.NDArray[np.int64]:
    return np.column_stack([np.arange(len(truth.label_column)), truth.label_column]).astype(np.int64)


def _unmarked(outcomes: Iterable[Path], enough: int) -> list[_Doubt]:
    """Images where enough entries see a class of which no box is left, as sure as they are of what is there."""
    seen = [np.zeros(0, dtype=np.int64)]
    for path in outcomes:
        with np.load(path, allow_pickle=False) as columns:
            seen.append(
                _sure_false_positives(columns["images"], columns["classes"], columns["confidences"], columns["states"])
            )
    pairs, counts = np.unique(np.concatenate(seen), return_counts=True)
    agreed = zip(pairs[counts >= enough].tolist(), counts[counts >= enough].tolist(), strict=True)
    return [_Doubt(image=pair // _PAIR, seen=pair % _PAIR, agreeing=count) for pair, count in agreed]


def _sure_false_positives(
    images: npt.NDArray[np.int32], classes: npt.NDArray[np.int32], confidences: npt.NDArray[np.float64],
    states: npt.NDArray[np.uint8],
) -> npt.NDArray[np.int64]:  # fmt: skip
    """image * _PAIR + class, each once, of the false positives above half of the entry's right ones of the class."""
    found = [np.zeros(0, dtype=np.int64)]
    order = np.argsort(classes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(classes[order])) + 1):  # one class after the other
        right = rows[states[rows] == TRUE_POSITIVE]
        if len(right):
            is_sure = (states[rows] == FALSE_POSITIVE) & (confidences[rows] >= np.median(confidences[right]))
            found.append(images[rows[is_sure]].astype(np.int64) * _PAIR + classes[rows[0]])
    return np.unique(np.concatenate(found))


def _told(
    doubts: Sequence[_Doubt], public: PublicRound, truth: Truth, order: SuspicionOrder
) -> Iterator[DoubtfulImage]:
    is_public = public_images(order.public_half, order.public_digest, order.split_truth_file, order.split_seed)
    present = _present(truth, public)
    for doubt in doubts:
        yield DoubtfulImage(
            image=int(public.images.indices[doubt.image]),
            split=ALL if is_public is None else PUBLIC if is_public[doubt.image] else PRIVATE,
            present=" ".join(str(number) for number in present[doubt.image]),
            suggested=str(public.classes.ids[doubt.seen]),
            agreeing=doubt.agreeing,
        )


def _present(truth: Truth, public: PublicRound) -> list[list[int]]:
    """The class ids that the truth has in each image."""
    if truth.labels is not None or truth.label_sets is not None:
        classes = _labels(truth, len(public.images))
    else:
        classes = [set() for _ in range(len(public.images))]
        for image, class_ in truth.class_pairs().tolist():
            classes[image].add(class_)
    return [sorted(public.classes.ids[list(found)].tolist()) for found in classes]


def _draft(doubts: Sequence[_Doubt], public: PublicRound, truth: Truth, reported: Sequence[int]) -> str:
    """A list that can be edited and sent as changes: labels with a suggestion each, or the boxes of every image."""
    place_of = {index: place for place, index in enumerate(public.images.indices.tolist())}
    suggested = {doubt.image: int(public.classes.ids[doubt.seen]) for doubt in doubts}
    places = sorted({*suggested, *(place_of[index] for index in reported if index in place_of)})
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if truth.boxes is None or truth.labels is not None:
        present = _present(truth, public)
        writer.writerow(["image", "present", "suggested"])
        for place in places:
            numbers = " ".join(str(number) for number in present[place])
            writer.writerow([public.images.indices[place], numbers, suggested.get(place, "")])
        return text.getvalue()
    boxes = truth.boxes
    columns = BOX_COLUMNS[boxes.tracks is not None]
    writer.writerow([*columns, "suspected"])
    for place in places:
        rows = np.flatnonzero(boxes.images == place).tolist()
        for row in rows:
            track = [] if boxes.tracks is None else [boxes.tracks[row]]
            corners = [repr(corner) for corner in boxes.corners[row].tolist()]
            class_id = public.classes.ids[boxes.classes[row]]
            writer.writerow([public.images.indices[place], class_id, *track, *corners, ""])
        if place in suggested or not rows:
            writer.writerow([public.images.indices[place], *[""] * (len(columns) - 1), suggested.get(place, "")])
    return text.getvalue()
