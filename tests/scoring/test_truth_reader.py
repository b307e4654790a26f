from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from scoring.findings import RoundFault
from scoring.opening import open_round
from scoring.truth import Truth
from tests.scoring.making import Files, annotation, faults_of, gzip_of, round_toml, tar_of, write_round, zip_of

ANNOTATIONS = {
    "val/a.xml": annotation(("n00000003", (0, 0, 9, 9))),
    "val/b.xml": annotation(),
    "val/c.xml": annotation(("n00000002", (0, 0, 99, 99)), ("n00000003", (5, 5, 24, 24))),
}
NAMES = "a 1\nb 2\nc 5\n"


def truth_of(folder: Path, task: str, changes: Files) -> Truth:
    return open_round(write_round(folder / "round", task, changes), cache=folder / "cache")[1]


def faults_with(folder: Path, task: str, changes: Files) -> list[tuple[str, str, str | None, int | None]]:
    faults: tuple[RoundFault, ...] = faults_of(write_round(folder / "round", task, changes))
    assert all(fault.message and fault.advice for fault in faults)
    return [(fault.code, fault.file, fault.key, fault.line) for fault in faults]


def boxes_in(name: str, content: bytes, *, images: str = 'list = "images.txt"') -> dict[str, str | bytes | None]:
    toml = round_toml("det", truth=f'boxes = "{name}"').replace('list = "images.txt"', images)
    return {"round.toml": toml, name: content, "images.txt": NAMES}


def archive_of(members: dict[str, bytes]) -> dict[str, str | bytes | None]:
    return boxes_in("boxes.tgz", gzip_of(tar_of(members)))


def rows_of(truth: Truth) -> list[tuple[int, int, list[float]]]:
    boxes = truth.box_columns
    return list(zip(boxes.images.tolist(), boxes.classes.tolist(), boxes.corners.tolist(), strict=True))


EXPECTED = [(0, 0, [0, 0, 9, 9]), (2, 2, [0, 0, 99, 99]), (2, 0, [5, 5, 24, 24])]


@pytest.mark.parametrize("common", ["", "top/", "very/deep/folders/"])
def test_annotations_join_images_by_name_after_the_common_folders(common: str, tmp_path: Path) -> None:
    members = {common + name: content for name, content in reversed(ANNOTATIONS.items())}
    assert rows_of(truth_of(tmp_path, "det", archive_of(members))) == EXPECTED


@pytest.mark.parametrize("above", ["", "Annotations/VID/"])
def test_a_list_may_name_its_images_with_the_folder_that_all_have_in_common(above: str, tmp_path: Path) -> None:
    files = archive_of({above + name: content for name, content in ANNOTATIONS.items()}) | {
        "images.txt": "val/a 1\nval/b 2\nval/c 5\n"
    }
    assert rows_of(truth_of(tmp_path, "det", files)) == EXPECTED


def test_names_of_images_may_have_folders(tmp_path: Path) -> None:
    members = {f"data/{folder}/000.xml": ANNOTATIONS[f"val/{folder}.xml"] for folder in "abc"}
    changes = archive_of(members) | {"images.txt": "a/000 1\nb/000 2\nc/000 5\n"}
    assert rows_of(truth_of(tmp_path, "det", changes)) == EXPECTED


@pytest.mark.parametrize("packed", ["zip", "tar", "folder"])
def test_zips_tars_and_folders_are_read_alike(packed: str, tmp_path: Path) -> None:
    if packed == "folder":
        changes = {**boxes_in("boxes", b""), "boxes": None}
        changes |= {f"boxes/{name}": content for name, content in ANNOTATIONS.items()}
    else:
        content = zip_of(ANNOTATIONS) if packed == "zip" else tar_of(ANNOTATIONS)
        changes = boxes_in(f"boxes.{packed}", content)
    assert rows_of(truth_of(tmp_path, "det", changes)) == EXPECTED


def test_where_images_are_a_count_the_order_of_file_names_is_that_of_lines(tmp_path: Path) -> None:
    members = {f"val/ILSVRC_{number}.xml": ANNOTATIONS[f"val/{letter}.xml"]
               for number, letter in ((30, "c"), (20, "b"), (10, "a"))}  # fmt: skip
    changes = boxes_in("boxes.tar", tar_of(members), images="count = 3")
    assert rows_of(truth_of(tmp_path, "det", changes)) == EXPECTED


