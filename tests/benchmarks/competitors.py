"""Heldout and its peers, as the cases send them into contests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scoring.tasks import TASKS
from tests.benchmarks.cases import Competitor, Settings
from tests.benchmarks.detection_data import size_of
from tests.benchmarks.environments import Environment, peer_environment

FAST_PEERS = ("ultrafast-pycocotools", "hotcoco")

_RUNNING = Path(__file__).with_name("running")
WORKER_SCRIPT = _RUNNING / "worker.py"
_PEER_SCRIPT = _RUNNING / "peer.py"
_TORCHMETRICS_SCRIPT = _RUNNING / "torchmetrics_peer.py"
_COLD_CACHES = ("HELDOUT_CACHE", "NUMBA_CACHE_DIR")

_WHOLE = "start of Python, round and classes, cached truth, digest of the file, strict validation, scoring, JSON"
_WARM = "digest of the file, strict validation, scoring; the round open, its truth and the kernels in memory"
_PEER_WORK = {
    "one": "evaluate, accumulate, mean AP at one IoU threshold",
    "twelve": "evaluate, accumulate, summarize",
}


def kept_caches(settings: Settings) -> Mapping[str, str]:
    """Caches of the benchmark's own, kept from run to run, so that the user's stay as they are."""
    if settings.own_caches is not None:
        return settings.own_caches
    folder = str(settings.cache / "heldout-cache")
    return {"HELDOUT_CACHE": folder, "NUMBA_CACHE_DIR": folder + "/numba"}


def _score_command(settings: Settings, round_folder: Path, file: Path) -> tuple[str, ...]:
    """`heldout score` as a script would call it."""
    return (str(settings.environment.heldout), "score", str(round_folder), str(file), "--format", "json")


def heldout_whole(
    settings: Settings, round_folder: Path, file: Path, *, figure: str, name: str = "heldout score", **more: Any
) -> Competitor:
    """`heldout score` with its caches filled; `more` goes to the Competitor."""
    return replace(
        Competitor(
            name=name,
            command=_score_command(settings, round_folder, file),
            reads=f"{kind_of(file)}, {size_of(file)}; truth cached",
            includes=_WHOLE,
            environment=kept_caches(settings),
            figure=figure,
        ),
        **more,
    )


def heldout_first_run(settings: Settings, round_folder: Path, file: Path, *, figure: str) -> Competitor:
    """`heldout score` on a machine that has never run it."""
    return Competitor(
        name="heldout score, first run",
        command=_score_command(settings, round_folder, file),
        reads=f"{kind_of(file)}, {size_of(file)}; truth as the round has it",
        includes="the same with empty caches: kernels compiled, truth parsed",
        fresh_folders=_COLD_CACHES,
        figure=figure,
    )


def heldout_warm(
    settings: Settings, round_folder: Path, file: Path, *, figure: str, name: str = "heldout, warm", **more: Any
) -> Competitor:
    """A worker that has the round open; `more` goes to the Competitor."""
    return replace(
        Competitor(
            name=name,
            command=(str(settings.environment.python), str(WORKER_SCRIPT), str(round_folder), str(file)),
            reads=f"{kind_of(file)}, {size_of(file)}",
            includes=_WARM,
            is_warm=True,
            environment=kept_caches(settings),
            figure=figure,
        ),
        **more,
    )


def kind_of(file: Path) -> str:
    """The format of a file, for a table's reader."""
    packing = {".gz": ", gzip", ".zst": ", zstd"}.get(file.suffix, "")
    return ("COCO JSON" if ".json" in file.suffixes else "the kit's text") + packing


def peer(
    name: str, environment: Environment, *, truth: Path, results: Path, figures: str, is_warm: bool = False,
    **more: Any,
) -> Competitor:  # fmt: skip
    """A peer on COCO's JSON.

    Args:
        name: its distribution.
        environment: where it is installed.
        truth: COCO annotations.
        results: COCO results.
        figures: "one" IoU threshold, or COCO's "twelve" figures.
        is_warm: whether it keeps the truth and its index from turn to turn.
        more: goes to the Competitor.
    """
    mode = "warm" if is_warm else "whole"
    loading = "results file" if is_warm else "start of Python, both JSON files"
    return replace(
        Competitor(
            name=f"{name} {environment.versions[name]}" + (", warm" if is_warm else ""),
            command=(str(environment.python), str(_PEER_SCRIPT), name, figures, mode, str(truth), str(results)),
            reads=f"COCO JSON, {size_of(results)}" + ("" if is_warm else f", truth {size_of(truth)}"),
            includes=f"{loading}, {_PEER_WORK[figures]}" + ("; the truth kept and indexed" if is_warm else ""),
            is_warm=is_warm,
            is_yardstick=True,
            figure="mean_ap" if figures == "one" else "ap",
            compared_as=f"COCO, {figures}",
        ),
        **more,
    )


def torchmetrics_peer(environment: Environment, *, truth: Path, results: Path, most_rounds: int) -> Competitor:
    """torchmetrics' MeanAveragePrecision, which hands the work to pycocotools."""
    return Competitor(
        name=f"torchmetrics {environment.versions['torchmetrics']}",
        command=(str(environment.python), str(_TORCHMETRICS_SCRIPT), str(truth), str(results)),
        reads=f"COCO JSON, {size_of(results)}, truth {size_of(truth)}",
        includes="start of Python and torch, both JSON files, update with float32 boxes, compute",
        is_yardstick=True,
        figure="ap",
        most_rounds=most_rounds,
    )


def peers_of(settings: Settings) -> Environment | None:
    """The environment of the peers; None where they are not to compete."""
    return peer_environment(settings.cache) if settings.has_peers else None


NO_PEERS = "The peers: left out as the caller chose"


def takes(task: str, encoding: str) -> bool:
    """Whether the registry has a format of this encoding for the task."""
    return task in TASKS and any(form.encoding == encoding for form in TASKS[task].formats)
