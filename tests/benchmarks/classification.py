"""100,000 lines of five guesses: beside the start of Python itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from tests.benchmarks.cache import made_once
from tests.benchmarks.cases import Case, Competitor, Contest, Goal, Settings
from tests.benchmarks.competitors import heldout_first_run, heldout_warm, heldout_whole
from tests.benchmarks.text_columns import Line, Number, joined, write_rows

IMAGES = 100_000  # ILSVRC 2011 to 2017, classification, test
CLASSES = 1000
GUESSES = 5
SEED = 2012
_FIGURE = "top5_error"
_IMPORTS = 'python -c "import numpy, typer"'
_TOP1_SHARE = 0.75  # of the images, this share has the label as its first guess


def make_classification_data(folder: Path, *, scale: float, seed: int) -> None:
    """Make a round and a file of guesses in `folder`, which must not exist."""
    rng = np.random.default_rng(seed)
    image_count = max(1, round(IMAGES * scale))
    round_folder = folder / "round"
    round_folder.mkdir(parents=True)
    labels = rng.integers(CLASSES, size=image_count)
    # Five different classes a line: steps of 1 to 199 around the circle of ids never come back to the start.
    steps = rng.integers(1, CLASSES // GUESSES, size=(image_count, GUESSES))
    steps[:, 0] = np.where(rng.random(image_count) < _TOP1_SHARE, 0, steps[:, 0])
    guesses = (labels[:, None] + np.cumsum(steps, axis=1)) % CLASSES + 1
    (round_folder / "round.toml").write_text(
        'slug = "benchmark-cls"\ntitle = "Benchmark, classification"\ntask = "cls"\n\n'
        f"[images]\ncount = {image_count}\n\n"
        '[classes]\ntable = "map_clsloc.txt"\n\n[truth]\nlabels = "labels.txt"\n',
        encoding="utf-8",
    )
    classes = (f"n{index:08d} {index} class_{index}\n" for index in range(1, CLASSES + 1))
    (round_folder / "map_clsloc.txt").write_text("".join(classes), encoding="utf-8")
    (round_folder / "labels.txt").write_text("".join(f"{label + 1}\n" for label in labels), encoding="utf-8")

    def line_of(rows: slice) -> Line:
        return [*joined((Number(units=units) for units in guesses[rows].T), b" "), b"\n"]

    with (folder / "predictions.txt").open("wb") as file:
        write_rows(file, line_of, rows=image_count)


def _prepare(settings: Settings) -> Contest:
    make = partial(make_classification_data, scale=settings.scale, seed=SEED)
    folder = made_once(settings.cache / f"classification-v1-{settings.scale:g}", make)
    round_folder, predictions = folder / "round", folder / "predictions.txt"
    return Contest(
        competitors=(
            heldout_whole(settings, round_folder, predictions, figure=_FIGURE, compared_as="classification"),
            heldout_first_run(settings, round_folder, predictions, figure=_FIGURE),
            Competitor(
                name=_IMPORTS,
                command=(str(settings.environment.python), "-c", "import numpy, typer"),
                reads="nothing",
                includes="start of Python, two imports: the floor of any such command",
                is_yardstick=True,
            ),
            heldout_warm(settings, round_folder, predictions, figure=_FIGURE, compared_as="classification"),
        ),
        data=f"{max(1, round(IMAGES * settings.scale)):,} lines of {GUESSES} guesses, {CLASSES} classes, seed {SEED}",
        yardstick="the imports",
        goals=(Goal(competitor="heldout score", figure="time", most=2.0, of=_IMPORTS),),
    )


CASE = Case(
    name="classification",
    title="Classification, 100,000 lines",
    remarks=(),
    prepare=_prepare,
)
