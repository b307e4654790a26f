"""Bad and odd texts: rows 1 to 37 and 46."""

from __future__ import annotations

import struct
import zlib

from tests.hostile.bad_file import BadFile, Make, always, noticed, of_valid, refused, too_big, valid
from tests.hostile.samples import (
    BOX_TASKS,
    CLASSES,
    IMAGE_TASKS,
    LOCATED_TASKS,
    NEVER_RIGHT,
    OTHER_TEXT_TASKS,
    TIGHT_LINES,
    joined,
    lines_of,
    valid_text,
    with_labels,
    with_token,
    wnid_of,
)

# A token that is a confidence (det, vid), a corner (cls-loc) or a label (cls), and one that is a corner.
_NUMBER_PLACE = {"cls": 1, "cls-loc": 1, "det": 2, "vid": 2}
_CORNER_PLACE = {"cls-loc": 3, "det": 5, "vid": 5}
_LABEL_PLACE = {"cls": 0, "cls-loc": 0, "det": 1, "vid": 1}


def number(token: str, *, line: int = 4) -> Make:
    """The valid file with one number replaced."""
    return lambda task: with_token(task, line, _NUMBER_PLACE[task], token).encode()


def corner(token: str, *, line: int = 4) -> Make:
    return lambda task: with_token(task, line, _CORNER_PLACE[task], token).encode()


def label(token: str, *, line: int = 4) -> Make:
    return lambda task: with_token(task, line, _LABEL_PLACE[task], token).encode()


def image(token: str) -> Make:
    return lambda task: with_token(task, 4, 0, token).encode()


def replaced(old: str, new: str) -> Make:
    return lambda task: valid_text(task).replace(old, new).encode()


def line_dropped(task: str) -> bytes:
    return joined(lines_of(task)[:-1]).encode()


def line_blanked(task: str) -> bytes:
    return valid_text(task).replace(lines_of(task)[3], "").encode()


def shuffled(task: str) -> bytes:
    return joined(sorted(lines_of(task), key=lambda line: line[::-1])).encode()


def cr_and_lf(task: str) -> bytes:
    lines = lines_of(task)
    return "".join(line + end for line, end in zip(lines, ("\n", "\r", "\r\n") * len(lines), strict=False)).encode()


def latin_1(task: str) -> bytes:
    return with_token(task, 4, _NUMBER_PLACE[task], "caf\xe9").encode("latin-1")


def line_inserted(text: str) -> Make:
    return lambda task: joined([*lines_of(task)[:3], text, *lines_of(task)[3:]]).encode()


def line_repeated(task: str) -> bytes:
    return joined([*lines_of(task), lines_of(task)[0]]).encode()


def last_token_dropped(task: str) -> bytes:
    lines = lines_of(task)
    lines[3] = lines[3].rsplit(" ", 1)[0]
    return joined(lines).encode()


def guesses(*, keep: int, pad: str = "", more: str = "", groups: int = 5) -> Make:
    """Each line's first `keep` guesses, then `pad` up to five of them, then `more`."""

    def make(task: str) -> bytes:
        width = 5 if task == "cls-loc" else 1
        corners = " 0 0 9 9" if task == "cls-loc" else ""
        zeros = " 0 0 0 0" if task == "cls-loc" else ""
        lines = []
        for line in lines_of(task):
            tokens = line.split()[: keep * width]
            tokens += [pad + (zeros if pad == "0" else corners)] * (groups - keep) if pad else []
            tokens += [more + corners] if more else []
            lines.append(" ".join(tokens))
        return joined(lines).encode()

    return make


def a_label_twice(task: str) -> bytes:
    """Line 2 names its first class again: with the same box, in the place of its last guess."""
    lines = lines_of(task)
    tokens = lines[1].split()
    width = 5 if task == "cls-loc" else 1
    lines[1] = " ".join(tokens[: 4 * width] + tokens[:width])
    return joined(lines).encode()


def a_wasted_guess(task: str) -> bytes:
    lines = lines_of(task)
    tokens = lines[1].split()
    width = 5 if task == "cls-loc" else 1
    lines[1] = " ".join([*tokens[: 4 * width], str(NEVER_RIGHT), *tokens[1:width]])
    return joined(lines).encode()


def zero_based(task: str) -> bytes:
    return with_labels(task, {i: str(i - 1) for i in range(1, CLASSES + 1)}).encode()


