"""Bad packing around every other format: rows 40 to 43, each read in process alone.

What is wrong with an archive is told before anything of its file is read; that its answers reach every door is tried
with texts and maps.
"""

from __future__ import annotations

from functools import cache, partial

from tests.hostile.bad_file import BadFile, noticed, refused, too_big
from tests.hostile.bad_packing import BLANKS, FAULTS, in_a_folder
from tests.hostile.packed import PACKERS, Pack, zstd_packed
from tests.hostile.samples import TIGHT_UNPACKED_BYTES
from tests.hostile.sheets import KINDS, SPELLINGS, valid_in

_TASKS = {encoding: tuple(task for task, other in KINDS if other == encoding) for encoding in SPELLINGS}


def changed(change: Pack, encoding: str, task: str) -> bytes:
    return change(valid_in(task, encoding))


def over_the_cap(pack: Pack, encoding: str, task: str) -> bytes:
    """A valid file, and more blanks behind it than a tight round unpacks."""
    return pack(valid_in(task, encoding) + BLANKS * (TIGHT_UNPACKED_BYTES // len(BLANKS) + 1))


def bomb(encoding: str, task: str) -> bytes:
    """A valid file's frame, and behind it 112 MB of blanks in some kilobytes."""
    return zstd_packed(valid_in(task, encoding)) + packed_blanks() * 7


@cache
def packed_blanks() -> bytes:
    return zstd_packed(BLANKS * 32)


def around(encoding: str, tasks: tuple[str, ...]) -> tuple[BadFile, ...]:
    """Every way to pack a file of one format badly."""
    return (
        *(
            too_big(
                40, f"{kind} that unpacks to more than the cap", partial(over_the_cap, pack, encoding),
                message="3,000,000 bytes", is_for_tight_round=True, tasks=tasks, encoding=encoding, is_read_alone=True,
            )
            for kind, pack in PACKERS.items()
        ),
        too_big(
            40, "a bomb", partial(bomb, encoding), message="200 times", tasks=tasks, encoding=encoding,
            is_read_alone=True,
        ),
        *(
            refused(
                row, name, partial(changed, change, encoding), code, tasks=tasks, encoding=encoding, is_read_alone=True,
                **more,
            )
            for row, name, change, code, more in FAULTS
        ),
        noticed(
            41, "one folder around the file", partial(changed, in_a_folder, encoding), "zip-folder",
            tasks=tasks, encoding=encoding, is_read_alone=True, twin=partial(changed, bytes, encoding),
        ),
    )  # fmt: skip


BAD_PACKED_TABLES: tuple[BadFile, ...] = tuple(
    bad for encoding, tasks in _TASKS.items() for bad in around(encoding, tasks)
)
