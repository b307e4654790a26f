"""Columns of a table in memory as the tokens of lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scoring.formats.parquet_footer import damaged
from scoring.formats.rows import Tokeniser
from scoring.formats.tokens import BAD, NUMBER, Tokens, parse_token
from scoring.formats.unreadable import too_large, unreadable
from scoring.formats.windows import MAX_LINE_BYTES, SPARE_BYTES, Window

if TYPE_CHECKING:
    import pyarrow as pa

# The data of a window that holds no text.
NO_TEXT = np.full(SPARE_BYTES, 10, dtype=np.uint8)

# Of one batch, laid out row by row; Kaggle's lines have some 250 bytes.
_MAX_BATCH_BYTES = 100_000_000

# Inside a cell, what separates tokens is no separator.
_INSIDE_CELL = str.maketrans(dict.fromkeys(" ,\t\r\n", "_"))
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\n", " "))


# Of a string that is no number, so much is shown.
_SHOWN = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class _Column:
    """The cells of one column as tokens."""

    values: npt.NDArray[np.float64]  # (rows,)
    kinds: npt.NDArray[np.uint8]  # (rows,)
    text_of: Callable[[int], str]  # of a row, as far as it can be shown


@dataclass(frozen=True, kw_only=True, eq=False)
class _TableTokens(Tokens):
    """Tokens that are told by the cells they come from."""

    columns: Sequence[_Column]

    def text_of(self, token: int) -> str:
        line = int(np.searchsorted(self.line_starts, token, side="right")) - 1
        return self.columns[token - int(self.line_starts[line])].text_of(line)


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Some rows: their columns in the kit's order, behind the one of the images' keys where there is one."""

    arrays: Sequence[pa.Array]
    is_keyed: bool
    required: int  # columns in which an empty cell is a fault, wherever it stands
    is_kaggle: bool = False  # whether there are two columns: of images, and of the kit's lines

    def read(self, _window: Window, tokenise: Tokeniser) -> Tokens:
        """The tokens of the rows.

        Raises:
            UnreadableFile: for strings that are no text or too long, and for what only a damaged file holds.
        """
        import pyarrow as pa

        try:
            return self._kaggle_tokens(tokenise) if self.is_kaggle else self._tokens()
        except UnicodeDecodeError:
            raise unreadable("not-utf8", "a column of strings is no text", "write strings as UTF-8") from None
        except (pa.ArrowException, IndexError) as fault:
            raise damaged(str(fault).partition("\n")[0][:200]) from None

    def _tokens(self) -> Tokens:
        keys = _keys(self.arrays[0]) if self.is_keyed else None
        arrays = self.arrays[1:] if self.is_keyed else self.arrays
        shape = len(arrays[0]), len(arrays)
        values = np.zeros(shape)
        kinds = np.zeros(shape, dtype=np.uint8)
        is_given = np.ones(shape, dtype=np.bool_)
        columns = [_column(array) for array in arrays]
        for place, (array, column) in enumerate(zip(arrays, columns, strict=True)):
            values[:, place], kinds[:, place] = column.values, column.kinds
            if array.null_count:
                is_null = np.asarray(array.is_null())
                kinds[is_null, place] = BAD
                is_given[:, place] = ~is_null
        is_given[:, : self.required] = True
        counts = len(arrays) - np.argmax(is_given[:, ::-1], axis=1)  # empty cells at the end of a row are none
        is_token = np.arange(len(arrays)) < counts[:, None]
        return _TableTokens(
            values=values[is_token], kinds=kinds[is_token], offsets=np.zeros(int(counts.sum()), dtype=np.int32),
            line_starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), longest_line=0, separators=0,
            source=None, keys=keys, columns=columns,
        )  # fmt: skip

    def _kaggle_tokens(self, tokenise: Tokeniser) -> Tokens:
        images, strings = self.arrays
        text = "".join(line.translate(_LINE_ENDS) + "\n" for line in _strings(strings)).encode()
        data = np.frombuffer(text + b"\n" * SPARE_BYTES, dtype=np.uint8)
        return replace(tokenise(Window(data=data, size=len(text))), separators=0, keys=_keys(images))


def _keys(array: pa.Array) -> list[str]:
    """What a column calls its images; indices without a point."""
    if _holds_strings(array):
        return _strings(array)
    values = _column(array).values
    is_given = ~np.asarray(array.is_null())
    return [f"{value:.17g}" if given else "" for value, given in zip(values.tolist(), is_given.tolist(), strict=True)]


def _strings(array: pa.Array) -> list[str]:
    """The cells of a column of strings, "" where there is none."""
    texts, places = _dictionary(array)
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    if sizes[places].sum() > _MAX_BATCH_BYTES:
        raise too_large("cells are longer than lines may be")
    return [texts[place] for place in places.tolist()]


def _column(array: pa.Array) -> _Column:
    """The cells of a column; of empty ones, any value."""
    import pyarrow as pa

    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if pa.types.is_decimal(kind):
        array = array.cast(pa.string())
    if _holds_strings(array):
        texts, places = _dictionary(array)
        parsed = [parse_token(text.strip()) for text in texts]
        values = np.array([value for value, _ in parsed])
        kinds = np.array([kind for _, kind in parsed], dtype=np.uint8)
        shown = [text[:_SHOWN].translate(_INSIDE_CELL) for text in texts[:-1]] + ["null"]
        return _Column(values=values[places], kinds=kinds[places], text_of=lambda row: shown[places[row]])
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    plain = array.fill_null(0) if array.null_count else array
    values = plain.to_numpy(zero_copy_only=False).astype(np.float64)
    is_finite = np.isfinite(values)
    return _Column(
        values=np.where(is_finite, values, 0.0), kinds=np.where(is_finite, NUMBER, BAD).astype(np.uint8),
        text_of=lambda row: _shown(array[row].as_py()),
    )  # fmt: skip


def _shown(number: float | None) -> str:
    return "null" if number is None else str(number).removesuffix(".0")


def _dictionary(array: pa.Array) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The different strings of a column, "" among them, and which of them each row has."""
    import pyarrow as pa

    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    texts = array.dictionary.to_pylist()
    places = np.asarray(array.indices.fill_null(len(texts)), dtype=np.int64)
    if max((len(text) for text in texts if text), default=0) > MAX_LINE_BYTES:
        raise too_large("a cell is longer than a line may be")
    return [text or "" for text in texts] + [""], places


def _holds_strings(array: pa.Array) -> bool:
    import pyarrow as pa

    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
