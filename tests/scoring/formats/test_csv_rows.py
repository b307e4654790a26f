from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.findings import FindingLog
from scoring.formats.csv_rows import csv_windows, kaggle_windows
from scoring.formats.label_lines import LabelLines
from scoring.formats.layouts import DETECTIONS, LABELS, LOCATED_LABELS, Layout
from scoring.formats.unreadable import UnreadableFile
from scoring.formats.windows import WINDOW_LINES
from scoring.images import Images
from scoring.rounds import PublicRound
from scoring.synsets import Classes, ClassNaming
from tests.scoring.formats.reading import ReadRows, read_rows, windows_of
from tests.scoring.making import checked, classes_of, errors, findings, public_round

DET = public_round("det", images=[1, 4, 9], classes=classes_of((2, 3, 5)))
CLS = public_round("cls")
HEADER = "image,class,confidence,xmin,ymin,xmax,ymax\n"
GOOD = "4,3,0.25,1,2,30,40.5\n"
LINE = [4, 3, 0.25, 1, 2, 30, 40.5]


def rows_of(text: str | bytes, layout: Layout = DETECTIONS) -> ReadRows:
    return read_rows(csv_windows, text if isinstance(text, bytes) else text.encode(), layout)


def kaggle_rows_of(text: str, layout: Layout = LABELS) -> ReadRows:
    return read_rows(kaggle_windows, text.encode(), layout)


# Cells


def test_the_header_says_where_the_columns_stand() -> None:
    assert rows_of(HEADER + GOOD * 2).lines == [LINE] * 2
    assert rows_of("ymax,xmax,ymin,xmin,score,category_id,image_id\n40.5,30,2,1,.25,3,4\n").lines == [LINE]


@pytest.mark.parametrize("text", [
    HEADER + GOOD[:-1],
    (HEADER + GOOD).replace("\n", "\r\n"),
    (HEADER + GOOD).replace("\n", "\r"),
    (HEADER + GOOD).replace(",", "\t"),
    (HEADER + GOOD).replace(",", ", "),
    HEADER + '"4","3",0.25,1,2,30,"40.5"\n',
    HEADER.replace("image", '"image"') + GOOD,
    "\ufeff" + HEADER + GOOD,
    "\n \r\n" + HEADER + GOOD,
])  # fmt: skip
def test_separators_quotes_line_ends_and_marks_do_not_matter(text: str) -> None:
    assert rows_of(text).lines == [LINE]


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=7, max_size=7), min_size=1))
def test_numbers_are_those_of_python_bit_for_bit_quoted_or_not(rows: list[list[float]]) -> None:
    plain = HEADER + "".join(",".join(map(repr, row)) + "\n" for row in rows)
    quoted = HEADER + "".join(",".join(f'"{number!r}"' for number in row) + "\n" for row in rows)
    expected = np.array(rows).tobytes()
    assert np.array(rows_of(plain).lines).tobytes() == np.array(rows_of(quoted).lines).tobytes() == expected


@pytest.mark.parametrize("end", [",", ", ", ",,", ',""', ",\r"])
def test_an_object_with_an_empty_cell_more_has_a_column_too_many(end: str, tmp_path: Path) -> None:
    text = HEADER + GOOD + GOOD[:-1] + end + "\n" + GOOD
    assert [(code, line) for code, line, _ in errors(DET, text, tmp_path)] == [("column-count", 3)]


def test_an_empty_cell_that_the_header_has_too_means_nothing(tmp_path: Path) -> None:
    text = (HEADER + GOOD).replace("\n", ",\n")
    assert findings(DET, text, tmp_path)["columns-ignored"].severity == "notice"


def test_a_row_of_empty_cells_alone_is_blank_however_many_there_are(tmp_path: Path) -> None:
    assert findings(DET, HEADER + GOOD + "," * 9 + "\n", tmp_path)["blank-lines"].count == 1


def test_empty_cells_behind_guesses_are_told(tmp_path: Path) -> None:
    found = findings(CLS, "label1,label2\n1,2,\n2,3\n3,1\n", tmp_path)
    assert set(found) == {"empty-cells", "fewer-guesses"}
    assert found["empty-cells"].severity == "notice"


