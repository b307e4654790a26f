from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.formats import zip_files
from tests.hostile import packed
from tests.scoring.formats.label_map_files import (
    NAMES,
    ReadMaps,
    chunk,
    header,
    palette_png,
    pixels,
    png_by_hand,
    png_in_mode,
    png_of,
    scene_round,
    zip_of_entries,
    zip_of_maps,
)
from tests.scoring.making import classes_of

GOOD_MAPS = {f"{name}.png": [[0, 1], [2, 3]] for name in NAMES}
GOOD = zip_of_maps(GOOD_MAPS)
PNG = png_of([[1]])


def with_first(content: bytes) -> bytes:
    """A zip whose first map is `content`."""
    return zip_of_maps({**GOOD_MAPS, "ADE_val_1.png": content})


def with_more(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    return zip_of_entries(*((name, png_of(rows)) for name, rows in GOOD_MAPS.items()), *entries)


def of_files(**maps: object) -> bytes:
    return zip_of_maps({**GOOD_MAPS, **maps})  # type: ignore[arg-type]


def changed(content: bytes, old: bytes, new: bytes, *, count: int = -1) -> bytes:
    assert old in content
    return content.replace(old, new, count)


def with_wrong_checksum() -> bytes:
    return changed(zip_of_entries(("ADE_val_1.png", PNG), method=zipfile.ZIP_STORED), b"IHDR", b"IHDX", count=1)


def with_shared_bytes() -> bytes:
    """Two entries of the directory that point to one file."""
    whole = zip_of_entries(("ADE_val_1.png", PNG), ("ADE_val_2.png", PNG))
    second = whole.rindex(b"PK\x01\x02")
    return whole[: second + 42] + b"\0\0\0\0" + whole[second + 46 :]


def zip_that_says(place: int, size: int) -> bytes:
    """A zip whose directory says another size of its file, packed (20) or unpacked (24); its own header follows."""
    whole = bytearray(zip_of_entries(("ADE_val_1.png", PNG)))
    entry = whole.rindex(b"PK\x01\x02")
    whole[entry + place : entry + place + 4] = whole[place - 2 : place + 2] = size.to_bytes(4, "little")
    return bytes(whole)


# What is wrong with the zip ends the reading: (the file, its code and value, a part of the message).
BAD_ZIPS = {
    "nothing": (b"", "empty", None, "the file is empty"),
    "text": (b"1 2 3\n", "not-zip", None, "a zip with one PNG"),
    "a bare PNG": (PNG, "not-zip", None, "a zip with one PNG"),
    "a gzip": (packed.gzipped(GOOD), "not-zip", None, "a zip with one PNG"),
    "a zip cut short": (GOOD[:-30], "archive-broken", None, "the zip data are damaged"),
    "a zip of which the start is lost": (GOOD[:4] + GOOD[40:], "trailing-data", None, "something before the zip"),
    "an encrypted zip": (packed.zip_encrypted(PNG), "zip-encrypted", None, "the zip is encrypted"),
    "a symbolic link": (packed.zip_with_symlink(b"/etc/passwd"), "zip-link", packed.NAME, "symbolic link"),
    "two entries of one name": (
        changed(GOOD, b"ADE_val_2", b"ADE_val_1"), "zip-twice", None, "two entries of the zip have one name",
    ),
    "a method that needs much memory": (packed.zip_lzma(PNG), "zip-method", packed.NAME, "another method"),
    "headers that disagree on a name": (
        packed.zip_with_other_local_name(PNG), "zip-headers", packed.NAME, "disagree",
    ),
    "headers that disagree on a size": (
        packed.zip_with_other_local_size(PNG), "zip-headers", packed.NAME, "disagree",
    ),
    "headers that disagree on the method": (
        changed(zip_of_entries((packed.NAME, PNG)), b"\x14\0\0\0\x08\0", b"\x14\0\0\0\0\0", count=1),
        "zip-headers", packed.NAME, "disagree",
    ),
    "entries that share their bytes": (with_shared_bytes(), "zip-headers", None, "share bytes"),
    "something before the zip": (b"more" + GOOD, "not-zip", None, "a zip with one PNG"),
    "another zip before the zip": (zip_of_entries(("a", b"")) + GOOD, "trailing-data", None, "before the zip"),
    "something behind the zip": (GOOD + b"more", "trailing-data", None, "behind the zip"),
    "a wrong checksum": (with_wrong_checksum(), "archive-broken", None, "Bad CRC-32"),
    "less packed than is said": (zip_that_says(20, 500), "trailing-data", None, "behind the zip"),
    "less in it than is said": (zip_that_says(24, 500), "archive-broken", None, "fewer bytes than its entry says"),
    "more in it than is said": (zip_that_says(24, 9), "archive-broken", None, "Bad CRC-32"),
    "a file that is too large": (
        zip_that_says(24, (16 << 20) + 1), "too-large", None, "ADE_val_1.png has more than 16,777,216 bytes",
    ),
    "a file too large as it is packed": (
        zip_that_says(20, (16 << 20) + 1), "too-large", None, "ADE_val_1.png has more than 16,777,216 bytes",
    ),
    "a directory of too many files": (packed.zip_with_many_entries(180_000), "zip-count", None, "far too many files"),
    **{
        f"the name {name!r}": (
            packed.zip_named(name, PNG), "zip-name", name.replace("\0", "\\x00"), "leads out of the zip",
        )
        for name in ("../../a.png", "..", "/etc/a.png", "a\\b.png", "a\0.png", "C:x.png", "a/../b.png")
    },
    "an empty name": (packed.zip_without_a_name(PNG), "zip-name", "", "or is none"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ZIPS)
def test_a_bad_zip_is_refused(name: str, tmp_path: Path) -> None:
    content, code, value, message = BAD_ZIPS[name]
    (finding,) = ReadMaps(scene_round(), content, tmp_path).report.errors
    assert (finding.code, finding.value) == (code, value)
    assert message in finding.message
    assert finding.advice


# What is wrong with the files inside is told of all of them: (the file, the errors).
BAD_MAPS = {
    "an image without a map": (zip_of_maps({"ADE_val_2.png": [[1]]}), [
        ("image-missing", "ADE_val_1"), ("image-missing", "ADE_val_3"),
    ]),
    "an empty zip": (zip_of_entries(), [("image-missing", name) for name in NAMES]),
    "a map of no image": (of_files(**{"ADE_val_9.png": [[1]]}), [("unknown-image", "ADE_val_9.png")]),
    "a file of another kind": (with_more(("README.txt", b"")), [("unknown-image", "README.txt")]),
    "an ending alone": (with_more((".png", PNG)), [("unknown-image", ".png")]),
    "a zip in the zip": (with_more(("ADE_val_1.zip", GOOD)), [("unknown-image", "ADE_val_1.zip")]),
    "two maps of an image": (with_more(("run/ADE_val_1.png", PNG)), [("image-twice", "run/ADE_val_1.png")]),
    "two bad maps of an image": (zip_of_maps({**GOOD_MAPS, "a/ADE_val_1.png": b"x", "ADE_val_1.png": b"y"}), [
        ("image-twice", "a/ADE_val_1.png"), ("png-broken", "ADE_val_1.png"), ("png-broken", "a/ADE_val_1.png"),
    ]),
    "two folders": (with_more(("a/b/ADE_val_1.png", PNG)), [
        ("image-twice", "a/b/ADE_val_1.png"), ("zip-name", "a/b/ADE_val_1.png"),
    ]),
    "no PNG": (with_first(b"\xff\xd8\xff\xe0"), [("png-broken", "ADE_val_1.png")]),
    "an empty file": (with_first(b""), [("png-broken", "ADE_val_1.png")]),
    "a zip for a map": (with_first(GOOD), [("png-broken", "ADE_val_1.png")]),
    "a map cut short": (with_first(PNG[:-20]), [("png-broken", "ADE_val_1.png")]),
    "a map in colours": (with_first(png_in_mode("RGB")), [("png-mode", "ADE_val_1.png")]),
    "a map with transparency": (with_first(png_in_mode("LA")), [("png-mode", "ADE_val_1.png")]),
    "a map of one bit": (with_first(png_in_mode("1")), [("png-mode", "ADE_val_1.png")]),
    "an animated map": (with_first(png_by_hand(header(1, 1), chunk(b"acTL", bytes(8)), pixels(b"\0"))), [
        ("png-animated", "ADE_val_1.png"),
    ]),
    "a map that says it is huge": (with_first(png_by_hand(header(99_999, 99_999), pixels(b"\0"))), [
        ("png-size", "ADE_val_1.png"),
    ]),
    "a value that is no class": (with_first(png_of([[0, 4], [4, 1]])), [("unknown-class", "ADE_val_1.png: 4")]),
    "values that are no classes": (with_first(png_of([[4, 9, 8, 7, 6, 5, 4]])), [
        ("unknown-class", "ADE_val_1.png: 4, 5, 6, 7, 8, …"),
    ]),
    "five of them": (with_first(png_of([[4, 9, 8, 7, 6]])), [("unknown-class", "ADE_val_1.png: 4, 6, 7, 8, 9")]),
    "a value of 16 bits that is no class": (with_first(png_of([[257, 65535]], bits=16)), [
        ("unknown-class", "ADE_val_1.png: 257, 65535"),
    ]),
    "an index that is no class": (with_first(palette_png([[5]])), [("unknown-class", "ADE_val_1.png: 5")]),
    "several faults": (zip_of_maps({"ADE_val_1.png": b"", "ADE_val_2.png": [[9]], "x.png": [[1]]}), [
        ("image-missing", "ADE_val_3"), ("png-broken", "ADE_val_1.png"), ("unknown-class", "ADE_val_2.png: 9"),
        ("unknown-image", "x.png"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_MAPS)
def test_bad_maps_are_refused_all_at_once(name: str, tmp_path: Path) -> None:
    content, errors = BAD_MAPS[name]
    read = ReadMaps(scene_round(), content, tmp_path)
    assert read.errors == errors
    assert all(finding.advice and finding.line is None for finding in read.report.errors)


def test_each_map_becomes_the_classes_of_one_image(tmp_path: Path) -> None:
    public = scene_round(classes=classes_of((2, 7, 300)))
    maps = {"ADE_val_3.png": [[7, 7]], "ADE_val_1.png": [[2], [0]], "ADE_val_2.png": png_of([[300, 2]], bits=16)}
    read = ReadMaps(public, zip_of_maps(maps), tmp_path)
    assert (read.maps(), read.count, read.report.findings) == ({2: [[2, 2]], 0: [[1], [0]], 1: [[3, 1]]}, 3, ())


@pytest.mark.parametrize(
    ("content", "code", "count", "value"),
    [
        (zip_of_maps(GOOD_MAPS, folder="run/"), "zip-folder", 1, "run"),
        (zip_of_entries(("run/", b""), *((f"run/{n}", png_of(v)) for n, v in GOOD_MAPS.items())),
         "zip-folder", 1, "run"),
        (of_files(**{"ADE_val_1.png": palette_png([[0, 1], [2, 3]]), "ADE_val_3.png": palette_png([[0, 1], [2, 3]])}),
         "png-palette", 2, None),
    ],
)  # fmt: skip
def test_oddities_are_noticed(content: bytes, code: str, count: int, value: str | None, tmp_path: Path) -> None:
    read = ReadMaps(scene_round(), content, tmp_path)
    assert read.report.is_valid
    assert read.maps() == {image: [[0, 1], [2, 3]] for image in range(3)}
    (notice,) = read.report.notices
    assert (notice.code, notice.count, notice.value) == (code, count, value)


def zip_to_a_pipe() -> bytes:
    buffer = io.BytesIO()
    buffer.seekable = lambda: False  # type: ignore[method-assign]
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, rows in GOOD_MAPS.items():
            archive.writestr(name, png_of(rows))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        zip_to_a_pipe(),
        packed.zip_of(*((name, png_of(rows)) for name, rows in GOOD_MAPS.items()), comment=b"the best run"),
        zip_of_entries(*((name, png_of(rows)) for name, rows in GOOD_MAPS.items()), method=zipfile.ZIP_STORED),
        with_more(("__MACOSX/._ADE_val_1.png", b"attributes")),
        zip_of_maps({name.replace(".png", ".PNG"): rows for name, rows in GOOD_MAPS.items()}),
        zip_of_maps({name.replace(".png", ".jpg.png"): rows for name, rows in GOOD_MAPS.items()}),
    ],
)
def test_what_is_packed_as_it_may_be_has_nothing_odd_about_it(content: bytes, tmp_path: Path) -> None:
    read = ReadMaps(scene_round(), content, tmp_path)
    assert (read.report.findings, read.count, sorted(read.maps())) == ((), 3, [0, 1, 2])


def test_the_whole_file_is_hashed_as_far_as_it_is_read(tmp_path: Path) -> None:
    assert ReadMaps(scene_round(), GOOD, tmp_path).bytes_read >= GOOD.index(b"PK\x01\x02") - 64


def test_where_255_alone_is_unknown_the_advice_is_to_write_0(tmp_path: Path) -> None:
    (void,) = ReadMaps(scene_round(), with_first(png_of([[255]])), tmp_path).report.errors
    (other,) = ReadMaps(scene_round(), with_first(png_of([[254, 255]])), tmp_path).report.errors
    assert "where 255 marks what has no label, write 0" in void.advice
    assert "255" not in other.advice
    assert "1 to 3, and 0 for other" in other.advice


def test_missing_images_are_counted_and_twenty_are_named(tmp_path: Path) -> None:
    read = ReadMaps(scene_round(names=None, images=30), zip_of_maps({"7.png": [[1]]}), tmp_path)
    assert [finding.value for finding in read.report.errors] == [str(n) for n in range(1, 22) if n != 7]
    assert {finding.count for finding in read.report.errors} == {29}


def test_twenty_missing_images_are_all_named(tmp_path: Path) -> None:
    read = ReadMaps(scene_round(names=None, images=21), zip_of_maps({"21.png": [[1]]}), tmp_path)
    assert [(finding.count, len(read.errors)) for finding in read.report.errors] == [(20, 20)] * 20


# Caps


def test_a_file_over_the_cap_of_bytes_is_refused(tmp_path: Path) -> None:
    assert not ReadMaps(scene_round(max_upload_bytes=len(GOOD)), GOOD, tmp_path).errors
    read = ReadMaps(scene_round(max_upload_bytes=len(GOOD) - 1), GOOD, tmp_path)
    assert read.errors == [("too-large", None)]
    assert read.report.errors[0].message == f"the file has {len(GOOD)} bytes; the cap is {len(GOOD) - 1}"


def test_pngs_that_unpack_to_more_than_the_cap_are_refused(tmp_path: Path) -> None:
    total = sum(len(png_of(rows)) for rows in GOOD_MAPS.values())
    assert not ReadMaps(scene_round(max_unpacked_bytes=total), GOOD, tmp_path).errors
    read = ReadMaps(scene_round(max_unpacked_bytes=total - 1), GOOD, tmp_path)
    assert [finding.message for finding in read.report.errors] == [f"the zip unpacks to more than {total - 1} bytes"]


@pytest.mark.parametrize(("bits", "pixel_bytes"), [(8, 1), (16, 2)])
def test_pixels_that_unpack_to_more_than_the_cap_are_refused(bits: int, pixel_bytes: int, tmp_path: Path) -> None:
    maps = {name: png_of(np.zeros((100, 100)), bits=bits) for name in GOOD_MAPS}
    cap = 30_000 * pixel_bytes
    assert not ReadMaps(scene_round(max_unpacked_bytes=cap), zip_of_maps(maps), tmp_path).errors
    read = ReadMaps(scene_round(max_unpacked_bytes=cap - 1), zip_of_maps(maps), tmp_path)
    assert [finding.message for finding in read.report.errors] == [f"the maps unpack to more than {cap - 1:,} bytes"]


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    stuffed = png_by_hand(header(1, 1), pixels(b"\0"), chunk(b"teXt", bytes(16_000_000)))
    entries = [(f"{number}.png", stuffed) for number in range(1, 6)]
    public = scene_round(names=None, images=5)
    assert not ReadMaps(public, zip_of_entries(*entries[:4]), tmp_path).report.errors[1:]  # 64 MB; one is missing
    read = ReadMaps(public, zip_of_entries(*entries), tmp_path)
    assert read.errors == [("too-large", None)]
    assert read.report.errors[0].message.endswith("bytes unpack to more than 200 times as much")


def test_no_more_of_a_file_is_unpacked_than_its_entry_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []
    whole = bytearray(zip_of_entries(("ADE_val_1.png", bytes(30 << 20))))
    entry = whole.rindex(b"PK\x01\x02")
    size, checksum = (2 << 20).to_bytes(4, "little"), zlib.crc32(bytes(2 << 20)).to_bytes(4, "little")
    whole[entry + 24 : entry + 28] = whole[22:26] = size
    whole[entry + 16 : entry + 20] = whole[14:18] = checksum
    plain_read = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n: unpacked.append(n) or plain_read(self, n))
    assert ("png-broken", "ADE_val_1.png") in ReadMaps(scene_round(), bytes(whole), tmp_path).errors
    assert unpacked == [1 << 20] * 3  # the last of them finds the end


def test_the_directory_may_have_entries_for_every_image_of_a_large_round() -> None:
    of_one = 46 + len("validation/ADE_val_00000001.png")
    assert 2 * 20_000 * (of_one + len("__MACOSX/._") + 24) < zip_files._MAX_DIRECTORY_BYTES


@given(data=st.data())
def test_a_damaged_zip_is_refused_or_read_but_never_more(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(len(content) - 40, len(content))) :]
    read = ReadMaps(scene_round(), bytes(content), tmp_path_factory.mktemp("damaged"))
    assert read.report.is_valid == (sorted(read.maps()) == [0, 1, 2] and not read.errors)
