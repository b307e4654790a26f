from __future__ import annotations

import pytest

from scoring.faults import FaultLog
from scoring.synsets import MAX_CLASS_ID, Classes, parse_classes


def parsed(text: str) -> tuple[Classes, list[tuple[str, int | None, str | None]]]:
    faults = FaultLog()
    classes = parse_classes(text, file="map.txt", faults=faults)
    assert {(fault.file, fault.key) for fault in faults.faults} <= {("map.txt", "classes.table")}
    return classes, [(fault.code, fault.line, fault.value) for fault in faults.faults]


def test_the_kits_table_gives_classes_in_order_of_id() -> None:
    classes, faults = parsed("n02 7 red fox, Vulpes vulpes\nn01 3 cat\n\nn09\t5\tdog\n")
    assert not faults
    assert classes.ids.tolist() == [3, 5, 7]
    assert classes.wnids == ("n01", "n09", "n02")
    assert classes.names == ("cat", "dog", "red fox, Vulpes vulpes")
    assert len(classes) == 3


def test_a_class_without_words_is_called_by_its_wnid() -> None:
    classes, _ = parsed("n01 3\n")
    assert classes.names == ("n01",)


def test_a_csv_is_told_by_its_header() -> None:
    classes, faults = parsed('ID, wnid , Name\r\n2,n02,"fox, red"\r\n1,,cat\r\n')
    assert not faults
    assert classes.ids.tolist() == [1, 2]
    assert classes.wnids == ("", "n02")
    assert classes.names == ("cat", "fox, red")
    assert classes.position_of_wnid == {"n02": 1}


def test_several_classes_of_a_csv_may_lack_a_wnid() -> None:
    classes, faults = parsed("id,wnid,name\n1,,a\n2,,b\n3\n")
    assert not faults
    assert (classes.wnids, classes.names) == (("", "", ""), ("a", "b", ""))


@pytest.mark.parametrize("text", ["id,name\r1,a\r2,b\r", "\n\nid,name\n1,a\n2,b", "id,name\n\n1,a\n\n2,b\n"])
def test_line_ends_and_blank_lines_of_a_csv_do_not_matter(text: str) -> None:
    classes, faults = parsed(text)
    assert not faults
    assert classes.names == ("a", "b")


def test_a_quoted_name_of_a_csv_may_hold_a_line_end() -> None:
    classes, faults = parsed('id,name\n1,"a\nb"\n2,c\n')
    assert not faults
    assert classes.names == ("a\nb", "c")


def test_what_no_csv_reader_can_read_is_a_fault() -> None:
    classes, faults = parsed("id,name\n1," + "x" * 200_000 + "\n")
    assert [code for code, _, _ in faults] == ["csv"]
    assert len(classes) == 0


@pytest.mark.parametrize("id_text", ["0", "-1", "1.0", "x", str(MAX_CLASS_ID + 1), "9" * 4000, "٣", "1_0"])
def test_a_class_id_is_a_positive_whole_number(id_text: str) -> None:
    assert [(code, line) for code, line, _ in parsed(f"n01 1 a\nn02 {id_text} b\n")[1]] == [("class-id", 2)]
    assert [(code, line) for code, line, _ in parsed(f"id,wnid\n1,\n{id_text},\n")[1]] == [("class-id", 3)]


def test_a_line_without_an_id_is_a_fault() -> None:
    assert parsed("n01 1 a\nn02\n")[1] == [("class-id", 2, "")]


def test_the_largest_id_is_allowed() -> None:
    classes, faults = parsed(f"n01 {MAX_CLASS_ID} a\n")
    assert not faults
    assert classes.position_of_id[MAX_CLASS_ID] == 0


def test_an_id_or_a_wnid_stands_in_the_table_once() -> None:
    _, faults = parsed("n01 1 a\nn02 1 b\nn01 3 c\n")
    assert faults == [("class-twice", 2, "1 n02"), ("class-twice", 3, "3 n01")]


@pytest.mark.parametrize("text", ["", "\n\n", "id,wnid,name\n"])
def test_a_table_without_classes_is_a_fault(text: str) -> None:
    assert parsed(text)[1] == [("no-classes", None, None)]


def test_an_empty_table_is_told_beside_the_faults_of_other_files() -> None:
    faults = FaultLog()
    faults.add("slug", "", advice="", file="round.toml")
    parse_classes("", file="map.txt", faults=faults)
    assert [fault.code for fault in faults.faults] == ["slug", "no-classes"]


def test_positions_are_looked_up_by_id() -> None:
    classes, _ = parsed("n01 2 a\nn02 5 b\n")
    assert classes.position_of_id.tolist() == [-1, -1, 0, -1, -1, 1]
