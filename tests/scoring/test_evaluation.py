from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from scoring.evaluation import Evaluation, evaluate, validate
from scoring.findings import SHOWN_OF_A_KIND
from scoring.formats.image_lines import EXPLAINED_TOKENS
from scoring.opening import open_round
from scoring.rounds import PublicRound
from scoring.samples import sample_file
from scoring.scorecard import SCORER_VERSION
from scoring.tasks import TASKS
from scoring.truth import Truth, TruthBoxes
from tests.scoring.making import gzip_of, public_round, write_round, zip_of

FIGURES = {
    "cls": {
        "scores": {f"top{k}_error" for k in range(1, 6)},
        "counts": {"images", "scored_images"} | {f"top{k}_wrong" for k in range(1, 6)},
        "per_class": ["id", "wnid", "name", "images", "top1_error", "top5_error"],
    },
    "cls-loc": {
        "scores": {f"{kind}{k}_error" for k in range(1, 6) for kind in ("top", "loc")},
        "counts": {"images", "scored_images"} | {f"{kind}{k}_wrong" for k in range(1, 6) for kind in ("top", "loc")},
        "per_class": ["id", "wnid", "name", "images", "top1_error", "top5_error", "loc5_error"],
    },
    "det": {
        "scores": {"mean_ap", "median_ap"},
        "counts": {"images", "detections", "positives", "skipped"},
        "per_class": ["id", "wnid", "name", "ap", "positives", "detections"],
    },
}
FIGURES["vid"] = FIGURES["det"]
FIGURES["scene"] = FIGURES["cls"]
FIGURES["vid-track"] = {
    "scores": {"mean_ap", "mean_ap_25", "mean_ap_50", "mean_ap_75"},
    "counts": {"images", "snippets", "detections", "tracklets", "positives"},
    "per_class": ["id", "wnid", "name", "ap", "ap_25", "ap_50", "ap_75", "positives", "tracklets"],
}
FIGURES["scene-parsing"] = {
    "scores": {"pixel_accuracy", "mean_iou", "score"},
    "counts": {"images", "pixels", "correct_pixels"},
    "per_class": ["id", "wnid", "name", "iou", "pixels", "predicted_pixels", "intersection", "union"],
}
FIGURES["coco-det"] = {
    "scores": {"ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"}
    | {"ar_1", "ar_10", "ar_100", "ar_small", "ar_medium", "ar_large"},
    "counts": {"images", "detections", "positives", "skipped"},
    "per_class": ["id", "wnid", "name", "ap", "ap50", "positives", "detections"],
}


def round_of(task: str, folder: Path) -> tuple[PublicRound, Truth]:
    return open_round(write_round(folder / "round", task), cache=folder / "cache")


def evaluated(task: str, folder: Path, content: bytes | None = None) -> tuple[PublicRound, Evaluation, bytes]:
    public, truth = round_of(task, folder)
    if content is None:
        content = b"".join(sample_file(public).pieces)
    (folder / "predictions.txt").write_bytes(content)
    return public, evaluate(public, truth, folder / "predictions.txt"), content


@pytest.mark.parametrize("task", TASKS)
def test_the_json_document_has_the_keys_that_others_rely_on(task: str, tmp_path: Path) -> None:
    public, evaluation, content = evaluated(task, tmp_path)
    document = json.loads(json.dumps(evaluation.as_json(public), allow_nan=False))
    assert list(document) == [
        "task", "round", "scores", "counts", "per_class", "findings", "predictions", "truth", "scorer",
        *(["details"] if task == "cls-loc" else []),
    ]  # fmt: skip
    assert (document["task"], document["round"], document["scorer"]) == (task, "small", SCORER_VERSION)
    digest = hashlib.sha256(content).hexdigest()
    assert document["predictions"] == {"sha256": digest, "lines": 3, "format": TASKS[task].formats[0].name}
    assert document["truth"] == {"digest": evaluation.truth_digest}
    assert len(document["truth"]["digest"]) == 64
    assert document["scores"].keys() == FIGURES[task]["scores"]
    assert document["counts"].keys() == FIGURES[task]["counts"]
    is_listed = TASKS[task].has_class_table  # else the truth lists two categories
    ids, wnids = ([1, 2, 3], ["n00000003", "n00000001", "n00000002"]) if is_listed else ([1, 18], ["", ""])
    assert [list(row) for row in document["per_class"]] == [FIGURES[task]["per_class"]] * len(ids)
    assert [row["id"] for row in document["per_class"]] == ids
    assert [row["wnid"] for row in document["per_class"]] == wnids
    for finding in document["findings"]:
        assert list(finding) == ["code", "severity", "line", "value", "message", "advice", "count"]


