"""What `heldout validate` and `heldout score` do. It loads what it needs alone, so that small files take no time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.cli.exits import CommandFailed, Exit
from server.cli.terminal import Format, plain_table, progress_bar, results, write_json

if TYPE_CHECKING:
    from scoring.evaluation import Checked
    from scoring.outcomes import ImageMask
    from scoring.rounds import PublicRound


def validate_file(round_or_kit: Path, file: Path, output: Format) -> Exit:
    """Check a prediction file and write what is wrong with it."""
    from scoring.evaluation import validate
    from scoring.rounds import load_public_round

    public = load_public_round(round_or_kit)
    with progress_bar("reading") as progress:
        checked = validate(public, file, progress=progress)
    if output is Format.JSON:
        write_json(_checked_json(public, checked))
    else:
        _write_checked(file, checked)
    return Exit.DONE if checked.report.is_valid else Exit.INVALID


def score_file(
    round_folder: Path, file: Path, output: Format, *, explain: bool = False, split: str = "all",
    drawn_from: Path | None = None,
) -> Exit:  # fmt: skip
    """Score a prediction file and write its scores.

    Args:
        round_folder, file, output: what is scored, and how the result is written.
        explain: whether to tell why detections fail.
        split: of which images.
        drawn_from: the folder whose truth the split was drawn from; None: the round's own.
    """
    from scoring.evaluation import evaluate
    from scoring.opening import open_round

    with progress_bar("reading the truth") as progress:
        public, truth = open_round(round_folder, progress=progress)
    mask = None if split == "all" else _split_mask(drawn_from or round_folder, public, split)
    with progress_bar("scoring") as progress:
        evaluation = evaluate(public, truth, file, explain=explain, progress=progress)
    document = evaluation.as_json(public, split=split, mask=mask)
    if output is Format.JSON:
        write_json(document)
    else:
        _write_checked(file, evaluation.checked)
        if evaluation.scorecard is not None:
            _write_scores(public, document)
    return Exit.DONE if evaluation.checked.report.is_valid else Exit.INVALID


def plain_request(arguments: Sequence[str]) -> Callable[[], Exit] | None:
    """What is asked for in the usual way: `score ROUND FILE` or `validate ROUND FILE`, and perhaps a `--format`.

    None for everything else, usage errors included: the command line's parser, which takes longer to load than small
    files to score, sees to that.
    """
    given = [part for argument in arguments for part in argument.replace("--format=", "--format\n", 1).split("\n")]
    output = Format.TABLE
    if given.count("--format") == 1 and given[-1] != "--format":
        place = given.index("--format")
        if given[place + 1] not in set(Format):
            return None
        output = Format(given[place + 1])
        del given[place : place + 2]
    commands: dict[str, Callable[[Path, Path, Format], Exit]] = {"score": score_file, "validate": validate_file}
    if (
        len(given) != 3
        or given[0] not in commands
        or any(not argument or argument.startswith("-") for argument in given)
    ):
        return None
    where, file = Path(given[1]), Path(given[2])
    if not where.exists() or not file.is_file() or not os.access(file, os.R_OK):
        return None
    return partial(commands[given[0]], where, file, output)


def _split_mask(folder: Path, public: PublicRound, split: str) -> ImageMask | None:
    """The images of a split as the server drew it from the truth in this folder."""
    from scoring.opening import open_round, require_split_seed, split_truth
    from scoring.splits import split_mask

    opened, truth = open_round(folder)
    if opened.images.indices.tolist() != public.images.indices.tolist():
        raise CommandFailed(
            f"{folder} has other images than the round.", advice="Name the folder the round was opened with.",
            exit_code=Exit.USAGE,
        )  # fmt: skip
    share, seed = require_split_seed(folder, opened)
    return split_mask(split, truth=split_truth(folder, opened) or truth, images=opened.images, share=share, seed=seed)


def _checked_json(public: PublicRound, checked: Checked) -> dict[str, Any]:
    return {
        "task": public.task,
        "round": public.slug,
        "findings": checked.report.as_json(),
        "predictions": checked.as_json(),
    }


def _write_checked(file: Path, checked: Checked) -> None:
    from rich.text import Text

    from server.cli.findings import write_findings

    report, console = checked.report, results()
    write_findings(console, report.as_json())
    if report.is_valid:
        console.print(Text(f"{file.name}: {checked.lines} lines, valid, taken as {checked.format}", style="green"))
    else:
        count = sum({finding.code: finding.count for finding in report.errors}.values())
        console.print(Text(f"{file.name}: not valid, {count:,} error{'' if count == 1 else 's'}", style="red"))


def _write_scores(public: PublicRound, document: dict[str, Any]) -> None:
    from scoring.tasks import find_task

    scores = [
        (metric.label, _shown_score(document["scores"][metric.name]), metric.direction)
        for metric in find_task(public.task).metrics_of(public)
        if metric.name in document["scores"]
    ]
    console = results()
    console.print(plain_table(("metric", ">score", ""), scores))
    console.print(plain_table(("count", ">"), [(name, str(count)) for name, count in document["counts"].items()]))


def _shown_score(score: float | None) -> str:
    return "undefined" if score is None else f"{score:.6f}"
