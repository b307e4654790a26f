"""What a prediction file is wrapped in: nothing, gzip, zstd, or a zip of one file. Told by content, never by name."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from isal import igzip_lib

from scoring.findings import Finding
from scoring.formats.unreadable import BOMB_BYTES, BOMB_RATIO, TOO_LARGE, UnreadableFile, too_large, unreadable
from scoring.formats.zip_files import checked_entries, content_chunks, open_zip, refuse_disagreeing_headers
from scoring.policies import Policy

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

_CHUNK_BYTES = 1 << 20

# Members of gzip, frames of zstd: each costs time, however little is in it. Parallel packers put 64 KB into one.
_MAX_SMALL_PARTS = 5_000
_SMALL_PART_BYTES = 1_000

# A file that starts by packing better is unpacked to its end before anybody spends time on its text.
_PROBE_BYTES = 8_000_000
_SUSPICIOUS_RATIO = 50

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIP_ADVICE = "zip the one file again: zip predictions.zip predictions.txt"

# The directory of a zip of one file is some hundred bytes; in memory it takes ten times its size.
_MAX_DIRECTORY_BYTES = 1 << 20


# First bytes of what people send by mistake, and what to call it.
_FOREIGN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x80\x04\x95", "a pickle"),
    (b"\x80\x05\x95", "a pickle"),
    (b"\x7fELF", "a program"),
)
_ARCHIVES = ((_GZIP, "a gzip file"), (_ZSTD, "a zstd file"), *((start, "a zip") for start in _ZIPS))
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Decompressor(Protocol):
    """What the decompressors of gzip and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Codec:
    kind: str
    magic: bytes  # the first bytes of a member or frame
    decompressor: Callable[[], _Decompressor]  # one for each member or frame
    errors: tuple[type[Exception], ...]  # what it raises on damaged data


class HashedFile:
    """A file read once, front to back, hashing every byte on the way."""

    def __init__(self, stream: IO[bytes], *, chunk_bytes: int = _CHUNK_BYTES) -> None:
        self._stream = stream
        self._chunk_bytes = chunk_bytes
        self._digest = hashlib.sha256()
        self.bytes_read = 0
        self.notices: list[Finding] = []  # what is odd about its wrapping

    def read(self) -> bytes:
        chunk = self._stream.read(self._chunk_bytes)
        self._digest.update(chunk)
        self.bytes_read += len(chunk)
        return chunk

    def sha256(self) -> str:
        """The digest of the whole file: what was not read is read now."""
        while self.read():
            pass
        return self._digest.hexdigest()


def _gzip_decompressor() -> _Decompressor:
    decompressor: _Decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    return decompressor


_GZIP_ERRORS: tuple[type[Exception], ...] = (igzip_lib.IsalError,)  # type: ignore[assignment]  # its stub is an instance
_GZIP_CODEC = _Codec(kind="gzip", magic=_GZIP, decompressor=_gzip_decompressor, errors=_GZIP_ERRORS)
_ZSTD_CODEC = _Codec(kind="zstd", magic=_ZSTD, decompressor=ZstdDecompressor, errors=(ZstdError,))


def unpacked_chunks(file: HashedFile, path: Path, policy: Policy) -> Iterator[bytes]:
    """The text inside `file`, a megabyte or so at a time.

    Raises:
        UnreadableFile: for an empty, foreign, broken, oversized or suspicious file.
    """
    if path.stat().st_size > policy.max_upload_bytes:
        raise too_large(f"the file has {path.stat().st_size:,} bytes; the cap is {policy.max_upload_bytes:,}")
    first = file.read()
    if not first:
        raise unreadable("empty", "the file is empty", "send one line per image, or per detection")
    if first.startswith(_ZIPS):
        chunks = _zip_chunks(file, path, policy)
    elif codec := next((codec for codec in (_GZIP_CODEC, _ZSTD_CODEC) if first.startswith(codec.magic)), None):
        _refuse_bomb(path, codec, policy)
        chunks = _packed_chunks(first, file, codec)
    else:
        chunks = _plain_chunks(first, file)
    return _checked(_with_long_start(chunks), path, policy, is_packed=first.startswith((*_ZIPS, _GZIP, _ZSTD)))


def _refuse_bomb(path: Path, codec: _Codec, policy: Policy) -> None:
    """Unpack a suspicious file as far as its caps, many times faster than its text could be read."""
    packed_bytes = path.stat().st_size
    unpacked_bytes = 0
    with path.open("rb", buffering=0) as stream:
        file = HashedFile(stream, chunk_bytes=_PROBE_BYTES >> 7)  # so that what is read tells what was needed
        try:
            for chunk in _packed_chunks(file.read(), file, codec):
                unpacked_bytes += len(chunk)
                _refuse_size(unpacked_bytes, policy, packed_bytes=packed_bytes)
                if unpacked_bytes > _PROBE_BYTES and unpacked_bytes < _SUSPICIOUS_RATIO * file.bytes_read:
                    return
        except UnreadableFile as error:
            if error.finding.code == TOO_LARGE:
                raise
            # It is damaged: what stands before the damage is read, and then the same is found again.


