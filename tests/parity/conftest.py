"""Real rounds and what the oracles say about them, made once a session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.parity import kit_files, real_rounds
from tests.parity.oracles import Detection, OracleScore, score_cls, score_det
from tests.parity.real_rounds import OpenedRound, open_real_round


@dataclass(frozen=True, kw_only=True)
class RealModels:
    """Real classification models on one set of images."""

    data_set: str
    expected: dict[str, tuple[int, int]]  # wrong images at 1 and at 5 guesses
    oracles: dict[str, OracleScore]


@pytest.fixture(scope="session", params=real_rounds.LABELS)
def real_models(request: pytest.FixtureRequest, ilsvrc: Path) -> RealModels:
    data_set: str = request.param
    labels = kit_files.read_numbers(ilsvrc / real_rounds.LABELS[data_set])
    expected = real_rounds.read_expected_counts(ilsvrc, data_set)
    oracles = {}
    for model in expected:
        text = kit_files.read_text(real_rounds.model_file(ilsvrc, data_set, model))
        guesses = kit_files.read_guesses(text)
        oracles[model] = score_cls(class_ids=range(1, 1001), labels=labels, guesses=guesses)
    return RealModels(data_set=data_set, expected=expected, oracles=oracles)


@pytest.fixture(scope="session")
def demo_detections(ilsvrc: Path) -> list[Detection]:
    """The kit's detection demo."""
    return kit_files.read_detections((ilsvrc / "det/demo.val.pred.det.txt").read_text())


@pytest.fixture(scope="session")
def demo_oracle(ilsvrc: Path, demo_detections: list[Detection]) -> OracleScore:
    """The kit's detection demo on the 20,121 validation images, scored by the oracle."""
    classes = kit_files.read_class_table(ilsvrc / "synsets/map_det.txt")
    return score_det(
        images=kit_files.read_image_list(ilsvrc / "det/val.txt").values(),
        class_ids=classes.values(),
        boxes=real_rounds.read_det_boxes(ilsvrc),
        blacklist=kit_files.read_det_blacklist(ilsvrc / real_rounds.DET_BLACKLIST, classes),
        detections=demo_detections,
    )


@pytest.fixture(scope="session")
def det_round(ilsvrc: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenedRound:
    return open_real_round(
        tmp_path_factory.mktemp("det"),
        task="det",
        images='list = "images.txt"',
        files={
            "images.txt": ilsvrc / "det/val.txt",
            "classes.txt": ilsvrc / "synsets/map_det.txt",
            "boxes.tgz": ilsvrc / real_rounds.DET_BOXES,
            "blacklist.txt": ilsvrc / real_rounds.DET_BLACKLIST,
        },
    )


@pytest.fixture(scope="session")
def cls_loc_round(ilsvrc: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenedRound:
    return open_real_round(
        tmp_path_factory.mktemp("cls-loc"),
        task="cls-loc",
        images="count = 50000",
        files={
            "classes.txt": ilsvrc / "synsets/map_clsloc.txt",
            "labels.txt": ilsvrc / real_rounds.LABELS["clsloc"],
            "boxes.tgz": ilsvrc / real_rounds.CLSLOC_BOXES,
            "blacklist.txt": ilsvrc / real_rounds.CLSLOC_BLACKLIST,
        },
    )


@pytest.fixture(scope="session")
def vid_round(ilsvrc: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenedRound:
    """The first 20,000 validation frames."""
    boxes = tmp_path_factory.mktemp("vid-boxes") / "boxes.csv.gz"
    real_rounds.write_first_vid_frames(ilsvrc, boxes)
    return open_real_round(
        tmp_path_factory.mktemp("vid"),
        task="vid",
        images=f"count = {real_rounds.VID_FRAMES}",
        files={"classes.txt": ilsvrc / "synsets/map_vid.txt", "boxes.csv.gz": boxes},
    )