def test_empty_cells_in_the_place_of_guesses_are_none(tmp_path: Path) -> None:
    assert set(findings(CLS, "label1,label2\n1,\n2,3\n3,\n", tmp_path)) == {"fewer-guesses"}


@pytest.mark.parametrize("text", [
    "note," + HEADER + "x" * 100_000 + " " * 1_000_000 + "," + GOOD,
    HEADER[:-1] + ",x" * 600_000 + "\n" + GOOD,
])  # fmt: skip
def test_a_long_line_is_refused_whatever_it_is_long_of(text: str, tmp_path: Path) -> None:
    assert errors(DET, text, tmp_path) == [("too-large", None, None)]


def test_columns_that_mean_nothing_are_ignored_and_told(tmp_path: Path) -> None:
    text = "note," + HEADER + "a dog," + GOOD
    assert rows_of(text).lines == [LINE]
    assert findings(DET, text, tmp_path)["columns-ignored"].value == "note"


def test_images_are_named_by_index_or_by_name_and_empty_cells_at_the_end_are_none() -> None:
    read = rows_of("label1,label2,image\n3,1,val/a\n2,,7\n1\n", LABELS)
    assert (read.lines, read.keys) == ([[3, 1], [2], [1]], ["val/a", "7", ""])
    assert rows_of("image,label1\n3,1\n7,2\n", LABELS).keys == ["3", "7"]
    assert rows_of("image,label1\n2.5,1\n-1,2\n", LABELS).keys == ["2.5", "-1"]
    assert rows_of("image,label1\nval/a,1\n7,2\n", LABELS).keys == ["val/a", "7"]
    assert rows_of("image,label1\n3.0,1\n7,2\n", LABELS).keys == ["3", "7"]
    assert rows_of("label1,label2\n3,1\n2,1\n", LABELS).keys is None


def test_classes_may_be_wnids() -> None:
    assert rows_of(HEADER + GOOD.replace(",3,", ",n00000012,")).lines == [[4, "n00000012", *LINE[2:]]]


# Kaggle


def test_kaggles_string_holds_the_kits_line_with_up_to_five_groups() -> None:
    group = "n00000012 1 2 3 4.5"
    text = f"ImageId,PredictionString\nval/b,{group} {group}\na.JPEG,{' '.join([group] * 5)} \n"
    read = kaggle_rows_of(text, LOCATED_LABELS)
    line = ["n00000012", 1, 2, 3, 4.5]
    assert (read.lines, read.keys) == ([line * 2, line * 5], ["val/b", "a.JPEG"])


def test_kaggles_string_may_be_quoted() -> None:
    assert kaggle_rows_of('ImageId,PredictionString\n1,"1 2"\n"2"," 3  1 "\n').lines == [[1, 2], [3, 1]]


def named_round(task: str, ids: ClassNaming = "kit") -> PublicRound:
    """Three images in a folder of a list, and three classes whose WNIDs run against their ids."""
    names = tuple(f"val/ILSVRC2012_val_0000000{index}" for index in (1, 2, 3))
    public = public_round(task)
    return PublicRound(
        slug=public.slug, title=public.title, challenge=None, task=task, classes=public.classes, policy=public.policy,
        images=Images(indices=np.array([1, 2, 3]), names=names), prediction_ids=ids,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["val/ILSVRC2012_val_0000000{}", "ILSVRC2012_val_0000000{}", "ILSVRC2012_val_0000000{}.JPEG", "{}"]
)
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_kaggles_images_are_joined_by_name_in_any_order(name: str, order: tuple[int, ...], tmp_path: Path) -> None:
    lines = [f"{name.format(index)},n{9000 - index:08} 1 2 3 4\n" for index in order]
    result = checked(named_round("cls-loc"), "ImageId,PredictionString\n" + "".join(lines), tmp_path)
    assert result.report.is_valid
    told = {finding.code for finding in result.report.notices}
    assert told == {"wnids", "fewer-guesses"} | ({"rows-shuffled"} if order != (1, 2, 3) else set())


