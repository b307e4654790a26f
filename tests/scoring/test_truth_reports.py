"""What a truth report counts."""

from __future__ import annotations

import numpy as np

from scoring.faults import FaultLog
from scoring.images import Images
from scoring.synsets import parse_classes
from scoring.truth import Truth, TruthBoxes
from scoring.truth_reports import TruthReport, truth_report

CLASSES = parse_classes("id,wnid,name\n1,,a\n2,,b\n3,,c\n", file="classes.csv", faults=FaultLog(), first_id=1)


def test_labels_are_counted_by_class() -> None:
    truth = Truth(task="cls", digest="", labels=np.array([0, 0, 2, 0], np.int32))
    assert truth_report(truth, images=Images.counted(4), classes=CLASSES) == TruthReport(
        images=4, classes=3, objects=4, images_without=0, unused_classes=1, repeated=0, least=0, median=1.0, most=3
    )


def test_boxes_are_counted_with_images_that_have_none_and_boxes_that_come_twice() -> None:
    boxes = TruthBoxes.grouped(
        images=np.array([0, 0, 2, 0], np.int32),
        classes=np.array([1, 1, 0, 1], np.int32),
        corners=np.array([[1, 1, 5, 5], [1, 1, 5, 5], [1, 1, 5, 5], [2, 2, 5, 5]], np.float64),
    )
    truth = Truth(task="det", digest="", boxes=boxes)
    assert truth_report(truth, images=Images.counted(5), classes=CLASSES) == TruthReport(
        images=5, classes=3, objects=4, images_without=3, unused_classes=1, repeated=1, least=0, median=1.0, most=3
    )


def test_a_truth_of_a_kind_of_its_own_has_nothing_to_count() -> None:
    report = truth_report(Truth(task="own", digest=""), images=Images.counted(2), classes=CLASSES)
    assert (report.objects, report.images_without, report.unused_classes, report.most) == (0, 2, 3, 0)