def zero_based_single_guesses(task: str) -> bytes:
    width = 5 if task == "cls-loc" else 1
    labels = (0, 1, 3, 0, CLASSES - 1, 8)
    corners = " 0 0 9 9" if width == 5 else ""
    return joined([f"{label}{corners}" for label in labels]).encode()


def wnids(task: str) -> bytes:
    return with_labels(task, {i: wnid_of(i) for i in range(1, CLASSES + 1)}).encode()


def floating_ids(task: str) -> bytes:
    return with_labels(task, {i: f"{i}.0" for i in range(1, CLASSES + 1)}).encode()


def confidences(rename: dict[str, str]) -> Make:
    """Confidences of the valid file written otherwise."""

    def make(task: str) -> bytes:
        lines = []
        for line in lines_of(task):
            tokens = line.split()
            tokens[2] = rename.get(tokens[2], rename.get("", tokens[2]))
            lines.append(" ".join(tokens))
        return joined(lines).encode()

    return make


def boxes(change: dict[str, str]) -> Make:
    """Every box of the valid file replaced: each corner by an expression of x1, y1, x2, y2."""

    def make(task: str) -> bytes:
        lines = []
        for line in lines_of(task):
            tokens = line.split()
            starts = range(1, len(tokens), 5) if task == "cls-loc" else (3,)
            for start in starts:
                x1, y1, x2, y2 = map(float, tokens[start : start + 4])
                new = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
                for place, name in enumerate(("x1", "y1", "x2", "y2")):
                    if name in change:
                        tokens[start + place] = f"{new[change[name]]:g}" if change[name] in new else change[name]
            lines.append(" ".join(tokens))
        return joined(lines).encode()

    return make


def crowd(task: str) -> bytes:
    """A hundred thousand detections in image 1, the right one among the last."""
    lines = (f"1 3 {i}e-7 {i % 300} 10 {i % 300 + 99} 59\n" for i in range(100_000))
    return valid(task) + "".join(lines).encode()


def lines_beyond_the_cap(task: str) -> bytes:
    return (lines_of(task)[0] + "\n").encode() * (TIGHT_LINES + 1)


def png(_: str) -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HTML = b"<!doctype html>\n<title>404 Not Found</title>\n"
_FIVE_THOUSAND_DIGITS = "9" * 5_000

