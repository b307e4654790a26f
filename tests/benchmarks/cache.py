"""The folder where benchmarks keep what is slow to make: environments and data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/heldout-benchmarks`, else the same in `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heldout-benchmarks"


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """`folder`, which `make` fills if it is not there, or was left unfinished."""
    finished = folder / ".finished"
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        make(folder)
        finished.touch()
    return folder