@pytest.mark.parametrize(("text", "lines"), [
    ("ImageId,PredictionString\n1,1\n2,\n3,3\n", [3]),
    ("ImageId,PredictionString\n1,1\n2,2\n3,\n", [4]),
    ("ImageId,PredictionString\n1,\n2,\n3,\n", [2, 3, 4]),
    ("image,label1,label2\n1,1,2\n2,,\n3,3,\n", [3]),
])  # fmt: skip
def test_a_row_without_guesses_is_refused_but_its_image_has_a_row(text: str, lines: list[int], tmp_path: Path) -> None:
    assert errors(CLS, text, tmp_path) == [("blank-line", line, str(line - 1)) for line in lines]


def test_rows_without_guesses_beyond_those_shown_are_counted(tmp_path: Path) -> None:
    text = "ImageId,PredictionString\n" + "".join(f"{image},\n" for image in range(1, 31))
    assert findings(public_round("cls", images=30), text, tmp_path)["blank-line"].count == 30


@pytest.mark.parametrize("header", [
    "PredictionString,ImageId", "ImageId,PredictionString,Confidence", "image,predictionstring",
])  # fmt: skip
def test_a_header_that_is_kaggles_but_for_its_order_or_number_is_told_what_kaggles_is(
    header: str, tmp_path: Path
) -> None:
    found = findings(CLS, f"{header}\n1,1,1\n", tmp_path)["columns"]
    assert found.message == "Kaggle's files have two columns, ImageId and PredictionString, in this order"
    assert found.advice.startswith("write ImageId,PredictionString as the header")


def test_a_column_of_strings_beside_those_of_labels_means_nothing(tmp_path: Path) -> None:
    text = "image,label1,PredictionString\n1,1,x\n2,2,x\n3,3,x\n"
    assert set(findings(CLS, text, tmp_path)) == {"columns-ignored", "fewer-guesses"}


# What class numbers mean


@pytest.mark.parametrize(("ids", "text", "told"), [
    ("kit", "1\n2\n3\n", []),
    ("sorted-wnid", "0\n1\n2\n", []),
    ("sorted-wnid", "0\n1\n3\n", [("unknown-class", 3, "3")]),
    ("wnid", "n00008999\nn00008998\nn00008997\n", []),
    ("wnid", "n00008999\n2\nn00008997\n", [("unknown-class", 2, "2"), ("mixed-names", 2, "2")]),
])  # fmt: skip
def test_a_round_says_what_class_numbers_are(
    ids: ClassNaming, text: str, told: list[tuple[str, int, str]], tmp_path: Path
) -> None:
    public = named_round("cls", ids)
    assert sorted(errors(public, text, tmp_path)) == sorted(told)
    rows = zip(("1", "2", "3"), text.split(), strict=True)
    table = "image,label1\n" + "".join(f"{image},{label}\n" for image, label in rows)
    assert sorted(errors(public, table, tmp_path)) == sorted((code, line + 1, value) for code, line, value in told)


def test_ids_that_run_from_0_look_like_a_models_own_where_wnids_have_another_order(tmp_path: Path) -> None:
    advice = findings(CLS, "image,label1\n1,0\n2,1\n3,2\n", tmp_path)["zero-based"].advice
    assert "from 0 to 2" in advice
    assert "the order of their WNIDs" in advice


@pytest.mark.parametrize(
    ("ids", "labels", "advice"),
    [
        ((1, 2, 3), "3\n1\n2\n", "take each id's WNID"),
        ((1, 2, 3), "2\n2\n3\n", "take each id's WNID"),
        ((3, 5, 9), "9\n3\n5\n", "take each id's WNID"),
        ((1, 2, 3), "0\n1\n3\n", None),  # 0 is none of the table's
        ((1, 2, 3), "1\n2\n4\n", None),
        ((0, 1, 2), "1\n2\n3\n", None),  # its own ids are places too
    ],
)
def test_ids_of_the_class_table_are_told_to_look_so_where_places_among_wnids_are_due(
    ids: tuple[int, ...], labels: str, advice: str | None, tmp_path: Path
) -> None:
    public = replace(named_round("cls", "sorted-wnid"), classes=classes_of(ids))
    found = findings(public, labels, tmp_path)
    assert "unknown-class" in found
    assert ("one-based" in found) == (advice is not None)
    if advice:
        assert advice in found["one-based"].advice
        assert f"up to {ids[-1]}" in found["one-based"].advice


