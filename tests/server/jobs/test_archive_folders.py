"""Archives of rounds: what is unpacked, and what is refused."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from scoring.faults import FaultLog
from server.jobs import archive_folders
from server.jobs.archive_folders import unpack_folder
from tests.scoring.making import gzip_of, tar_of, zip_of

FILES = {"round.toml": b"slug", "truth/boxes.csv": b"1,1"}


def unpacked(content: bytes, folder: Path) -> tuple[Path, list[str]]:
    """The folder, and the codes of what was wrong."""
    archive, faults = folder / "sent", FaultLog()
    archive.write_bytes(content)
    found = unpack_folder(archive, folder / "target", name="round.zip", faults=faults)
    assert all(fault.file == "round.zip" and fault.advice for fault in faults.faults)
    return found, [fault.code for fault in faults.faults]


def tar_with(**changes: object) -> bytes:
    """A tar of one odd member."""
    info, stream = tarfile.TarInfo("odd"), io.BytesIO()
    for name, value in changes.items():
        setattr(info, name, value)
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(info)
    return stream.getvalue()


def zip_with_link() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return stream.getvalue()


@pytest.mark.parametrize("within", ["", "my round/"])
@pytest.mark.parametrize("pack", [zip_of, tar_of, lambda files: gzip_of(tar_of(files))], ids=["zip", "tar", "tgz"])
def test_a_folder_is_unpacked_with_or_without_a_folder_around_it(pack: object, within: str, tmp_path: Path) -> None:
    assert callable(pack)
    folder, faults = unpacked(pack({f"{within}{name}": content for name, content in FILES.items()}), tmp_path)
    assert faults == []
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html>", "not-archive"),
        (b"", "not-archive"),
        (gzip_of(tar_of({"a": b"x" * 100_000}))[:80], "archive-broken"),
        (zip_of(FILES)[:-20], "archive-broken"),
        (zip_of({"../out": b""}), "zip-name"),
        (zip_of({"/etc/passwd": b""}), "zip-name"),
        (zip_with_link(), "zip-link"),
        (tar_of({"../out": b""}), "archive-name"),
        (tar_of({"/etc/passwd": b""}), "archive-name"),
        (tar_of({"a\\b": b""}), "archive-name"),
        (tar_of({"C:a": b""}), "archive-name"),
        (tar_of({"a/" * 40 + "b": b""}), "archive-name"),
        (tar_of({"a": b"", "./a": b""}), "archive-twice"),
        (tar_of({"a": b"", "a/b": b""}), "archive-twice"),
        (tar_of({"a/b": b"", "a": b""}), "archive-twice"),
        (tar_with(type=tarfile.SYMTYPE, linkname="/etc/passwd"), "archive-link"),
        (tar_with(type=tarfile.LNKTYPE, linkname="round.toml"), "archive-link"),
        (tar_with(type=tarfile.CHRTYPE), "archive-link"),
        (gzip_of(tar_of({"a": bytes(70_000_000)})), "too-large"),
    ],
)
def test_whatever_is_odd_about_an_archive_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    assert unpacked(content, tmp_path)[1] == [code]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cap", "code"), [("MAX_FILES", "archive-count"), ("MAX_UNPACKED_BYTES", "too-large")]
)  # fmt: skip
def test_caps_hold(cap: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_folders, cap, 1)
    assert unpacked(tar_of(FILES), tmp_path)[1] == [code]
