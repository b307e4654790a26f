"""Small detection rounds with explanations, gathered as a scorer would: window by window."""

from __future__ import annotations

from scoring.formats.detection_lines import DetectionColumns
from scoring.metrics.detection import DetectionOutcomes
from scoring.metrics.detection_explanations import DetectionExplainer, DetectionExplanations
from tests.scoring.metrics.detections import DetectionRound


def explained(small: DetectionRound, *, window: int = 1000) -> tuple[DetectionOutcomes, DetectionExplanations]:
    outcomes = small.outcomes(window=window)
    explainer = DetectionExplainer(outcomes.positives)
    columns = small.columns
    for first in range(0, len(columns), window):
        rows = slice(first, first + window)
        explainer.add(
            DetectionColumns(
                images=columns.images[rows],
                classes=columns.classes[rows],
                confidences=columns.confidences[rows],
                boxes=columns.boxes[rows],
            )
        )
    return outcomes, explainer.explain(outcomes.windows)
