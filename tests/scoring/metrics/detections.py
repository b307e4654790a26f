"""Small detection rounds as arrays: a few images and classes, boxes that overlap often, confidences that tie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from scoring.formats.detection_lines import DetectionColumns
from scoring.metrics.detection import DetectionOutcomes, DetectionScorer
from scoring.truth import Truth, TruthBoxes
from tests.scoring.making import classes_of, public_round

IMAGES, CLASSES = 4, 3

Box = tuple[float, float, float, float]

truth_boxes = st.builds(
    lambda x, y, width, height: (x, y, x + width - 1, y + height - 1),
    st.integers(0, 12), st.integers(0, 12), st.sampled_from((1, 2, 5, 10, 10, 24, 25, 26)),
    st.sampled_from((1, 2, 5, 10, 10, 24, 25, 26)),
)  # fmt: skip
coordinates = st.one_of(st.integers(-3, 30).map(float), st.floats(-3, 30))
stray_boxes = st.tuples(coordinates, coordinates, coordinates, coordinates)  # inverted ones too


@dataclass(frozen=True, kw_only=True)
class DetectionRound:
    """Objects are (image, class, box), detections (image, class, confidence, box); both in file order."""

    objects: list[tuple[int, int, Box]]
    detections: list[tuple[int, int, float, Box]]
    blacklist: list[tuple[int, int]]
    images: int = IMAGES

    @property
    def truth(self) -> Truth:
        return Truth(
            task="det",
            digest="",
            boxes=TruthBoxes.grouped(
                images=np.array([image for image, _, _ in self.objects], np.int32),
                classes=np.array([label for _, label, _ in self.objects], np.int32),
                corners=np.array([box for _, _, box in self.objects], np.float64).reshape(-1, 4),
            ),
            blacklisted_pairs=np.array(self.blacklist, np.int32).reshape(-1, 2) if self.blacklist else None,
        )

    @property
    def columns(self) -> DetectionColumns:
        return DetectionColumns(
            images=np.array([image for image, _, _, _ in self.detections], np.int32),
            classes=np.array([label for _, label, _, _ in self.detections], np.int32),
            confidences=np.array([confidence for _, _, confidence, _ in self.detections], np.float64),
            boxes=np.array([box for _, _, _, box in self.detections], np.float64).reshape(-1, 4),
        )

    def outcomes(self, *, window: int = 1000) -> DetectionOutcomes:
        """What becomes of the detections, read in windows of so many."""
        public = public_round("det", images=self.images, classes=classes_of(range(1, CLASSES + 1)))
        scorer = DetectionScorer(public, self.truth)
        columns = self.columns
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

    def reduced(self, kept: list[int]) -> DetectionRound:
        """The round of these images alone."""
        position = {image: place for place, image in enumerate(kept)}
        return DetectionRound(
            objects=[(position[image], *rest) for image, *rest in self.objects if image in position],  # type: ignore[misc]
            detections=[(position[image], *rest) for image, *rest in self.detections if image in position],  # type: ignore[misc]
            blacklist=[(position[image], label) for image, label in self.blacklist if image in position],
            images=len(kept),
        )


@st.composite
def detection_rounds(draw: st.DrawFn) -> DetectionRound:
    images, labels = st.integers(0, IMAGES - 1), st.integers(0, CLASSES - 1)
    objects = draw(st.lists(st.tuples(images, labels, truth_boxes), max_size=10))
    confidences = st.one_of(st.sampled_from((0.5, 0.5, 0.25, 0.9, 0.0, -1.0)), st.floats(-2, 2).map(lambda x: x + 0.0))
    detections = []
    for _ in range(draw(st.integers(0, 20))):
        if objects and draw(st.integers(0, 4)):
            image, label, (x1, y1, x2, y2) = draw(st.sampled_from(objects))
            shift = draw(st.sampled_from((0, 0, 1, -1, 3, 0.5)))
            box: Box = (x1 + shift, y1, x2 + shift, y2 - draw(st.sampled_from((0, 0, 1, 5))))
        else:
            image, label, box = draw(images), draw(labels), draw(stray_boxes)
        detections.append((image, label, draw(confidences), box))
    blacklist = draw(st.lists(st.tuples(images, labels), max_size=3))
    return DetectionRound(objects=objects, detections=detections, blacklist=blacklist)
