"""The export of a round: everything that was sent, said and scored, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from scoring.scorecard import SCORER_VERSION
from server.auth.permissions import COMMAND
from server.db.tables import Entry, Score, Submission
from server.deployment import Deployment
from server.jobs.staging import read_round
from server.services.admission import join, renew_join_code
from server.services.announcements import announce, answer_question, ask
from server.services.boards import Boards
from server.services.correcting import prepare_erratum
from server.services.disqualifications import appeal, decide_appeal, disqualify
from server.services.errata import activate_erratum
from server.services.opening import open_folder
from server.services.policy_changes import change_policy
from server.services.rosters import set_roster
from server.services.round_exports import export_zip
from server.services.round_folders import export_folder
from tests.server.making import (
    NOW,
    add_team,
    predictions,
    quick_deployment,
    quick_settings,
    score,
    send,
    write_round,
)
from tests.server.services.organizing import member, team_of

BASELINE = """\
[[baselines]]
file = "five.txt"
method = 'Always "5"'
description = "One guess."
scores = {top5_error = 1.0, top1_error = 1}
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A round with a baseline, the entry of a team whose name is a formula, and a correction after its score."""
    opened = quick_deployment(quick_settings(tmp_path / "data"))
    folder = write_round(tmp_path / "opened", public_share=0.5)
    (folder / "baselines.toml").write_text(BASELINE)
    (folder / "five.txt").write_bytes(predictions(right=0))
    open_folder(opened, folder, now=NOW)
    sent = send(opened, add_team(opened, "=1+1"), predictions(salt=3), file_name="guess es.txt").id
    score(opened, sent, all=0.25, public=0.5, private=0.0)
    corrected = write_round(tmp_path / "corrected", labels=(2, 2, 3, 4, 5, 6), public_share=0.5)
    prepare_erratum(opened, corrected, note="Image 1 shows class 2.", now=NOW)
    with opened.database.write() as session:
        for split, error in (("all", 0.75), ("public", 0.5), ("private", 1.0)):
            session.add(
                Score(
                    submission_id=sent, truth_id=2, scorer_version=SCORER_VERSION, split=split,
                    scores={"top5_error": error}, counts={}, per_class=[], created_at=NOW,
                )
            )  # fmt: skip
    with opened.database.write() as session:
        activate_erratum(session, "tiny", actor="test", now=NOW)
    yield opened
    opened.close()


def export_of(deployment: Deployment, *, has_files: bool = False) -> zipfile.ZipFile:
    pieces = export_zip(deployment, Boards(), COMMAND, slug="tiny", has_files=has_files, now=NOW)
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"results/{name}.csv").decode(), newline="")))


def test_every_score_under_every_truth_is_exported_with_what_was_corrected(deployment: Deployment) -> None:
    archive = export_of(deployment)
    found = [(row["submission"], row["version"], row["split"], row["top5_error"]) for row in table(archive, "scores")]
    assert found == [
        ("2", "1", "all", "0.25"), ("2", "1", "public", "0.5"), ("2", "1", "private", "0.0"),
        ("2", "2", "all", "0.75"), ("2", "2", "public", "0.5"), ("2", "2", "private", "1.0"),
    ]  # fmt: skip
    corrections = table(archive, "corrections")
    assert [(row["version"], row["note"]) for row in corrections] == [("1", ""), ("2", "Image 1 shows class 2.")]
    assert table(archive, "submissions")[1]["all_top5_error"] == "0.75"


def test_submitted_files_go_along_where_they_are_wanted_as_they_were_sent(deployment: Deployment) -> None:
    assert not [name for name in export_of(deployment).namelist() if name.startswith("submissions/")]
    archive = export_of(deployment, has_files=True)
    assert archive.testzip() is None
    assert archive.read("submissions/1.txt") == predictions(right=0)
    assert archive.read("submissions/2.txt") == predictions(salt=3)
    assert archive.getinfo("submissions/2.txt").date_time == (2026, 11, 23, 12, 0, 0)


def test_a_file_that_the_server_has_lost_does_not_stop_an_export(deployment: Deployment) -> None:
    with deployment.database.read() as session:
        for key in session.exec(select(Submission.blob_key)):
            deployment.blobs.delete(key)
    archive = export_of(deployment, has_files=True)
    assert {"submissions/1-is-missing", "submissions/2-is-missing"} <= set(archive.namelist())
    assert "baselines.toml" not in archive.namelist()


def test_a_round_opened_from_its_export_has_its_baselines(deployment: Deployment, tmp_path: Path) -> None:
    target = tmp_path / "exported"
    export_folder(deployment, target, slug="tiny", has_truth=True, has_files=True, now=NOW)
    assert (target / "submissions" / "2.txt").read_bytes() == predictions(salt=3)
    last = json.loads((target / "results" / "events.jsonl").read_text().splitlines()[-1])
    assert (last["actor"], last["action"]) == ("command", "round.exported")
    assert last["detail"] == {"files": True, "truth": True}
    elsewhere = quick_deployment(quick_settings(tmp_path / "elsewhere"))
    open_folder(elsewhere, target, now=NOW)
    with elsewhere.database.read() as session:
        (entry,), (sent,) = session.exec(select(Entry)).all(), session.exec(select(Submission)).all()
    assert (entry.method, entry.description, entry.is_baseline) == ('Always "5"', "One guess.", True)
    assert entry.expected_scores == {"top5_error": 1.0, "top1_error": 1.0}
    assert read_round(target).baselines[0].scores == entry.expected_scores
    with elsewhere.blobs.as_file(sent.blob_key) as file:
        assert file.read_bytes() == predictions(right=0)
    elsewhere.close()


def test_all_that_was_said_is_exported_and_no_spreadsheet_runs_it(deployment: Deployment) -> None:
    database = deployment.database
    announce(database, COMMAND, slug="tiny", text="=HYPERLINK(1)", now=NOW)
    asking = member(deployment, "Asking")
    ask(database, asking, slug="tiny", text="+May we?", now=NOW)
    answer_question(database, COMMAND, slug="tiny", question_id=1, answer="-No.", now=NOW)
    entry = send(deployment, team_of(asking), method="@Net").id
    disqualify(database, COMMAND, entry_id=entry, reason="Late.", now=NOW)
    appeal(database, asking, entry_id=entry, text="=It was not.", now=NOW)
    decide_appeal(database, COMMAND, appeal_id=1, is_granted=False, answer="@It was.", now=NOW)
    set_roster(database, COMMAND, slug="tiny", text="=Ada,ada@lab.example,+A", now=NOW)
    change_policy(deployment, COMMAND, slug="tiny", changes={"admission": "approval"}, now=NOW)
    join(deployment, member(deployment, "Newcomers"), slug="tiny", message="=Let us in.", now=NOW)
    code = renew_join_code(deployment, COMMAND, slug="tiny", is_wanted=True, now=NOW)
    archive = export_of(deployment)
    assert table(archive, "announcements")[0]["text"] == "'=HYPERLINK(1)"
    (question,) = table(archive, "questions")
    assert (question["team"], question["text"], question["answer"]) == ("Asking", "'+May we?", "'-No.")
    (appealed,) = table(archive, "appeals")
    assert (appealed["method"], appealed["text"], appealed["answer"], appealed["is_granted"]) == (
        "'@Net", "'=It was not.", "'@It was.", "false",
    )  # fmt: skip
    (expected,) = table(archive, "roster")
    assert expected == {"name": "'=Ada", "email": "ada@lab.example", "team": "'+A"}
    (team,) = table(archive, "teams")
    assert (team["name"], team["state"], team["message"]) == ("Newcomers", "asked", "'=Let us in.")
    assert table(archive, "submissions")[1]["team"] == "'=1+1"
    assert json.loads(archive.read("results/round.json")) == {
        "round": "tiny", "title": "Round tiny", "join_code": code,
    }  # fmt: skip
