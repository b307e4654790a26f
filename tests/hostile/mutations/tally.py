"""What came of some mutations, as it is kept between runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import scoring


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """Numbers of mutations, from `first` on; some were tried before, and ended the process."""

    first: int
    count: int
    ended: tuple[int, ...] = ()

    def numbers(self) -> Iterator[int]:
        return (number for number in range(self.first, self.first + self.count) if number not in self.ended)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A mutation that ended in something else than findings or a score."""

    number: int
    kind: str
    what: str  # one line


@dataclass(kw_only=True, slots=True)
class Tally:
    """What came of the mutations of a slice."""

    first: int
    count: int
    code: str  # a digest of the sources of `scoring` and of the mutations
    outcomes: dict[str, int] = field(default_factory=dict)  # by "task, encoding, outcome"
    failures: list[Failure] = field(default_factory=list)
    grown_bytes: int = 0  # at most, beyond what the process had before the first one
    slowest_seconds: float = 0.0  # of a processor, for one mutation
    slowest: int | None = None  # its number
    seconds: float = 0.0  # by the clock

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Tally:
        document["failures"] = [Failure(**failure) for failure in document["failures"]]
        return cls(**document)


def append(path: Path, tally: Tally) -> None:
    with path.open("a") as stream:
        stream.write(json.dumps(asdict(tally)) + "\n")


def read(path: Path) -> list[Tally]:
    """The tallies of earlier runs; none where there was none."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [Tally.from_json(json.loads(line)) for line in lines]


def slices_left(first: int, count: int, *, size: int, done: Iterable[Tally]) -> list[Slice]:
    """The slices of these numbers that no earlier run has finished."""
    finished = {(tally.first, tally.count) for tally in done}
    starts = range(first, first + count, size)
    slices = [Slice(first=start, count=min(size, first + count - start)) for start in starts]
    return [one for one in slices if (one.first, one.count) not in finished]


def code_digest() -> str:
    """A short digest of the sources of `scoring` and of the mutations, as they are now."""
    digest = hashlib.sha256()
    for folder in (Path(scoring.__file__).parent, Path(__file__).parent):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
