from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from scoring.annotations import (
    MAX_ANNOTATION_BYTES,
    UNREADABLE,
    AnnotatedObject,
    MalformedAnnotation,
    parse_annotation,
    possible_names,
    read_annotations,
)
from tests.scoring.making import annotation, gzip_of, tar_of, zip_of

MEMBERS = {
    "top/": b"",
    "top/val/b.xml": b"<annotation>b</annotation>",
    "top/val/readme.txt": b"no annotation",
    "top/val/a.xml": b"<annotation>a</annotation>",
}


def test_coordinates_are_read_by_the_name_of_their_tag() -> None:
    content = annotation(("n01", (1, 2.5, 3, 4)), ("n02", (-5, 6, 7e1, 8)))
    assert parse_annotation(content) == [
        AnnotatedObject(name="n01", corners=(1, 2.5, 3, 4)),
        AnnotatedObject(name="n02", corners=(-5, 6, 70, 8)),
    ]


def test_a_picture_without_objects_has_no_boxes() -> None:
    assert parse_annotation(annotation()) == []


def test_blanks_entities_and_other_tags_do_not_matter() -> None:
    content = (
        b'<?xml version="1.0" encoding="iso-8859-1"?><annotation><name>not an object</name><object>'
        b"<pose>Left</pose><name>\n n0&#49; </name><difficult>0</difficult><occluded/>"
        b"<bndbox><xmin> 1\n</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object></annotation>"
    )
    assert parse_annotation(content) == [AnnotatedObject(name="n01", corners=(1, 2, 3, 4))]


def test_the_box_of_an_objects_part_is_not_the_objects() -> None:
    part = b"<part><name>head</name><bndbox><xmin>7</xmin><ymin>7</ymin><xmax>8</xmax><ymax>8</ymax></bndbox></part>"
    content = annotation(("n01", (1, 2, 3, 4))).replace(b"</object>", part + b"</object>")
    assert parse_annotation(content) == [AnnotatedObject(name="n01", corners=(1, 2, 3, 4))]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not XML"),
        (b"plain", "not XML"),
        (b"<annotation>", "not XML"),
        (b"<annotation/><annotation/>", "not XML"),
        (b"<annotation><object></object></annotation>", "needs a name"),
        (annotation(("", (1, 2, 3, 4))), "needs a name"),
        (annotation(("n01", (1, 2, 3, 4))).replace(b"<ymax>4</ymax>", b""), "needs a name"),
        (annotation(("n01", (1, 2, 3, 4))).replace(b">4<", b">four<"), "not a number"),
        (b'<?xml version="1.0" encoding="nobody-knows"?><annotation/>', "not XML"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>', "document type"),
    ],
)
def test_a_malformed_annotation_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(MalformedAnnotation, match=reason):
        parse_annotation(content)


def write_members(folder: Path, kind: str) -> Path:
    if kind == "folder":
        for name, content in MEMBERS.items():
            if content:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
        return folder
    path = folder / f"archive.{kind}"
    packed = {"tar": tar_of(MEMBERS), "tgz": gzip_of(tar_of(MEMBERS)), "zip": zip_of(MEMBERS)}
    path.write_bytes(packed[kind])
    return path


@pytest.mark.parametrize("kind", ["folder", "tar", "tgz", "zip"])
def test_folders_and_archives_give_their_xml_files_alone(kind: str, tmp_path: Path) -> None:
    reports: list[tuple[int, int | None]] = []
    path = write_members(tmp_path, kind)
    found = dict(read_annotations(path, lambda done, total: reports.append((done, total))))
    assert found == {
        PurePosixPath("top/val/a.xml"): b"<annotation>a</annotation>",
        PurePosixPath("top/val/b.xml"): b"<annotation>b</annotation>",
    }
    assert dict(read_annotations(path)) == found
    assert reports == sorted(reports)
    assert all(total is not None and 0 < done <= total for done, total in reports)
    assert len(reports) == 2


@pytest.mark.parametrize(("kind", "error"), [("tar", tarfile.TarError), ("zip", zipfile.BadZipFile)])
def test_an_annotation_of_megabytes_is_refused_unread(kind: str, error: type[Exception], tmp_path: Path) -> None:
    huge = {"a.xml": b" " * (MAX_ANNOTATION_BYTES + 1)}
    path = tmp_path / f"archive.{kind}"
    path.write_bytes(zip_of(huge) if kind == "zip" else tar_of(huge))
    with pytest.raises(error, match=r"a\.xml has 4,194,305 bytes"):
        list(read_annotations(path))


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x1f\x8b garbage", b"PK\x03\x04 garbage"])
def test_what_is_no_archive_is_told_as_unreadable(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(content)
    with pytest.raises(UNREADABLE):
        list(read_annotations(tmp_path / "broken"))


@pytest.mark.parametrize(("kind", "size"), [("tar", 1100), ("tar", 1530), ("zip", 300)])
def test_an_archive_cut_short_is_told_as_unreadable(kind: str, size: int, tmp_path: Path) -> None:
    path = write_members(tmp_path, kind)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UNREADABLE):
        list(read_annotations(path))


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ([], [[]]),
        (["a.xml", "b.xml"], [["a", "b"]]),
        (["val/a.xml", "val/b.xml"], [["a", "b"], ["val/a", "val/b"]]),
        (["x/val/a.xml", "x/val/b.xml"], [["a", "b"], ["val/a", "val/b"], ["x/val/a", "x/val/b"]]),
        (["x/val/a.xml", "x/train/b.xml"], [["val/a", "train/b"], ["x/val/a", "x/train/b"]]),
        (["x/a.xml", "x/y/b.xml"], [["a", "y/b"], ["x/a", "x/y/b"]]),
        (["x/y/b.xml", "a.xml"], [["x/y/b", "a"]]),
        (["x/v1/0.xml", "x/v2/0.xml"], [["v1/0", "v2/0"], ["x/v1/0", "x/v2/0"]]),
        (["val/a.b.xml"], [["a.b"], ["val/a.b"]]),
        (["ab/x.xml", "abc/x.xml"], [["ab/x", "abc/x"]]),
    ],
)
def test_names_are_paths_without_the_folders_all_have_in_common_or_with_some(
    paths: list[str], names: list[list[str]]
) -> None:
    assert possible_names([PurePosixPath(path) for path in paths]) == names
