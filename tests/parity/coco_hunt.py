"""Hunt for a case in which the twelve figures differ from the kit's; what was found is written to RESULTS.md.

python -m tests.parity.coco_hunt --cases 10000
python -m tests.parity.coco_hunt --cases 0 --val-size    one round of 5,000 images and 500,000 detections; takes minutes
"""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from random import Random

from tests.hostile.mutations.tally import code_digest
from tests.parity.coco_cases import CocoCase, make_case
from tests.parity.coco_oracle import ERROR, differences, kit_figures
from tests.parity.coco_val import make_val_like

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    """Try so many seeded cases; show each that differs, reduced as far as it stays so. 1 when there was one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--val-size", action="store_true")
    arguments = parser.parse_args()
    differing = undefined = detections = 0
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.cases):
        case = make_case(Random(seed))
        detections += len(case.detections)
        kit = kit_figures(case)
        undefined += kit.scores["ap"] is None
        outcomes = case.outcomes(window=1 + seed % 30, grouped_rows=1 + seed % 50)
        if differences(outcomes.scorecard(), kit):
            differing += 1
            small = reduced(case)
            print(f"seed {seed}: {differences(small.outcomes().scorecard(), kit_figures(small))}\n{small}")
    told = []
    if arguments.cases:
        told.append(
            f"{arguments.cases:,} cases from seed {arguments.first_seed:,}, {detections:,} detections, {undefined:,} "
            f"cases without a defined AP: {differing:,} differ from the kit by more than {ERROR:g}."
        )
    is_same = True
    if arguments.val_size:
        found, figures = at_val_size()
        is_same = not found
        told.append(f"{figures}: {found or 'as the kit'}.")
    print("\n".join(told))
    write_results(told)
    return int(differing > 0 or not is_same)


def at_val_size() -> tuple[list[str], str]:
    """What differs from the kit in a round as large as COCO's validation set, and the round's figures."""
    case = make_val_like(images=5_000, categories=80, detections=500_000, seed=1)
    card = case.outcomes(window=100_000, grouped_rows=200_000).scorecard()
    figures = ", ".join(f"{name} {value:.6f}" for name, value in card.scores.items() if value is not None)
    return differences(card, kit_figures(case)), f"5,000 images, 80 categories, 500,000 detections: {figures}"


def write_results(told: list[str]) -> None:
    """Keep what a hunt found, with the code it ran on."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("pycocotools", "numpy", "numba"))
    RESULTS.write_text(
        "# Compared with pycocotools\n\nWritten by `python -m tests.parity.coco_hunt`, with `--val-size` for the large "
        "round: crowds, ties, more than 100 detections of an image and category.\n\n"
        + "".join(f"- {line}\n" for line in told)
        + f"- Python {platform.python_version()}, {versions}; sources {code_digest()}.\n"
    )


def reduced(case: CocoCase) -> CocoCase:
    """`case` less every annotation and detection without which it still differs."""
    for kind in ("detections", "annotations"):
        place = 0
        while place < len(getattr(case, kind)):
            rows = getattr(case, kind)
            smaller = CocoCase(**{**vars(case), kind: [*rows[:place], *rows[place + 1 :]]})
            if differences(smaller.outcomes().scorecard(), kit_figures(smaller)):
                case = smaller
            else:
                place += 1
    return case


if __name__ == "__main__":
    sys.exit(main())
