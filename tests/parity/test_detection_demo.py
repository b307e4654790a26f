"""The kit's own detection demo, 49,013 detections in 20,121 images: the figures of the kit, the oracle and ours.

One file, so that one worker opens the round and runs the oracle.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from scoring.formats.detection_lines import DetectionColumns
from scoring.metrics.detection import DetectionOutcomes, DetectionScorer
from scoring.metrics.detection_errors import KINDS, detection_errors
from scoring.metrics.detection_explanations import DetectionExplainer, DetectionExplanations
from scoring.metrics.detection_sizes import ap_by_size
from scoring.tasks import TASKS
from tests.parity import oracles_explanations as oracles
from tests.parity import table_files
from tests.parity.agreement import RELATIVE_ERROR, differences
from tests.parity.oracles import Detection, OracleScore
from tests.parity.real_rounds import OpenedRound

DEMO = "det/demo.val.pred.det.txt"

EVERY = 5  # of the images: those of which sizes and errors are compared


def test_the_oracle_gives_every_class_of_the_demo_the_ap_of_the_kit(ilsvrc: Path, demo_oracle: OracleScore) -> None:
    with (ilsvrc / "det/demo_expected_ap.csv").open() as file:
        expected = {int(row["det_id"]): float(row["ap"]) for row in csv.DictReader(file)}
    found = {figures["id"]: figures["ap"] for figures in demo_oracle.per_class}
    assert len(expected) == 200
    assert found == pytest.approx(expected, rel=RELATIVE_ERROR, abs=0)


def test_the_oracle_gives_the_demo_the_mean_and_the_median_of_the_kit(demo_oracle: OracleScore) -> None:
    assert demo_oracle.scores["mean_ap"] == pytest.approx(0.590060814, abs=5e-10)
    assert demo_oracle.scores["median_ap"] == pytest.approx(0.601198744, abs=5e-10)


def test_the_oracle_reads_49013_lines_on_20121_images(demo_oracle: OracleScore) -> None:
    assert (demo_oracle.counts["detections"], demo_oracle.counts["images"]) == (49_013, 20_121)


def test_the_detection_demo_has_the_figures_of_the_kit(ilsvrc: Path, det_round: OpenedRound) -> None:
    card = det_round.scorecard(ilsvrc / DEMO)
    with (ilsvrc / "det/demo_expected_ap.csv").open() as file:
        rows = list(csv.DictReader(file))
    expected = {(int(row["det_id"]), row["wnid"], row["name"]): float(row["ap"]) for row in rows}
    found = {(row["id"], row["wnid"], row["name"]): row["ap"] for row in card.per_class}
    assert found == pytest.approx(expected, rel=RELATIVE_ERROR, abs=0)
    assert card.scores["mean_ap"] == pytest.approx(sum(expected.values()) / 200, rel=RELATIVE_ERROR)
    assert f"{card.scores['mean_ap']:.6f} {card.scores['median_ap']:.6f}" == "0.590061 0.601199"


def test_the_detection_demo_has_every_figure_of_the_oracle(
    ilsvrc: Path, det_round: OpenedRound, demo_oracle: OracleScore
) -> None:
    assert differences(det_round.scorecard(ilsvrc / DEMO), demo_oracle) == []


def test_the_kits_demo_is_scored_alike_in_every_encoding(ilsvrc: Path, det_round: OpenedRound, tmp_path: Path) -> None:
    text = (ilsvrc / DEMO).read_text()
    rows = table_files.rows_of(text)
    cards = {}
    for form in TASKS["det"].formats:
        file = tmp_path / "sent"
        file.write_bytes(table_files.WRITERS[form.encoding](rows, TASKS["det"].layout))
        cards[form.encoding] = det_round.scorecard(file)
    assert all(card == cards["text"] for card in cards.values())
    assert cards["json"].scores["mean_ap"] == pytest.approx(0.590061, abs=5e-7)


@dataclass(frozen=True, kw_only=True)
class Explained:
    outcomes: DetectionOutcomes
    explanations: DetectionExplanations
    judged: oracles.Judged
    errors: oracles.Errors
    mask: npt.NDArray[np.bool_]  # the images the oracles know


@pytest.fixture(scope="module")
def demo(det_round: OpenedRound, demo_detections: list[Detection]) -> Explained:
    # Images and classes are numbered from 1 without a gap.
    lines = [(d.image - 1, d.class_id - 1, d.confidence, tuple(d.box)) for d in demo_detections]
    boxes, blacklist = det_round.truth.box_columns, det_round.truth.blacklisted_pairs
    assert blacklist is not None
    columns_of_truth = (boxes.images.tolist(), boxes.classes.tolist(), map(tuple, boxes.corners.tolist()))
    objects = list(zip(*columns_of_truth, strict=True))
    judged, errors = oracles.by_image(
        [thing for thing in objects if thing[0] % EVERY == 0],
        [line for line in lines if line[0] % EVERY == 0],
        set(map(tuple, blacklist.tolist())),
    )
    columns = DetectionColumns(
        images=np.array([line[0] for line in lines], np.int32),
        classes=np.array([line[1] for line in lines], np.int32),
        confidences=np.array([line[2] for line in lines]),
        boxes=np.array([line[3] for line in lines], np.float64),
    )
    scorer = DetectionScorer(det_round.public, det_round.truth)
    scorer.add(columns)
    outcomes = scorer.finish()
    explainer = DetectionExplainer(outcomes.positives)
    explainer.add(columns)
    return Explained(
        outcomes=outcomes,
        explanations=explainer.explain(outcomes.windows),
        judged=judged,
        errors=errors,
        mask=np.arange(len(det_round.public.images)) % EVERY == 0,
    )


def test_the_errors_of_the_demo_are_those_of_the_oracle(demo: Explained) -> None:
    before = oracles.mean_ap_without(demo.judged, demo.errors, None, 200)
    assert demo.outcomes.scorecard(demo.mask).scores["mean_ap"] == pytest.approx(before, rel=1e-12, abs=0)
    figures = detection_errors(demo.outcomes, demo.explanations, mask=demo.mask)
    for name, found in figures.items():
        after = oracles.mean_ap_without(demo.judged, demo.errors, name, 200)
        assert before is not None
        assert after is not None
        assert found.delta_ap == pytest.approx(after - before, rel=0, abs=1e-12)
    right = list(demo.errors.kind.values())
    assert {name: figures[name].count for name in KINDS} == {name: right.count(name) for name in KINDS}
    assert figures["missed"].count == len(demo.errors.missed)


def test_the_sizes_of_the_demo_are_those_of_the_oracle(demo: Explained) -> None:
    right = oracles.ap_by_size(demo.judged, 200)
    for name, found in ap_by_size(demo.outcomes, demo.explanations, mask=demo.mask).items():
        aps, positives = right[name]
        assert found.class_positives == positives
        assert found.ap == [None if ap is None else pytest.approx(ap, rel=1e-12, abs=0) for ap in aps]