BAD_TEXTS: tuple[BadFile, ...] = (
    refused(1, "an empty file", always(b""), "empty", advice="send one line per image"),
    refused(1, "blank lines alone", always(b"\n \n\r\n\n"), "empty", message="blank lines"),
    refused(1, "an empty file", always(b""), "empty", tasks=OTHER_TEXT_TASKS, encoding="text"),
    refused(1, "blank lines alone", always(b"\n \n\r\n\n"), "empty", tasks=OTHER_TEXT_TASKS, encoding="text"),
    noticed(3, "a byte order mark", of_valid(lambda content: BYTE_ORDER_MARK + content), "byte-order-mark", twin=valid),
    refused(4, "UTF-16 with a mark", lambda task: valid_text(task).encode("utf-16"), "utf-16", message="UTF-16"),
    refused(4, "UTF-16, big-endian", lambda task: b"\xfe\xff" + valid_text(task).encode("utf-16-be"), "utf-16"),
    refused(4, "UTF-16 without a mark", lambda task: valid_text(task).encode("utf-16-le"), "utf-16", advice="UTF-8"),
    refused(4, "UTF-16 without a mark, big-endian", lambda task: valid_text(task).encode("utf-16-be"), "utf-16"),
    refused(
        5, "a Latin-1 byte", latin_1,
        "not-utf8", line=4, value=r"caf\xe9", advice="UTF-8",
    ),
    refused(6, "a NUL byte", number("1\0"), "nul-byte", line=4, value=r"1\x00", message="NUL"),
    noticed(7, "CRLF line ends", replaced("\n", "\r\n"), "line-ends", twin=valid),
    noticed(7, "CR line ends", replaced("\n", "\r"), "line-ends", twin=valid),
    noticed(7, "some lines that end with CR", cr_and_lf, "line-ends", twin=valid),
    noticed(8, "no newline at the end", of_valid(bytes.rstrip), "no-line-end", twin=valid),
    noticed(
        8, "blank lines at the end", lambda task: valid(task) + b"\n\n\n", "blank-end", tasks=IMAGE_TASKS, twin=valid
    ),
    noticed(
        8, "blank lines at the end", lambda task: valid(task) + b"\n\n\n", "blank-lines", tasks=BOX_TASKS, twin=valid
    ),
    noticed(8, "very many blank lines at the end", of_valid(lambda content: content + b"\n" * 300_000), "blank-end",
            tasks=IMAGE_TASKS, twin=valid),
    noticed(8, "blank lines between detections", line_inserted(""), "blank-lines", tasks=BOX_TASKS, twin=valid),
    refused(
        8, "a blank line in the place of an image's", line_blanked,
        "blank-line", tasks=IMAGE_TASKS, line=4, message="blank", advice="guess for every image",
    ),
    refused(
        8, "a blank line more", line_inserted("\t"), "blank-line", "line-count", tasks=IMAGE_TASKS, line=4,
    ),
    too_big(9, "a line over the cap", always(b"1 " * 600_000 + b"\n"), message="1,000,000 bytes"),
    too_big(9, "a line over the cap", always(b"1 " * 600_000 + b"\n"), message="1,000,000 bytes",
            tasks=OTHER_TEXT_TASKS, encoding="text"),
    noticed(11, "tabs", replaced(" ", "\t"), "tab-separated", twin=valid),
    noticed(11, "commas", replaced(" ", ","), "comma-separated", twin=valid),
    noticed(11, "several blanks", replaced(" ", "   "), "many-blanks", twin=valid),
    noticed(11, "indented lines", lambda task: (" " + valid_text(task).replace("\n", "\n ")).encode() + b"\n",
            "many-blanks", "blank-end", tasks=IMAGE_TASKS, twin=valid),
    noticed(11, "a CSV with blanks", replaced(" ", ", "), "comma-separated", "many-blanks", twin=valid),
    refused(12, "a column missing", last_token_dropped, "column-count", tasks=BOX_TASKS, line=4,
            message="7 columns, this one has 6", advice="<xmin>"),
    refused(12, "a corner missing", last_token_dropped, "column-count", tasks=("cls-loc",), line=4, value="24 numbers",
            message="groups of five", advice="all four corners"),
    refused(13, "a column too many", replaced("\n", " 7\n"), "column-count", tasks=BOX_TASKS, line=1,
            message="7 columns, this one has 8"),
    *(
        refused(15, f"an image index {token}", image(token), "unknown-image", tasks=BOX_TASKS, line=4, value=token,
                advice="up to 6")
        for token in ("7", "0", "-1", "1.5", "99999999999999999999")
    ),
    refused(16, "a line fewer than images", line_dropped, "line-count", tasks=IMAGE_TASKS, line=5,
            message="5 lines, the round has 6 images", advice="one line per image"),
    refused(16, "a line more than images", line_repeated, "line-count", tasks=IMAGE_TASKS, line=7,
            message="7 lines, the round has 6 images"),
    noticed(18, "fewer than five labels", guesses(keep=3), "fewer-guesses", tasks=IMAGE_TASKS,
            twin=guesses(keep=3, pad=str(NEVER_RIGHT))),
    noticed(18, "zeros at the end of a line", guesses(keep=3, pad="0"), "zero-padding", tasks=IMAGE_TASKS,
            twin=guesses(keep=3)),
    noticed(19, "more than five labels", guesses(keep=5, more="1"), "more-guesses", tasks=IMAGE_TASKS, twin=valid),
    noticed(19, "an unknown label behind the fifth", guesses(keep=5, more="99"), "more-guesses", tasks=IMAGE_TASKS,
            twin=valid),
    noticed(20, "a label twice in a line", a_label_twice, "label-twice", tasks=IMAGE_TASKS, twin=a_wasted_guess),
    refused(21, "label 0", label("0"), "unknown-class", line=4, value="0", advice="1 to 12"),
    *(
        refused(21, f"label {token}", label(token), "unknown-class", line=4, value=token, message="no class")
        for token in ("13", "-3", "2.5", "1e9")
    ),
    refused(21, "ids from 0 to N-1", zero_based, "unknown-class", "zero-based", value="0"),
    refused(21, "single guesses from 0 to N-1", zero_based_single_guesses, "unknown-class", "zero-based",
            tasks=IMAGE_TASKS, line=1, value="0"),
    noticed(22, "WNIDs", wnids, "wnids", twin=valid),
    refused(22, "a WNID of no class", label("n99999999"), "unknown-class", "mixed-names", line=4, value="n99999999"),
    refused(22, "WNIDs and ids", label(wnid_of(2)), "mixed-names", line=4, value=wnid_of(2), advice="one of the two"),
    refused(22, "WNIDs, and then an id", lambda task: wnids(task).replace(wnid_of(12).encode(), b"12"), "mixed-names",
            value="12"),
    refused(23, "an underscore between digits", number("1_000"), "not-numeric", line=4, value="1_000", advice="0 to 9"),
    refused(24, "full-width digits", number("１２"), "not-ascii", line=4, value="１２", advice="0 to 9"),
    refused(24, "Arabic digits", number("٣"), "not-ascii", line=4, value="٣"),
    refused(25, "an integer of 5,000 digits", number(_FIVE_THOUSAND_DIGITS), "infinite", line=4, value="9999…",
            advice="finite"),
    refused(25, "a class of 5,000 digits", label(_FIVE_THOUSAND_DIGITS), "infinite", line=4, value="9999…"),
    refused(25, "an image of 5,000 digits", image(_FIVE_THOUSAND_DIGITS), "infinite", tasks=BOX_TASKS, line=4),
    refused(26, "NaN", number("NaN"), "not-a-number", line=4, value="NaN", advice="finite"),
    *(
        refused(27, token, number(token), "infinite", line=4, value=token, advice="finite")
        for token in ("inf", "-inf", "1e400", "-Infinity")
    ),
    refused(27, "an infinite corner", corner("1e400"), "infinite", tasks=LOCATED_TASKS, line=4, value="1e400"),
    noticed(28, "a negative confidence", confidences({"0.10": "-0.5"}), "confidence-range", tasks=BOX_TASKS,
            twin=valid),
    noticed(28, "confidences over 1", confidences({"0.95": "95", "0.90": "1e300"}), "confidence-range",
            tasks=BOX_TASKS),
    noticed(29, "all confidences equal", confidences({"": "0.5"}), "confidences-equal", tasks=BOX_TASKS),
    noticed(30, "a box with xmax < xmin", corner("0"), "box-inverted", tasks=LOCATED_TASKS, advice="smaller corner"),
    noticed(30, "boxes that are mostly inverted", boxes({"x1": "x2", "x2": "x1"}), "box-inverted", tasks=LOCATED_TASKS,
            advice="x y w h"),
    noticed(31, "boxes of one pixel", boxes({"x2": "x1", "y2": "y1"}), "box-one-pixel", tasks=LOCATED_TASKS),
    noticed(32, "a negative coordinate", boxes({"x1": "-20"}), "coordinate-negative", tasks=LOCATED_TASKS),
    noticed(33, "coordinates within 0..1", boxes({"x1": "0.1", "y1": "0", "x2": "0.75", "y2": "1"}),
            "coordinates-normalised", tasks=LOCATED_TASKS, advice="normalised"),
    refused(34, "a coordinate beyond ten million", corner("10000001"), "coordinate-range", tasks=LOCATED_TASKS, line=4,
            value="10000001", message="10,000,000"),
    refused(34, "a coordinate below minus ten million", corner("-1e300"), "coordinate-range", tasks=LOCATED_TASKS,
            line=4, value="-1e300"),
    noticed(35, "a coordinate -0.0", boxes({"x1": "-0.0"}), "tiny-numbers", tasks=LOCATED_TASKS,
            twin=boxes({"x1": "0"})),
    noticed(35, "denormal coordinates", boxes({"x1": "5e-324"}), "tiny-numbers", tasks=LOCATED_TASKS,
            twin=boxes({"x1": "0"})),
    noticed(35, "confidences -0.0 and denormal", confidences({"0.10": "-0.0", "0.20": "4e-320"}), "tiny-numbers",
            tasks=BOX_TASKS, twin=confidences({"0.10": "0", "0.20": "1e-9"})),
    noticed(36, "a hundred thousand detections in one image", crowd, "crowded-image", tasks=BOX_TASKS),
    too_big(37, "more lines than the cap", lines_beyond_the_cap, message="100 lines", is_for_tight_round=True),
    refused(46, "a PNG called .txt", png, "not-text", message="PNG"),
    refused(46, "HTML called .txt", always(_HTML), "not-text", message="HTML"),
    refused(46, "HTML with a byte order mark", always(BYTE_ORDER_MARK + _HTML), "not-text", message="HTML"),
    # The first rule's own examples, which no row counts.
    noticed(0, "ids written 12.0", floating_ids, twin=valid),
    noticed(17, "detections in another order", shuffled, tasks=BOX_TASKS, twin=valid),
)  # fmt: skip
