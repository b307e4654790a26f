"""Scene parsing scored pixel by pixel: slow, literal, and independent of `scoring`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

LabelMap = Sequence[Sequence[int]]  # class ids, 0 for other


@dataclass(frozen=True, kw_only=True)
class SceneScore:
    """What the challenge's rules make of some images."""

    pixel_accuracy: Fraction | None
    mean_iou: Fraction | None
    score: Fraction | None
    ious: Mapping[int, Fraction]  # by class id
    intersections: Mapping[int, int]
    unions: Mapping[int, int]
    pixels: Mapping[int, int]
    predicted: Mapping[int, int]


def score_scene_parsing(
    class_ids: Sequence[int], truths: Sequence[LabelMap], predictions: Sequence[LabelMap],
    *, only: Sequence[int] | None = None,
) -> SceneScore:  # fmt: skip
    """Count every pixel that has a label; `only` are the classes of the accuracy and of the mean, all by default."""
    intersections, unions, pixels, predicted = (dict.fromkeys(class_ids, 0) for _ in range(4))
    for truth, prediction in zip(truths, predictions, strict=True):
        for truth_row, row in zip(truth, prediction, strict=True):
            for label, guess in zip(truth_row, row, strict=True):
                if label == 0:
                    continue
                pixels[label] += 1
                for class_id in class_ids:
                    intersections[class_id] += class_id == label and class_id == guess
                    unions[class_id] += class_id in {label, guess}
                    predicted[class_id] += class_id == guess
    ious = {c: Fraction(intersections[c], unions[c]) if unions[c] else Fraction(0) for c in class_ids}
    meant = list(class_ids if only is None else only)
    labelled = sum(pixels[class_id] for class_id in meant)
    accuracy = mean = score = None
    if labelled:
        accuracy = Fraction(sum(intersections[class_id] for class_id in meant), labelled)
        mean = sum((ious[class_id] for class_id in meant), Fraction(0)) / len(meant)
        score = (accuracy + mean) / 2
    return SceneScore(
        pixel_accuracy=accuracy, mean_iou=mean, score=score, ious=ious, intersections=intersections, unions=unions,
        pixels=pixels, predicted=predicted,
    )  # fmt: skip
