"""`evaluate` on real ILSVRC data: the kits' figures, and the oracles' where no kit's are known."""

from __future__ import annotations

from pathlib import Path

from tests.parity import kit_files, real_rounds
from tests.parity.agreement import differences
from tests.parity.conftest import RealModels
from tests.parity.oracles import score_cls_loc, score_vid
from tests.parity.real_rounds import OpenedRound, open_real_round


def test_the_real_models_have_their_exact_counts_and_every_figure_of_the_oracle(
    ilsvrc: Path, real_models: RealModels, tmp_path: Path
) -> None:
    labels = ilsvrc / real_rounds.LABELS[real_models.data_set]
    opened = open_real_round(
        tmp_path,
        task="cls",
        images=f"count = {len(kit_files.read_numbers(labels))}",
        files={"labels.txt": labels, "classes.txt": ilsvrc / "synsets/map_clsloc.txt"},
    )
    found = {}
    for model, oracle in real_models.oracles.items():
        card = opened.scorecard(real_rounds.model_file(ilsvrc, real_models.data_set, model))
        found[model] = (card.counts["top1_wrong"], card.counts["top5_wrong"])
        assert differences(card, oracle) == [], model
    assert found == real_models.expected


def test_localization_of_the_50000_validation_images_has_every_figure_of_the_oracle(
    ilsvrc: Path, cls_loc_round: OpenedRound, tmp_path: Path
) -> None:
    boxes = real_rounds.read_clsloc_boxes(ilsvrc)
    file = tmp_path / "guesses.txt"
    file.write_text("".join(real_rounds.localization_lines(boxes, seed=2012)))
    oracle = score_cls_loc(
        class_ids=range(1, 1001),
        labels=kit_files.read_numbers(ilsvrc / real_rounds.LABELS["clsloc"]),
        boxes=boxes,
        blacklist=set(kit_files.read_numbers(ilsvrc / real_rounds.CLSLOC_BLACKLIST)),
        guesses=kit_files.read_placed_guesses(file.read_text()),
    )
    assert oracle.counts["scored_images"] == 50_000 - 1_762
    assert 0.2 < (oracle.scores["loc5_error"] or 0) < 0.9
    assert differences(cls_loc_round.scorecard(file), oracle) == []


def test_detection_in_the_first_20000_video_frames_has_every_figure_of_the_oracle(
    ilsvrc: Path, vid_round: OpenedRound, tmp_path: Path
) -> None:
    boxes = kit_files.read_box_table(vid_round.folder / "boxes.csv.gz")
    file = tmp_path / "detections.txt"
    file.write_text("".join(real_rounds.video_lines(boxes, seed=2015)))
    oracle = score_vid(
        images=range(1, real_rounds.VID_FRAMES + 1),
        class_ids=kit_files.read_class_table(ilsvrc / "synsets/map_vid.txt").values(),
        boxes=boxes,
        detections=kit_files.read_detections(file.read_text()),
    )
    assert 0.1 < (oracle.scores["mean_ap"] or 0) < 0.9
    assert differences(vid_round.scorecard(file), oracle) == []


def test_the_oracle_gives_the_real_models_their_exact_counts_of_wrong_images(real_models: RealModels) -> None:
    found = {
        model: (oracle.counts["top1_wrong"], oracle.counts["top5_wrong"])
        for model, oracle in real_models.oracles.items()
    }
    assert found == real_models.expected
