"""An archive that somebody sent, unpacked into a folder of our own: plain files under plain names, up to a limit."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

# The annotations of ILSVRC's training set are half a million files; the label maps of a scene round some gigabytes.
MAX_FILES = 1_000_000
MAX_UNPACKED_BYTES = 16 << 30

_CHUNK_BYTES = 1 << 20


class BadArchive(Exception):
    """The file is no archive that can be unpacked here; the message says why."""


def unpack(archive: Path, target: Path, *, max_bytes: int = MAX_UNPACKED_BYTES, max_files: int = MAX_FILES) -> Path:
    """Unpack a zip or a tar, packed or not, into the new folder `target`; the one folder that holds everything.

    Raises:
        BadArchive: it is neither, it is broken, it is too large, or a name in it leads elsewhere.
    """
    target.mkdir()
    left_bytes, left_files = max_bytes, max_files
    try:
        for name, stream in _members(archive):
            left_files -= 1
            path = target / _harmless(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with stream, path.open("xb") as written:
                while chunk := stream.read(_CHUNK_BYTES):
                    left_bytes -= len(chunk)
                    if left_bytes < 0 or left_files < 0:
                        raise BadArchive("It unpacks to more than this server takes.")
                    written.write(chunk)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError) as error:
        raise BadArchive("It is broken or encrypted.") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise BadArchive("It holds two files of one name.") from error
    inner = list(target.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else target


def remove(folder: Path) -> None:
    """Remove a folder with everything in it, or a file; one that is gone already is no error."""
    if folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        folder.unlink(missing_ok=True)


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """(name, content) of every plain file; links and devices are left out, and so is what macOS adds."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                if not info.is_dir() and not info.filename.startswith("__MACOSX/"):
                    yield info.filename, packed.open(info)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tape:
            for member in tape:
                content = tape.extractfile(member) if member.isreg() else None
                if content is not None:
                    yield member.name, content
    else:
        raise BadArchive("It is neither a .zip nor a .tar, .tar.gz or .tgz.")


def _harmless(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not name.isprintable() or not path.parts:
        raise BadArchive("A name in it leads out of its folder.")
    return path