@pytest.mark.parametrize("task", TASKS)
def test_an_invalid_file_has_findings_and_no_figures(task: str, tmp_path: Path) -> None:
    public, evaluation, content = evaluated(task, tmp_path, b"nonsense\n")
    document = evaluation.as_json(public)
    assert (document["scores"], document["counts"], document["per_class"]) == ({}, {}, [])
    assert document["findings"]
    assert document["predictions"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert (evaluation.scorecard, evaluation.outcomes) == (None, None)


@pytest.mark.parametrize("task", TASKS)
def test_validating_needs_no_truth_and_finds_what_evaluating_finds(task: str, tmp_path: Path) -> None:
    for name, content in (("good", None), ("bad", b"1 1 1 x\n\n2 2\n"), ("broken", b"\x1f\x8bnothing")):
        public, evaluation, _ = evaluated(task, tmp_path / name, content)
        assert validate(public, tmp_path / name / "predictions.txt") == evaluation.checked


def test_findings_do_not_depend_on_the_truth(tmp_path: Path) -> None:
    reports = []
    for name, labels in (("one", "1\n2\n3\n"), ("two", "3\n3\n3\n")):
        folder = write_round(tmp_path / name, "cls", {"labels.txt": labels})
        public, truth = open_round(folder, cache=tmp_path / "cache")
        (tmp_path / "file").write_text("1\n2 9\n0\n4\n")
        reports.append(evaluate(public, truth, tmp_path / "file").checked)
    assert reports[0] == reports[1]


def test_packing_changes_nothing_but_the_digest_of_the_bytes(tmp_path: Path) -> None:
    public, truth = round_of("det", tmp_path)
    plain = b"".join(sample_file(public).pieces)
    results = []
    for content in (plain, gzip_of(plain), zip_of({"predictions.txt": plain})):
        (tmp_path / "file").write_bytes(content)
        evaluation = evaluate(public, truth, tmp_path / "file")
        assert evaluation.checked.sha256 == hashlib.sha256(content).hexdigest()
        results.append((evaluation.scorecard, evaluation.checked.report, evaluation.checked.lines))
    assert results[0] == results[1] == results[2]


def test_the_digest_is_of_all_bytes_sent_even_where_reading_stopped_early(tmp_path: Path) -> None:
    content = b"\x89PNG" + b"x" * 3_000_000
    _, evaluation, _ = evaluated("cls", tmp_path, content)
    assert evaluation.checked.sha256 == hashlib.sha256(content).hexdigest()
    assert [finding.code for finding in evaluation.checked.report.errors] == ["not-text"]


def test_scorecards_travel_between_processes(tmp_path: Path) -> None:
    for task in TASKS:
        _, evaluation, _ = evaluated(task, tmp_path / task)
        assert pickle.loads(pickle.dumps(evaluation.scorecard)) == evaluation.scorecard  # noqa: S301  # our own bytes


@pytest.mark.parametrize("task", TASKS)
def test_outcomes_are_saved_to_exactly_the_path_they_are_given(task: str, tmp_path: Path) -> None:
    _, evaluation, _ = evaluated(task, tmp_path)
    assert evaluation.outcomes is not None
    evaluation.outcomes.save(tmp_path / "outcomes.of.mine")
    with np.load(tmp_path / "outcomes.of.mine", allow_pickle=False) as columns:
        assert columns.files
        assert max(len(columns[name]) for name in columns.files) >= 3


def test_progress_is_told_in_bytes_up_to_all_of_them(tmp_path: Path) -> None:
    public, truth = round_of("cls", tmp_path)
    (tmp_path / "file").write_text("1 2\n2\n3\n")
    told: list[tuple[int, int | None]] = []
    evaluate(public, truth, tmp_path / "file", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (8, 8)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        validate(public_round("cls"), tmp_path / "nowhere")


def test_a_file_of_many_windows_is_scored_as_one(tmp_path: Path) -> None:
    images = 700_000
    public = public_round("cls", images=images)
    truth = Truth(task="cls", digest="", labels=np.zeros(images, np.int32))
    lines = [b"1 2 3\n", b"2 1\n", b"3 2\n", b"2 3 1 1 1\n"]
    content = b"".join(lines) * (images // 4)
    (tmp_path / "file").write_bytes(content)
    evaluation = evaluate(public, truth, tmp_path / "file")
    assert evaluation.checked.lines == images
    assert evaluation.scorecard is not None
    assert evaluation.scorecard.scores == {
        "top1_error": 0.75, "top2_error": 0.5, "top3_error": 0.25, "top4_error": 0.25, "top5_error": 0.25,
    }  # fmt: skip


def test_a_fault_behind_the_first_windows_has_its_line_and_stops_the_scoring(tmp_path: Path) -> None:
    images = 600_000
    public = public_round("det", images=images)
    empty = np.zeros(0, np.int32)
    truth = Truth(task="det", digest="", boxes=TruthBoxes(images=empty, classes=empty, corners=np.zeros((0, 4))))
    good = b"1 1 0.5 1 1 9 9\n"
    (tmp_path / "file").write_bytes(good * 300_000 + b"1 9 0.5 1 1 9 9\n" + good * 300_000)
    evaluation = evaluate(public, truth, tmp_path / "file")
    assert [(f.code, f.line) for f in evaluation.checked.report.errors] == [("unknown-class", 300_001)]
    assert evaluation.scorecard is None


@pytest.mark.parametrize(("task", "code"), [("cls", "unknown-class"), ("det", "column-count")])
def test_faulty_lines_beyond_those_explained_are_still_counted(task: str, code: str, tmp_path: Path) -> None:
    count = EXPLAINED_TOKENS // 1000 + 50
    (tmp_path / "file").write_text(("9" + " 1" * 999 + "\n") * count)
    report = validate(public_round(task, images=count), tmp_path / "file").report
    found = [finding for finding in report.errors if finding.code == code]
    assert len(found) == SHOWN_OF_A_KIND
    assert {finding.count for finding in found} == {count}
