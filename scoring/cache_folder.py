"""Where this user's derived things lie: parsed truths and compiled routines."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def default_cache() -> Path:
    """`$HELDOUT_CACHE`, else the user's cache folder. Never a place beside the round."""
    if os.environ.get("HELDOUT_CACHE"):
        return Path(os.environ["HELDOUT_CACHE"])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "heldout"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "heldout"
