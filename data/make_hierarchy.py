"""Derive a hierarchy of classes from WordNet 3.0: for each class and each of its ancestors the parents and the height.

    .venv/bin/python data/make_hierarchy.py                              writes imagenet-hierarchy.json again
    .venv/bin/python data/make_hierarchy.py --classes TABLE --into FILE  makes that of another class table

WordNet's nouns come with Debian's package wordnet-base. A height is the longest way down to a leaf among all nouns of
WordNet, not only those of the table: so a class may have one too. Instances ("Vesuvius" is one of volcano) are not
below their class.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent

# The reader of class tables lies beside data/.
sys.path.insert(0, str(DATA.parent))

from scoring.faults import FaultLog  # noqa: E402
from scoring.synsets import parse_classes  # noqa: E402

NOUNS = Path("/usr/share/wordnet/data.noun")
OWN_FILE = DATA / "imagenet-hierarchy.json"


@dataclass(frozen=True, kw_only=True)
class Synset:
    """A set of synonyms."""

    words: tuple[str, ...]
    hypernyms: tuple[str, ...]  # WNIDs of what it is a kind of
    hyponyms: tuple[str, ...]  # WNIDs of its kinds


def read_nouns(path: Path) -> dict[str, Synset]:
    """WNID (an n and the offset in the file) to synset, of a `data.noun` as wndb(5WN) describes it."""
    with path.open(encoding="ascii") as lines:
        return dict(_synset(line) for line in lines if not line.startswith(" "))  # the licence is indented


def _synset(line: str) -> tuple[str, Synset]:
    fields = line.partition(" | ")[0].split()
    first_pointer = 4 + 2 * int(fields[3], 16)  # the number of words is hexadecimal, that of pointers decimal
    pointers = [
        (fields[place], f"n{fields[place + 1]}")
        for place in range(first_pointer + 1, first_pointer + 1 + 4 * int(fields[first_pointer]), 4)
    ]
    return f"n{fields[0]}", Synset(
        words=tuple(word.replace("_", " ") for word in fields[4:first_pointer:2]),
        hypernyms=tuple(wnid for symbol, wnid in pointers if symbol == "@"),
        hyponyms=tuple(wnid for symbol, wnid in pointers if symbol == "~"),
    )


def hierarchy_of(ids: Mapping[str, int], nouns: Mapping[str, Synset]) -> list[dict[str, Any]]:
    """The rows of a hierarchy: the classes (WNID: id) by id, then their ancestors by WNID, numbered on."""

    @cache
    def height(wnid: str) -> int:
        return max((height(hyponym) + 1 for hyponym in nouns[wnid].hyponyms), default=0)

    ancestors = sorted(set(_above(ids, nouns)) - set(ids))
    numbered = dict(sorted(ids.items(), key=lambda item: item[1]))
    numbered |= {wnid: number for number, wnid in enumerate(ancestors, start=max(ids.values()) + 1)}
    return [
        {
            "id": number,
            "wnid": wnid,
            "words": ", ".join(nouns[wnid].words),
            "parents": sorted(numbered[parent] for parent in nouns[wnid].hypernyms),
            "height": height(wnid),
        }
        for wnid, number in numbered.items()
    ]


def _above(ids: Mapping[str, int], nouns: Mapping[str, Synset]) -> Iterator[str]:
    """Every ancestor of the classes, once."""
    seen: set[str] = set()
    waiting = list(ids)
    while waiting:
        for parent in nouns[waiting.pop()].hypernyms:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
                yield parent


def as_json(rows: list[dict[str, Any]]) -> str:
    """One row a line."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def read_ids(table: Path | None) -> dict[str, int]:
    """WNID to id of a class table; without one, of the 1,000 classes of our own file."""
    if table is None:
        rows = json.loads(OWN_FILE.read_text(encoding="utf-8"))
        return {row["wnid"]: row["id"] for row in rows[:1000]}
    faults = FaultLog()
    classes = parse_classes(table.read_text(encoding="utf-8"), file=table.name, faults=faults)
    if faults:
        raise SystemExit(f"{table}: {faults.faults[0].message}")
    return dict(zip(classes.wnids, map(int, classes.ids), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description="Derive a hierarchy of classes from WordNet 3.0.")
    parser.add_argument("--wordnet", type=Path, default=NOUNS, help=f"WordNet's nouns; default: {NOUNS}")
    parser.add_argument("--classes", type=Path, help="a class table with WNIDs; default: the 1,000 of our own file")
    parser.add_argument("--into", type=Path, default=OWN_FILE, help=f"default: {OWN_FILE}")
    arguments = parser.parse_args()
    if not arguments.wordnet.exists():
        raise SystemExit(f"{arguments.wordnet} is not there: apt-get install wordnet-base, or name it with --wordnet")
    ids, nouns = read_ids(arguments.classes), read_nouns(arguments.wordnet)
    if strangers := sorted(ids.keys() - nouns.keys()):
        raise SystemExit(f"no noun of WordNet 3.0: {', '.join(strangers[:10])}")
    rows = hierarchy_of(ids, nouns)
    arguments.into.write_text(as_json(rows), encoding="utf-8")
    print(f"made {arguments.into}: {len(rows)} rows")


if __name__ == "__main__":
    main()
