"""One mutation: which file it starts from, and what is done to it, told by a number."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.hostile.mutations import parquets, structures
from tests.hostile.mutations.edits import edited, redigited, spliced
from tests.hostile.mutations.valid_files import KINDS, Kind, valid_files
from tests.hostile.packed import PACKERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """A file to be sent to the round of a task, and what it was before."""

    number: int
    kind: Kind
    content: bytes


def mutation(number: int) -> Mutation:
    """The mutation of this number; the kinds take turns."""
    kind = KINDS[number % len(KINDS)]
    rng = random.Random(number)
    content = rng.choice(valid_files(kind))
    way = rng.random()
    if way < 0.2:
        content = _tame(content, kind, rng)
    elif way < 0.55:
        content = edited(content, rng)
    elif way < 0.9:
        content = _with_odd_structure(content, kind, rng)
        if rng.random() < 0.25:
            content = edited(content, rng)
    else:
        other = rng.choice(KINDS)
        content = spliced(content, rng.choice(valid_files(other)), rng)
    if rng.random() < 0.08:
        content = _packed(content, rng)
    return Mutation(number=number, kind=kind, content=content)


def _tame(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    """Another file of the kind, most likely still without a fault: then it is scored."""
    if kind.encoding == "parquet":
        return parquets.odd_table(content, kind, rng, changes=0)
    if kind.encoding == "label maps":
        return structures.odd_maps(content, rng, changes=0)
    return redigited(content, rng)


def _with_odd_structure(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    if kind.encoding == "json":
        return structures.odd_json(content, rng)
    if kind.encoding == "parquet":
        return parquets.lying(content, rng) if rng.random() < 0.7 else parquets.odd_table(content, kind, rng)
    if kind.encoding == "label maps":
        return structures.odd_maps(content, rng)
    if rng.random() < 0.15:
        return structures.odd_header(content, kind, rng)
    return structures.odd_csv(content, rng) if kind.encoding != "text" else structures.odd_text(content, rng)


def _packed(content: bytes, rng: random.Random) -> bytes:
    """The same packed, and half the time damaged once more."""
    packed = PACKERS[rng.choice(sorted(PACKERS))](content)
    return edited(packed, rng) if rng.random() < 0.5 else packed
