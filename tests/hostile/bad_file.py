"""What an entry of the table of bad files says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.hostile.other_rounds import valid_zip
from tests.hostile.samples import KIT_TASKS, valid_text
from tests.hostile.sheets import valid_in

Outcome = Literal["refused", "too big", "noticed"]
Make = Callable[[str], bytes]  # of a task


def valid(task: str) -> bytes:
    """A file of the task's first format that has no fault."""
    if task == "scene-parsing":
        return valid_zip()
    if task == "coco-det":
        return valid_in(task, "json")
    return valid_text(task).encode()


def always(content: bytes) -> Make:
    """The same bytes for every task."""
    return lambda _: content


def of_valid(change: Callable[[bytes], bytes]) -> Make:
    """What becomes of the valid file."""
    return lambda task: change(valid(task))


@dataclass(frozen=True, kw_only=True)
class BadFile:
    """One way in which a prediction file can be wrong, or odd, and what is to be said about it."""

    row: int  # of the table of bad files
    name: str
    make: Make
    outcome: Outcome
    codes: frozenset[str]  # all errors there are; of a noticed file, all notices
    tasks: tuple[str, ...] = KIT_TASKS
    line: int | None = None  # of the first finding
    value: str = ""  # a part of its value
    message: str = ""  # a part of its message
    advice: str = ""  # a part of its advice
    twin: Make | None = None  # noticed files: a plain file that must score the same; None: the literal oracle decides
    is_for_tight_round: bool = False  # the round has small caps
    encoding: str = ""  # of a table: it is sent once by each of the slow ways, its tasks taking turns
    is_read_alone: bool = False  # by none of the slow ways: what it tries is tried there with another file

    def __str__(self) -> str:
        return f"row {self.row}: {self.name}" + (f", in {self.encoding}" if self.encoding else "")


def refused(row: int, name: str, make: Make, *codes: str, **more: object) -> BadFile:
    return BadFile(row=row, name=name, make=make, outcome="refused", codes=frozenset(codes), **more)  # type: ignore[arg-type]


def too_big(row: int, name: str, make: Make, **more: object) -> BadFile:
    return BadFile(row=row, name=name, make=make, outcome="too big", codes=frozenset({"too-large"}), **more)  # type: ignore[arg-type]


def noticed(row: int, name: str, make: Make, *codes: str, **more: object) -> BadFile:
    return BadFile(row=row, name=name, make=make, outcome="noticed", codes=frozenset(codes), **more)  # type: ignore[arg-type]
