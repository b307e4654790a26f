"""What is said about a token or a line that is wrong. One place for every wording that formats share."""

from __future__ import annotations

import math
import re

from scoring.findings import Finding
from scoring.formats.tokens import HAS_COMMAS, HAS_EMPTY_CELLS, HAS_RUNS, HAS_TABS

SEMICOLONS_ADVICE = "separate numbers by blanks, tabs or commas, not by semicolons"

_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


def error(code: str, line: int | None, value: str | None, message: str, *, advice: str) -> Finding:
    return Finding(code=code, severity="error", line=line, value=value, message=message, advice=advice)


def notice(
    code: str, message: str, *, advice: str, count: int = 1, line: int | None = None, value: str | None = None
) -> Finding:
    return Finding(code=code, severity="notice", message=message, advice=advice, count=count, line=line, value=value)


def bad_token(text: str, *, line: int, due: str) -> Finding:
    """Why `text` is no number; `due` is what should stand there ("a confidence")."""
    if _NOT_FINITE.fullmatch(text):
        code = "not-a-number" if "nan" in text.lower() else "infinite"
        return error(code, line, text, f"{due} is due here, and it must be finite", advice="write a finite number")
    if "\0" in text:
        return error("nul-byte", line, text, "this line holds a NUL byte", advice="write plain ASCII text")
    if not text.isascii():
        return error(
            "not-ascii",
            line,
            text,
            f"{due} is due here, in plain ASCII",
            advice="write the digits 0 to 9, nothing else",
        )
    if "\\x" in text:
        return error("not-utf8", line, text, "this is not UTF-8 text", advice="save the file as UTF-8 or ASCII")
    if _is_overflowing(text):
        return error("infinite", line, text, f"{due} is due here; this overflows", advice="write a finite number")
    return error(
        "not-numeric", line, text, f"{due} is due here; this is no number",
        advice=SEMICOLONS_ADVICE if ";" in text
        else "write digits 0 to 9, with a decimal point where due, and no other marks",
    )  # fmt: skip


def _is_overflowing(text: str) -> bool:
    try:
        return "_" not in text and math.isinf(float(text))
    except ValueError:
        return False


def blank_line(line: int, *, key: str | None = None) -> Finding:
    """What is said of a line without guesses; with `key`, it names its image all the same."""
    return error(
        "blank-line", line, key,
        "this line is blank; every line speaks of one image" if key is None else "there is no guess for this image",
        advice="give at least one guess for every image",
    )  # fmt: skip


def separator_notices(separators: int) -> list[Finding]:
    """Notices for separators other than single blanks, and for those at the end of a row that part nothing."""
    seen = [
        (HAS_TABS, "tab-separated", "tabs separate the numbers"),
        (HAS_COMMAS, "comma-separated", "commas separate the numbers"),
        (HAS_RUNS, "many-blanks", "several separators stand in a row"),
    ]
    return [
        notice(code, text, advice="single blanks are the plainer way") for bit, code, text in seen if separators & bit
    ] + [
        notice(
            "empty-cells",
            "rows end with empty cells behind the header's last column",
            advice="end a row with its last number, without a comma",
        )
    ] * bool(separators & HAS_EMPTY_CELLS)


def mixed_names(line: int, text: str) -> Finding:
    return error(
        "mixed-names", line, text, "some classes are given as WNIDs, some as ids; this is the first of the other kind",
        advice="use one of the two throughout",
    )  # fmt: skip


def wnids_used(count: int) -> Finding:
    return notice("wnids", "classes are given as WNIDs, not as ids", count=count, advice="ids are the kit's way")


ZERO_BASED_ADVICE = "the file's ids run from 0 to {last}: they look 0-based; add 1 to each"
SORTED_WNID_ADVICE = (
    ", unless they are a model's own outputs: these count classes in the order of their WNIDs, "
    "which is another; then look each up among the sorted WNIDs of the class table"
)
KIT_IDS_ADVICE = (
    "the file's ids run up to {last}, as the class table's own do, and this round counts classes from 0 in the order "
    "of their WNIDs: "
)
KIT_IDS_IN_ORDER_ADVICE = "subtract 1 from each"
KIT_IDS_LOOK_UP_ADVICE = "take each id's WNID from the class table, and write its place among the sorted ones"
UNKNOWN_CLASS_ADVICE = {
    "kit": "use the ids of the round's class table, {first} to {last}; they are not in the order of the WNIDs",
    "sorted-wnid": "use places among the sorted WNIDs of the round's classes, 0 to {most}",
    "wnid": "use the WNIDs of the round's class table, like n02119789",
}

# Sizes that tell which set a file was made for.
_KNOWN_SPLITS = {
    150_000: "the test set of ILSVRC 2010",
    100_000: "the test set of ILSVRC 2011 to 2017",
    50_000: "the validation set of ILSVRC 2010 to 2017",
    10_000: "ImageNetV2",
    328_500: "the test set of Places365",
    36_500: "the validation set of Places365",
    20_121: "the validation set of ILSVRC DET 2013 to 2017",
    40_152: "the test set of ILSVRC DET 2013 and 2014",
    51_294: "the test set of ILSVRC DET 2015",
    60_000: "the test set of ILSVRC DET 2016",
    65_500: "the test set of ILSVRC DET 2017",
    176_126: "the validation set of ILSVRC VID",
    315_175: "the test set of ILSVRC VID",
}


def known_split(count: float) -> str | None:
    """The published set that has so many images, or frames.

    >>> known_split(40_152.0)
    'the test set of ILSVRC DET 2013 and 2014'
    """
    return _KNOWN_SPLITS.get(int(count)) if count == int(count) else None


def of_known_split(count: int) -> str:
    """What a number of lines or rows says of where they come from: the end of a sentence, or nothing.

    >>> of_known_split(50_000), of_known_split(7)
    ('; this is the size of the validation set of ILSVRC 2010 to 2017', '')
    """
    split = known_split(count)
    return f"; this is the size of {split}" if split else ""
