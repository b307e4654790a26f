"""Two rounds to be spied on, and the files that are sent for them.

`canary` is blind: its truth is made of digits found nowhere else, and no figure of it is to be told. `masked` is
not: it shows its public scores until it freezes, and holds back the private ones and the names of those who wish it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.server.running import CLOSES, DURING, OPENS

BLIND, MASKED = "canary", "masked"

# When the board of `masked` comes to a stand.
FREEZES = DURING - timedelta(days=1)

# How many objects each class has, and how many of them the team finds: the AP per class is their quotient, and no two
# of them, nor their mean or median, share their digits.
FOUND_OF_ALL = {1: (3, 7), 2: (5, 11), 3: (2, 13), 4: (16, 17)}

# Every corner of the truth is one of these, and nothing else is.
CORNER_DIGITS = "73105"
_CORNER = CORNER_DIGITS + "{:02d}.{:04d}"

# A file that the validator has much to say about; what it says must not depend on the truth.
FAULTY = b"1 1 0.5 1 1 5\n0 1 0.5 1 1 5 5\nx y z\n1 99 nan 1 1 5 5\n"

# A valid file without a digit of the truth: whoever sends it may read it again, and that is no hit.
GUESS = b"1 1 0.5 1 1 5 5\n"

# Halves of 106 and 105 images, so that no score of one is a score of the other or of both.
_MASKED_IMAGES = 211
_MASKED_CLASSES = 7


def write_blind_round(folder: Path) -> Path:
    boxes = "".join(f"{image},{class_id},{','.join(corners)}\n" for image, class_id, corners in _boxes())
    classes = "".join(f"{n},,thing {n}\n" for n in FOUND_OF_ALL)
    images = sum(objects for _, objects in FOUND_OF_ALL.values())
    policy, truth = "blind = true", 'boxes = "boxes.csv"'
    _write(folder, slug=BLIND, task="det", images=images, policy=policy, truth=truth, classes=classes)
    (folder / "boxes.csv").write_text(boxes)
    return folder


def write_masked_round(folder: Path, *, corrected: int = 0) -> Path:
    """With so many of the first labels `corrected`."""
    classes = "".join(f"{n},,kind {n}\n" for n in range(1, _MASKED_CLASSES + 1))
    policy, truth = f'freezes = {FREEZES.isoformat()}\nrows = "team"', 'labels = "labels.txt"'
    _write(folder, slug=MASKED, task="cls", images=_MASKED_IMAGES, policy=policy, truth=truth, classes=classes)
    labels = [label % _MASKED_CLASSES + 1 if n < corrected else label for n, label in enumerate(_labels())]
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
    return folder


def found_boxes() -> bytes:
    """Finds as many objects of each class as FOUND_OF_ALL says, with boxes that are near but not the truth's own."""
    lines, found = [], dict.fromkeys(FOUND_OF_ALL, 0)
    for image, class_id, corners in _boxes():
        if found[class_id] < FOUND_OF_ALL[class_id][0]:
            found[class_id] += 1
            shifted = " ".join(str(round(float(corner) + 1.5)) for corner in corners)
            lines.append(f"{image} {class_id} 0.{99 - image} {shifted}")
    return ("\n".join(lines) + "\n").encode()


def guessed_labels(*, seed: int) -> bytes:
    """Five guesses an image, the right one first in about six images of ten, elsewhere in some of the others."""
    rng, lines = Random(seed), []
    for label in _labels():
        others = [other for other in range(1, _MASKED_CLASSES + 1) if other != label]
        rng.shuffle(others)
        place = 0 if rng.random() < 0.6 else rng.randrange(1, 9)
        guesses = [*others[:place], label, *others[place:]] if place < 5 else others
        lines.append(" ".join(str(guess) for guess in guesses[:5]))
    return ("\n".join(lines) + "\n").encode()


def _labels() -> Iterator[int]:
    rng = Random(2012)
    return (rng.randint(1, _MASKED_CLASSES) for _ in range(_MASKED_IMAGES))


def _boxes() -> Iterator[tuple[int, int, tuple[str, str, str, str]]]:
    """(image, class, corners) of every object: one image each."""
    image = 0
    for class_id, (_, objects) in FOUND_OF_ALL.items():
        for _ in range(objects):
            image += 1
            low, high = _CORNER.format(image, 1237), _CORNER.format(image + 40, 4561)
            yield image, class_id, (low, low, high, high)


def _write(folder: Path, *, slug: str, task: str, images: int, policy: str, truth: str, classes: str) -> None:
    folder.mkdir()
    (folder / "round.toml").write_text(
        f"""slug = "{slug}"
title = "A round to be spied on"
task = "{task}"
[images]
count = {images}
[classes]
table = "classes.csv"
[policy]
opens = {OPENS.isoformat()}
closes = {CLOSES.isoformat()}
public_share = 0.5
{policy}
[truth]
{truth}
split_seed = "the halves of {slug} that every run has"
"""
    )
    (folder / "classes.csv").write_text("id,wnid,name\n" + classes)
