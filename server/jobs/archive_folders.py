"""A round's folder out of one archive that somebody sent, a zip or a tar. Everything clever is refused."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from scoring.faults import FaultLog
from scoring.formats.unreadable import BOMB_BYTES, BOMB_RATIO, UnreadableFile
from scoring.formats.zip_files import checked_entries, content_chunks, open_zip, refuse_disagreeing_headers
from scoring.rounds import ROUND_FILE

# The ILSVRC training set has 544,546 annotations; unpacked they are half a gigabyte.
MAX_FILES = 600_000
MAX_UNPACKED_BYTES = 8 << 30

# Their names, some hundred bytes each, in the directory of a zip.
_MAX_DIRECTORY_BYTES = 128 << 20
_CHUNK_BYTES = 1 << 20

_ADVICE = "pack the folder again with an ordinary program: zip -r round.zip FOLDER, or tar czf round.tgz FOLDER"


class _Refused(Exception):
    """The archive is not taken."""

    def __init__(self, code: str, message: str, *, value: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.value = value


def unpack_folder(archive: Path, target: Path, *, name: str, faults: FaultLog) -> Path:
    """Unpack `archive` into `target`; the folder that holds round.toml, there or one folder deeper.

    Args:
        archive: as it was sent.
        target: is made.
        name: what the sender calls the archive, for the faults.
        faults: learns why it is not taken; what is returned then is not to be used.
    """
    target.mkdir(mode=0o700)
    try:
        _unpack(archive, _Target(target, packed_bytes=archive.stat().st_size))
    except _Refused as refused:
        faults.add(refused.code, refused.message, advice=_ADVICE, file=name, value=refused.value)
    except UnreadableFile as unreadable:
        finding = unreadable.finding
        faults.add(finding.code, finding.message, advice=finding.advice, file=name, value=finding.value)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk, not of the archive
        faults.add("archive-broken", "the archive is damaged or cut short", advice=_ADVICE, file=name)
    return _with_round_file(target)


def _unpack(archive: Path, target: _Target) -> None:
    with archive.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(b"PK"):
        with open_zip(archive, max_directory_bytes=_MAX_DIRECTORY_BYTES) as opened:
            files = checked_entries(opened)
            refuse_disagreeing_headers(archive, opened)
            for info in files:
                target.write(info.filename, content_chunks(opened, info))
        return
    try:
        opened_tar = tarfile.open(archive, "r:*")  # noqa: SIM115 - only what opening raises says that it is no tar
    except tarfile.ReadError:
        raise _Refused("not-archive", "this is neither a zip nor a tar") from None
    with opened_tar:
        for member in opened_tar:
            _take_member(opened_tar, member, target)


def _take_member(opened: tarfile.TarFile, member: tarfile.TarInfo, target: _Target) -> None:
    if member.isdir():
        return
    if not member.isreg() or member.issparse():
        raise _Refused("archive-link", "the archive holds a link, a device or a sparse file", value=member.name)
    stream = opened.extractfile(member)
    if stream is not None:
        with stream:
            target.write(member.name.removeprefix("./"), _chunks(stream))


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


@dataclass
class _Target:
    """Takes files in while they stay under the caps."""

    folder: Path
    packed_bytes: int
    unpacked_bytes: int = 0
    files: int = 0

    def write(self, name: str, chunks: Iterator[bytes]) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise _Refused("archive-count", f"the archive holds more than {MAX_FILES:,} files")
        path = self.folder / _safe(name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("xb") as stream:
                for chunk in chunks:
                    self._count(len(chunk))
                    stream.write(chunk)
        except (FileExistsError, IsADirectoryError, NotADirectoryError):
            raise _Refused("archive-twice", "two files of the archive have one name", value=name) from None

    def _count(self, size_bytes: int) -> None:
        self.unpacked_bytes += size_bytes
        if self.unpacked_bytes > MAX_UNPACKED_BYTES:
            raise _Refused("too-large", f"the archive unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
        if self.unpacked_bytes > BOMB_BYTES and self.unpacked_bytes > BOMB_RATIO * self.packed_bytes:
            raise _Refused("too-large", f"the archive unpacks to more than {BOMB_RATIO} times its size")


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name or "\0" in name or name[1:2] == ":":
        raise _Refused("archive-name", "a name in the archive leads out of it, or is none", value=name)
    if any(len(part.encode("utf-8", "surrogateescape")) > 255 for part in path.parts) or len(path.parts) > 32:
        raise _Refused("archive-name", "a name in the archive is too long", value=name)
    return path


def _with_round_file(folder: Path) -> Path:
    """The folder itself, or the only one in it that has round.toml."""
    if (folder / ROUND_FILE).is_file():
        return folder
    inner = [path.parent for path in folder.glob(f"*/{ROUND_FILE}")]
    return inner[0] if len(inner) == 1 else folder
