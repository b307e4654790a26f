"""How the records of a file are spelled but for their numbers: those spelled alike are read by a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.formats.windows import SPARE_BYTES, Window
from scoring.machine_code import MachineCode

# The kernel looks a word past a piece, and that far past the window.
_LONGEST_PIECE = SPARE_BYTES // 2
_WORD = 8

_BYTES, _INTS, _LONGS, _WORDS, _DOUBLES = (
    f"CPointer({name})" for name in ("uint8", "int32", "int64", "uint64", "float64")
)

CODE = MachineCode(
    "scoring.formats.record_kernel",
    {
        "read_records": f"int64({_BYTES}, int64, int64, {_WORDS}, {_WORDS}, {_LONGS}, {_LONGS}, {_BYTES}, {_LONGS},"
        f" int64, int64, int64, {_DOUBLES}, {_INTS}, int64, {_LONGS})",
        "take_objects": f"int64(int64, {_DOUBLES}, int64, int64, {_INTS}, int64, {_INTS}, int64,"
        f" {_INTS}, {_INTS}, {_DOUBLES}, {_DOUBLES}, {_LONGS}, {_DOUBLES})",
    },
    ("scoring.formats.token_kernel", "scoring.formats.detection_counts"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Template:
    """The pieces of text around the numbers of a record, and which of the numbers are wanted."""

    columns: int  # of a row
    width: int  # of a row in memory: behind the columns there may be one for all that is not wanted
    shortest: int  # bytes a record has at least
    last_byte: int  # of each record, which stands nowhere else in it
    words: npt.NDArray[np.uint64]  # these and the following as the kernel takes them
    masks: npt.NDArray[np.uint64]
    edges: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    end_bytes: npt.NDArray[np.uint8]
    slots: npt.NDArray[np.int64]

    @classmethod
    def of(cls, pieces: Sequence[bytes], *, between: bytes, ranks: Sequence[int]) -> Template | None:
        """The template of records with `pieces` before, between and behind their numbers; None where it is none.

        Args:
            pieces: one more than there are numbers.
            between: what stands between two records.
            ranks: (numbers,) the column of each number, -1 where it has none.
        """
        last = pieces[-1][-1:]
        is_short = max(map(len, (*pieces, between))) <= _LONGEST_PIECE
        is_parted = all(pieces[1:]) and b"".join((*pieces, between)).count(last) == 1
        if not is_short or not is_parted:
            return None
        columns = max(ranks) + 1
        padded = [_padded(piece) for piece in (*pieces, between)]
        words = [b"" if 0 < k < len(pieces) and len(piece) == 1 else padded[k] for k, piece in enumerate(pieces)]
        words.append(padded[-1])
        masks = [_padded(b"\xff" * len(piece)) for piece in (*pieces, between)]
        masks = [mask[: len(word)] for mask, word in zip(masks, words, strict=True)]
        return cls(
            columns=columns,
            width=columns + (min(ranks) < 0),
            shortest=sum(map(len, pieces)) + len(ranks),
            last_byte=last[0],
            words=np.frombuffer(b"".join(words) or bytes(_WORD), np.uint64),
            masks=np.frombuffer(b"".join(masks) or bytes(_WORD), np.uint64),
            edges=np.cumsum([0, *(len(word) // _WORD for word in words)]),
            lengths=np.array([len(piece) for piece in (*pieces, between)]),
            end_bytes=np.array([piece[0] for piece in pieces[1:]], np.uint8),
            slots=np.array([columns if rank < 0 else rank for rank in ranks]),
        )

    def most_rows(self, window: Window) -> int:
        return window.size // self.shortest + 1

    def read(
        self, window: Window, values: npt.NDArray[np.float64], places: npt.NDArray[np.int32] | None = None
    ) -> tuple[int, int]:
        """Fill the rows of a window; how many there are, or -1 if any is spelled otherwise; and the longest, in bytes.

        Args:
            values: (at least most_rows * width,), to be filled; places: the same, where each number begins.
        """
        longest = np.zeros(1, np.int64)
        rows = CODE["read_records"](
            window.data, window.size, self.last_byte, self.words, self.masks, self.edges, self.lengths,
            self.end_bytes, self.slots, len(self.slots), self.width, self.most_rows(window),
            values, _NO_PLACES if places is None else places, places is not None, longest,
        )  # fmt: skip
        return rows, int(longest[0])


_NO_PLACES = np.zeros(1, np.int32)


def _padded(piece: bytes) -> bytes:
    return piece + bytes(-len(piece) % _WORD)