def test_a_count_of_images_and_another_of_annotations_is_a_fault(tmp_path: Path) -> None:
    changes = boxes_in("boxes.tar", tar_of(ANNOTATIONS), images="count = 4")
    assert faults_with(tmp_path, "det", changes) == [("annotation-count", "boxes.tar", "truth.boxes", None)]


def test_a_missing_and_a_strange_annotation_are_faults_that_name_them(tmp_path: Path) -> None:
    members = dict(ANNOTATIONS)
    members["val/x.xml"] = members.pop("val/b.xml")
    found = faults_of(write_round(tmp_path / "round", "det", archive_of(members)))
    assert [(fault.code, fault.value) for fault in found] == [("annotation-image", "x"), ("annotation-missing", "b")]


def test_two_annotations_of_one_image_are_a_fault(tmp_path: Path) -> None:
    changes = {**boxes_in("boxes", b""), "boxes": None, "boxes/a.b.xml": annotation(), "images.txt": "a 1\nb 2\n"}
    changes |= {"boxes/a.xml": annotation(), "boxes/b.xml": annotation()}
    found = faults_of(write_round(tmp_path / "round", "det", changes))
    assert [(fault.code, fault.value) for fault in found] == [("annotation-image", "a.b")]
    twice = tar_of({"a.xml": annotation(), "b.xml": annotation()})[:2048] + tar_of({"a.xml": annotation()})
    changes = {**boxes_in("boxes.tar", twice), "images.txt": "a 1\nb 2\n"}
    found = faults_of(write_round(tmp_path / "second", "det", changes))
    assert [(fault.code, fault.value) for fault in found] == [("annotation-image", "a")]


def test_every_malformed_annotation_is_named(tmp_path: Path) -> None:
    members = ANNOTATIONS | {"val/a.xml": b"<annotation>", "val/c.xml": annotation(("", (1, 2, 3, 4)))}
    found = faults_of(write_round(tmp_path / "round", "det", archive_of(members)))
    assert [(fault.code, fault.value) for fault in found] == [("annotation", "val/a.xml"), ("annotation", "val/c.xml")]


def test_an_object_of_an_unknown_class_is_a_fault_that_names_it(tmp_path: Path) -> None:
    members = ANNOTATIONS | {"val/a.xml": annotation(("dog", (0, 0, 1, 1)), ("n00000003", (0, 0, 1, 1)))}
    (fault,) = faults_of(write_round(tmp_path / "round", "det", archive_of(members)))
    assert (fault.code, fault.file, fault.value) == ("unknown-class", "boxes.tgz", "dog")


@pytest.mark.parametrize("box", [(9, 0, 8, 9), (0, 9, 9, 8), (0, 0, float("nan"), 1), (0, 0, float("inf"), 1)])
def test_a_ground_truth_box_that_is_inverted_or_not_finite_is_a_fault(box: tuple[float, ...], tmp_path: Path) -> None:
    members = ANNOTATIONS | {"val/b.xml": annotation(("n00000003", box))}
    (fault,) = faults_of(write_round(tmp_path / "round", "det", archive_of(members)))
    assert (fault.code, fault.file, fault.key) == ("box-inverted", "boxes.tgz", "truth.boxes")
    assert fault.value is not None
    assert fault.value.startswith("image 2: ")


