"""The outermost function of a scoring child: runs one task and turns whatever happens into a small answer."""

from __future__ import annotations

import errno
import pkgutil
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Frames told of an exception, innermost last: enough to find the place.
_FRAMES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Why a task did not end well. Never an exception's message: that may quote the ground truth."""

    is_out_of_memory: bool
    error: str  # the exception's type: "OSError EIO"
    where: list[str]  # frames: "evaluation.py:88 evaluate"


def run_task(task: str, order: Any) -> Fault | None:
    """Run the task named "package.module:function" on `order`; None when it ended well.

    The name is looked up here, in the child: the parent never loads what can open the ground truth. Answers stay
    below the size that a pipe takes at once, so that a killed child leaves no half of one; results are files.
    """
    try:
        pkgutil.resolve_name(task)(order)
    except MemoryError as error:
        return _fault(error, is_out_of_memory=True)
    except Exception as error:  # noqa: BLE001  (whatever it is, the submission must hear of it)
        return _fault(error, is_out_of_memory=False)
    return None


def _fault(error: Exception, *, is_out_of_memory: bool) -> Fault:
    name = type(error).__name__
    if isinstance(error, OSError) and error.errno is not None:
        name = f"{name} {errno.errorcode.get(error.errno, error.errno)}"
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return Fault(is_out_of_memory=is_out_of_memory, error=name, where=where)