def _with_long_start(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, the first chunk a megabyte where there are so many.

    What a file is and how its lines end is told by its start, which an archive of many members gives in crumbs.
    """
    start = bytearray()
    for chunk in chunks:
        start += chunk
        if len(start) >= _CHUNK_BYTES:
            break
    if start:
        yield bytes(start)
    yield from chunks


def _checked(chunks: Iterator[bytes], path: Path, policy: Policy, *, is_packed: bool) -> Iterator[bytes]:
    """Chunks as they are, once the first has been recognised as text, and while they stay under the caps."""
    packed_bytes = path.stat().st_size
    unpacked_bytes = 0
    for chunk in chunks:
        if not unpacked_bytes:
            _refuse_foreign(chunk, is_packed=is_packed)
        unpacked_bytes += len(chunk)
        _refuse_size(unpacked_bytes, policy, packed_bytes=packed_bytes if is_packed else None)
        yield chunk
    if not unpacked_bytes:
        raise unreadable("empty", "the file inside is empty", "send one line per image, or per detection")


def _refuse_size(unpacked_bytes: int, policy: Policy, *, packed_bytes: int | None) -> None:
    if unpacked_bytes > policy.max_unpacked_bytes:
        raise too_large(f"the file unpacks to more than {policy.max_unpacked_bytes:,} bytes")
    if packed_bytes is not None and unpacked_bytes > BOMB_BYTES and unpacked_bytes > BOMB_RATIO * packed_bytes:
        raise too_large(f"{packed_bytes:,} bytes unpack to more than {BOMB_RATIO} times as much")


def _refuse_foreign(start: bytes, *, is_packed: bool) -> None:
    advice = "send the kit's text format, plain or as .gz, .zst or a .zip of one file"
    if start.startswith(_UTF_16) or (len(start) > 3 and start[1:4:2] == b"\0\0") or start[:4:2] == b"\0\0":
        raise unreadable("utf-16", "this is UTF-16 text", "save it as UTF-8 or ASCII")
    for magic, name in (*_FOREIGN, *(_ARCHIVES if is_packed else ())):
        if start.startswith(magic):
            inside = " inside the archive" if is_packed else ""
            raise unreadable("not-text", f"this is {name}{inside}, not a text of predictions", advice)
    if start[257:262] == b"ustar":
        raise unreadable("not-text", "this is a tar archive, not a text of predictions", advice)
    if start.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] == b"<":
        raise unreadable("not-text", "this is HTML or XML, not a text of predictions", advice)


def _plain_chunks(first: bytes, file: HashedFile) -> Iterator[bytes]:
    chunk = first
    while chunk:
        yield chunk
        chunk = file.read()


def _packed_chunks(first: bytes, file: HashedFile, codec: _Codec) -> Iterator[bytes]:
    """One member (gzip) or frame (zstd) after the other, each verified to its end."""
    data = first
    parts = unpacked_bytes = 0
    while data:
        parts += 1
        if parts > _MAX_SMALL_PARTS and unpacked_bytes < parts * _SMALL_PART_BYTES:
            raise unreadable(
                "archive-parts", f"the {codec.kind} data are made of very many parts with next to nothing in them",
                f"pack the file again: {codec.kind} predictions.txt",
            )  # fmt: skip
        if not data.startswith(codec.magic[: len(data)]):
            raise unreadable(
                "trailing-data", f"there is something behind the end of the {codec.kind} data",
                f"pack the file again: {codec.kind} predictions.txt",
            )  # fmt: skip
        decompressor = codec.decompressor()
        while not decompressor.eof:
            try:
                chunk = decompressor.decompress(data, _CHUNK_BYTES)
            except codec.errors as error:
                raise _broken(codec.kind, str(error)) from None
            if chunk:
                unpacked_bytes += len(chunk)
                yield chunk
            data = b""
            if decompressor.needs_input and not decompressor.eof:
                data = file.read()
                if not data:
                    raise _broken(codec.kind, "it is cut short")
        data = decompressor.unused_data or file.read()


def _broken(kind: str, why: str) -> UnreadableFile:
    return unreadable(
        "archive-broken", f"the {kind} data are damaged: {why}", "pack the file again, and send all of it"
    )


def _zip_chunks(file: HashedFile, path: Path, policy: Policy) -> Iterator[bytes]:
    with open_zip(path, max_directory_bytes=_MAX_DIRECTORY_BYTES) as archive:
        info = _only_file(path, archive)
        _refuse_size(info.file_size, policy, packed_bytes=path.stat().st_size)
        if "/" in info.filename:
            file.notices.append(
                Finding(
                    code="zip-folder", severity="notice", value=info.filename,
                    message="the file lies in a folder of the zip", advice="this is allowed, one folder deep",
                )
            )  # fmt: skip
        yield from content_chunks(archive, info)


def _only_file(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file of the zip."""
    files = checked_entries(archive)
    if len(files) != 1:
        raise unreadable("zip-count", f"the zip holds {len(files)} files; one is due", _ZIP_ADVICE)
    if files[0].filename.count("/") > 1:
        raise unreadable("zip-name", "the file lies more than one folder deep", _ZIP_ADVICE, value=files[0].filename)
    refuse_disagreeing_headers(path, archive)
    return files[0]
