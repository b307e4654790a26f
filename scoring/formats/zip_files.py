"""Zips: one of many files, read one file at a time, and what all have in common. Everything clever is refused."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from scoring.findings import shown_value
from scoring.formats.unreadable import BOMB_BYTES, BOMB_RATIO, too_large, unreadable

_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others may ask for gigabytes of memory
_FINDER_FOLDER = "__MACOSX/"  # what macOS adds to every zip it makes: attributes, no contents
_ADVICE = "zip the files again with an ordinary zip program"

# 20,000 files of long names, each with macOS's other one for its attributes. In memory it takes fifteen times that.
_MAX_DIRECTORY_BYTES = 8 << 20
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ZipCaps:
    """What a zip may hold."""

    file_bytes: int  # of one file
    unpacked_bytes: int | None  # of all; None for an organizer's own


@dataclass(frozen=True, kw_only=True, slots=True)
class ZippedFile:
    """One file of a zip."""

    name: str  # its path there
    content: bytes
    packed_bytes_read: int  # of the zip, when this file had been read


class _BoundedReads:
    """A file as zipfile needs it, which would otherwise take in a directory of any size."""

    def __init__(self, stream: IO[bytes], most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable
        self.close = stream.close

    def read(self, size: int = -1) -> bytes:
        if size > self._most_bytes:
            raise unreadable(
                "zip-count", f"the zip names far too many files: its directory has {size:,} bytes", _ADVICE
            )
        return self._stream.read(size)


@contextmanager
def open_zip(path: Path, *, max_directory_bytes: int) -> Iterator[zipfile.ZipFile]:
    """The zip, open for reading.

    Raises:
        OSError: when the file cannot be opened.
        UnreadableFile: when it is damaged, here or in what is read of it meanwhile, or its directory over the cap.
    """
    with path.open("rb") as stream:
        try:
            with zipfile.ZipFile(cast("IO[bytes]", _BoundedReads(stream, max_directory_bytes))) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, struct.error, OSError, ValueError) as error:
            raise unreadable(
                "archive-broken", f"the zip data are damaged: {error}", "pack the file again, and send all of it"
            ) from None


def zipped_files(path: Path, caps: ZipCaps) -> Iterator[ZippedFile]:
    """The files of a zip, in the order of its directory; folders are passed over.

    Raises:
        OSError: when the file cannot be opened.
        UnreadableFile: for what is no zip, or over the caps, and as all that is called here.
    """
    with path.open("rb") as stream:
        _refuse_other_formats(stream.read(4))
    with open_zip(path, max_directory_bytes=_MAX_DIRECTORY_BYTES) as archive:
        files = checked_entries(archive)
        _refuse_sizes(path, files, caps)
        refuse_disagreeing_headers(path, archive)
        for info in files:
            yield ZippedFile(
                name=info.filename,
                content=b"".join(content_chunks(archive, info)),
                packed_bytes_read=info.header_offset + info.compress_size,
            )


def content_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A file of the zip, and no more than its entry says: read at once, it would be unpacked whole first."""
    size = 0
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            yield chunk
    if size != info.file_size:
        raise zipfile.BadZipFile(f"{shown_value(info.filename)} has fewer bytes than its entry says")


def _refuse_other_formats(start: bytes) -> None:
    if not start:
        raise unreadable("empty", "the file is empty", "send a zip with one PNG for each image")
    if not start.startswith(_STARTS):
        raise unreadable("not-zip", "a zip with one PNG for each image is due", "zip the folder of maps, and send that")


def checked_entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of the zip, without folders and what macOS adds.

    Raises:
        UnreadableFile: for links, encrypted files, two of one name, or names that lead out of the zip.
    """
    infos = archive.infolist()
    if len({info.filename for info in infos}) != len(infos):
        raise unreadable("zip-twice", "two entries of the zip have one name", _ADVICE)
    for info in infos:
        _refuse_clever_entry(info)
    return [info for info in infos if not info.is_dir() and not info.filename.startswith(_FINDER_FOLDER)]


def _refuse_clever_entry(info: zipfile.ZipInfo) -> None:
    if not _is_safe(info.orig_filename):
        raise unreadable(
            "zip-name", "an entry's name leads out of the zip, or is none", _ADVICE, value=info.orig_filename
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise unreadable("zip-link", "the zip holds a symbolic link", _ADVICE, value=info.filename)
    if info.flag_bits & 0x1:
        raise unreadable("zip-encrypted", "the zip is encrypted", "zip the files again, without a password")
    if info.compress_type not in _METHODS:
        raise unreadable("zip-method", "the zip is packed by another method than deflate", _ADVICE, value=info.filename)


def _is_safe(name: str) -> bool:
    is_outside = name.startswith("/") or name[1:2] == ":" or ".." in PurePosixPath(name).parts
    return bool(name) and not is_outside and "\\" not in name and "\0" not in name


def _refuse_sizes(path: Path, files: list[zipfile.ZipInfo], caps: ZipCaps) -> None:
    large = next((info for info in files if max(info.file_size, info.compress_size) > caps.file_bytes), None)
    if large is not None:
        raise too_large(f"{shown_value(large.filename)} has more than {caps.file_bytes:,} bytes")
    total, packed_bytes = sum(info.file_size for info in files), path.stat().st_size
    if caps.unpacked_bytes is not None and total > caps.unpacked_bytes:
        raise too_large(f"the zip unpacks to more than {caps.unpacked_bytes:,} bytes")
    if total > BOMB_BYTES and total > BOMB_RATIO * packed_bytes:
        raise too_large(f"{packed_bytes:,} bytes unpack to more than {BOMB_RATIO} times as much")


def refuse_disagreeing_headers(path: Path, archive: zipfile.ZipFile) -> None:
    """Readers that trust the local headers must see what readers of the directory see, and nothing twice.

    Raises:
        UnreadableFile: for headers that disagree, or data that belong to no file or to two.
    """
    free_from = 0
    with path.open("rb") as stream:
        for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
            if info.header_offset and not free_from:
                raise unreadable("trailing-data", "there is something before the zip", _ADVICE)
            if info.header_offset < free_from:
                raise unreadable("zip-headers", "two files of the zip share bytes", _ADVICE)
            free_from = _data_start(stream, info) + info.compress_size
        end = stream.seek(0, 2)
        stream.seek(max(0, end - 22 - len(archive.comment)))
        if stream.read(4) != b"PK\x05\x06" or free_from > archive.start_dir:
            raise unreadable("trailing-data", "there is something behind the zip", _ADVICE)


def _data_start(stream: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where an entry's data begin; raises UnreadableFile where its own header says other things than the directory."""
    stream.seek(info.header_offset)
    fields = struct.unpack("<4sHHHHHIIIHH", stream.read(30))
    name = stream.read(fields[9])
    encoding = "utf-8" if info.flag_bits & 0x800 else "cp437"
    sizes_follow = bool(fields[2] & 0x8)  # then the local header says 0 and a descriptor follows the data
    says_64_bits = 0xFFFFFFFF in fields[7:9]
    same_sizes = sizes_follow or says_64_bits or fields[7:9] == (info.compress_size, info.file_size)
    if name != info.orig_filename.encode(encoding, "replace") or fields[3] != info.compress_type or not same_sizes:
        raise unreadable(
            "zip-headers", "the zip's directory and a file's own header disagree", _ADVICE, value=info.filename
        )
    return info.header_offset + 30 + int(fields[9]) + int(fields[10])
