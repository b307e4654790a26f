"""Files that would take much memory, or much time, if they were read carelessly. Each is small where it is packed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.hostile.packed import gzipped, zip_with_many_entries, zipped, zstd_packed
from tests.hostile.samples import lines_of

Write = Callable[[str, Path], None]  # of a task

_MEGABYTE = 1_000_000


class BigFile(NamedTuple):
    """What is written, and the codes of all that is said about it."""

    write: Write
    codes: dict[str, set[str]]  # by task


def members(block: bytes, count: int) -> bytes:
    """Gzip of `block`, repeated: many bytes without packing many."""
    return gzipped(block) * count


def bytes_of(make: Callable[[str], bytes]) -> Write:
    def write(task: str, path: Path) -> None:
        path.write_bytes(make(task))

    return write


def one_line_of_a_gigabyte(task: str, path: Path) -> None:
    """Text at its start; the rest is a hole that reads as zeros."""
    with path.open("wb") as stream:
        stream.write(lines_of(task)[0].encode() + b" 1" * _MEGABYTE)
        stream.truncate(1 << 30)


def valid_lines(task: str, megabytes: int) -> bytes:
    line = lines_of(task)[0].encode() + b"\n"
    return line * (megabytes * _MEGABYTE // len(line))


def same(tasks: str, *codes: str) -> dict[str, set[str]]:
    return {task: set(codes) for task in tasks.split()}


_ALL = "cls cls-loc det"  # vid is read as det is

BIG_FILES: dict[str, BigFile] = {
    "one line of 1 GB": BigFile(one_line_of_a_gigabyte, same("det", "too-large")),
    "one line of 1 GB, packed": BigFile(
        bytes_of(lambda _: members(b"1 " * (8 * _MEGABYTE), 64)), same(_ALL, "too-large")
    ),
    "gzip bomb of 1 GB": BigFile(bytes_of(lambda task: members(valid_lines(task, 16), 64)), same(_ALL, "too-large")),
    "zstd bomb of 1 GB": BigFile(
        bytes_of(lambda task: zstd_packed(valid_lines(task, 16)) * 64), same(_ALL, "too-large")
    ),
    "zip bomb of 80 MB": BigFile(bytes_of(lambda task: zipped(valid_lines(task, 80))), same(_ALL, "too-large")),
    "gzip of very many empty members": BigFile(bytes_of(lambda _: members(b"", 20_000)), same(_ALL, "archive-parts")),
    "zstd of very many empty frames": BigFile(
        bytes_of(lambda _: zstd_packed(b"") * 20_000), same(_ALL, "archive-parts")
    ),
    "an integer of 900,000 digits": BigFile(
        bytes_of(lambda task: f"{lines_of(task)[0].rsplit(' ', 1)[0]} {'7' * 900_000}\n".encode()),
        same("cls", "infinite", "line-count") | same("cls-loc", "infinite", "line-count", "box-inverted")
        | same("det", "infinite"),
    ),
    "a number with 900,000 digits behind its point": BigFile(
        bytes_of(lambda task: f"{lines_of(task)[0].rsplit(' ', 1)[0]} 0.{'7' * 900_000}\n".encode()),
        same("cls", "unknown-class", "line-count") | same("cls-loc", "box-inverted", "line-count")
        | same("det", "box-inverted"),
    ),
    "a hundred thousand detections in one image": BigFile(
        bytes_of(lambda _: b"".join(b"1 3 0.%06d 1 1 9 9\n" % i for i in range(100_000))), same("det", "crowded-image")
    ),
    "four million blank lines, and then a guess": BigFile(
        bytes_of(lambda _: members(b"\n" * _MEGABYTE, 4) + gzipped(valid_lines("cls", 0) + b"1\n")),
        same("cls", "blank-line", "line-count", "fewer-guesses")
        | same("cls-loc", "blank-line", "line-count", "fewer-guesses", "column-count")
        | same("det", "column-count", "blank-lines"),
    ),
    "two million lines of one digit": BigFile(
        bytes_of(lambda _: members(b"1\n" * _MEGABYTE, 2)),
        same("cls", "line-count", "fewer-guesses")
        | same("cls-loc", "line-count", "fewer-guesses", "column-count", "box-one-pixel", "coordinates-normalised")
        | same("det", "column-count"),
    ),
    "more lines than any round takes": BigFile(
        bytes_of(lambda _: members(b"\n" * _MEGABYTE, 41)), same("det", "too-large")
    ),
    "a zip with a directory of 16 MB": BigFile(
        bytes_of(lambda _: zip_with_many_entries(300_000)), same(_ALL, "zip-count")
    ),
    "a line of half a million words": BigFile(
        bytes_of(lambda _: b"x " * 400_000 + b"\n"),
        same("cls", "not-numeric", "line-count", "more-guesses")
        | same("cls-loc", "not-numeric", "line-count", "more-guesses") | same("det", "column-count"),
    ),
}  # fmt: skip
