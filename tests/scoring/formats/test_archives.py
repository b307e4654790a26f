from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scoring.findings import Finding
from scoring.formats.archives import HashedFile, unpacked_chunks
from scoring.formats.unreadable import BOMB_BYTES, UnreadableFile
from scoring.policies import Policy
from tests.scoring.making import gzip_of, tar_of, zip_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"".join(b"%d %d\n" % (n, n * n) for n in range(160_000))  # over 2 MB, so of several chunks
SMALL = b"1 2\n3 4\n"


def unpacked(
    folder: Path, content: bytes, *, max_upload_bytes: int = 1 << 30, max_unpacked_bytes: int = 1 << 30
) -> tuple[bytes, list[Finding]]:
    """The text inside a file of `content`, and the notices about its wrapping."""
    path = folder / "predictions"
    path.write_bytes(content)
    policy = Policy(best_by="", max_upload_bytes=max_upload_bytes, max_unpacked_bytes=max_unpacked_bytes)
    with path.open("rb", buffering=0) as stream:
        file = HashedFile(stream)
        text = b"".join(unpacked_chunks(file, path, policy))
        assert file.sha256() == hashlib.sha256(content).hexdigest()
        assert file.bytes_read == len(content)
    return text, file.notices


def refusal(folder: Path, content: bytes, **caps: int) -> Finding:
    with pytest.raises(UnreadableFile) as caught:
        unpacked(folder, content, **caps)
    finding = caught.value.finding
    assert finding.severity == "error"
    assert finding.message
    assert finding.advice
    return finding


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda text: text,
    "gzip": gzip_of,
    "zstd": zstd.compress,
    "zip": lambda text: zip_of({"predictions.txt": text}),
}
EACH_PACKER = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


@EACH_PACKER
@pytest.mark.parametrize("text", [TEXT, SMALL, b"\n", b"1"], ids=["long", "small", "line end", "byte"])
def test_what_is_packed_comes_out_whole_whatever_the_name(
    pack: Callable[[bytes], bytes], text: bytes, tmp_path: Path
) -> None:
    assert unpacked(tmp_path, pack(text)) == (text, [])


@pytest.mark.parametrize("pack", [gzip_of, zstd.compress])
@pytest.mark.parametrize("size", [1, 100, 1_000_003])
def test_members_and_frames_in_a_row_are_one_text(pack: Callable[[bytes], bytes], size: int, tmp_path: Path) -> None:
    text = TEXT if size > 1000 else TEXT[:2000]
    content = b"".join(pack(text[start : start + size]) for start in range(0, len(text), size))
    assert unpacked(tmp_path, content)[0] == text


