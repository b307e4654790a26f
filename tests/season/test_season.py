"""A season on the real validation data: sixteen real models, thirty days, and every number checked from outside.

It is played twice, with another truth of the private images: what the public and the teams see is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlmodel import update

from leaderboard.comparison import loss_statistics
from leaderboard.score_intervals import score_intervals
from scoring.evaluation import evaluate
from scoring.metrics.classification import LabelOutcomes
from scoring.opening import open_round
from server.cli.main import main
from server.db.tables import Round
from tests.season.playing import REASON, Page, Season, Sent, play
from tests.season.rounds import CORRECTIONS, FREEZES, IMAGES, SLUG, STARTS, Rounds, write_rounds
from tests.server.running import deployment_of, running_app

# Drawn for each round, and part of what the tags of its pages are made of: two seasons are alike with the same one.
_SEAL = "5ea1" * 8


@contextmanager
def _played(folder: Path, ilsvrc: Path, rounds: Rounds) -> Iterator[Season]:
    data = folder / "data"
    with running_app(data, rounds.opened, now=STARTS, worker_count=1) as client:
        with deployment_of(client).database.write() as session:
            session.exec(update(Round).values(truth_seal=_SEAL))
        files = ilsvrc / "clsloc" / "predictions"
        season = Season(client=client, rounds=rounds, data=data, files=files, folder=folder)
        play(season)
        yield season


@dataclass(frozen=True, kw_only=True)
class Seasons:
    """The season, and the one with another private half."""

    real: Season
    other: Season


@pytest.fixture(scope="module")
def seasons(ilsvrc: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seasons]:
    folder = tmp_path_factory.mktemp("season")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELDOUT_CACHE", str(folder / "cache"))
        real = write_rounds(folder / "real", ilsvrc)
        other = write_rounds(folder / "other", ilsvrc, has_other_private_half=True)
        with _played(folder / "real", ilsvrc, real) as one, _played(folder / "other", ilsvrc, other) as two:
            yield Seasons(real=one, other=two)


def _scores(season: Season, sent: Sent, split: str, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """What `heldout score` says of a file, on the images of a split, against the corrected truth."""
    command = ["score", str(season.rounds.corrected), str(sent.file), "--format", "json", "--split", split]
    assert main([*command, "--drawn-from", str(season.rounds.opened)]) == 0
    scores: dict[str, float] = json.loads(capsys.readouterr().out)["scores"]
    return scores


def _ranked(values: list[float]) -> list[int]:
    """1, 1, 3."""
    return [1 + sum(other < value for other in values) for value in values]


def test_every_number_and_rank_of_the_final_board_is_what_scoring_the_files_says(
    seasons: Seasons, capsys: pytest.CaptureFixture[str]
) -> None:
    season = seasons.real
    standing = [sent for sent in season.sent if sent.id not in season.withdrawn]
    chosen = [sent for sent in standing if season.finals.get(sent.model, sent.id) == sent.id]
    public = {sent.id: _scores(season, sent, "public", capsys) for sent in chosen}
    expected: dict[str, int] = {}  # which submission stands for each model: the one chosen, or the best in public
    for sent in sorted(chosen, key=lambda sent: (public[sent.id]["top5_error"], sent.id)):
        expected.setdefault(sent.model, sent.id)
    assert len(expected) == 15
    private = {sent.id: _scores(season, sent, "private", capsys) for sent in chosen if sent.id in expected.values()}
    board = season.board("private")
    assert {row["method"]: row["submission"] for row in board} == expected
    assert [row["scores"] for row in board] == [private[row["submission"]] for row in board]
    ranked = [row for row in board if row["method"] != "senet154"]
    assert [row["rank"] for row in ranked] == sorted(row["rank"] for row in ranked)
    assert [row["rank"] for row in ranked] == _ranked([private[row["submission"]]["top5_error"] for row in ranked])
    assert board[-1]["method"] == "senet154"
    assert (board[-1]["rank"], board[-1]["disqualified_for"]) == (None, REASON)
    assert [row["scores"] for row in season.board("public")] == [
        public[row["submission"]] for row in season.board("public")
    ]
    spent = {model: sum(sent.model == model for sent in season.sent) for model in expected}
    assert {row["method"]: row["submissions_spent"] for row in board} == spent


def test_how_sure_every_score_and_rank_of_the_final_board_is_follows_from_the_same_files(seasons: Seasons) -> None:
    season = seasons.real
    public, truth = open_round(season.rounds.corrected, cache=season.folder / "cache")
    files = {sent.id: sent.file for sent in season.sent}
    is_public = season.rounds.is_public
    for split, mask in (("public", is_public), ("private", ~is_public)):
        document = season.document(split)
        ranked = [row for row in document["entries"] if row["rank"]]
        assert len(ranked) == 14
        losses = []
        for row in ranked:
            outcomes = evaluate(public, truth, files[row["submission"]]).outcomes
            assert isinstance(outcomes, LabelOutcomes)
            card = outcomes.scorecard(mask)
            assert row["interval"] == score_intervals("top5_error", card, outcomes, mask=mask)["0.95"]
            losses.append(outcomes.label_ranks[mask] > 5)
        expected = loss_statistics(np.stack(losses))
        assert expected is not None and expected.resolvable is not None
        assert [row["rank_interval"] for row in ranked] == [[ranks.best, ranks.worst] for ranks in expected.ranks]
        assert document["resolvable_difference"] == expected.resolvable


def test_finals_and_withdrawals_decide_which_file_stands_for_a_team(seasons: Seasons) -> None:
    season = seasons.real
    files = {sent.id: sent.file.name for sent in season.sent}
    stands = {row["method"]: files[row["submission"]] for row in season.board("private")}
    assert "squeezenet1_1" not in stands
    assert stands["alexnet"] == "alexnet-10000.txt"  # chosen, though its last was better
    assert stands["resnet50"] == "resnet50.txt.gz"  # the better one, though not the last
    assert stands["vgg16"] == "vgg16-10000.txt"  # the other is withdrawn
    assert stands["resnet152"] == "resnet152.txt.gz"  # sent during the freeze


def test_quotas_of_a_day_a_week_and_the_round_refused_with_the_time_of_the_reset(seasons: Seasons) -> None:
    assert seasons.real.refused == [
        ("quota-spent", "2026-11-03T00:00:00Z"), ("quota-spent", "2026-11-09T00:00:00Z"), ("quota-spent", None),
    ]  # fmt: skip


def test_an_erratum_of_200_labels_moved_scores_on_the_day_it_was_shown(seasons: Seasons) -> None:
    rounds = seasons.real.rounds
    before, after = (np.loadtxt(folder / "ground_truth.txt") for folder in (rounds.opened, rounds.corrected))
    assert (before != after).sum() == CORRECTIONS
    seen = [_rows(evening) for evening in seasons.real.evenings]
    assert seen[16] == seen[17]  # prepared, not shown
    assert all(one["scores"] != two["scores"] for one, two in zip(seen[17], seen[18], strict=True))


def test_from_the_freeze_to_the_reveal_the_board_stands_still(seasons: Seasons) -> None:
    last = (FREEZES - STARTS) // timedelta(days=1) - 1
    kept = ("rank", "team", "submission", "scores", "submitted_at")
    frozen = [[[row[key] for key in kept] for row in _rows(evening)] for evening in seasons.real.evenings[last:]]
    assert len(frozen) == 7
    assert all(rows == frozen[0] for rows in frozen)


def test_nothing_that_anybody_sees_before_the_reveal_depends_on_the_private_half(seasons: Seasons) -> None:
    truths = [np.loadtxt(season.rounds.opened / "ground_truth.txt") for season in (seasons.real, seasons.other)]
    is_public = seasons.real.rounds.is_public
    assert is_public.sum() == IMAGES // 2
    assert np.array_equal(truths[0][is_public], truths[1][is_public])
    assert (truths[0] != truths[1]).sum() > 0.95 * IMAGES / 2
    assert {re.split("[/?]", page)[1] for page in seasons.real.evenings[-1]} == {
        "rounds",
        "entries",
        "teams",
        "compare",
    }
    assert "etag" in seasons.real.evenings[-1][f"/rounds/{SLUG}/board.json"].headers
    for day, (one, two) in enumerate(zip(seasons.real.evenings, seasons.other.evenings, strict=True)):
        assert one == two, f"day {day}"
    assert seasons.real.own_scores == seasons.other.own_scores
    # and the private half counts: with the other one everybody is wrong
    assert seasons.real.board("public") == seasons.other.board("public")
    assert min(row["scores"]["top5_error"] for row in seasons.other.board("private")) > 0.9


def _rows(evening: dict[str, Page]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(evening[f"/rounds/{SLUG}/board.json"].text)["entries"]
    return rows
