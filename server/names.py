"""Names that people choose (persons, teams, methods): kept as they show, or refused."""

from __future__ import annotations

import unicodedata

from server.errors import InvalidName

# Room for any real name; a board row stays a row.
MAX_NAME_CHARACTERS = 100

# Letters by their category, blank on every screen: Hangul fillers.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")

# Control, format (zero-width, direction overrides), surrogate, private use, unassigned, line breaks.
_UNSHOWN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# More marks than this on one letter climb over the neighbouring lines of a table; no script needs them.
_MAX_MARKS_IN_A_ROW = 4


def clean_name(text: str, *, field: str, max_characters: int = MAX_NAME_CHARACTERS) -> str:
    """`text` as it is kept: composed (NFC), runs of blanks folded into one, none at the ends.

    Args:
        text: what was typed.
        field: what the name is for, as the message calls it: "team name".
        max_characters: how long the name may be.

    Raises:
        InvalidName: it is empty, too long, or holds characters that do not show as they are written.
    """
    if len(text) > 4 * max_characters:  # far too long: do not even normalise it
        raise _too_long(field, len(text), max_characters)
    folded = text.strip()
    hidden = sorted({c for c in folded if not is_shown(c)})
    if hidden:
        shown = ", ".join(f"U+{ord(c):04X}" for c in hidden[:5])
        raise _invalid(field, f"holds characters that do not show: {shown}", max_characters)
    name = " ".join(unicodedata.normalize("NFC", folded).split())
    if len(name) > max_characters:
        raise _too_long(field, len(name), max_characters)
    if not any(unicodedata.category(c)[0] in "LN" for c in name):
        raise _invalid(field, "needs at least one letter or digit", max_characters)
    if has_piled_marks(name):
        raise _invalid(field, "piles too many marks on one letter", max_characters)
    return name


def name_key(name: str) -> str:
    """What two names that look alike share: compatibility forms and letter case folded away."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def is_shown(character: str) -> bool:
    """Whether the character is seen where it stands."""
    return unicodedata.category(character) not in _UNSHOWN_CATEGORIES and character not in _BLANK_LETTERS


def has_piled_marks(text: str) -> bool:
    """Whether so many marks stand on one letter that they climb over other lines."""
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if run > _MAX_MARKS_IN_A_ROW:
            return True
    return False


def _too_long(field: str, characters: int, max_characters: int) -> InvalidName:
    return _invalid(field, f"has {characters} characters; at most {max_characters} are taken", max_characters)


def _invalid(field: str, fault: str, max_characters: int) -> InvalidName:
    return InvalidName(
        f"The {field} {fault}.",
        advice=f"Use 1 to {max_characters} characters that show as written, with a letter or a digit.",
        details={"field": field},
    )
