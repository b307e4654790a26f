"""The labels of a scene round: lines that name their image, in any order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.faults import FaultLog
from scoring.formats.image_keys import UNKNOWN_IMAGE, ImageKeys
from scoring.images import Images
from scoring.label_sets import LABEL_NAMES, label_positions
from scoring.synsets import Classes, ClassNaming

_KEY = "truth.labels"


def read_scene_labels(
    text: str, *, images: Images, classes: Classes, file: str, faults: FaultLog, ids: ClassNaming = "kit"
) -> npt.NDArray[np.int32]:
    """(images,) class positions, of lines `<file name> <label>`; blank lines are passed over.

    `ids` tells what a label is. Every fault goes to `faults`, and -1 stands for an image without a good line.

    >>> images = Images(indices=np.array([1, 2]), names=("a.jpg", "b.jpg"))
    >>> classes = Classes(ids=np.array([0, 7], np.int32), wnids=("", ""), names=("abbey", "zoo"))
    >>> read_scene_labels("b.jpg 7\\na.jpg 0\\n", images=images, classes=classes, file="val.txt", faults=FaultLog())
    array([0, 1], dtype=int32)
    """
    position_of = label_positions(classes, ids)
    labels = np.full(len(images), -1, dtype=np.int32)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    named = [(*line.replace("\t", " ").rpartition(" ")[::2], number, line) for number, line in lines]
    positions = ImageKeys(images).positions([name.strip() for name, _, _, _ in named]).tolist()
    seen: set[int] = set()
    for (_, label_text, number, line), image in zip(named, positions, strict=True):
        label = position_of(label_text)
        if image == UNKNOWN_IMAGE:
            faults.add(
                "unknown-image", "a line is `<file name> <label>`, the name one of the image list",
                advice="write the image as the list does", file=file, key=_KEY, line=number, value=line,
            )  # fmt: skip
        elif image in seen:
            faults.add(
                "image-twice", "this image has a label already", advice="give every image one label",
                file=file, key=_KEY, line=number, value=line,
            )  # fmt: skip
        elif label is not None:
            labels[image] = label
        if label is None:
            faults.add(
                "unknown-class", "a line ends with one class of the class table, named as [truth] ids says",
                advice=f"this round's labels are {LABEL_NAMES[ids]}", file=file, key=_KEY, line=number, value=line,
            )  # fmt: skip
        seen.add(image)
    for image in range(len(images)):
        if image not in seen:
            faults.add(
                "label-missing", "this image has no label", advice="give every image one label", file=file, key=_KEY,
                value=images.names[image] if images.names else str(images.indices[image]),
            )  # fmt: skip
    return labels
