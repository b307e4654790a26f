"""A corrected truth that is sent: whole, in parts or as a list of changes, read by a child, with every fault told."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS
from server.deployment import Deployment
from server.errors import ErratumNotReady, NotLoggedIn, RoundNotFound
from server.jobs.erratum_orders import BOX_COLUMNS
from server.jobs.erratum_task import _with_boxes
from server.organizing_errors import FaultyTruth, InvalidText, PolicyRefused, TruthOvertaken
from server.services.erratum_uploads import begin_erratum
from server.services.opening import open_folder
from server.services.organized_errata import errata_of, forget_erratum, show_erratum
from server.services.truth_versions import PreparedErratum
from tests.scoring.making import Files
from tests.scoring.making import write_round as write_small_round
from tests.server.making import NOW, quick_deployment, quick_settings, tiny_deployment, write_round
from tests.server.services.organizing import other_organizer

CORRECTED = "2\n2\n3\n4\n5\n6\n"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    deployment = tiny_deployment(tmp_path_factory.mktemp("errata") / "data")
    yield deployment
    deployment.close()


def _send(
    deployment: Deployment, content: bytes, *, part: str = "folder", file_name: str = "t.zip", slug: str = "tiny",
    note: str = "Image 1 shows class 2.",
) -> PreparedErratum:  # fmt: skip
    upload = begin_erratum(deployment, COMMAND, slug=slug, now=NOW)
    try:
        upload.write(content)
        return upload.finish(part=part, file_name=file_name, note=note, now=NOW)
    finally:
        upload.discard()


def _faults(deployment: Deployment, content: bytes, **what: str) -> set[str]:
    with pytest.raises(FaultyTruth) as refusal:
        _send(deployment, content, **what)
    return {fault["code"] for fault in refusal.value.details["faults"]}


def _zip(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return packed.getvalue()


def _folder(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(folder, arcname="corrected")
    return packed.getvalue()


def test_it_comes_as_a_file_an_archive_a_folder_or_a_list_of_changes(deployment: Deployment, tmp_path: Path) -> None:
    sent = [
        _send(deployment, CORRECTED.encode(), part="labels", file_name="mended.txt"),
        _send(deployment, _zip(labels_txt=CORRECTED)),
        _send(deployment, _zip(new__labels_txt=CORRECTED)),
        _send(deployment, _folder(write_round(tmp_path / "r", labels=(2, 2, 3, 4, 5, 6))), file_name="r.tgz"),
        _send(deployment, b"image,present,suggested\n1,1,2\n2,2,\n", part="changes", file_name="draft.csv"),
    ]
    assert [(one.number, one.changed) for one in sent] == [(number, (1,)) for number in range(2, 7)]
    assert len({one.digest for one in sent}) == 1
    assert list(deployment.folders.work.iterdir()) == []
    assert [blob.key for blob in deployment.blobs.ages()] == []
    with deployment.database.read() as session:
        affairs = errata_of(session, COMMAND, slug="tiny", max_attempts=4, now=NOW)
    assert affairs.preview is not None and affairs.preview.note == "Image 1 shows class 2."
    forget_erratum(deployment.database, COMMAND, slug="tiny", now=NOW)
    with pytest.raises(ErratumNotReady):
        forget_erratum(deployment.database, COMMAND, slug="tiny", now=NOW)


def test_every_fault_is_told_and_nothing_is_changed(deployment: Deployment, tmp_path: Path) -> None:
    assert _faults(deployment, b"1\n2\nx\n", part="labels", file_name="l.txt") >= {"label-count"}
    assert _faults(deployment, b"no archive") == {"not-archive"}
    assert _faults(deployment, _zip(readme_txt="Hello")) == {"archive"}
    for image in (b"99", b"1" * 5_000, b"one"):
        assert _faults(deployment, b"image,present,suggested\n" + image + b",1,2\n", part="changes") == {
            "unknown-image"
        }
    assert _faults(deployment, b"a,b\n1,2\n", part="changes") == {"changes"}
    unclosed = b'image,present,suggested\n1,1,"2\n' + b"2,2,3\n" * 30_000
    assert _faults(deployment, unclosed, part="changes") == {"csv"}
    assert _faults(deployment, _folder(write_round(tmp_path / "other", slug="other"))) == {"round-changed"}
    with pytest.raises(PolicyRefused, match="no such part"):
        _send(deployment, b"x", part="boxes")
    with pytest.raises(InvalidText, match="at most 2,000"):
        _send(deployment, CORRECTED.encode(), part="labels", note="x" * 2001)
    with pytest.raises(ErratumNotReady, match="version 1"):
        _send(deployment, b"1\n2\n3\n4\n5\n6\n", part="labels")
    with deployment.database.read() as session:
        assert errata_of(session, COMMAND, slug="tiny", max_attempts=4, now=NOW).preview is None


@pytest.mark.parametrize(
    ("task", "files", "changes"),
    [
        ("scene", {}, "image,present,suggested\n2,2,1\n"),
        ("cls", {"labels.txt": "1 2\n\n3\n"}, "image,present,suggested\n2,,3 1\n"),
        ("vid-track", {}, "image,class,track,xmin,ymin,xmax,ymax,suspected\n2,3,0,10,20,29,39,\n2,3,1,0,0,9,9,\n"),
    ],
)
def test_a_list_of_changes_is_for_every_truth_of_labels_or_boxes(
    task: str, files: Files, changes: str, tmp_path: Path
) -> None:
    deployment = quick_deployment(quick_settings(tmp_path / "data"))
    open_folder(deployment, write_small_round(tmp_path / "round", task, files), now=NOW)
    sent = _send(deployment, changes.encode(), part="changes", file_name="draft.csv", slug="small")
    assert sent.changed == (2,)
    deployment.close()


@pytest.mark.parametrize("task", ["vid-track", "coco-det", "scene-parsing"])
def test_a_list_that_lacks_what_the_truth_has_is_refused(task: str, tmp_path: Path) -> None:
    deployment = quick_deployment(quick_settings(tmp_path / "data"))
    open_folder(deployment, write_small_round(tmp_path / "round", task), now=NOW)
    boxes = b"image,class,xmin,ymin,xmax,ymax\n2,3,10,20,29,39\n"
    assert _faults(deployment, boxes, part="changes", slug="small") == {"changes"}
    deployment.close()


def test_a_correction_of_a_truth_that_is_shown_no_more_would_undo_another_one(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    late = begin_erratum(deployment, COMMAND, slug="tiny", now=NOW)
    late.write(b"image,present,suggested\n2,2,3\n")
    _send(deployment, CORRECTED.encode(), part="labels")
    show_erratum(deployment, COMMAND, slug="tiny", now=NOW)
    with pytest.raises(TruthOvertaken, match="Version 2 of the truth is shown now"):
        late.finish(part="changes", file_name="draft.csv", note="Image 2 shows class 3.", now=NOW)
    assert _send(deployment, b"image,present,suggested\n2,2,3\n", part="changes").changed == (2,)
    deployment.close()


def test_only_the_rounds_organizers_correct_its_truth(deployment: Deployment) -> None:
    for viewer, refusal in ((ANONYMOUS, NotLoggedIn), (other_organizer(deployment), RoundNotFound)):
        with pytest.raises(refusal):
            begin_erratum(deployment, viewer, slug="tiny", now=NOW)


def test_a_list_of_changes_replaces_all_boxes_of_the_images_it_names() -> None:
    text = "1,1,0,0,9,9\n2,1,0,0,5,5\n2,2,1,1,3,3\n3,1,0,0,1,1\n"
    rows = [
        {"image": "2", "class": "1", "xmin": "0", "ymin": "0", "xmax": "6", "ymax": "6"},
        {"image": "3", "class": "", "xmin": "", "ymin": "", "xmax": "", "ymax": ""},
    ]
    assert _with_boxes(text, rows, BOX_COLUMNS[False]) == "1,1,0,0,9,9\n2,1,0,0,6,6\n"
