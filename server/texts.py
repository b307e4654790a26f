"""Texts that people write (questions, reasons, abstracts, descriptions): kept as they show, or refused."""

from __future__ import annotations

import unicodedata

from server.names import has_piled_marks, is_shown
from server.organizing_errors import InvalidText

# A page of text; forms of this server take 64 KiB in all.
MAX_TEXT_CHARACTERS = 5_000

# Joiners that scripts and emoji are written with; other format characters turn lines around or hide.
_JOINERS = "\u200c\u200d"


def clean_text(text: str, *, field: str, max_characters: int = MAX_TEXT_CHARACTERS, is_optional: bool = False) -> str:
    """`text` as it is kept: composed (NFC), one kind of line end, what does not show left out, no blanks at the ends.

    Raises:
        InvalidText: it is too long, piles marks on a letter, or, unless it is optional, nothing is left of it.
    """
    if len(text) > 4 * max_characters:  # far too long: do not even normalise it
        raise _too_long(field, len(text), max_characters)
    composed = unicodedata.normalize("NFC", "\n".join(text.splitlines()))
    shown = "".join(c for c in composed if c in "\n\t" or c in _JOINERS or is_shown(c)).strip()
    if len(shown) > max_characters:
        raise _too_long(field, len(shown), max_characters)
    if has_piled_marks(shown):
        raise InvalidText(
            f"The {field} piles too many marks on one letter.", advice="Leave most of them out.",
            details={"field": field},
        )  # fmt: skip
    if not is_optional and not any(unicodedata.category(c)[0] in "LN" for c in shown):
        raise InvalidText(f"The {field} needs some words.", details={"field": field})
    return shown


def _too_long(field: str, characters: int, max_characters: int) -> InvalidText:
    return InvalidText(
        f"The {field} has {characters:,} characters; at most {max_characters:,} are taken.", details={"field": field}
    )
