"""The virtual environments that benchmarks run in: the peers' and Heldout's own."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.benchmarks.cache import made_once

PEERS = (
    "ultrafast-pycocotools==0.1.14",
    "hotcoco==1.3.0",
    "vernier==0.5.4",
    "faster-coco-eval==1.8.0",
    "pycocotools==2.0.11",
)
# Apart from the others: PyPI's torch for Linux brings CUDA along, 5.5 GB on the disk.
TORCHMETRICS = ("torchmetrics==1.9.0", "torch==2.14.1", "torchvision==0.29.1", "pycocotools==2.0.11")

_PROJECT = Path(__file__).parents[2]
_LOCK = _PROJECT / "requirements.lock"
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A virtual environment with what it is for, and nothing else."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def heldout(self) -> Path:
        return self.folder / "bin" / "heldout"

    @cached_property
    def versions(self) -> dict[str, str]:
        """Distribution -> version, as installed."""
        listing = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()))"
        done = subprocess.run([self.python, "-c", listing], check=True, capture_output=True, text=True)
        return dict(pin.split("==") for pin in done.stdout.split())


def peer_environment(cache: Path) -> Environment:
    """The peers, pinned."""
    return _environment(cache / f"peers-{_PYTHON}-{_digest('/'.join(PEERS).encode())}", PEERS)


def torchmetrics_environment(cache: Path) -> Environment:
    """torchmetrics with what it needs, pinned."""
    return _environment(cache / f"torchmetrics-{_PYTHON}-{_digest('/'.join(TORCHMETRICS).encode())}", TORCHMETRICS)


def heldout_environment(cache: Path) -> Environment:
    """Heldout as its lock file installs it, its code read from this checkout.

    Not the developer's environment: where scipy is installed, numba imports it, and a tenth of a second is lost.
    """
    folder = cache / f"heldout-{_PYTHON}-{_digest(_LOCK.read_bytes() + bytes(_PROJECT))}"
    locked, own = ("--requirement", str(_LOCK)), ("--no-deps", "--editable", str(_PROJECT))
    return _environment(folder, locked, own)


def _environment(folder: Path, *installations: Sequence[str]) -> Environment:
    """A virtual environment in `folder` after one `pip install` with each of `installations`."""

    environment = Environment(folder=folder)

    def install(target: Path) -> None:
        venv.create(target, with_pip=True)
        for arguments in installations:
            subprocess.run([environment.python, "-m", "pip", "install", "--quiet", *arguments], check=True)

    made_once(folder, install)
    return environment


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
