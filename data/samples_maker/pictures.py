"""The images of the rounds, for whoever wants to take part: PGM files, a format of three header lines."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from samples_maker.digits import IntArray

DARKEST = 16


def write(folder: Path, images: Iterable[tuple[str, IntArray]]) -> None:
    """Write each (name, ink) as `<name>.pgm`, ink dark on light paper."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, ink in images:
        height, width = ink.shape
        header = f"P5\n{width} {height}\n{DARKEST}\n".encode()
        (folder / f"{name}.pgm").write_bytes(header + (DARKEST - ink).astype("uint8").tobytes())
