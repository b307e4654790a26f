"""What every store of blobs promises, and what the local one does about a full disk."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.errors import StorageFull, UploadTooBig
from server.storage.blobs import Blobs
from server.storage.local_blobs import LocalBlobs
from server.storage.memory_blobs import MemoryBlobs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "incoming").mkdir()
    return tmp_path


@pytest.fixture
def local(folder: Path) -> LocalBlobs:
    return LocalBlobs(folder / "blobs", incoming=folder / "incoming")


@pytest.fixture(params=["local", "memory"])
def blobs(request: pytest.FixtureRequest, local: LocalBlobs) -> Blobs:
    return local if request.param == "local" else MemoryBlobs()


@contextmanager
def files_limited_to(size_bytes: int) -> Iterator[None]:
    """The kernel refuses to let any file of this process grow beyond this size, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_was_written_in_pieces_is_kept_whole_with_its_hash_and_size(blobs: Blobs) -> None:
    incoming = blobs.receive()
    incoming.write(b"1 2 3 4 5\n")
    incoming.write(b"")
    incoming.write(b"5 4 3 2 1\n")
    assert incoming.size_bytes == 20
    stored = incoming.commit()
    assert stored.sha256 == hashlib.sha256(b"1 2 3 4 5\n5 4 3 2 1\n").hexdigest()
    assert stored.size_bytes == 20
    with blobs.as_file(stored.key) as path:
        assert path.read_bytes() == b"1 2 3 4 5\n5 4 3 2 1\n"


def test_the_same_bytes_twice_are_two_blobs(blobs: Blobs) -> None:
    keys = set()
    for _ in range(2):
        incoming = blobs.receive()
        incoming.write(b"same")
        keys.add(incoming.commit().key)
    assert len(keys) == 2
    assert {blob.key for blob in blobs.ages()} == keys


def test_nobody_sees_a_blob_before_it_is_committed(blobs: Blobs) -> None:
    incoming = blobs.receive()
    incoming.write(b"half of it")
    assert list(blobs.ages()) == []
    incoming.discard()
    incoming.discard()
    assert list(blobs.ages()) == []


def test_discarding_after_the_commit_keeps_the_blob(blobs: Blobs) -> None:
    incoming = blobs.receive()
    incoming.write(b"kept")
    key = incoming.commit().key
    incoming.discard()
    with blobs.as_file(key) as path:
        assert path.read_bytes() == b"kept"


def test_a_deleted_blob_is_gone_and_deleting_it_again_is_no_error(blobs: Blobs) -> None:
    incoming = blobs.receive()
    key = incoming.commit().key
    blobs.delete(key)
    blobs.delete(key)
    with pytest.raises(FileNotFoundError), blobs.as_file(key):
        pass


def test_the_byte_over_the_cap_is_refused_and_the_rest_forgotten(blobs: Blobs, folder: Path) -> None:
    incoming = blobs.receive(max_bytes=4)
    incoming.write(b"1234")
    with pytest.raises(UploadTooBig):
        incoming.write(b"5")
    assert list((folder / "incoming").iterdir()) == []


def test_a_full_disk_refuses_the_upload_and_leaves_nothing_behind(local: LocalBlobs, folder: Path) -> None:
    incoming = local.receive()
    with files_limited_to(100_000), pytest.raises(StorageFull):
        for _ in range(3):
            incoming.write(b"x" * 50_000)
    assert list((folder / "incoming").iterdir()) == []
    assert list(local.ages()) == []


def test_reading_goes_on_while_the_disk_is_full(local: LocalBlobs) -> None:
    kept = local.receive()
    kept.write(b"kept")
    key = kept.commit().key
    with files_limited_to(0):
        incoming = local.receive()
        with pytest.raises(StorageFull):
            incoming.write(b"more")
        with local.as_file(key) as path:
            assert path.read_bytes() == b"kept"


def test_the_sweep_takes_old_broken_uploads_and_spares_those_going_on(local: LocalBlobs, folder: Path) -> None:
    incoming = local.receive()
    incoming.write(b"broken off")
    now = datetime.now(UTC)
    assert local.sweep_incoming(before=now - timedelta(hours=6)) == 0
    assert local.sweep_incoming(before=now + timedelta(seconds=5)) == 1
    assert list((folder / "incoming").iterdir()) == []
    incoming.discard()


def test_the_memory_store_has_nothing_to_sweep() -> None:
    assert MemoryBlobs().sweep_incoming(before=datetime.now(UTC)) == 0
