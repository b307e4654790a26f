"""Bad and odd rows, in every format that names its columns, and in the kits' texts that name their images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from scoring.tasks import TASKS
from tests.hostile.bad_file import BadFile, Make, Outcome
from tests.hostile.samples import CLASSES, OTHER_TEXT_TASKS, wnid_of
from tests.hostile.sheets import FIRST_LINES, KINDS, SPELLINGS, Sheet, spelled, valid_sheet

Change = Callable[[Sheet], Sheet]
Rewrite = Callable[[bytes], bytes]

GUESS_TASKS = ("cls", "cls-loc", "scene")
DETECTION_TASKS = ("det", "vid", "vid-track")  # with corners
OBJECT_TASKS = (*DETECTION_TASKS, "coco-det")
PLACED_TASKS = ("cls-loc", *DETECTION_TASKS)
CLASS_TASKS = tuple(slug for slug, task in TASKS.items() if task.has_class_table and slug != "scene-parsing")
TABLES = tuple(SPELLINGS)
LINED = ("text", "csv", "kaggle")  # encodings of lines

_NUMBERS = ("confidence", "xmin1", "label2")
_CORNERS = ("xmax", "xmax1", "width")
_LABELS = ("class", "label1")


def tables(
    row: int, name: str, change: Change, outcome: Outcome, *codes: str, rewrite: Rewrite | None = None,
    tasks: tuple[str, ...] = tuple(TASKS), encodings: tuple[str, ...] = TABLES, line: int | None = None,
    unlike: Mapping[str, tuple[str, ...]] | None = None, is_as_valid: bool = False, **more: object,
) -> list[BadFile]:  # fmt: skip
    """One entry for each encoding.

    Args:
        change: what is done to the rows; rewrite: what is then done to their bytes; line: of the first finding, counted
            in rows; unlike: other codes, by encoding, task, or "task, encoding"; is_as_valid: whether the scores are
            those of the valid file.
    """
    found = []
    unlike = unlike or {}
    for encoding in encodings:
        by_codes: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for task in tasks:
            if (task, encoding) in KINDS:
                chosen = next((unlike[k] for k in (f"{task}, {encoding}", encoding, task) if k in unlike), codes)
                by_codes[chosen].append(task)
        for of_tasks, chosen in ((tuple(of), chosen) for chosen, of in by_codes.items()):
            is_noticed = outcome == "noticed"
            found.append(
                BadFile(
                    row=row, name=name, make=_maker(change, rewrite, encoding), outcome=outcome,
                    codes=frozenset(chosen), tasks=of_tasks, encoding=encoding,
                    line=None if line is None else line - 1 + FIRST_LINES[encoding],
                    twin=_maker(unchanged, None, encoding) if is_noticed and is_as_valid else None, **more,
                         # type: ignore[arg-type]
                )
            )  # fmt: skip
    return found


def _maker(change: Change, rewrite: Rewrite | None, encoding: str) -> Make:
    def make(task: str) -> bytes:
        content = spelled(change(valid_sheet(task)), encoding)
        return rewrite(content) if rewrite else content

    return make


def with_empty_cells(content: bytes) -> bytes:
    """Every row of a CSV ends with a comma, its header does not."""
    header, _, rows = content.partition(b"\n")
    return header + b"\n" + rows.replace(b"\n", b",\n")


def reversed_cells(content: bytes) -> bytes:
    return b"".join(b",".join(reversed(line.split(b","))) + b"\n" for line in content.splitlines())


def unchanged(sheet: Sheet) -> Sheet:
    return sheet


def cell(names: tuple[str, ...], token: str, *, line: int = 4) -> Change:
    """One cell replaced, of the first of these columns that there is."""
    return lambda sheet: sheet.with_cell(line, sheet.place(*names), token)


def number(token: str) -> Change:
    return cell(_NUMBERS, token)


def corner(token: str) -> Change:
    return cell(_CORNERS, token)


def label(token: str) -> Change:
    return cell(_LABELS, token)


def image(token: str) -> Change:
    return cell(("image",), token)


def no_rows(sheet: Sheet) -> Sheet:
    return Sheet(task=sheet.task, names=sheet.names, rows=())


def row_dropped(sheet: Sheet) -> Sheet:
    return Sheet(task=sheet.task, names=sheet.names, rows=sheet.rows[:-1])


def row_twice(sheet: Sheet) -> Sheet:
    return Sheet(task=sheet.task, names=sheet.names, rows=(*sheet.rows, sheet.rows[0]))


def shuffled(sheet: Sheet) -> Sheet:
    return Sheet(task=sheet.task, names=sheet.names, rows=(*sheet.rows[3:], *sheet.rows[:3]))


def cell_missing(sheet: Sheet) -> Sheet:
    return sheet.with_row(4, sheet.rows[3][:-1])


def column_missing(sheet: Sheet) -> Sheet:
    """The last column that must be there."""
    layout = TASKS[sheet.task].layout
    place = sheet.names.index(layout.columns[layout.required - 1])
    names, rows = sheet.names, sheet.rows
    return Sheet(
        task=sheet.task, names=(*names[:place], *names[place + 1 :]),
        rows=tuple((*row[:place], *row[place + 1 :]) for row in rows),
    )  # fmt: skip


def column_added(sheet: Sheet) -> Sheet:
    """A column that means nothing, in front of all others."""
    return Sheet(task=sheet.task, names=("note", *sheet.names), rows=tuple(("7", *row) for row in sheet.rows))


def sixth_guess(sheet: Sheet) -> Sheet:
    """A guess behind the fifth, which would be right."""
    size = 5 if sheet.task == "cls-loc" else 1
    places = [sheet.place(name) for name in ("label1", "xmin1", "ymin1", "xmax1", "ymax1")[:size]]
    names = tuple(sheet.names[place].replace("1", "6") for place in places)
    rows = tuple((*row, *(row[place] for place in places)) for row in sheet.rows)
    return Sheet(task=sheet.task, names=(*sheet.names, *names), rows=rows)


def unknown_sixth_guess(sheet: Sheet) -> Sheet:
    return sixth_guess(sheet).with_column(lambda _: "99", "label6")


def long_row(sheet: Sheet) -> Sheet:
    """A row with a cell of blanks, which say nothing."""
    return sheet.with_cell(2, 0, sheet.rows[1][0] + " " * 1_100_000)


def no_guess(sheet: Sheet) -> Sheet:
    """A row that names its image, and nothing else."""
    return sheet.with_row(4, (sheet.rows[3][0], *[""] * (len(sheet.rows[3]) - 1)))


def columns_moved(sheet: Sheet) -> Sheet:
    width = len(sheet.names)
    rows = tuple(tuple(reversed((*row, *[""] * (width - len(row))))) for row in sheet.rows)
    return Sheet(task=sheet.task, names=tuple(reversed(sheet.names)), rows=rows)


def fewer_guesses(sheet: Sheet) -> Sheet:
    width = 1 + 3 * (5 if sheet.task == "cls-loc" else 1)
    return Sheet(task=sheet.task, names=sheet.names, rows=tuple(row[:width] for row in sheet.rows))


def label_twice(sheet: Sheet) -> Sheet:
    return sheet.with_cell(2, sheet.place("label2"), sheet.rows[1][sheet.place("label1")])


def labels(change: Callable[[str], str]) -> Change:
    return lambda sheet: sheet.with_column(change, "class", *(f"label{place}" for place in range(1, 6)))


def images(change: Callable[[str], str]) -> Change:
    return lambda sheet: sheet.with_column(change, "image")


def confidences(change: Callable[[str], str]) -> Change:
    return lambda sheet: sheet.with_column(change, "confidence")


def corners(change: Mapping[str, str]) -> Change:
    """Corners replaced, in every guess of every row."""

    def changed(sheet: Sheet) -> Sheet:
        for name, token in change.items():
            columns = (name, *(f"{name}{place}" for place in range(1, 6)))
            sheet = sheet.with_column(lambda _, token=token: token, *columns)  # type: ignore[misc]
        return sheet

    return changed


def crowd(sheet: Sheet) -> Sheet:
    """Many detections in image 1, each of a track of its own where there are tracks."""
    row = sheet.rows[0]
    track = sheet.names.index("track") if "track" in sheet.names else None
    more = tuple(
        tuple(str(i + 10) if place == track else cell for place, cell in enumerate(row)) for i in range(12_000)
    )
    return Sheet(task=sheet.task, names=sheet.names, rows=(*sheet.rows, *more))


_WNIDS = {str(number): wnid_of(number) for number in range(1, CLASSES + 1)}
_DIGITS = "9" * 5_000
_R: Outcome = "refused"
_N: Outcome = "noticed"

BAD_TABLES: tuple[BadFile, ...] = (
    *tables(1, "a table without rows", no_rows, _R, "empty", encodings=("json", "parquet")),
    *tables(2, "a header alone", no_rows, _R, "header-only", encodings=("csv", "kaggle")),
    *tables(2, "a header alone, without a line end", no_rows, _R, "header-only", rewrite=bytes.strip,
            encodings=("csv", "kaggle")),
    *tables(3, "a byte order mark", unchanged, _N, "byte-order-mark", rewrite=lambda content: b"\xef\xbb\xbf" + content,
            encodings=(*LINED, "json"), is_as_valid=True),
    *tables(4, "UTF-16", unchanged, _R, "utf-16", rewrite=lambda content: content.decode().encode("utf-16"),
            encodings=(*LINED, "json")),
    *tables(4, "UTF-16 without a mark", unchanged, _R, "utf-16", encodings=(*LINED, "json"),
            rewrite=lambda content: content.decode().encode("utf-16-le")),
    *tables(5, "a Latin-1 byte", number("caf?"), _R, "not-utf8", rewrite=lambda content: content.replace(b"?", b"\xe9"),
            encodings=(*LINED, "json"), line=4),
    *tables(6, "a NUL byte", number("1?"), _R, "nul-byte", rewrite=lambda content: content.replace(b"?", b"\0"),
            encodings=(*LINED, "json"), line=4),
    *tables(6, "a NUL byte", number("1\0"), _R, "nul-byte", encodings=("parquet",), line=4, value=r"\x00"),
    *tables(7, "CRLF line ends", unchanged, _N, "line-ends", rewrite=lambda content: content.replace(b"\n", b"\r\n"),
            encodings=LINED, is_as_valid=True),
    *tables(7, "CR line ends", unchanged, _N, "line-ends", rewrite=lambda content: content.replace(b"\n", b"\r"),
            encodings=LINED, is_as_valid=True),
    *tables(8, "no line end at the end", unchanged, _N, "no-line-end", rewrite=bytes.strip, encodings=LINED,
            is_as_valid=True),
    *tables(8, "blank lines at the end", unchanged, _N, "blank-lines", rewrite=lambda content: content + b"\n\n\n",
            encodings=LINED, is_as_valid=True),
    *tables(8, "blanks behind the list", unchanged, _N, rewrite=lambda content: content + b"\n\n \t",
            encodings=("json",),
            is_as_valid=True),
    *tables(8, "a row without guesses", no_guess, _R, "blank-line", tasks=("cls", "cls-loc"),
            encodings=("csv", "kaggle"), line=4, message="no guess for this image"),
    *tables(9, "a row over the cap", long_row, "too big", "too-large", encodings=("csv", "kaggle"),
            message="1,000,000 bytes"),
    *tables(11, "tabs", unchanged, _N, "tab-separated", rewrite=lambda content: content.replace(b" ", b"\t"),
            tasks=OTHER_TEXT_TASKS, encodings=("text",), is_as_valid=True),
    *tables(11, "commas", unchanged, _N, "comma-separated", rewrite=lambda content: content.replace(b" ", b","),
            tasks=OTHER_TEXT_TASKS, encodings=("text",), is_as_valid=True),
    *tables(11, "several blanks", unchanged, _N, "many-blanks", rewrite=lambda content: content.replace(b" ", b"   "),
            tasks=OTHER_TEXT_TASKS, encodings=("text",), is_as_valid=True),
    *tables(11, "several blanks in Kaggle's string", unchanged, _N, encodings=("kaggle",), is_as_valid=True,
            rewrite=lambda content: content.replace(b" ", b"  ")),
    *tables(12, "a cell missing", cell_missing, _R, "column-count", tasks=(*OBJECT_TASKS, "cls-loc"), line=4,
            encodings=("text", "csv", "kaggle")),
    *tables(12, "a cell missing", cell_missing, _R, "columns", tasks=OBJECT_TASKS, line=4, encodings=("json",)),
    *tables(12, "an empty cell", cell_missing, _R, "not-numeric", tasks=OBJECT_TASKS, line=4, encodings=("parquet",)),
    *tables(12, "a column missing", column_missing, _R, "columns", encodings=("csv", "json", "parquet")),
    *tables(13, "a column that means nothing", column_added, _N, "columns-ignored", encodings=("csv", "json",
            "parquet"),
            is_as_valid=True),
    *tables(13, "a column too many", unchanged, _R, "column-count", tasks=("vid-track",), encodings=("text",), line=1,
            rewrite=lambda content: content.replace(b"\n", b" 7\n"), message="8 columns, this one has 9"),
    *tables(13, "an empty cell too many", unchanged, _R, "column-count", tasks=OBJECT_TASKS, encodings=("csv",),
            rewrite=with_empty_cells, line=1, message="this one has"),
    *tables(13, "an empty cell too many", unchanged, _N, "empty-cells", tasks=GUESS_TASKS, encodings=("csv",),
            rewrite=with_empty_cells, is_as_valid=True),
    *tables(13, "an empty column too many", unchanged, _N, "columns-ignored", encodings=("csv",),
            rewrite=lambda content: content.replace(b"\n", b",\n"), is_as_valid=True),
    *tables(13, "a third column", unchanged, _R, "columns", encodings=("kaggle",), message="two columns",
            rewrite=lambda content: content.replace(b"\n", b",7\n").replace(b"String,7", b"String,Note")),
    *tables(0, "Kaggle's columns in another order", unchanged, _R, "columns", encodings=("kaggle",),
            rewrite=reversed_cells, message="in this order", advice="ImageId,PredictionString"),
    *tables(0, "columns in another order", columns_moved, _N, encodings=("csv", "parquet"), tasks=OBJECT_TASKS,
            is_as_valid=True),
    *tables(14, "an image twice", row_twice, _R, "image-twice", tasks=GUESS_TASKS, line=7, message="line"),
    *(
        bad
        for token in ("7", "0", "-1", "1.5", "9" * 20)
        for bad in tables(15, f"an image {token}", image(token), _R, "unknown-image", tasks=OBJECT_TASKS, line=4)
    ),
    *tables(15, "images from 0 to N-1", images(lambda cell: str(int(cell) - 1)), _R, "unknown-image",
            "zero-based-images", tasks=("det", "vid", "coco-det")),
    *tables(15, "the images of another set", image("40152"), _R, "unknown-image", "other-split", tasks=OBJECT_TASKS),
    *(
        bad
        for token in ("7", "nobody", "-1")
        for bad in tables(15, f"an image {token}", image(token), _R, "unknown-image", "image-missing",
            tasks=GUESS_TASKS,
                          line=4)
    ),
    *tables(16, "a row fewer than images", row_dropped, _R, "image-missing", tasks=GUESS_TASKS,
            message="1 of the round's 6"),
    *tables(17, "rows shuffled", shuffled, _N, "rows-shuffled", tasks=GUESS_TASKS, is_as_valid=True),
    *tables(17, "rows shuffled", shuffled, _N, tasks=OBJECT_TASKS, is_as_valid=True),
    *tables(18, "fewer than five labels", fewer_guesses, _N, "fewer-guesses", tasks=("cls", "cls-loc")),
    *tables(18, "four labels", fewer_guesses, _R, "column-count", tasks=("scene",), encodings=("text", "csv"), line=1),
    *tables(18, "four labels", fewer_guesses, _R, "columns", tasks=("scene",), encodings=("json",),
            message="label4, label5 is missing"),
    *tables(18, "four labels", fewer_guesses, _R, "not-numeric", tasks=("scene",), encodings=("parquet",), line=1),
    *tables(19, "more than five labels", sixth_guess, _N, "more-guesses", tasks=("cls", "cls-loc"), is_as_valid=True),
    *tables(19, "an unknown label behind the fifth", unknown_sixth_guess, _N, "more-guesses", tasks=("cls", "cls-loc"),
            is_as_valid=True),
    *tables(19, "more than five labels", sixth_guess, _R, "column-count", tasks=("scene",), line=1,
            message="this one has 6"),
    *tables(20, "a label twice in a row", label_twice, _N, "label-twice", tasks=GUESS_TASKS),
    *tables(21, "label 0", label("0"), _R, "unknown-class", tasks=(t := ("cls", "cls-loc", *DETECTION_TASKS)), line=4),
    *tables(21, "label 13", label("13"), _R, "unknown-class", tasks=CLASS_TASKS, line=4, message="no class"),
    *tables(21, "label 2.5", label("2.5"), _R, "unknown-class", line=4),
    *tables(21, "label -3", label("-3"), _R, "unknown-class", line=4),
    *tables(21, "ids from 0 to N-1", labels(lambda cell: str(int(cell) - 1)), _R, "unknown-class", "zero-based",
            tasks=t),
    *tables(21, "ids from 1 to N", labels(lambda cell: str(int(cell) + 1)), _R, "unknown-class", "one-based",
            tasks=("scene",)),
    *tables(22, "WNIDs", labels(lambda cell: _WNIDS[cell]), _N, "wnids", tasks=t, is_as_valid=True),
    *tables(22, "WNIDs where there are none", labels(lambda cell: _WNIDS[cell]), _R, "unknown-class",
            tasks=("coco-det",),
            line=1),
    *tables(22, "a WNID among ids", label(wnid_of(2)), _R, "mixed-names", tasks=CLASS_TASKS, line=4,
            unlike={"vid-track": ("mixed-names", "track-classes")}),
    *tables(23, "an underscore between digits", number("1_000"), _R, "not-numeric", line=4),
    *tables(24, "full-width digits", number("１２"), _R, "not-ascii", line=4),
    *tables(25, "an integer of 5,000 digits", number(_DIGITS), _R, "infinite", line=4),
    *tables(26, "NaN", number("NaN"), _R, "not-a-number", line=4),
    *tables(27, "-Infinity", number("-Infinity"), _R, "infinite", line=4),
    *tables(27, "1e400", number("1e400"), _R, "infinite", line=4),
    *tables(27, "an infinite corner", corner("1e400"), _R, "infinite", tasks=(*PLACED_TASKS, "coco-det"), line=4),
    *tables(28, "negative confidences", confidences(lambda cell: f"-{cell}"), _N, "confidence-range",
            tasks=OBJECT_TASKS),
    *tables(29, "all confidences equal", confidences(lambda _: "0.5"), _N, "confidences-equal", tasks=OBJECT_TASKS),
    *tables(30, "inverted boxes", corners({"xmin": "90", "xmax": "10"}), _N, "box-inverted", tasks=PLACED_TASKS,
            advice="x y w h"),
    *tables(30, "a negative width", corner("-20"), _N, "box-empty", tasks=("coco-det",)),
    *tables(30, "no width", corner("0"), _N, "box-empty", tasks=("coco-det",)),
    *tables(31, "boxes of one pixel", corners({"xmin": "9", "xmax": "9", "ymin": "5", "ymax": "5"}), _N,
            "box-one-pixel",
            tasks=PLACED_TASKS),
    *tables(32, "negative coordinates", corners({"xmin": "-20"}), _N, "coordinate-negative", tasks=PLACED_TASKS),
    *tables(33, "coordinates within 0..1", corners({"xmin": "0.1", "ymin": "0", "xmax": "0.75", "ymax": "1"}), _N,
            "coordinates-normalised", tasks=PLACED_TASKS),
    *tables(34, "a coordinate beyond ten million", corner("10000001"), _R, "coordinate-range", line=4,
            tasks=(*PLACED_TASKS, "coco-det")),
    *tables(35, "denormal coordinates", corners({"xmin": "5e-324"}), _N, "tiny-numbers", tasks=PLACED_TASKS),
    *tables(36, "very many detections in one image", crowd, _N, "crowded-image", tasks=OBJECT_TASKS),
    *tables(37, "more rows than the cap", lambda sheet: Sheet(task=sheet.task, names=sheet.names, rows=sheet.rows * 20),
            "too big", "too-large", message="100", is_for_tight_round=True),
)  # fmt: skip
