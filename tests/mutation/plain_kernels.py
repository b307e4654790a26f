"""The compiled loops of the metrics as the plain Python they are written in, so that a change of a line changes them.

How files are read stays compiled: it is not mutated, and tests that read files stay fast.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numba
import numpy as np

from scoring.machine_code import MachineCode, _prototype

METRICS = Path(__file__).parents[2] / "scoring" / "metrics"


@contextmanager
def without_compiler() -> Iterator[None]:
    """What is imported or executed here stays plain Python."""
    with mock.patch.object(numba, "njit", _as_it_is):
        yield


def load_plain_kernels() -> None:
    """Before anything else has imported the kernels of the metrics."""
    with without_compiler():
        for path in sorted(METRICS.glob("*_kernel.py")):
            importlib.import_module(f"scoring.metrics.{path.stem}")
    for path in sorted(METRICS.glob("*.py")):
        for value in vars(importlib.import_module(f"scoring.metrics.{path.stem}")).values():
            if isinstance(value, MachineCode) and value.module.startswith("scoring.metrics."):
                _make_plain(value)


def _as_it_is(*functions: Callable[..., Any], **_options: Any) -> Any:
    return functions[0] if functions else lambda function: function


def _make_plain(code: MachineCode) -> None:
    source = importlib.import_module(code.module)
    vars(code)["_routines"] = {name: _Plain(source, name, code.signatures[name]) for name in code.signatures}


class _Plain:
    """A routine on numbers and arrays, held to the types of its machine code."""

    def __init__(self, source: Any, name: str, signature: str) -> None:
        self._source, self._name = source, name
        self._types = _prototype(signature)._argtypes_

    def __call__(self, *arguments: Any) -> int:
        for kind, value in zip(self._types, arguments, strict=True):
            kind.from_param(value)
        # machine code sees no shapes
        flat = (value.reshape(-1) if isinstance(value, np.ndarray) else value for value in arguments)
        with np.errstate(all="ignore"):  # nor does it warn
            return int(getattr(self._source, self._name)(*flat))
