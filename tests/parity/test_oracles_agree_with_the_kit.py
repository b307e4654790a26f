"""The oracles against figures that the kits' own routines and the models' own arrays gave, on real data."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.parity.agreement import RELATIVE_ERROR
from tests.parity.conftest import RealModels
from tests.parity.oracles import OracleScore


def test_every_class_of_the_detection_demo_has_the_ap_of_the_kit(ilsvrc: Path, demo_oracle: OracleScore) -> None:
    with (ilsvrc / "det/demo_expected_ap.csv").open() as file:
        expected = {int(row["det_id"]): float(row["ap"]) for row in csv.DictReader(file)}
    found = {figures["id"]: figures["ap"] for figures in demo_oracle.per_class}
    assert len(expected) == 200
    assert found == pytest.approx(expected, rel=RELATIVE_ERROR, abs=0)


def test_the_detection_demo_has_the_mean_and_the_median_of_the_kit(demo_oracle: OracleScore) -> None:
    assert demo_oracle.scores["mean_ap"] == pytest.approx(0.590060814, abs=5e-10)
    assert demo_oracle.scores["median_ap"] == pytest.approx(0.601198744, abs=5e-10)


def test_the_detection_demo_has_49013_lines_on_20121_images(demo_oracle: OracleScore) -> None:
    assert (demo_oracle.counts["detections"], demo_oracle.counts["images"]) == (49_013, 20_121)


def test_the_real_models_have_their_exact_counts_of_wrong_images(real_models: RealModels) -> None:
    found = {
        model: (oracle.counts["top1_wrong"], oracle.counts["top5_wrong"])
        for model, oracle in real_models.oracles.items()
    }
    assert found == real_models.expected
