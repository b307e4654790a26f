"""Simulate how often intervals and tests miss: python -m tests.simulations [SECTION ...] [--scale 1]."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from tests.simulations import coverage

RESULTS_FILE = Path(__file__).parent / "RESULTS.md"

LIMITS = {0.95: 0.065, 0.999: 0.003}


def main(
    names: Annotated[list[str] | None, typer.Argument(help="sections; all if none")] = None,
    *,
    scale: Annotated[float, typer.Option(min=0.001, max=1, help="less than 1: a trial, printed and not kept")] = 1.0,
) -> None:
    """Run sections, print their tables, and keep those of full length in RESULTS.md."""
    for name in names or SECTIONS:
        if name not in SECTIONS:
            raise typer.BadParameter(f"{name} is no section; there are {', '.join(SECTIONS)}")
        start = time.monotonic()
        lines = list(SECTIONS[name](scale))
        text = f"## {name}\n\n" + "\n".join(lines) + f"\n\n{time.monotonic() - start:.0f} s.\n"
        print(text, flush=True)
        if scale == 1:
            RESULTS_FILE.write_text(_with_section(RESULTS_FILE.read_text(encoding="utf-8"), name, text), "utf-8")


def errors(_scale: float) -> Iterator[str]:
    """Enumerated, not simulated."""
    yield "Share of wrong images: the probability that an interval misses the true error, summed over all counts;"
    yield "the largest over errors of 0.02, 0.03, 0.05, 0.1, 0.2, 0.35 and 0.5.\n"
    yield "| images | level | `error_interval` | `percentile_error_interval` | limit |\n|---|---|---|---|---|"
    for images in (100, 500, 2000, 10_000, 50_000, 100_000):
        for level, limit in LIMITS.items():
            worst = [
                max(
                    coverage.error_misses(error, images, level=level, is_percentile=is_percentile)
                    for error in (0.02, 0.03, 0.05, 0.1, 0.2, 0.35, 0.5)
                )
                for is_percentile in (False, True)
            ]
            yield f"| {images:,} | {level:.1%} | {worst[0]:.2%} | {worst[1]:.2%} | {limit:.1%} |"


def pairs(scale: float) -> Iterator[str]:
    count = round(20_000 * scale)
    yield f"Two entries on the same images, {count:,} pairs a row: how many McNemar's mid-p calls different at 5 %, and"
    yield "how often `difference_interval` misses the true difference. Equal errors: limit 6.2 %.\n"
    yield "| images | errors | discordance | different | misses 95 % | misses 99.9 % |\n|---|---|---|---|---|---|"
    for images, pair, likeness in (
        (500, (0.05, 0.05), 0.9), (1000, (0.05, 0.05), 0.7), (1000, (0.3, 0.3), 0.9), (5000, (0.2, 0.2), 0.8),
        (1000, (0.05, 0.07), 0.7), (5000, (0.2, 0.21), 0.9),
    ):  # fmt: skip
        found = coverage.pair_misses(pair, images, likeness=likeness, pairs=count, seed=1)
        yield (
            f"| {images:,} | {pair[0]}, {pair[1]} | {found.discordance:.3f} | {found.called_different:.2%}"
            f" | {found.misses[0.95]:.2%} | {found.misses[0.999]:.2%} |"
        )


def resolution(scale: float) -> Iterator[str]:
    count = round(20_000 * scale)
    yield f"How often McNemar's mid-p finds a difference of the size a round is said to resolve, {count:,} pairs a row;"
    yield "80 % is meant.\n"
    yield "| images | discordance | difference | found |\n|---|---|---|---|"
    for images, discordance in ((1000, 0.05), (5000, 0.08), (50_000, 0.02), (100_000, 0.1)):
        power = coverage.power_at_resolvable_difference(images, discordance, pairs=count, seed=1)
        difference = coverage.resolvable_error_difference(images, discordance)
        yield f"| {images:,} | {discordance} | {difference:.5f} | {power:.1%} |"


def average_precision(scale: float) -> Iterator[str]:
    yield "mAP of simulated detectors (`detectors.py`), 1,000 resamples a set. Two truths: the score that sets of this"
    yield "size have on average, and that of a million images. Misses of each, limits 6.5 % and 0.3 %.\n"
    yield (
        "| classes | images | sets | bias | spread | interval | 95 %, size | 95 %, population | 99.9 %, size "
        "| 99.9 %, population |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for classes, images, repeats in ((5, 400, 6000), (20, 1000, 4000), (40, 4000, 600)):
        sets = max(2, round(repeats * scale))
        population = coverage.population_mean_ap(classes)
        found = coverage.ap_misses(classes, images, repeats=sets, seed=2026, population=population)
        for name in coverage.AP_INTERVALS:
            shares = [share for level in LIMITS for share in found.misses[name, level]]
            yield (
                f"| {classes} | {images:,} | {sets:,} | {found.bias:.4f} | {found.spread:.4f} | {name} | "
                + " | ".join(f"{share:.2%}" for share in shares)
                + " |"
            )


def average_precision_pairs(scale: float) -> Iterator[str]:
    count = round(20_000 * scale)
    called = coverage.ap_pairs_called_different(4, 400, pairs=count, seed=1)
    yield f"Of {count:,} A/A pairs of detectors (4 classes, 400 images, 1,000 shared resamples), {called:.2%} are"
    yield "called different by the 95 % interval of their difference; limit 6.2 %."


def ranks(scale: float) -> Iterator[str]:
    yield "Boards with exact ties: how often some entry's 95 % rank interval leaves out a rank it truly has; limit 5 %,"
    yield "give or take 0.7 % by chance in 1,000 boards. And how many ranks an interval holds.\n"
    yield "| board | boards | misses | ranks an interval |\n|---|---|---|---|"
    count = round(1000 * scale)
    of_fours = [0.2] * 4 + [0.22] * 4 + [0.25] * 4 + [0.3] * 4
    boards: dict[str, Callable[[], coverage.RankMisses]] = {
        "16 entries, 2,000 images, four groups of four equal errors": lambda: coverage.loss_board_misses(
            of_fours, 2000, likeness=0.7, boards=count, seed=101
        ),
        "16 entries, 2,000 images, all equal, error 0.05": lambda: coverage.loss_board_misses(
            [0.05] * 16, 2000, likeness=0.8, boards=count, seed=102
        ),
        "8 equal detectors, 4 classes, 400 images, mAP": lambda: coverage.ap_board_misses(
            4, 400, entries=8, boards=count, seed=103
        ),
    }
    for name, board in boards.items():
        found = board()
        yield f"| {name} | {count:,} | {found.misses:.1%} | {found.ranks:.1f} |"


SECTIONS: dict[str, Callable[[float], Iterator[str]]] = {
    "errors": errors,
    "pairs": pairs,
    "resolution": resolution,
    "ranks": ranks,
    "average-precision": average_precision,
    "average-precision-pairs": average_precision_pairs,
}


def _with_section(before: str, name: str, section: str) -> str:
    """The file with this section's text replaced, or added at its end."""
    pattern = re.compile(rf"## {re.escape(name)}\n.*?(?=\n## |\Z)", re.DOTALL)
    if pattern.search(before):
        return pattern.sub(lambda _: section.rstrip("\n") + "\n", before)
    return before.rstrip("\n") + "\n\n" + section


if __name__ == "__main__":
    typer.run(main)
