"""Small rounds of COCO detection: crowds, ties, ignored sizes, empty categories, boxes of no area, stray detections."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from scoring.coco_truth import CocoTruth, read_coco_truth
from scoring.faults import FaultLog
from scoring.formats.detection_lines import DetectionColumns
from scoring.images import Images
from scoring.metrics.coco import GROUPED_ROWS, CocoOutcomes, CocoScorer

Box = tuple[float, float, float, float]  # x, y, width, height

# Around the edges of the size ranges, 32 * 32 and 96 * 96; and past the largest area there is.
AREAS = (0.0, 1.0, 1023.5, 1024.0, 1024.5, 5000.0, 9215.0, 9216.0, 9217.0, 40_000.0, 1e10, 2e10)
SIDES = (0.0, 1.0, 10.0, 16.0, 20.0, 31.0, 32.0, 33.0, 64.0, 95.5, 96.0, 100.0, 200.0)
# Neighbouring doubles, which keys of fewer bits cannot tell apart; zeros of both signs; and the ends of the range.
SCORES = (0.5, 0.5, 0.9, 0.5 + 2**-53, 0.5 - 2**-54, 0.0, -0.0, -1.0, 5e-324, 1e300, -1e300, 0.1, 0.1 + 2**-56, 1.0)


@dataclass(frozen=True, kw_only=True)
class CocoCase:
    """A truth and detections, as COCO's files hold them."""

    image_ids: Sequence[int]
    category_ids: Sequence[int]
    annotations: Sequence[dict[str, Any]]
    detections: Sequence[tuple[int, int, Box, float]]  # image id, category id, box, score; in file order

    @property
    def instances(self) -> dict[str, Any]:
        return {
            "images": [{"id": image} for image in self.image_ids],
            "categories": [{"id": category, "name": f"category {category}"} for category in self.category_ids],
            "annotations": [dict(annotation) for annotation in self.annotations],
        }

    @property
    def images(self) -> Images:
        return Images(indices=np.array(sorted(self.image_ids), np.int64))

    def truth(self) -> CocoTruth:
        """The truth as the project reads it."""
        faults = FaultLog()
        content = json.dumps(self.instances).encode()
        truth = read_coco_truth(content, images=self.images, file="instances.json", faults=faults)
        assert faults.faults == ()
        return truth

    def columns(self) -> DetectionColumns:
        positions = {image: place for place, image in enumerate(sorted(self.image_ids))}
        return DetectionColumns(
            images=np.array([positions[image] for image, _, _, _ in self.detections], np.int32),
            classes=np.array([category for _, category, _, _ in self.detections], np.int32),
            confidences=np.array([score for _, _, _, score in self.detections], np.float64),
            boxes=np.array([box for _, _, box, _ in self.detections], np.float64).reshape(-1, 4),
        )

    def outcomes(self, *, window: int = 1000, grouped_rows: int = GROUPED_ROWS) -> CocoOutcomes:
        """What becomes of the detections, read in windows of so many, and grouped when there are so many rows."""
        scorer = CocoScorer(self.truth(), len(self.image_ids), grouped_rows=grouped_rows)
        columns = self.columns()
        for first in range(0, len(columns), window):
            rows = slice(first, first + window)
            scorer.add(
                DetectionColumns(
                    images=columns.images[rows],
                    classes=columns.classes[rows],
                    confidences=columns.confidences[rows],
                    boxes=columns.boxes[rows],
                )
            )
        return scorer.finish()

    def reduced(self, kept: set[int]) -> CocoCase:
        """The round of these images alone."""
        return CocoCase(
            image_ids=[image for image in self.image_ids if image in kept],
            category_ids=self.category_ids,
            annotations=[annotation for annotation in self.annotations if annotation["image_id"] in kept],
            detections=[detection for detection in self.detections if detection[0] in kept],
        )


def make_case(random: Random) -> CocoCase:
    """A round as unlucky as chance makes it."""
    image_ids = random.sample((1, 2, 3, 7, 40, 139), random.randint(1, 4))
    category_ids = random.sample((0, 1, 2, 5, 90), random.randint(1, 3))
    annotated = image_ids[: max(1, len(image_ids) - random.randint(0, 1))]  # some images have no truth
    seldom_empty = category_ids[: max(1, len(category_ids) - random.randint(0, 1))]
    annotations = [
        _annotation(random, number, random.choice(annotated), random.choice(seldom_empty))
        for number in random.sample(range(1, 60), random.choice((0, 1, 2, 3, 5, 8, 12)))
    ]
    scores = [*random.sample(SCORES, random.randint(1, 5)), random.random()]
    strays = [*category_ids, *category_ids, 77, -3]  # ids of no category of the truth among them
    detections = [
        _detection(random, annotations, random.choice(image_ids), random.choice(strays), random.choice(scores))
        for _ in range(random.choice((0, 1, 2, 5, 10, 20, 40)))
    ]
    if random.random() < 0.08:  # more than 100 of one image and category
        detections += [
            _detection(random, annotations, image_ids[0], category_ids[0], random.choice(scores))
            for _ in range(random.randint(90, 130))
        ]
        random.shuffle(detections)
    return CocoCase(image_ids=image_ids, category_ids=category_ids, annotations=annotations, detections=detections)


def _annotation(random: Random, number: int, image: int, category: int) -> dict[str, Any]:
    box = (random.choice((0, 0, 3, 7.25, -4)), random.choice((0, 0, 9)), random.choice(SIDES), random.choice(SIDES))
    annotation = {
        "id": number, "image_id": image, "category_id": category, "bbox": list(box),
        "area": random.choice((box[2] * box[3], box[2] * box[3] * 0.6, random.choice(AREAS))),
        "iscrowd": int(random.random() < 0.2),
    }  # fmt: skip
    if random.random() < 0.2:
        annotation["ignore"] = random.randint(0, 1)  # of no effect
    return annotation


def _detection(
    random: Random, annotations: list[dict[str, Any]], image: int, category: int, score: float
) -> tuple[int, int, Box, float]:
    if not annotations or random.random() < 0.25:
        side = random.choice((random.choice(SIDES), random.uniform(0, 250), 1e5 + 1, -5.0))
        return image, category, (random.uniform(-5, 40), random.uniform(-5, 40), side, random.choice(SIDES)), score
    aim = random.choice(annotations)
    if random.random() < 0.9:
        image, category = aim["image_id"], aim["category_id"]
    x, y, width, height = aim["bbox"]
    # of the same height, these shares of the width are overlaps exactly at, or next to, the thresholds
    share = random.choice((1.0, 1.0, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.49, random.random()))
    shift = random.choice((0, 0, 0, 1, -2, 0.5, random.uniform(-5, 5)))
    return image, category, (x + shift, y, width * share, height), score
