"""Uploads of rounds that come to nothing: each says why, and leaves nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.db.truths import versions_of
from server.deployment import Deployment
from server.errors import DatabaseUnavailable, NotAllowed, NotLoggedIn, RoundNotFound, ServerBusy, UploadTooBig
from server.organizing_errors import FolderTooHeavy, StillADraft
from server.services import draft_uploads
from server.services.boards import Boards
from server.services.correcting import prepare_erratum
from server.services.draft_uploads import ARCHIVE, begin_draft
from server.services.organized_errata import errata_of
from server.services.round_exports import export_files
from server.services.rounds import RoundFacts
from tests.scoring.making import gzip_of, round_toml, write_round
from tests.server.drafting import archive_of
from tests.server.making import NOW, quick_deployment, quick_settings
from tests.server.services.organizing import add_person

MAKER = Viewer(person_id=1, is_organizer=True)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    deployment = quick_deployment(quick_settings(tmp_path / "data", database_wait_seconds=0.1))
    add_person(deployment.database, "maker@host.example")
    yield deployment
    deployment.close()


def draft(deployment: Deployment, content: bytes, *, maker: Viewer = MAKER) -> RoundFacts:
    upload = begin_draft(deployment, maker)
    try:
        upload.take(ARCHIVE, "round.zip").write(content)
        return upload.finish({}, now=NOW)
    finally:
        upload.discard()
        assert list(deployment.folders.drafts.iterdir()) == []


@pytest.mark.parametrize(("viewer", "error"), [(Viewer(), NotLoggedIn), (Viewer(person_id=1), NotAllowed)])
def test_only_organizers_begin(viewer: Viewer, error: type[Exception], deployment: Deployment) -> None:
    with pytest.raises(error):
        begin_draft(deployment, viewer)
    assert list(deployment.folders.drafts.iterdir()) == []


def test_a_round_over_the_cap_is_refused(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_uploads, "MAX_FOLDER_BYTES", 100)
    with pytest.raises(UploadTooBig, match="100 bytes together"):
        draft(deployment, bytes(101))


def test_a_child_that_breaks_is_the_servers_fault(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_uploads, "PREPARE_TASK", "server.jobs.draft_task:missing")
    with pytest.raises(ServerBusy, match="interrupted"):
        draft(deployment, archive_of())


def test_a_draft_is_not_lost_while_the_database_is_locked(deployment: Deployment) -> None:
    kept = draft(deployment, archive_of())
    with deployment.database.write(), pytest.raises(DatabaseUnavailable):
        draft(deployment, archive_of("det"))
    assert (deployment.folders.truth_file("small", kept.truth_digest or "")).is_file()


def test_the_truth_of_a_draft_is_replaced_and_not_corrected(deployment: Deployment, tmp_path: Path) -> None:
    draft(deployment, archive_of())
    with deployment.database.read() as session, pytest.raises(StillADraft):
        errata_of(session, COMMAND, slug="small", max_attempts=1, now=NOW)
    with pytest.raises(RoundNotFound):
        prepare_erratum(deployment, write_round(tmp_path / "folder", "cls"), now=NOW)


def test_a_round_that_takes_too_long_is_told_so(tmp_path: Path) -> None:
    deployment = quick_deployment(quick_settings(tmp_path / "data", child_time_seconds=0.001))
    upload = begin_draft(deployment, MAKER)
    upload.take(ARCHIVE, "round.zip").write(archive_of())
    with pytest.raises(FolderTooHeavy):
        upload.finish({}, now=NOW)
    upload.discard()  # the child that removes the folder has no more time than this
    deployment.close()


def test_the_export_of_a_draft_has_the_baselines_that_wait_for_its_opening(deployment: Deployment) -> None:
    files = {
        "baselines.toml": '[[baselines]]\nfile = "five.csv.gz"\nmethod = "Five"\nscores = {top1_error = 0.5}\n',
        "five.csv.gz": gzip_of(b"1 2\n1 2\n1 2\n"),
    }
    draft(deployment, archive_of(changes=files))
    with deployment.database.read() as session:
        exported = {
            file.name: file.content
            for file in export_files(
                session, Boards(), COMMAND, deployment=deployment, slug="small", has_files=True, now=NOW
            )
        }
    assert exported["baselines/0.csv.gz"] == files["five.csv.gz"]
    (baseline,) = tomllib.loads(exported["baselines.toml"].decode())["baselines"]
    assert baseline == {
        "file": "baselines/0.csv.gz", "method": "Five", "description": "", "scores": {"top1_error": 0.5},
    }  # fmt: skip


def test_a_draft_sent_again_has_the_truths_of_its_new_folder(deployment: Deployment) -> None:
    drawn_from = 'labels = "labels.txt"\n[truth.drawn_from]\nlabels = "first.txt"'
    corrected = {"round.toml": round_toml("cls", truth=drawn_from), "first.txt": "1\n1\n3\n"}
    for changes, count in ((corrected, 2), ({}, 1), (corrected, 2)):
        facts = draft(deployment, archive_of(changes=changes), maker=replace(MAKER, organized=frozenset({1})))
        with deployment.database.read() as session:
            versions = versions_of(session, facts.id)
        assert [version.number for version in versions] == [*range(1, count + 1)]
        assert (versions[-1].id, versions[-1].digest) == (facts.truth_id, facts.truth_digest)
        assert all(deployment.folders.truth_file("small", version.digest).exists() for version in versions)
