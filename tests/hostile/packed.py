"""Makers of packed files: gzip, zstd and zip, honest and not."""

from __future__ import annotations

import gzip
import io
import stat
import sys
import zipfile
from collections.abc import Callable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NAME = "predictions.txt"

Pack = Callable[[bytes], bytes]


def gzipped(content: bytes) -> bytes:
    """As `gzip -n` does it."""
    return gzip.compress(content, mtime=0)


def gzip_with_name(content: bytes) -> bytes:
    """As `gzip predictions.txt` does it."""
    buffer = io.BytesIO()
    with gzip.GzipFile(NAME, "wb", fileobj=buffer, mtime=0) as stream:
        stream.write(content)
    return buffer.getvalue()


def zstd_packed(content: bytes) -> bytes:
    return zstd.compress(content)


def zipped(content: bytes) -> bytes:
    return zip_of((NAME, content))


PACKERS: dict[str, Pack] = {"gzip": gzipped, "zstd": zstd_packed, "zip": zipped}


def zip_of(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    """A zip, always of the same bytes: its entries are from 1980."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name) if isinstance(name, str) else name, content, method)
        archive.comment = comment
    return buffer.getvalue()


def zip_stored(content: bytes) -> bytes:
    return zip_of((NAME, content), method=zipfile.ZIP_STORED)


def zip_lzma(content: bytes) -> bytes:
    return zip_of((NAME, content), method=zipfile.ZIP_LZMA)


def zip_for_a_pipe(content: bytes) -> bytes:
    """As zipfile writes where it cannot go back: sizes follow the data."""
    buffer = io.BytesIO()
    buffer.seekable = lambda: False  # type: ignore[method-assign]
    info = zipfile.ZipInfo(NAME)
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w") as archive, archive.open(info, "w") as entry:
        entry.write(content)
    return buffer.getvalue()


def zip_with_comment(content: bytes) -> bytes:
    return zip_of((NAME, content), comment=b"the best run")


def zip_named(name: str, content: bytes) -> bytes:
    """A zip of one entry with exactly this name, whatever zipfile thinks of it."""
    placeholder = "x" * len(name.encode())
    return zip_of((placeholder, content)).replace(placeholder.encode(), name.encode())


def zip_without_a_name(content: bytes) -> bytes:
    whole = bytearray(zip_of(("x", content)))
    entry = whole.rindex(b"PK\x01\x02")
    whole[entry + 28 : entry + 30] = b"\0\0"
    del whole[entry + 46]
    size = int.from_bytes(whole[-10:-6], "little")
    whole[-10:-6] = (size - 1).to_bytes(4, "little")
    return bytes(whole)


def zip_with_symlink(target: bytes) -> bytes:
    info = zipfile.ZipInfo(NAME)
    info.create_system = 3  # Unix
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zip_of((info, target))


def zip_encrypted(content: bytes) -> bytes:
    """A zip whose headers say that its entry is encrypted."""
    packed = bytearray(zipped(content))
    packed[6] |= 1
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def zip_with_other_local_name(content: bytes) -> bytes:
    packed = zipped(content)
    return packed.replace(NAME.encode(), b"preDictions.txt", 1)


def zip_with_other_local_size(content: bytes) -> bytes:
    packed = bytearray(zipped(content))
    packed[22:26] = (len(content) + 1).to_bytes(4, "little")
    return bytes(packed)


def zip_with_many_entries(count: int) -> bytes:
    """A zip whose directory alone has megabytes; its entries share one local header."""
    whole = zip_of(("a", b""), method=zipfile.ZIP_STORED)
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    entry = bytearray(whole[start:end])
    directory = bytearray()
    name_at = 46
    entry[28:30] = (8).to_bytes(2, "little")
    for number in range(count):
        directory += entry[:name_at] + f"{number:08}".encode() + entry[name_at + 1 :]
    record = bytearray(whole[end:])
    record[8:12] = min(count, 0xFFFF).to_bytes(2, "little") * 2
    record[12:16] = len(directory).to_bytes(4, "little")
    return whole[:start] + bytes(directory) + bytes(record)
