"""Try many mutations: `python -m tests.hostile.mutations --count 1000000 --seed 0`.

What is done is kept in a folder, slice by slice: started again with the same numbers, the command goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.hostile.mutations.mutation import mutation
from tests.hostile.mutations.results import results_text
from tests.hostile.mutations.supervision import tallies
from tests.hostile.mutations.tally import append, read, slices_left
from tests.hostile.mutations.trial import Arena

_RESULTS = Path(__file__).parents[1] / "RESULTS.md"
_SLICE = 2_000


def main() -> int:
    """Run, or try one number again; the exit code says whether anything failed."""
    arguments = _arguments()
    if arguments.only is not None:
        return _try_one(arguments.only)
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "tallies.jsonl"
    done = read(kept)
    left = slices_left(arguments.seed, arguments.count, size=_SLICE, done=done)
    for tally in tallies(left, folder, processes=arguments.processes):
        append(kept, tally)
        done.append(tally)
        rate = tally.count / tally.seconds
        print(f"{tally.first:>12,} {rate:6.0f}/s {len(tally.failures)} failures", flush=True)
        for failure in tally.failures:
            print(f"    {failure.number} ({failure.kind}): {failure.what}", flush=True)
    command = f"python -m tests.hostile.mutations --count {arguments.count} --seed {arguments.seed}"
    if done and arguments.results:
        arguments.results.write_text(results_text(done, command=command))
    return int(any(tally.failures for tally in done))


def _try_one(number: int) -> int:
    one = mutation(number)
    with tempfile.TemporaryDirectory() as folder:
        arena = Arena.at(Path(folder))
        sys.stdout.write(f"{number} ({one.kind}), {len(one.content)} bytes\n{one.content!r}\n")
        sys.stdout.flush()
        print(arena.outcome(one))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.hostile.mutations", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many mutations")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first one")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "heldout-mutations",
        help="where failing files are kept, and what is done",
    )  # fmt: skip
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the results of all runs are written")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="try this one alone, in this process, and show it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
