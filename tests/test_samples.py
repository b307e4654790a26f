"""The sample rounds: made again byte for byte, faultless, and scored as their boards say."""

from __future__ import annotations

import gzip
import json
import platform
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scoring.evaluation import evaluate
from scoring.opening import open_round
from scoring.rounds import load_public_round
from scoring.tasks import find_task

DATA = Path(__file__).resolve().parent.parent / "data"
ROUNDS = ("digits-cls", "digits-loc", "digits-det")

# The whole of data/ travels with every installation.
MAX_DATA_BYTES = 3_000_000

# Neighbouring entries differ by at least this much of the deciding metric.
CLEARLY = 0.01


def board_of(slug: str) -> dict[str, Any]:
    return json.loads((DATA / slug / "expected" / "board.json").read_bytes())


def entries_of(slug: str) -> list[dict[str, str]]:
    return tomllib.loads((DATA / slug / "entries.toml").read_text(encoding="utf-8"))["entries"]


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="the samples are made on Linux x86-64; elsewhere the last bits of floating point may differ",
)
def test_the_sample_rounds_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(DATA / "make_samples.py"), "--into", str(tmp_path)], check=True, capture_output=True
    )
    for slug in ROUNDS:
        made, shipped = files_below(tmp_path / slug), files_below(DATA / slug)
        assert sorted(made) == sorted(shipped)
        for name, content in made.items():
            if name.endswith(".tgz"):  # Pythons are built with different compressors
                assert gzip.decompress(content) == gzip.decompress(shipped[name]), f"{slug}/{name}"
            else:
                assert content == shipped[name], f"{slug}/{name}"


def test_the_samples_are_small() -> None:
    shipped = {name: content for name, content in files_below(DATA).items() if "__pycache__" not in name}
    assert sum(map(len, shipped.values())) < MAX_DATA_BYTES


@pytest.mark.parametrize("slug", ROUNDS)
def test_every_sample_round_opens_without_faults(slug: str, tmp_path: Path) -> None:
    public, truth = open_round(DATA / slug, cache=tmp_path)
    board = board_of(slug)
    assert (public.slug, public.task, public.policy.best_by) == (slug, board["task"], board["metric"]["name"])
    assert truth.digest == board["truth"]["digest"]


@pytest.mark.parametrize("slug", ROUNDS)
def test_every_entry_scores_as_the_expected_board_says(slug: str, tmp_path: Path) -> None:
    public, truth = open_round(DATA / slug, cache=tmp_path)
    board = board_of(slug)
    metric = find_task(public.task).metric(public.policy.best_by)
    scored = {}
    for entry in entries_of(slug):
        evaluation = evaluate(public, truth, DATA / slug / entry["file"])
        assert evaluation.checked.report.is_valid, entry["file"]
        assert evaluation.scorecard is not None
        scored[entry["team"], entry["method"]] = evaluation.scorecard.scores
    ordered = sorted(scored, key=lambda who: scored[who][metric.name], reverse=not metric.is_lower_better)
    assert ordered == [(row["team"], row["method"]) for row in board["entries"]]
    for row in board["entries"]:
        assert scored[row["team"], row["method"]] == pytest.approx(row["scores"], rel=1e-12, abs=0)


@pytest.mark.parametrize("slug", ROUNDS)
def test_the_entries_are_of_clearly_different_quality(slug: str) -> None:
    board = board_of(slug)
    figures = [row["scores"][board["metric"]["name"]] for row in board["entries"]]
    assert len(figures) >= 6
    assert [row["rank"] for row in board["entries"]] == list(range(1, len(figures) + 1))
    sign = 1 if board["metric"]["direction"] == "lower is better" else -1
    gaps = [sign * (after - before) for before, after in pairwise(figures)]
    assert min(gaps) >= CLEARLY


@pytest.mark.parametrize("slug", ROUNDS)
def test_every_prediction_file_is_an_entry_with_a_team_and_method_of_its_own(slug: str) -> None:
    entries = entries_of(slug)
    shipped = {path.relative_to(DATA / slug).as_posix() for path in (DATA / slug / "entries").iterdir()}
    assert sorted(entry["file"] for entry in entries) == sorted(shipped)
    assert len({entry["team"] for entry in entries}) == len({entry["method"] for entry in entries}) == len(entries)
    assert all(entry["description"] for entry in entries)


@pytest.mark.parametrize("slug", ROUNDS)
def test_the_rule_book_names_the_figures_of_the_round(slug: str, tmp_path: Path) -> None:
    public, truth = open_round(DATA / slug, cache=tmp_path)
    policy, rules = public.policy, public.policy.rules or ""
    assert f"the {len(public.images)} " in rules
    assert f"{policy.submissions_per_day} submissions a day (UTC) and {policy.submissions_total} in all" in rules
    assert ("one row per team" if policy.rows == "team" else "one row per method") in rules
    if truth.blacklisted_images is not None:
        assert f"In {truth.blacklisted_images.sum()} scenes" in rules
    if truth.blacklisted_pairs is not None:
        assert f"{len(truth.blacklisted_pairs)} pairs" in rules


def test_the_images_are_drawn_for_whoever_wants_to_take_part(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(DATA / "make_samples.py"), "--images", str(tmp_path)], check=True, capture_output=True
    )
    for slug in ROUNDS:
        drawn = {path.stem: path.read_bytes() for path in (tmp_path / slug).glob("*.pgm")}
        images = load_public_round(DATA / slug).images
        assert len(drawn) == len(images)
        assert images.names is None or sorted(images.names) == sorted(drawn)
        assert all(content.startswith(b"P5\n") for content in drawn.values())


def test_many_digits_of_the_detection_round_need_less_than_half_an_overlap(tmp_path: Path) -> None:
    _, truth = open_round(DATA / "digits-det", cache=tmp_path)
    corners = truth.box_columns.corners
    width, height = corners[:, 2] - corners[:, 0] + 1, corners[:, 3] - corners[:, 1] + 1
    needed = width * height / ((width + 10) * (height + 10))
    assert (needed < 0.5).sum() > 500
    assert (needed >= 0.5).sum() > 100
