"""How far a long reading has come."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int | None], None]  # done, and all there is to do where that is known
