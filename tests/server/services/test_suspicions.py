"""Doubtful images: reported by teams, found where strong entries agree, and drafted as an erratum."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS
from server.cli.main import main
from server.db.tables import State
from server.deployment import Deployment
from server.errors import NoTeam, NotLoggedIn, RoundNotFound
from server.jobs.suspicion_task import _PAIR, _sure_false_positives, _unmarked
from server.organizing_errors import ReportNotFound, TooManyReports, UnknownImage
from server.services import image_reports
from server.services.erratum_uploads import begin_erratum
from server.services.image_reports import report_image, settle_report
from server.services.opening import open_folder
from server.services.suspicions import find_suspicions, noise_of
from server.workers import Workers
from tests.scoring.making import write_round as write_small_round
from tests.server.making import NOW, add_team, predictions, quick_deployment, quick_settings, send, tiny_deployment
from tests.server.services.organizing import member, organizer
from tests.server.services.test_errata import states
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Three scored teams: two see class 7 first in image 1, whose label is 1; one is right throughout."""
    deployment = tiny_deployment(tmp_path_factory.mktemp("noise") / "data", round_public_share=0.5)
    doubting = predictions().replace(b"1 2 3 4 5\n", b"7 1 2 3 4\n", 1)
    workers = Workers(deployment)
    workers.start()
    for number, content in enumerate((doubting, doubting + b"\n", predictions(right=6))):
        send(deployment, add_team(deployment, f"Team {number}"), content)
    wait_until(lambda: states(deployment) == [State.SCORED] * 3, what="the scores")
    workers.stop()
    yield deployment
    deployment.close()


def test_images_are_found_where_the_strong_entries_agree_and_drafted_with_those_reported(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer = member(deployment, "Reporters")
    report_image(deployment, viewer, slug="tiny", image=" 4 ", text="I see a fox.", now=NOW)
    none, entries = find_suspicions(deployment, organizer(deployment), slug="tiny", now=NOW)
    assert (none.images, entries) == ([], 3)  # two of three are no four of five
    assert none.draft == "image,present,suggested\n4,4,\n"
    dissenting = send(deployment, add_team(deployment, "Dissenting"), predictions(right=0, salt=3))
    del dissenting  # it waits for its score, and has no say
    _withdraw_the_third(deployment)
    found, entries = find_suspicions(deployment, COMMAND, slug="tiny", now=NOW)
    (doubtful,) = found.images
    assert (doubtful.image, doubtful.present, doubtful.suggested, doubtful.agreeing) == (1, "1", "7", 2)
    assert doubtful.split in {"public", "private"} and entries == 2
    assert found.draft == "image,present,suggested\n1,1,7\n4,4,\n"
    assert main(["round", "noise", "tiny", "--data", str(deployment.settings.data)]) == 0
    report, doubt = capsys.readouterr().out.splitlines()[1:]
    assert report.split() == ["4", "report", "1", "Reporters", "I", "see", "a", "fox.", "waits"]
    assert doubt.split() == ["1", doubtful.split, "images", "2", "of", "2", "entries", "see", "7", "truth:", "1"]
    upload = begin_erratum(deployment, COMMAND, slug="tiny", now=NOW)
    upload.write(found.draft.encode())
    assert upload.finish(part="changes", file_name="draft.csv", note="", now=NOW).changed == (1,)


def _withdraw_the_third(deployment: Deployment) -> None:
    from tests.server.web.browsing import change_submission

    change_submission(deployment, 3, withdrawn_at=NOW)


def test_only_teams_report_images_that_there_are_and_only_organizers_settle(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = member(deployment, "Careful")
    with pytest.raises(UnknownImage):
        report_image(deployment, viewer, slug="tiny", image="7", text="Wrong.", now=NOW)
    for somebody, refusal in ((ANONYMOUS, NotLoggedIn), (organizer(deployment, "o2@host.example"), NoTeam)):
        with pytest.raises(refusal):
            report_image(deployment, somebody, slug="tiny", image="1", text="Wrong.", now=NOW)
    first = report_image(deployment, viewer, slug="tiny", image="2", text="Wrong.", now=NOW)
    assert report_image(deployment, viewer, slug="tiny", image="2", text="Worse.", now=NOW) == first
    monkeypatch.setattr(image_reports, "MAX_OPEN_REPORTS", 1)
    with pytest.raises(TooManyReports):
        report_image(deployment, viewer, slug="tiny", image="3", text="Wrong.", now=NOW)
    with pytest.raises(RoundNotFound):
        settle_report(deployment, viewer, slug="tiny", report_id=first, now=NOW)
    with pytest.raises(ReportNotFound):
        settle_report(deployment, COMMAND, slug="tiny", report_id=999, now=NOW)
    settle_report(deployment, COMMAND, slug="tiny", report_id=first, now=NOW)
    told = {row.report.id: row.report for row in noise_of(deployment, COMMAND, slug="tiny", now=NOW).reports}
    assert (told[first].text, told[first].settled_at) == ("Worse.", NOW)


def test_a_sure_false_positive_is_above_half_of_the_entrys_right_ones_of_the_class() -> None:
    images, classes = np.array([0, 1, 2, 3, 4], np.int32), np.array([0, 0, 0, 0, 1], np.int32)
    confidences = np.array([0.9, 0.5, 0.8, 0.6, 1.0])
    states = np.array([1, 1, 0, 0, 0], np.uint8)  # found, found, false, false, and one of a class without any found
    assert _sure_false_positives(images, classes, confidences, states).tolist() == [2 * _PAIR]


def test_detections_count_where_four_of_five_entries_are_sure_of_them(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.npz" for number in range(5)]
    for number, file in enumerate(files):
        seen = 7 if number < 4 else 8  # the fifth sees another class
        columns = {"images": [0, 3, 5], "classes": [7, seen, 7], "confidences": [0.5, 0.9, 0.4], "states": [1, 0, 0]}
        np.savez(file, **{name: np.array(values) for name, values in columns.items()})  # type: ignore[arg-type]
    (doubt,) = _unmarked(files, 4)
    assert (doubt.image, doubt.seen, doubt.agreeing) == (3, 7, 4)
    assert _unmarked(files, 5) == _unmarked([], 2) == []


def test_the_draft_of_a_round_of_tracks_has_them(tmp_path: Path) -> None:
    deployment = quick_deployment(quick_settings(tmp_path / "data"))
    open_folder(deployment, write_small_round(tmp_path / "round", "vid-track"), now=NOW)
    for image in ("1", "2"):
        report_image(
            deployment, member(deployment, f"Team {image}"), slug="small", image=image, text="No car.", now=NOW
        )
    found, _ = find_suspicions(deployment, COMMAND, slug="small", now=NOW)
    assert found.draft == (
        "image,class,track,xmin,ymin,xmax,ymax,suspected\n1,1,0,0.0,0.0,9.0,9.0,\n2,1,0,10.0,20.0,29.0,39.0,\n"
    )
    deployment.close()