@pytest.mark.parametrize("pack", [gzip_of, zstd.compress])
def test_an_empty_member_between_others_does_no_harm(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert unpacked(tmp_path, pack(b"1\n") + pack(b"") + pack(b"2\n"))[0] == b"1\n2\n"


@pytest.mark.parametrize("pack", [gzip_of, zstd.compress])
def test_very_many_members_with_next_to_nothing_in_them_are_refused(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    assert refusal(tmp_path, pack(b"1\n") * 20_000).code == "archive-parts"
    assert unpacked(tmp_path, pack(b"1 2 3 4 5\n") * 900)[0] == b"1 2 3 4 5\n" * 900


def test_the_start_of_a_text_comes_in_one_piece_even_from_many_members(tmp_path: Path) -> None:
    path = tmp_path / "predictions"
    path.write_bytes(b"".join(gzip_of(bytes([byte])) for byte in b"\xef\xbb\xbf1 2\r\n3 4\r\n"))
    with path.open("rb", buffering=0) as stream:
        chunks = list(unpacked_chunks(HashedFile(stream), path, Policy(best_by="")))
    assert chunks == [b"\xef\xbb\xbf1 2\r\n3 4\r\n"]


@pytest.mark.parametrize("pack", [gzip_of, zstd.compress])
@pytest.mark.parametrize("garbage", [b"\0", b"\0" * 512, b"garbage", b"\x1f", b"PK\x03\x04", SMALL])
def test_something_behind_the_last_member_is_refused(
    pack: Callable[[bytes], bytes], garbage: bytes, tmp_path: Path
) -> None:
    finding = refusal(tmp_path, pack(SMALL) + garbage)
    assert finding.code == ("archive-broken" if pack is gzip_of and garbage == b"\x1f" else "trailing-data")


@pytest.mark.parametrize("pack", [gzip_of, zstd.compress])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_an_archive_cut_short_is_refused(pack: Callable[[bytes], bytes], share: float, tmp_path: Path) -> None:
    content = pack(TEXT)
    finding = refusal(tmp_path, content[: int(len(content) * share)])
    assert finding.code == "archive-broken"
    assert "cut short" in finding.message


@pytest.mark.parametrize(
    "pack", [gzip_of, lambda text: zstd.compress(text, options={zstd.CompressionParameter.checksum_flag: 1})]
)
def test_a_flipped_bit_is_refused(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    content = bytearray(pack(TEXT))
    content[len(content) // 2] ^= 16
    assert refusal(tmp_path, bytes(content)).code == "archive-broken"


@pytest.mark.parametrize("start", [b"\x1f\x8b", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PK\x05\x06"])
def test_a_mere_beginning_of_an_archive_is_refused(start: bytes, tmp_path: Path) -> None:
    for content in (start, start + b"\xff" * 40):
        assert refusal(tmp_path, content).code == "archive-broken"


@EACH_PACKER
def test_an_empty_file_is_refused_also_inside_an_archive(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert refusal(tmp_path, pack(b"")).code == "empty"


FOREIGN = {
    "a PNG picture": b"\x89PNG\r\n\x1a\n",
    "a JPEG picture": b"\xff\xd8\xff\xe0",
    "a PDF": b"%PDF-1.7",
    "a NumPy array": b"\x93NUMPY\x01\x00",
    "a bzip2 archive": bz2.compress(SMALL),
    "an xz archive": lzma.compress(SMALL),
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c",
    "a RAR archive": b"Rar!\x1a\x07",
    "a pickle": b"\x80\x04\x95\x10",
    "a program": b"\x7fELF\x02",
    "a tar archive": tar_of({"predictions.txt": SMALL}),
    "HTML or XML": b"\n <!DOCTYPE html><html>",
}


@EACH_PACKER
@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_text_is_called_by_its_name(name: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    finding = refusal(tmp_path, pack(FOREIGN[name] + b" " * 20))
    assert finding.code == "not-text"
    assert f"this is {name}" in finding.message


@pytest.mark.parametrize("outer", ["gzip", "zstd", "zip"])
@pytest.mark.parametrize("inner", ["gzip", "zstd", "zip"])
def test_an_archive_inside_an_archive_is_refused(outer: str, inner: str, tmp_path: Path) -> None:
    finding = refusal(tmp_path, PACKERS[outer](PACKERS[inner](SMALL)))
    assert finding.code == "not-text"
    assert f"a {inner}" in finding.message
    assert "inside the archive" in finding.message


@EACH_PACKER
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_by_name(encoding: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert refusal(tmp_path, pack("1 2 3\n".encode(encoding))).code == "utf-16"


def test_a_file_over_the_upload_cap_is_refused_unread(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"12345\n", max_upload_bytes=5).code == "too-large"
    assert unpacked(tmp_path, b"12345\n", max_upload_bytes=6)[0] == b"12345\n"


@EACH_PACKER
def test_a_text_over_the_unpacked_cap_is_refused(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    content = pack(TEXT)
    finding = refusal(tmp_path, content, max_unpacked_bytes=len(TEXT) - 1)
    assert (finding.code, finding.message) == ("too-large", f"the file unpacks to more than {len(TEXT) - 1:,} bytes")
    assert unpacked(tmp_path, content, max_unpacked_bytes=len(TEXT))[0] == TEXT


@pytest.mark.parametrize("pack", [gzip_of, zstd.compress, PACKERS["zip"]])
def test_a_bomb_is_refused_by_its_ratio(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    finding = refusal(tmp_path, pack(bytes(BOMB_BYTES + (4 << 20)).replace(b"\0", b"1")))
    assert finding.code == "too-large"
    assert "200 times as much" in finding.message


# Zips in particular


def named(name: str, **attributes: int) -> zipfile.ZipInfo:
    """An entry of any name, made at no particular time."""
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def zip_with(
    *entries: tuple[zipfile.ZipInfo | str, bytes], comment: bytes = b"", compression: int = zipfile.ZIP_STORED
) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for info, content in entries:
            archive.writestr(named(info) if isinstance(info, str) else info, content, compression)
        archive.comment = comment
    return stream.getvalue()


def test_the_file_may_lie_in_one_folder_which_is_noticed(tmp_path: Path) -> None:
    for content in (zip_with(("results/p.txt", SMALL)), zip_with(("results/", b""), ("results/p.txt", SMALL))):
        text, notices = unpacked(tmp_path, content)
        assert text == SMALL
        assert [(notice.code, notice.severity, notice.value) for notice in notices] == [
            ("zip-folder", "notice", "results/p.txt"),
        ]


class Unseekable(io.RawIOBase):
    """A pipe, as `cat predictions.txt | zip -` sees it: sizes then follow the data."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.content += bytes(data)
        return len(data)


def test_streamed_zips_large_ones_and_those_with_a_comment_or_a_foreign_name_are_read(tmp_path: Path) -> None:
    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p.txt", SMALL)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, archive.open("p.txt", "w", force_zip64=True) as member:
        member.write(SMALL)
    for content in (
        pipe.content, stream.getvalue(), zip_with(("p.txt", SMALL), comment=b"made by hand"),
        zip_with(("prädiktion.txt", SMALL)), zip_with(("p.txt", SMALL), compression=zipfile.ZIP_STORED),
    ):  # fmt: skip
        assert unpacked(tmp_path, content)[0] == SMALL


def with_encryption_flag(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02")
    changed = bytearray(content)
    changed[6] |= 1
    changed[at + 8] |= 1
    return bytes(changed)


def with_local(content: bytes, *, offset: int, value: bytes) -> bytes:
    return content[:offset] + value + content[offset + len(value) :]


GOOD = zip_of({"p.txt": SMALL})


CLEVER_ZIPS = {
    "no entries": ("zip-count", zip_with()),
    "a folder alone": ("zip-count", zip_with(("folder/", b""))),
    "two files": ("zip-count", zip_with(("a.txt", SMALL), ("b.txt", SMALL))),
    "two files of one name": ("zip-twice", zip_with(("a.txt", SMALL), ("b.txt", SMALL)).replace(b"b.txt", b"a.txt")),
    "a name above": ("zip-name", zip_with(("../p.txt", SMALL))),
    "a name above in disguise": ("zip-name", zip_with(("a/../../p.txt", SMALL))),
    "an absolute name": ("zip-name", zip_with(("/p.txt", SMALL))),
    "a drive": ("zip-name", zip_with(("C:p.txt", SMALL))),
    "a backslash": ("zip-name", zip_with(("a\\p.txt", SMALL))),
    "a NUL": ("zip-name", zip_with(("p.txt\0.png", SMALL))),
    "two folders deep": ("zip-name", zip_with(("a/b/p.txt", SMALL))),
    "a symbolic link": ("zip-link", zip_with((named("p.txt", external_attr=0o120777 << 16), b"/etc/passwd"))),
    "encryption": ("zip-encrypted", with_encryption_flag(GOOD)),
    "bzip2": ("zip-method", zip_with(("p.txt", SMALL), compression=zipfile.ZIP_BZIP2)),
    "lzma": ("zip-method", zip_with(("p.txt", SMALL), compression=zipfile.ZIP_LZMA)),
    "another name in the local header": ("zip-headers", with_local(GOOD, offset=30, value=b"q.txt")),
    "another method in the local header": ("zip-headers", with_local(GOOD, offset=8, value=b"\0\0")),
    "another size in the local header": ("zip-headers", with_local(GOOD, offset=22, value=b"\1\0\0\0")),
    "something behind": ("trailing-data", GOOD + b"garbage"),
    "something before": ("trailing-data", b"PK\x03\x04" + GOOD),
    "no directory": ("archive-broken", GOOD[:-30]),
    "another checksum": ("archive-broken", GOOD.replace(GOOD[14:18], b"\0\0\0\0")),
    "damaged data": ("archive-broken", with_local(GOOD, offset=37, value=b"\xff\xff\xff")),
}


@pytest.mark.parametrize(("code", "content"), CLEVER_ZIPS.values(), ids=CLEVER_ZIPS)
def test_everything_clever_about_a_zip_is_refused(code: str, content: bytes, tmp_path: Path) -> None:
    assert refusal(tmp_path, content).code == code


def test_a_zip_whose_directory_points_past_its_end_is_refused(tmp_path: Path) -> None:
    at = GOOD.index(b"PK\x01\x02") + 42
    for offset in (len(GOOD) - 10, len(GOOD) + 1000):
        finding = refusal(tmp_path, GOOD[:at] + struct.pack("<I", offset) + GOOD[at + 4 :])
        assert finding.code == "trailing-data"


def test_a_zip_with_a_directory_of_megabytes_is_refused_before_it_is_taken_in(tmp_path: Path) -> None:
    content = zip_with(*((f"{n:0200}", b"") for n in range(5000)))
    finding = refusal(tmp_path, content)
    assert (finding.code, "its directory has 1,2" in finding.message) == ("zip-count", True)


def test_what_macos_adds_to_its_zips_is_no_second_file(tmp_path: Path) -> None:
    path = tmp_path / "predictions.zip"
    path.write_bytes(zip_of({"predictions.txt": b"1 2\n", "__MACOSX/._predictions.txt": b"attributes"}))
    with path.open("rb", buffering=0) as stream:
        policy = Policy(best_by="top5_error")
        assert b"".join(unpacked_chunks(HashedFile(stream), path, policy)) == b"1 2\n"