UNREADABLE = {
    "garbage": ("boxes.tgz", b"garbage"),
    "a tar cut short": ("boxes.tgz", gzip_of(tar_of(ANNOTATIONS))[:60]),
    "a zip cut short": ("boxes.zip", zip_of(ANNOTATIONS)[:200]),
    "a zip packed by an unknown method": (
        "boxes.zip", zip_of(ANNOTATIONS).replace(b"\x14\0\0\0\x08\0", b"\x14\0\0\0\x63\0"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_archive_is_a_fault(name: str, content: bytes, tmp_path: Path) -> None:
    assert faults_with(tmp_path, "det", boxes_in(name, content))[0] == ("archive", name, "truth.boxes", None)


def test_annotations_of_an_encrypted_zip_are_a_fault(tmp_path: Path) -> None:
    content = bytearray(zip_of(ANNOTATIONS))
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.find(start)
        while at >= 0:
            content[at + (6 if start == b"PK\x03\x04" else 8)] |= 1
            at = content.find(start, at + 1)
    assert faults_with(tmp_path, "det", boxes_in("boxes.zip", bytes(content)))[0][0] == "archive"


CSV = "1,1,0,0,9,9\n5,3,0,0,99,99\n5,1,5,5,24,24\n"


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        "image_index,class_id,xmin,ymin,xmax,ymax\n" + CSV,
        "\ufeff" + CSV,
        CSV.replace("\n", "\r\n"),
        CSV.rstrip("\n"),
        "\n" + CSV.replace("9,9\n", "9.0,9.0\n\n"),
        CSV.replace(",", ", "),
    ],
)
@pytest.mark.parametrize("name", ["boxes.csv", "boxes.csv.gz"])
def test_a_csv_gives_the_same_boxes_plain_or_packed_with_or_without_a_header(
    text: str, name: str, tmp_path: Path
) -> None:
    content = text.encode()
    changes = boxes_in(name, gzip.compress(content) if name.endswith(".gz") else content)
    assert rows_of(truth_of(tmp_path, "det", changes)) == EXPECTED


def test_a_csv_may_have_decimals(tmp_path: Path) -> None:
    (row,) = rows_of(truth_of(tmp_path, "det", boxes_in("boxes.csv", b"2,3,0.5,1e1,20.25,39.125\n")))
    assert row == (1, 2, [0.5, 10, 20.25, 39.125])


@pytest.mark.parametrize("text", ["", "\n \n", "image_index,class_id,xmin,ymin,xmax,ymax\n"])
def test_a_csv_without_boxes_is_a_round_without_objects(text: str, tmp_path: Path) -> None:
    truth = truth_of(tmp_path, "det", boxes_in("boxes.csv", text.encode()))
    assert len(truth.box_columns) == 0
    assert truth.box_columns.corners.shape == (0, 4)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"1,1,0,0,9\n", [1]),
        (b"1,1,0,0,9,9,9\n", [1]),
        (b"1,1,0,0,9,9\n1,1,0\n", [2]),
        (b"1,1,a,b,c,d\n", [1]),
        (b"head\n1 1 0 0 9 9\n", [2]),
        (b"head\n\n1,1,0,0,9,9\n1,1,#\n", [4]),
        (b"1,\xff,\n", [None]),
    ],
)
def test_a_line_of_a_csv_that_is_not_six_numbers_is_a_fault(
    content: bytes, lines: list[int | None], tmp_path: Path
) -> None:
    faults = faults_with(tmp_path, "det", boxes_in("boxes.csv", content))
    assert faults == [("csv", "boxes.csv", "truth.boxes", line) for line in lines]


def test_a_csv_tells_all_its_faults_at_once(tmp_path: Path) -> None:
    content = b"1,1,0,0,9,9\n9999,1,0,0,9,9\n1,77,0,0,9,9\n1,1,a,0,9,9\n1,1,9,9,0,0\n"
    faults = faults_with(tmp_path, "det", boxes_in("boxes.csv", content))
    assert [(code, line) for code, _, _, line in faults] == [
        ("csv", 4), ("unknown-image", 2), ("unknown-class", 3), ("box-inverted", None)
    ]  # fmt: skip


def test_a_damaged_gz_is_a_fault(tmp_path: Path) -> None:
    whole = gzip_of(CSV.encode())
    for n, content in enumerate((CSV.encode(), whole[:-9], whole[:12] + b"\xff\xff\xff" + whole[15:])):
        found = faults_with(tmp_path / str(n), "det", boxes_in("boxes.csv.gz", content))
        assert found == [("csv", "boxes.csv.gz", "truth.boxes", None)]


