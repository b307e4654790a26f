"""The real ILSVRC data as rounds: written as folders, and read a second time, plainly, for the oracles."""

from __future__ import annotations

import csv
import gzip
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.rounds import PublicRound
from scoring.scorecard import Scorecard
from scoring.truth import Truth
from tests.parity import kit_files
from tests.parity.oracles import Box, TruthBox

LABELS = {
    "clsloc": "clsloc/ILSVRC2015_clsloc_validation_ground_truth.txt",
    "imagenetv2": "imagenetv2/matched_frequency_ground_truth.txt",
}
DET_BOXES = "det/ILSVRC2013_DET_bbox_val.tgz"
DET_BLACKLIST = "det/ILSVRC2014_det_validation_blacklist.txt"
CLSLOC_BOXES = "clsloc/ILSVRC2012_bbox_val_v3.tgz"
CLSLOC_BLACKLIST = "clsloc/ILSVRC2015_clsloc_validation_blacklist.txt"
VID_FRAMES = 20_000


@dataclass(frozen=True, kw_only=True)
class OpenedRound:
    """A real round, opened by `scoring`."""

    folder: Path
    public: PublicRound
    truth: Truth

    def scorecard(self, file: Path) -> Scorecard:
        evaluation = evaluate(self.public, self.truth, file)
        assert evaluation.scorecard is not None, evaluation.checked.report.as_json()
        return evaluation.scorecard


def open_real_round(folder: Path, *, task: str, images: str, files: dict[str, Path]) -> OpenedRound:
    """Copy `files` (name in the round: source) into `folder`, write its round.toml, and open it.

    The key of each file is told from its name: classes, labels, boxes, blacklist, images.
    """
    toml = ['slug = "real"', 'title = "Real data"', f'task = "{task}"', "[images]", images]
    toml += ["[classes]", 'table = "classes.txt"', "[truth]"]
    for name, source in files.items():
        shutil.copyfile(source, folder / name)
        key = name.partition(".")[0]
        if key in {"labels", "boxes", "blacklist"}:
            toml.append(f'{key} = "{name}"')
    (folder / "round.toml").write_text("\n".join(toml) + "\n")
    public, truth = open_round(folder, cache=folder / "cache")
    return OpenedRound(folder=folder, public=public, truth=truth)


def read_expected_counts(ilsvrc: Path, data_set: str) -> dict[str, tuple[int, int]]:
    """Model: wrong images at 1 and at 5 guesses."""
    with (ilsvrc / data_set / "predictions/expected.csv").open() as file:
        return {row["model"]: (int(row["top1_wrong"]), int(row["top5_wrong"])) for row in csv.DictReader(file)}


def model_file(ilsvrc: Path, data_set: str, model: str) -> Path:
    return ilsvrc / data_set / "predictions" / f"{model}.txt.gz"


def read_det_boxes(ilsvrc: Path) -> list[TruthBox]:
    classes = kit_files.read_class_table(ilsvrc / "synsets/map_det.txt")
    images = kit_files.read_image_list(ilsvrc / "det/val.txt")
    archive = kit_files.read_voc_archive(ilsvrc / DET_BOXES, classes)
    return [TruthBox(images[name], class_id, box) for name, objects in archive for class_id, box in objects]


def read_clsloc_boxes(ilsvrc: Path) -> list[list[tuple[int, Box]]]:
    """The annotated objects of the 50,000 images, in file-name order."""
    classes = kit_files.read_class_table(ilsvrc / "synsets/map_clsloc.txt")
    return [objects for _, objects in kit_files.read_voc_archive(ilsvrc / CLSLOC_BOXES, classes)]


def write_first_vid_frames(ilsvrc: Path, target: Path) -> None:
    """The boxes of the first frames alone, as the kit's table has them."""
    with gzip.open(ilsvrc / "vid/val_boxes.csv.gz", "rt") as source, gzip.open(target, "wt") as kept:
        kept.write(source.readline())
        kept.writelines(line for line in source if int(line.partition(",")[0]) <= VID_FRAMES)


# Made-up predictions of a middling system: from the truth, with noise from a seed


def localization_lines(boxes: list[list[tuple[int, Box]]], *, seed: int) -> Iterator[str]:
    """A line for each image: one to five guesses, some of them the right class, their boxes more or less right."""
    rng = random.Random(seed)
    for objects in boxes:
        groups = []
        for _ in range(rng.choice((1, 3, 5, 5, 5, 6))):
            class_id, box = rng.choice(objects) if objects else (1, Box(0, 0, 99, 99))
            if rng.random() < 0.7:
                class_id = rng.randint(1, 1000)
            groups.append(f"{class_id} {_corners(_jittered(box, rng, spread=rng.choice((0.0, 0.05, 0.2, 0.6))))}")
        yield " ".join(groups) + "\n"


def video_lines(boxes: list[TruthBox], *, seed: int) -> Iterator[str]:
    """Most objects found, some twice or as another class, strays in between; confidences of two decimals tie."""
    rng = random.Random(seed)
    lines = []
    for truth in boxes:
        for _ in range(rng.choice((0, 1, 1, 1, 2, 4))):
            class_id = truth.class_id if rng.random() < 0.85 else rng.randint(1, 30)
            box = _jittered(truth.box, rng, spread=rng.choice((0.0, 0.05, 0.2)))
            lines.append(f"{truth.image} {class_id} {rng.random() ** 0.5:.2f} {_corners(box)}\n")
    for _ in range(2 * VID_FRAMES):
        box = _jittered(Box(100, 100, 400, 300), rng, spread=1.0)
        lines.append(f"{rng.randint(1, VID_FRAMES)} {rng.randint(1, 30)} {rng.random() ** 2:.2f} {_corners(box)}\n")
    rng.shuffle(lines)
    yield from lines


def _jittered(box: Box, rng: random.Random, *, spread: float) -> Box:
    across, down = (box.xmax - box.xmin + 1) * spread, (box.ymax - box.ymin + 1) * spread
    return Box(*(corner + rng.gauss(0, side) for corner, side in zip(box, (across, down, across, down), strict=True)))


def _corners(box: Box) -> str:
    return " ".join(f"{corner:.3f}" for corner in box)
