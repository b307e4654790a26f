"""Packed files beside plain text."""

from __future__ import annotations

import gzip
import importlib
import shutil
import sys
from pathlib import Path

from tests.benchmarks.cache import made_once
from tests.benchmarks.cases import Case, Contest, Goal, Settings
from tests.benchmarks.competitors import heldout_warm, heldout_whole
from tests.benchmarks.detection_data import DetectionData
from tests.benchmarks.detection_shapes import ILSVRC_DET

# What the commands `gzip` and `zstd` do when they are told nothing.
_GZIP_LEVEL = 6
_ZSTD_LEVEL = 3
_MOST = 1.8
_COPY_BYTES = 2**20


def make_packed(folder: Path, text: Path) -> None:
    """Pack `text` into `folder`, which must not exist, both ways."""
    folder.mkdir(parents=True)
    zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    with text.open("rb") as source, gzip.open(folder / f"{text.name}.gz", "wb", compresslevel=_GZIP_LEVEL) as target:
        shutil.copyfileobj(source, target, _COPY_BYTES)
    with text.open("rb") as source, zstd.open(folder / f"{text.name}.zst", "wb", level=_ZSTD_LEVEL) as target:
        shutil.copyfileobj(source, target, _COPY_BYTES)


def _prepare(settings: Settings) -> Contest:
    data = DetectionData(shape=ILSVRC_DET).at(settings.scale)
    files = data.made(settings.cache)
    folder = made_once(
        files.folder.with_name(files.folder.name + "-packed"), lambda target: make_packed(target, files.predictions)
    )
    ways = {"plain": files.predictions} | {
        name: folder / (files.predictions.name + suffix) for name, suffix in (("gzip", ".gz"), ("zstd", ".zst"))
    }
    competitors = [
        make(
            settings, files.round_folder, file, figure="mean_ap", name=f"{kind}, {name}",
            is_yardstick=name == "plain", compared_as="plain and packed",
        )
        for kind, make in (("heldout score", heldout_whole), ("warm", heldout_warm))
        for name, file in ways.items()
    ]  # fmt: skip
    return Contest(
        competitors=tuple(competitors),
        data=data.described(),
        yardstick="plain text",
        goals=tuple(
            Goal(competitor=f"{kind}, {name}", figure="time", most=_MOST, of=f"{kind}, plain")
            for kind in ("heldout score", "warm")
            for name in ("gzip", "zstd")
        ),
    )


CASE = Case(
    name="packed",
    title="Packed files",
    remarks=(f"Packed as the commands do by default: gzip at level {_GZIP_LEVEL}, zstd at level {_ZSTD_LEVEL}.",),
    prepare=_prepare,
)