def test_strange_images_and_classes_of_a_csv_are_faults_with_their_line(tmp_path: Path) -> None:
    text = (
        "i,c,x,y,x,y\n1,1,0,0,9,9\n3,1,0,0,9,9\n1.5,1,0,0,9,9\n-1,1,0,0,9,9\n1,0,0,0,9,9\n1,4,0,0,9,9\nnan,1,0,0,9,9\n"
    )
    found = faults_with(tmp_path, "det", boxes_in("boxes.csv", text.encode()))
    assert [(code, line) for code, _, _, line in found] == [
        ("unknown-image", 3), ("unknown-image", 4), ("unknown-image", 5), ("unknown-class", 6), ("unknown-class", 7),
        ("unknown-image", 8),
    ]  # fmt: skip


def test_labels_are_one_class_id_a_line(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, "cls", {"labels.txt": "\ufeff 3\r\n1 \n2\n\n"})
    assert truth.label_column.tolist() == [2, 0, 1]
    assert truth.label_column.dtype == np.int32


@pytest.mark.parametrize("label", ["0", "4", "-1", "1.0", "x", "n00000001", "٣", "9" * 5000])
def test_a_label_that_is_no_class_id_is_a_fault_with_its_line(label: str, tmp_path: Path) -> None:
    found = faults_with(tmp_path, "cls", {"labels.txt": f"1\n{label}\n2\n"})
    assert found == [("unknown-class", "labels.txt", "truth.labels", 2)]


def test_sets_of_labels_are_for_classification_alone(tmp_path: Path) -> None:
    assert faults_with(tmp_path, "cls", {"labels.txt": "1 2\n\n3\n"}) == []
    assert faults_with(tmp_path, "cls-loc", {"labels.txt": "1 2\n\n3\n"}) == [
        ("labels-several", "labels.txt", "truth.labels", line) for line in (1, 2)
    ]


@pytest.mark.parametrize(("labels", "count"), [("1\n2\n", 2), ("1\n2\n3\n1\n", 4), ("", 0)])
def test_there_is_a_label_for_each_image(labels: str, count: int, tmp_path: Path) -> None:
    (fault,) = faults_of(write_round(tmp_path / "round", "cls", {"labels.txt": labels}))
    assert (fault.code, fault.file) == ("label-count", "labels.txt")
    assert fault.message == f"there are {count} labels for 3 images"


def test_a_blacklist_of_lines_takes_images_by_their_place_in_the_list(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, "cls-loc", {"blacklist.txt": "3\n\n 1\r\n3\n"})
    assert truth.blacklisted_images is not None
    assert truth.blacklisted_images.tolist() == [True, False, True]


@pytest.mark.parametrize("line", ["0", "4", "-1", "1.0", "a", "1 2", "9" * 5000])
def test_a_blacklisted_line_that_is_none_is_a_fault(line: str, tmp_path: Path) -> None:
    found = faults_with(tmp_path, "cls-loc", {"blacklist.txt": f"1\n{line}\n"})
    assert found == [("blacklist-line", "blacklist.txt", "truth.blacklist", 2)]


def test_a_blacklist_of_pairs_names_image_indices_and_wnids(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, "det", {"blacklist.txt": "5 n00000001\n1\tn00000003\n5  n00000001 \n"})
    assert truth.blacklisted_pairs is not None
    assert truth.blacklisted_pairs.tolist() == [[2, 1], [0, 0], [2, 1]]


@pytest.mark.parametrize("line", ["3 n00000001", "1 n00000009", "1", "1 3", "x n00000001", "9" * 5000 + " n00000001"])
def test_a_blacklisted_pair_that_is_none_is_a_fault(line: str, tmp_path: Path) -> None:
    found = faults_with(tmp_path, "det", {"blacklist.txt": f"1 n00000001\n{line}\n"})
    assert found == [("blacklist-pair", "blacklist.txt", "truth.blacklist", 2)]


def test_without_a_blacklist_nothing_is_left_out(tmp_path: Path) -> None:
    loc = truth_of(tmp_path / "loc", "cls-loc", {
        "round.toml": round_toml("cls-loc", truth='labels = "labels.txt"\nboxes = "boxes.csv"')
    })  # fmt: skip
    det = truth_of(tmp_path / "det", "det", {"round.toml": round_toml("det", truth='boxes = "boxes.csv"')})
    assert loc.blacklisted_images is None
    assert det.blacklisted_pairs is None


