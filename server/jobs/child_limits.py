"""What binds a scoring child: it dies with its parent, and cannot take more memory than it was given."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

# From <linux/prctl.h>: the signal a process gets when the thread that started it ends.
_PR_SET_PDEATHSIG = 1


def bind_child(parent_pid: int, memory_bytes: int) -> None:
    """Set both limits on the calling process; the pool calls it first in every child.

    Only Linux knows a death signal. Elsewhere a child outlives a killed server until its file is scored; what
    it leaves is never read.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:  # the parent ended before the line above
            os._exit(1)
    with suppress(ValueError, OSError):  # macOS refuses; the time limit still holds there
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # No core files: they would hold the ground truth.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
