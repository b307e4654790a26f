"""Hunt for a case in which the twelve figures differ from the kit's.

python -m tests.parity.coco_hunt --cases 10000
python -m tests.parity.coco_hunt --cases 0 --val-size    one round of 5,000 images and 500,000 detections; takes minutes
"""

from __future__ import annotations

import argparse
import sys
from random import Random

from tests.parity.coco_cases import CocoCase, make_case
from tests.parity.coco_oracle import differences, kit_figures
from tests.parity.coco_val import make_val_like


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
    print(
        f"{arguments.cases:,} cases, {detections:,} detections, {undefined:,} cases without a defined AP: "
        f"{differing:,} differ from the kit"
    )
    return int(differing > 0) | (arguments.val_size and not is_same_at_val_size())


def is_same_at_val_size() -> bool:
    """Whether a round as large as COCO's validation set scores as the kit scores it; the figures are shown."""
    case = make_val_like(images=5_000, categories=80, detections=500_000, seed=1)
    card = case.outcomes(window=100_000, grouped_rows=200_000).scorecard()
    found = differences(card, kit_figures(case))
    print(f"{card.scores}\n{card.counts}: {found or 'as the kit'}")
    return not found


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