@pytest.mark.parametrize(("task", "key"), [("cls", "labels"), ("cls-loc", "boxes"), ("det", "boxes"), ("vid", "boxes")])
def test_a_task_needs_its_files_of_truth(task: str, key: str, tmp_path: Path) -> None:
    truth = 'labels = "labels.txt"\n' if task == "cls-loc" else ""
    found = faults_with(tmp_path, task, {"round.toml": round_toml(task, truth=truth)})
    assert found == [("truth-missing", "round.toml", f"truth.{key}", None)]


@pytest.mark.parametrize(
    ("task", "key"),
    [("cls", "boxes"), ("cls", "blacklist"), ("det", "labels"), ("vid", "blacklist"), ("vid", "labels")],
)
def test_what_a_task_does_not_use_is_a_fault_rather_than_ignored(task: str, key: str, tmp_path: Path) -> None:
    toml = round_toml(task) + f'{key} = "unused.txt"\n'
    found = faults_with(tmp_path, task, {"round.toml": toml})
    assert found == [("truth-key", "round.toml", f"truth.{key}", None)]


@pytest.mark.parametrize(
    ("task", "key", "name"),
    [("cls", "labels", "labels.txt"), ("det", "boxes", "boxes.csv"), ("det", "blacklist", "blacklist.txt")],
)
def test_a_missing_file_of_truth_is_a_fault_that_names_it(task: str, key: str, name: str, tmp_path: Path) -> None:
    found = faults_with(tmp_path, task, {name: None})
    assert ("file-missing", name, f"truth.{key}", None) in found


@pytest.mark.parametrize("name", ["../boxes.csv", "/boxes.csv", ""])
def test_a_truth_outside_the_folder_is_a_fault(name: str, tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text(CSV)
    found = faults_with(tmp_path, "det", {"round.toml": round_toml("det", truth=f'boxes = "{name}"')})
    assert [(code, key) for code, _, key, _ in found] == [
        ("file-outside" if name else "file-name", "truth.boxes"),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,1,0,0,0,9,9\n1,1,0,5,5,9,9\n", "track-twice"),
        ("1,1,0.5,0,0,9,9\n", "track"),
        ("1,1,-1,0,0,9,9\n", "track"),
    ],
)
def test_a_track_is_a_whole_number_and_has_one_box_in_a_frame(rows: str, expected: str, tmp_path: Path) -> None:
    found = faults_with(tmp_path, "vid-track", {"tracks.csv": rows})
    assert {(code, file, key) for code, file, key, _ in found} == {(expected, "tracks.csv", "truth.boxes")}


@pytest.mark.parametrize("track", ["", "<trackid>x</trackid>"])
def test_an_annotated_object_of_tracking_needs_a_track(track: str, tmp_path: Path) -> None:
    content = annotation(("n00000003", (0, 0, 9, 9))).replace(b"</object>", f"{track}</object>".encode())
    members = dict.fromkeys(ANNOTATIONS, content)
    changes = {"tracks.csv": None, "tracks.tar": tar_of(members)}
    changes["round.toml"] = round_toml("vid-track", truth='boxes = "tracks.tar"')
    assert {fault.code for fault in faults_of(write_round(tmp_path, "vid-track", changes))} == {"track"}


@pytest.mark.parametrize(
    ("task", "file", "key"),
    [
        ("scene", "scenes.txt", "truth.labels"),
        ("coco-det", "instances.json", "truth.annotations"),
        ("scene-parsing", "masks.zip", "truth.masks"),
    ],
)
def test_a_truth_that_is_not_there_is_a_fault_of_its_key(task: str, file: str, key: str, tmp_path: Path) -> None:
    found = faults_of(write_round(tmp_path, task, {file: None}))
    assert [fault.key for fault in found] == [key]


@pytest.mark.parametrize(("task", "key"), [("scene-parsing", "masks"), ("coco-det", "annotations")])
def test_a_truth_is_named_by_a_string(task: str, key: str, tmp_path: Path) -> None:
    changes = {"round.toml": round_toml(task, truth=f"{key} = 5")}
    assert {fault.key for fault in faults_of(write_round(tmp_path, task, changes))} == {f"truth.{key}"}