@pytest.mark.parametrize(("ids", "is_in_order"), [((1, 2, 3), True), ((1, 2, 5), False)])
def test_ids_in_the_order_of_the_wnids_have_1_to_be_taken_off_where_none_is_missing(
    ids: tuple[int, ...], is_in_order: bool, tmp_path: Path
) -> None:
    classes = Classes(ids=np.array(ids, np.int32), wnids=("n00000001", "n00000002", "n00000003"), names=("",) * 3)
    public = replace(named_round("cls", "sorted-wnid"), classes=classes)
    found = findings(public, f"1\n2\n{ids[-1]}\n", tmp_path)
    assert ("subtract 1 from each" in found["one-based"].advice) == is_in_order


def test_places_among_wnids_are_not_taken_for_the_ids_of_a_longer_table(tmp_path: Path) -> None:
    public = replace(named_round("cls", "sorted-wnid"), classes=classes_of((1, 2, 3)))
    assert findings(public, "1\n2\n2\n", tmp_path).keys() <= {"fewer-guesses"}


def test_a_count_of_another_known_set_is_named(tmp_path: Path) -> None:
    text = "label1\n" + "1\n" * 10_000
    assert "ImageNetV2" in findings(CLS, text, tmp_path)["line-count"].advice


# Faults


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("4,3,0.25,1,2,30", [("column-count", "4 3 0.25 1 2 30")]),
        ("4,3,0.25,1,2,30,40,50", [("column-count", "4 3 0.25 1 2 30 40 50")]),
        ("4,3,,1,2,30,40", [("not-numeric", '""')]),
        ("4,3,1_000,1,2,30,40", [("not-numeric", "1_000")]),
        ("4,3,0 5,1,2,30,40", [("not-numeric", "0_5")]),
        ('4,3,"0,5",1,2,30,40', [("not-numeric", "0_5")]),
        ("4,3,٣,1,2,30,40", [("not-ascii", "٣")]),
        ("4,3," + "9" * 5000 + ",1,2,30,40", [("infinite", "9" * 79 + "…")]),
        ("4,3,NaN,1,2,30,40", [("not-a-number", "NaN")]),
        ("4,3,-inf,1,2,30,40", [("infinite", "-inf")]),
        ("4,3,1e400,1,2,30,40", [("infinite", "1e400")]),
        ("7,3,0.25,1,2,30,40", [("unknown-image", "7")]),
        ("4,9,0.25,1,2,30,40", [("unknown-class", "9")]),
        ("4,3,0.25,1,2,30,1e8", [("coordinate-range", "1e8")]),
    ],
)
def test_a_faulty_row_is_told_with_its_line_the_header_counted(
    row: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    text = HEADER + GOOD + row + "\n" + GOOD
    assert errors(DET, text, tmp_path) == [(code, 3, value) for code, value in found]
    quoted = HEADER + GOOD.replace("4,", '"4",', 1) + row + "\n"  # read in the other way
    assert errors(DET, quoted, tmp_path) == [(code, 3, value) for code, value in found]


def test_blank_lines_before_the_header_count_as_lines(tmp_path: Path) -> None:
    assert errors(DET, "\n\n" + HEADER + GOOD + GOOD.replace("4,", "7,", 1), tmp_path) == [("unknown-image", 5, "7")]


@pytest.mark.parametrize("blanks", [WINDOW_LINES - 1, WINDOW_LINES, 2 * WINDOW_LINES])
def test_a_header_may_stand_at_either_end_of_a_window(blanks: int, tmp_path: Path) -> None:
    text = "\n" * blanks + HEADER + GOOD
    assert rows_of(text).lines == [LINE]
    assert errors(DET, text + GOOD.replace("4,", "7,", 1), tmp_path) == [("unknown-image", blanks + 3, "7")]


def test_blank_lines_alone_are_no_table() -> None:
    with pytest.raises(UnreadableFile) as caught:
        rows_of("\n \n")
    assert caught.value.finding.code == "empty"


@pytest.mark.parametrize(("raw", "code"), [(b"caf\xe9", "not-utf8"), (b"1\x002", "nul-byte")])
def test_bytes_that_are_no_text_are_told(raw: bytes, code: str, tmp_path: Path) -> None:
    text = (HEADER + GOOD).encode() + b"4,3," + raw + b",1,2,30,40\n"
    assert [(found, line) for found, line, _ in errors(DET, text, tmp_path)] == [(code, 3)]


@pytest.mark.parametrize(("text", "code"), [
    (HEADER, "header-only"),
    (HEADER[:-1], "header-only"),
    (HEADER + "\n\n", "empty"),
    ("image,class,score\n1,2,3\n", "columns"),
    (HEADER.replace("class", "image") + GOOD, "columns"),
])  # fmt: skip
def test_a_header_alone_or_without_the_columns_is_refused(text: str, code: str, tmp_path: Path) -> None:
    assert [found for found, _, _ in errors(DET, text, tmp_path)] == [code]


@pytest.mark.parametrize("row", ['4,3,"0.25,1,2,30,40', '4,3,"0.25\n",1,2,30,40', '4,3,"0.25"1,1,2,30,40'])
def test_a_quote_that_is_not_closed_is_told_with_its_line(row: str, tmp_path: Path) -> None:
    ((code, line, _),) = errors(DET, HEADER + GOOD + row + "\n" + GOOD, tmp_path)
    assert (code, line) == ("csv", 3)


def test_lines_are_counted_through_many_windows(tmp_path: Path) -> None:
    rows = [GOOD] * (WINDOW_LINES + 10)
    rows[-3] = GOOD.replace("4,", "7,", 1)
    assert errors(DET, HEADER + "".join(rows), tmp_path) == [("unknown-image", WINDOW_LINES + 9, "7")]
    rows[-2] = '"4' + GOOD
    with pytest.raises(UnreadableFile) as caught:
        rows_of(HEADER + "".join(rows))
    assert caught.value.finding.line == WINDOW_LINES + 10


def test_a_line_over_the_cap_and_lines_over_the_cap_are_too_large(tmp_path: Path) -> None:
    assert errors(DET, HEADER + "4,3," + "9" * 5_000_000 + "\n", tmp_path) == [("too-large", None, None)]
    public = public_round("det", images=[4], classes=classes_of((3,)), max_lines=5)
    assert errors(public, HEADER + GOOD * 4, tmp_path) == []
    assert errors(public, HEADER + GOOD * 6, tmp_path) == [("too-large", None, None)]


@pytest.mark.parametrize("count", [2, 4])
def test_a_table_that_names_no_images_has_a_row_for_each(count: int, tmp_path: Path) -> None:
    assert errors(CLS, "label1\n" + "1\n" * count, tmp_path) == [("line-count", count, f"{count} lines")]


def test_rows_that_name_no_images_are_in_their_order() -> None:
    reader, log = LabelLines(CLS), FindingLog()
    (window,) = windows_of(csv_windows, b"label1,label2\n3,1\n1,\n2,3\n", LABELS)
    columns = reader.accept(reader.parse(window), log)
    reader.finish(log)
    assert not log.has_errors
    assert columns.images.tolist() == [0, 1, 2]
    assert columns.labels[:, 0].tolist() == [2, 0, 1]


def test_an_image_twice_unknown_or_missing_is_told(tmp_path: Path) -> None:
    text = "image,label1\n2,1\n2,1\n5,1\n"
    assert errors(CLS, text, tmp_path) == [
        ("image-twice", 3, "2"), ("unknown-image", 4, "5"), ("image-missing", None, "1"),
    ]  # fmt: skip


def test_findings_of_a_file_in_image_order_name_its_own_lines(tmp_path: Path) -> None:
    public = public_round("cls", images=3)
    report = checked(public, "label1,label2\n1,2\n1,9\n2,1\n", tmp_path).report
    assert [(finding.code, finding.line) for finding in report.errors] == [("unknown-class", 3)]
    short = checked(public, "label1,label2\n1,2\n1,3\n", tmp_path).report
    assert [finding.message for finding in short.errors] == ["the file has 2 lines, the round has 3 images"]


@pytest.mark.parametrize("row", ["2,2", '2,"2"'])
@pytest.mark.parametrize("one", ["1", "1.0", "1e0", "+1", "01"])
def test_an_index_is_read_alike_however_other_rows_are_spelled(row: str, one: str, tmp_path: Path) -> None:
    assert errors(CLS, f"image,label1\n{one},1\n{row}\n3,3\n", tmp_path) == []
