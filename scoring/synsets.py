"""The classes of a round: kit id, WNID and words, from the kit's text table or a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from scoring.faults import FaultLog
from scoring.images import dense_positions
from scoring.whole_numbers import whole_number

if TYPE_CHECKING:
    from scoring.hierarchy import Hierarchy

# Ids are looked up in a dense table of four bytes each; ImageNet has some 21,000 categories.
MAX_CLASS_ID = 10_000_000

# COCO's own ids end at 90, LVIS's at 1,203.
MAX_CATEGORY_ID = 1_000_000


# What the numbers of a file are: the kit's ids, or 0-based places among the classes' WNIDs in ascending order, as most
# models put them out; or no numbers at all.
ClassNaming = Literal["kit", "sorted-wnid", "wnid"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Classes:
    """Classes in ascending order of id."""

    ids: npt.NDArray[np.int32]  # (classes,) unique, ascending, positive but in `scene`; not in WNID order
    wnids: tuple[str, ...]  # (classes,) WordNet ids such as "n02119789"; empty where the table has none
    names: tuple[str, ...]  # (classes,) words, as the table writes them
    hierarchy: Hierarchy | None = None  # what is above them, where the round says so

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def position_of_id(self) -> npt.NDArray[np.int32]:
        """(largest id + 1,) position of each class id, -1 where no class has it."""
        return dense_positions(self.ids)

    @cached_property
    def position_of_wnid(self) -> dict[str, int]:
        return {wnid: position for position, wnid in enumerate(self.wnids) if wnid}


def positions_by_naming(classes: Classes, naming: ClassNaming) -> npt.NDArray[np.int32]:
    """(greatest number + 1,) the class position that each number stands for, -1 where it stands for none."""
    if naming == "kit":
        return classes.position_of_id
    if naming == "sorted-wnid":
        return np.array([classes.position_of_wnid[wnid] for wnid in sorted(classes.position_of_wnid)], dtype=np.int32)
    return np.full(1, -1, dtype=np.int32)


def parse_naming(section: Mapping[str, Any], *, section_name: str, classes: Classes, faults: FaultLog) -> ClassNaming:
    """The key `ids` of [truth] or [predictions]; "kit" where it is not given, or faulty."""
    naming = section.get("ids", "kit")
    if naming in get_args(ClassNaming):
        if naming != "kit" and not all(classes.wnids):
            faults.add(
                "ids", f"{naming} needs a WNID for every class", file="round.toml", key=f"{section_name}.ids",
                advice="give every class of the table its WNID, or use its own ids", value=repr(naming),
            )  # fmt: skip
        return cast("ClassNaming", naming)
    faults.add(
        "ids", "this says what the numbers of the classes are", file="round.toml", key=f"{section_name}.ids",
        advice=f"choose one of {', '.join(get_args(ClassNaming))}", value=repr(naming),
    )  # fmt: skip
    return "kit"


NO_CLASSES = Classes(ids=np.zeros(0, dtype=np.int32), wnids=(), names=())  # in place of a table that is not there


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    line: int
    id_text: str
    wnid: str
    name: str


def parse_classes(text: str, *, file: str, faults: FaultLog, first_id: int = 1) -> Classes:
    """Read a class table: `<WNID> <id> <name ...>` a line, or a CSV with the header id,wnid,name.

    Faults go to `faults`; what is returned holds the rows that were right. `first_id` is the least id a class may have.
    """
    known_faults = len(faults)
    try:
        rows = _csv_rows(text) if text.lstrip().lower().startswith("id,") else _kit_rows(text)
    except csv.Error as error:
        faults.add(
            "csv", f"this is not a CSV: {error}", advice="write it with the header id,wnid,name",
            file=file, key="classes.table",
        )  # fmt: skip
        rows = []
    seen: dict[int, _Row] = {}
    wnids: set[str] = set()
    for row in rows:
        class_id = whole_number(row.id_text, most=MAX_CLASS_ID)
        if class_id is None or class_id < first_id:
            faults.add(
                "class-id", f"a class id is a whole number from {first_id} to {MAX_CLASS_ID:,}",
                advice="write `<WNID> <id> <name>` a line, or a CSV with the header id,wnid,name",
                file=file, key="classes.table", line=row.line, value=row.id_text,
            )  # fmt: skip
            continue
        if class_id in seen or (row.wnid and row.wnid in wnids):
            faults.add(
                "class-twice", "this class id or WNID stands in the table twice",
                advice="give every class its own id and WNID",
                file=file, key="classes.table", line=row.line, value=f"{row.id_text} {row.wnid}".strip(),
            )  # fmt: skip
            continue
        seen[class_id] = row
        wnids.add(row.wnid)
    if not seen and len(faults) == known_faults:
        faults.add(
            "no-classes", "the class table is empty", advice="list at least one class", file=file, key="classes.table"
        )
    ordered = sorted(seen)
    return Classes(
        ids=np.array(ordered, dtype=np.int32),
        wnids=tuple(seen[i].wnid for i in ordered),
        names=tuple(seen[i].name for i in ordered),
    )


def _kit_rows(text: str) -> list[_Row]:
    rows = []
    for line, content in enumerate(text.splitlines(), start=1):
        if content.strip():
            wnid, id_text, name = (*content.split(None, 2), "", "")[:3]
            rows.append(_Row(line=line, id_text=id_text, wnid=wnid, name=name.strip() or wnid))
    return rows


def _csv_rows(text: str) -> list[_Row]:
    reader = csv.DictReader(io.StringIO(text.lstrip(), newline=None), restval="")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    return [
        _Row(
            line=reader.line_num,
            id_text=(row.get("id") or "").strip(),
            wnid=(row.get("wnid") or "").strip(),
            name=(row.get("name") or "").strip(),
        )
        for row in reader
    ]
