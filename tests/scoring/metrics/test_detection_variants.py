"""Positives with some boxes taken out, as the figures by size and the costs of errors need them."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.metrics.detection_variants import of_boxes
from scoring.metrics.positives import Positives
from tests.scoring.metrics.detections import CLASSES, IMAGES, DetectionRound, detection_rounds


@given(detection_rounds(), st.data())
def test_some_of_the_positives_are_those_of_a_truth_with_these_boxes_alone(
    small: DetectionRound, data: st.DataObject
) -> None:
    objects = sorted(small.objects, key=lambda one: one[0])  # as a truth has them: by image
    is_kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(objects), max_size=len(objects))), np.bool_)
    kept = [one for one, stays in zip(objects, is_kept, strict=True) if stays]
    counted = np.array([(image, label) not in small.blacklist for image, label, _ in objects], np.bool_)
    whole = Positives.of(replace(small, objects=objects).truth, IMAGES, CLASSES)
    some = of_boxes(whole, is_kept[counted])
    expected = Positives.of(replace(small, objects=kept).truth, IMAGES, CLASSES)
    for field in fields(Positives):
        found, right = getattr(some, field.name), getattr(expected, field.name)
        assert (field.name, found.tolist(), found.dtype) == (field.name, right.tolist(), right.dtype)
