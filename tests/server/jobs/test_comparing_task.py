"""Comparing kept outcomes: the differences are those of the scores, on the images that the metric scores."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from leaderboard.curves import RECALLS
from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.rounds import load_public_round
from scoring.splits import split_mask
from scoring.truth import save_truth
from server.jobs.comparing_task import compare, curve, rank
from server.jobs.orders import ComparingOrder

SAMPLES = Path(__file__).parents[3] / "data"


def ordered(folder: Path, slug: str, metric: str, *files: str, split: str = "all", **policy: Any) -> ComparingOrder:
    """An order about entries of a sample round, and with it their outcomes."""
    source = SAMPLES / slug
    if metric.startswith("hierarchical"):
        source = with_hierarchy(folder, slug)
    if policy:
        source = folder / slug
        shutil.copytree(SAMPLES / slug, source, dirs_exist_ok=True)
        text = (source / "round.toml").read_text()
        lines = "".join(f"{key} = {value}\n" for key, value in policy.items())
        (source / "round.toml").write_text(text.replace("[policy]\n", f"[policy]\n{lines}"))
    public, truth = open_round(source, cache=folder / "cache")
    save_truth(truth, folder / "truth.npz")
    seed = "seed" if policy else None
    mask = split_mask(split, truth=truth, images=public.images, share=0.5, seed="seed") if seed else None
    scores = []
    for file in files:
        outcomes = evaluate(public, truth, source / "entries" / file).outcomes
        assert outcomes is not None
        outcomes.save(folder / f"{file}.npz")
        scores.append(outcomes.scorecard(mask).scores[metric] or 0.0)
    return ComparingOrder(
        public_half=source,
        public_digest=f"{folder} {split}",
        truth_file=folder / "truth.npz",
        split=split,
        split_seed=seed,
        split_truth_file=folder / "truth.npz",
        metric=metric,
        scores=tuple(scores),
        outcomes_files=tuple(folder / f"{file}.npz" for file in files),
        result_file=folder / "result.json",
    )


def with_hierarchy(folder: Path, slug: str) -> Path:
    """The sample round with the lower and the upper half of its classes below a node each."""
    source = shutil.copytree(SAMPLES / slug, folder / slug)
    ids = load_public_round(source).classes.ids.tolist()
    nodes = [{"id": number, "parents": [901 + 2 * place // len(ids)], "height": 0} for place, number in enumerate(ids)]
    nodes += [{"id": node, "parents": [900], "height": 1} for node in (901, 902)]
    nodes.append({"id": 900, "parents": [], "height": 2})
    (source / "hierarchy.json").write_text(
        json.dumps([{"wnid": "", "words": str(node["id"]), **node} for node in nodes])
    )
    settings = source / "round.toml"
    settings.write_text(settings.read_text().replace("[classes]", '[classes]\nhierarchy = "hierarchy.json"'))
    return source


def told(order: ComparingOrder) -> Any:
    return json.loads(order.result_file.read_text())


@pytest.mark.parametrize(
    ("slug", "metric", "images", "rest"),
    [
        ("digits-cls", "top1_error", 899, {}),
        ("digits-cls", "top5_error", 450, {"split": "private", "public_share": 0.5}),
        ("digits-cls", "hierarchical1_error", 899, {}),
        ("digits-cls", "hierarchical2_error_2011", 899, {}),
        ("digits-loc", "loc5_error", 288, {}),
        ("digits-loc", "top1_error", 300, {}),
        ("digits-det", "mean_ap", 300, {}),
    ],
)
def test_two_files_differ_by_the_difference_of_their_scores(
    tmp_path: Path, slug: str, metric: str, images: int, rest: dict[str, Any]
) -> None:
    first, second = sorted(file.name for file in (SAMPLES / slug / "entries").iterdir())[:2]
    order = ordered(tmp_path, slug, metric, first, second, **rest)
    compare(order)
    found = told(order)
    assert abs(found["images"] - images) <= 5 if rest else found["images"] == images
    assert found["difference"] == pytest.approx(order.scores[0] - order.scores[1], abs=1e-12)
    assert found["low"] < found["difference"] < found["high"]


@pytest.mark.parametrize(
    ("slug", "metric"), [("digits-cls", "top5_error"), ("digits-cls", "hierarchical1_error"), ("digits-det", "mean_ap")]
)
def test_the_files_of_a_board_have_ranks_that_hold_together(tmp_path: Path, slug: str, metric: str) -> None:
    files = sorted(file.name for file in (SAMPLES / slug / "entries").iterdir())[:3]
    order = ordered(tmp_path, slug, metric, *files)
    rank(order)
    found = told(order)
    better = max if metric == "mean_ap" else min
    leader = order.scores.index(better(order.scores))
    assert len(found["ranks"]) == 3 and found["ranks"][leader]["best"] == 1
    assert 0 < found["resolvable"] < 1


def test_the_area_under_the_mean_curve_is_about_the_mean_average_precision(tmp_path: Path) -> None:
    order = ordered(tmp_path, "digits-det", "mean_ap", "nearest_mean.txt")
    curve(order)
    precisions = told(order)
    assert precisions == sorted(precisions, reverse=True) and len(precisions) == len(RECALLS)
    assert sum(precisions[1:]) / 100 == pytest.approx(order.scores[0], abs=0.01)
