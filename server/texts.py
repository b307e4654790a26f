"""Texts that people write (questions, reasons, announcements): kept as they show, or refused."""

from __future__ import annotations

import unicodedata

from server.organizing_errors import InvalidText

# A page of text; forms of this server take 64 KiB in all.
MAX_TEXT_CHARACTERS = 5_000

# Joiners that scripts and emoji are written with; other format characters turn lines around or hide.
_JOINERS = "\u200c\u200d"


def clean_text(text: str, *, field: str, max_characters: int = MAX_TEXT_CHARACTERS) -> str:
    """`text` as it is kept: line ends made one kind, what does not show left out, no blanks at the ends.

    Raises:
        InvalidText: nothing is left of it, or it is too long.
    """
    if len(text) > max_characters:
        raise InvalidText(
            f"The {field} has {len(text):,} characters; at most {max_characters:,} are taken.", details={"field": field}
        )
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(c for c in unix if c in "\n\t" or c in _JOINERS or not _is_hidden(c)).strip()
    if not any(unicodedata.category(c)[0] in "LN" for c in shown):
        raise InvalidText(f"The {field} needs some words.", details={"field": field})
    return shown


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}
