"""The board each round must show, computed by the plain oracles of the tests, not by the scorers.

From the package itself come only the truth's digest and the words for the deciding metric.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from samples_maker.files import write_json
from scoring.opening import open_round
from scoring.tasks import find_task
from tests.parity import kit_files, oracles

CLASS_IDS = range(1, 11)


def make(folder: Path) -> None:
    """Write expected/board.json of the otherwise complete round in `folder`."""
    # An own cache: what earlier runs have left behind must not decide what this one writes.
    with tempfile.TemporaryDirectory() as cache:
        public, truth = open_round(folder, cache=Path(cache))
    metric = find_task(public.task).metric(public.policy.best_by)
    entries = tomllib.loads((folder / "entries.toml").read_text(encoding="utf-8"))["entries"]
    rows = [_row(entry, score(folder, task=public.task, file=folder / entry["file"])) for entry in entries]
    rows.sort(key=lambda row: row["scores"][metric.name], reverse=not metric.is_lower_better)
    write_json(
        folder / "expected" / "board.json",
        {
            "round": public.slug,
            "task": public.task,
            "metric": {"name": metric.name, "direction": metric.direction},
            "truth": {"digest": truth.digest},
            "entries": [{"rank": _rank(rows, row, metric.name)} | row for row in rows],
        },
    )


def score(folder: Path, *, task: str, file: Path) -> Mapping[str, float | None]:
    """The scores of a prediction file by the oracle of the round's task."""
    text = kit_files.read_text(file)
    if task == "cls":
        labels = kit_files.read_numbers(folder / "ground_truth.txt")
        result = oracles.score_cls(class_ids=CLASS_IDS, labels=labels, guesses=kit_files.read_guesses(text))
    elif task == "cls-loc":
        result = _located(folder, text)
    else:
        result = _detected(folder, text)
    return result.scores


def _located(folder: Path, text: str) -> oracles.OracleScore:
    labels = kit_files.read_numbers(folder / "ground_truth.txt")
    boxes: list[list[tuple[int, oracles.Box]]] = [[] for _ in labels]
    for one in kit_files.read_box_table(folder / "boxes.csv"):
        boxes[one.image - 1].append((one.class_id, one.box))
    return oracles.score_cls_loc(
        class_ids=CLASS_IDS,
        labels=labels,
        boxes=boxes,
        blacklist=kit_files.read_numbers(folder / "blacklist.txt"),
        guesses=kit_files.read_placed_guesses(text),
    )


def _detected(folder: Path, text: str) -> oracles.OracleScore:
    wnids = kit_files.read_class_table(folder / "map_det.txt")
    images = kit_files.read_image_list(folder / "val.txt")
    return oracles.score_det(
        images=images.values(),
        class_ids=CLASS_IDS,
        boxes=[
            oracles.TruthBox(images[name], class_id, box)
            for name, objects in kit_files.read_voc_archive(folder / "boxes.tgz", wnids)
            for class_id, box in objects
        ],
        blacklist=kit_files.read_det_blacklist(folder / "blacklist.txt", wnids),
        detections=kit_files.read_detections(text),
    )


def _row(entry: Mapping[str, str], scores: Mapping[str, float | None]) -> dict[str, Any]:
    return {"team": entry["team"], "method": entry["method"], "scores": dict(scores), "submissions_spent": 1}


def _rank(rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any], metric: str) -> int:
    """1 + the number of better rows; equal scores share a rank. `rows` come best first."""
    return 1 + [other["scores"][metric] for other in rows].index(row["scores"][metric])
