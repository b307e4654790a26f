"""Commands of organizers, on a data folder that a server may be running on."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from server.auth.permissions import COMMAND
from server.cli.main import main
from server.db.tables import Person, Round, State
from server.db.truths import first_digest
from server.deployment import Deployment
from server.jobs.child_rounds import public_images
from server.services.accounts import log_in
from server.services.admission import join
from server.services.announcements import ask, corrections_of, told_of
from server.services.correcting import prepare_erratum
from server.services.disqualifications import appeal, disqualify
from server.services.errata import activate_erratum
from server.services.image_reports import report_image
from server.services.opening import open_folder
from server.services.policy_changes import change_policy
from server.services.rounds import RoundFacts, stored_round
from tests.server.making import (
    NOW,
    add_team,
    predictions,
    quick_deployment,
    quick_settings,
    send,
    tiny_deployment,
    write_round,
)
from tests.server.services.organizing import member, team_of
from tests.server.web.browsing import change_submission


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with the round `tiny` and one entry."""
    deployment = tiny_deployment(tmp_path / "data")
    send(deployment, add_team(deployment))
    deployment.close()
    return tmp_path / "data"


def _facts(data: Path, slug: str = "tiny") -> RoundFacts:
    deployment = quick_deployment(quick_settings(data))
    with deployment.database.read() as session:
        facts = stored_round(session, slug)
    deployment.close()
    return facts


def _open(data: Path) -> Deployment:
    return quick_deployment(quick_settings(data))


def test_an_organizer_is_added_with_a_password_from_standard_input(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("four words in a row\n"))
    given = ["organizer", "add", "Ada@host.example", "--name", "Ada", "--admin", "--data", str(data)]
    assert main(given) == 0
    assert "can log in now" in capsys.readouterr().out
    deployment = _open(data)
    viewer = log_in(deployment.database, email="ada@host.example", password="four words in a row")
    with deployment.database.read() as session:
        person = session.get_one(Person, viewer.person_id)
    assert person.is_admin and person.is_organizer
    deployment.close()
    monkeypatch.setattr(sys, "stdin", StringIO("short\n"))
    assert main(["organizer", "add", "b@host.example", "--name", "B", "--data", str(data)]) == 2


def test_keys_of_a_policy_are_set_with_values_as_toml_has_them(data: Path, tmp_path: Path) -> None:
    (tmp_path / "RULES.md").write_text("Be fair.")
    changes = [
        "submissions_per_day=3", "rows=entry", 'domains=["one.example", "two.example"]', "closes=2027-01-01T00:00:00Z",
        "blind=true", f"rules=@{tmp_path / 'RULES.md'}",
    ]  # fmt: skip
    assert main(["round", "set", "tiny", *changes, "--note", "As announced.", "--data", str(data)]) == 0
    policy = _facts(data).policy
    assert (policy.submissions_per_day, policy.rows, policy.is_blind, policy.rules) == (3, "entry", True, "Be fair.")
    assert policy.domains == ("one.example", "two.example")
    assert main(["round", "set", "tiny", "domains=two.example, three.example", "--data", str(data)]) == 0
    assert _facts(data).policy.domains == ("two.example", "three.example")
    assert main(["round", "set", "tiny", "submissions_per_day=", "--data", str(data)]) == 0
    assert _facts(data).policy.submissions_per_day is None


def test_a_mistyped_data_folder_is_told_and_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["queue", "tiny"], ["set", "tiny", "finals=3"], ["announce", "tiny", "--text", "Hello."]):
        assert main(["round", *words, "--data", str(tmp_path / "dta")]) == 2
        assert "holds no server's data" in capsys.readouterr().err
    assert not (tmp_path / "dta").exists()


def test_all_faults_of_a_change_are_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["round", "set", "tiny", "rows=many", "finals=0", "--data", str(data)]) == 2
    told = capsys.readouterr().err
    assert "rows: this value is not known" in told
    assert "finals: a limit is a whole number" in told
    assert "finals: leave the key out for no limit; rows: choose one of team, entry. Nothing was changed." in told
    assert main(["round", "set", "tiny", "finals", "--data", str(data)]) == 2
    for strange in ("1" * 5_000, "0x" + "f" * 5_000, "[" * 5_000):
        assert main(["round", "set", "tiny", f"finals={strange}", "--data", str(data)]) == 2


class _Terminal(StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("step", "told"), [("close", "is closed."), ("reveal", "is revealed.")])
def test_a_person_at_a_terminal_is_asked_before_a_round_shows_what_it_holds_back(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str, told: str
) -> None:
    if step == "reveal":
        main(["round", "set", "tiny", "reveals=2999-01-01T00:00:00Z", "--data", str(data)])
        main(["round", "close", "tiny", "--data", str(data)])  # a script is not asked
    before = _facts(data).policy
    for answer in ("n\n", "\n"):
        monkeypatch.setattr(sys, "stdin", _Terminal(answer))
        assert main(["round", step, "tiny", "--data", str(data)]) == 2
        assert "tiny" in (asked := capsys.readouterr().err) and "add --yes" in asked
        assert _facts(data).policy == before
    monkeypatch.setattr(sys, "stdin", _Terminal("y\n"))
    assert main(["round", step, "tiny", "--data", str(data)]) == 0
    assert told in capsys.readouterr().out
    deployment = _open(data)
    again = {"closes": before.closes, "reveals": before.reveals}
    change_policy(deployment, COMMAND, slug="tiny", changes=again, note="Once more.", now=NOW)
    deployment.close()
    monkeypatch.setattr(sys, "stdin", _Terminal())
    assert main(["round", step, "tiny", "--yes", "--data", str(data)]) == 0


def test_a_round_is_closed_revealed_and_extended(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["round", "reveal", "tiny", "--data", str(data)]) == 2  # it is open
    assert "Close it first." in capsys.readouterr().err
    assert main(["round", "close", "tiny", "--data", str(data)]) == 0
    assert _facts(data).policy.closes is not None
    assert main(["round", "reveal", "tiny", "--data", str(data)]) == 0
    assert _facts(data).policy.reveals is not None
    assert main(["round", "set", "tiny", "reveals=", "--data", str(data)]) == 0
    assert main(["round", "extend", "tiny", "2099-01-01T00:00:00+01:00", "--data", str(data)]) == 0
    assert "closes at 2098-12-31 23:00:00 UTC" in capsys.readouterr().out
    assert main(["round", "extend", "tiny", "never", "--data", str(data)]) == 0
    assert _facts(data).policy.closes is None
    assert main(["round", "pause", "tiny", "--data", str(data)]) == 0
    assert _facts(data).policy.reveals is not None
    for wrong in ("tomorrow", "2099-01-01T00:00:00", "9999-12-31T23:59:59-23:00"):
        assert main(["round", "extend", "tiny", wrong, "--data", str(data)]) == 2


def test_a_round_that_was_to_open_later_opens_now(data: Path) -> None:
    assert main(["round", "set", "tiny", "opens=2099-01-01T00:00:00Z", "--data", str(data)]) == 0
    assert main(["round", "start", "tiny", "--data", str(data)]) == 0
    opens = _facts(data).policy.opens
    assert opens is not None and opens <= datetime.now(UTC)
    assert main(["round", "start", "nowhere", "--data", str(data)]) == 2


def test_an_entry_is_disqualified_with_a_reason_and_reinstated(data: Path) -> None:
    assert main(["round", "disqualify", "tiny", "1", "--reason", "Late.", "--data", str(data)]) == 0
    assert main(["round", "disqualify", "tiny", "1", "--reason", "Late.", "--data", str(data)]) == 2
    assert main(["round", "disqualify", "other", "1", "--reason", "Late.", "--data", str(data)]) == 2
    assert main(["round", "reinstate", "other", "1", "--data", str(data)]) == 2
    assert main(["round", "reinstate", "tiny", "1", "--data", str(data)]) == 0
    assert main(["round", "reinstate", "tiny", "1", "--data", str(data)]) == 2
    assert main(["round", "disqualify", "tiny", "1", "--reason", "Later.", "--data", str(data)]) == 0


def test_an_exported_round_is_opened_elsewhere_as_it_is_now(data: Path, tmp_path: Path) -> None:
    deployment = _open(data)
    change_policy(deployment, COMMAND, slug="tiny", changes={"appeal_days": 5, "rules": "Be fair."}, now=NOW)
    deployment.close()
    target = tmp_path / "export"
    assert main(["round", "export", "tiny", "-o", str(target), "--with-truth", "--data", str(data)]) == 0
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert names == {
        "round.toml", "classes.csv", "policy-rules.md", "truth-labels.txt", "results/board.json", "results/board.csv",
        "results/submissions.csv", "results/rules.csv", "results/reports.csv",
        "results/events.jsonl", "results/round.json", "results/scores.csv", "results/corrections.csv",
        "results/announcements.csv", "results/questions.csv", "results/appeals.csv", "results/teams.csv",
        "results/roster.csv",
    }  # fmt: skip
    events = [json.loads(line) for line in (target / "results" / "events.jsonl").read_text().splitlines()]
    acts = ["round.opened", "submission.accepted", "policy.changed", "round.exported"]
    assert [event["action"] for event in events] == acts
    elsewhere = quick_deployment(quick_settings(tmp_path / "elsewhere"))
    opened = open_folder(elsewhere, target, now=NOW).facts
    here = _facts(data)
    assert (opened.truth_digest, opened.policy) == (here.truth_digest, here.policy)
    elsewhere.close()
    assert main(["round", "export", "tiny", "-o", str(target), "--data", str(data)]) == 2  # it is there already


def test_an_export_without_the_truth_holds_nothing_of_it_and_a_split_keeps_its_seed(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_public_share=0.5)
    deployment.close()
    data = str(tmp_path / "data")
    plain, whole = tmp_path / "plain", tmp_path / "whole"
    assert main(["round", "export", "tiny", "-o", str(plain), "--data", data]) == 0
    assert main(["round", "export", "tiny", "-o", str(whole), "--with-truth", "--data", data]) == 0
    seed = _facts(tmp_path / "data").split_seed
    assert seed is not None
    everything = "".join(path.read_text() for path in plain.rglob("*") if path.is_file())
    assert seed not in everything and "[truth]" not in everything
    assert f'split_seed = "{seed}"' in (whole / "round.toml").read_text()
    assert {path.name for path in (plain / "results").iterdir()} >= {"board-public.json", "board-private.csv"}


def test_a_round_exported_after_a_correction_has_the_same_public_images_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = write_round(tmp_path / "opened", public_share=0.5)
    toml = opened / "round.toml"
    toml.write_text(toml.read_text().replace("[truth]", '[truth]\nsplit_seed = "5f1c"'))
    corrected = write_round(tmp_path / "corrected", labels=(1, 2, 3, 4, 5, 1), public_share=0.5)
    here = quick_deployment(quick_settings(tmp_path / "here"))
    open_folder(here, opened, now=NOW)
    prepare_erratum(here, corrected, note="Image 6 shows class 1.", now=NOW)
    with here.database.write() as session:
        activate_erratum(session, "tiny", actor="test", now=NOW)
    public = _public_images(here)
    here.close()
    file, asked = tmp_path / "predictions.txt", ["--split", "public", "--format", "json"]
    file.write_bytes(predictions())
    assert main(["score", str(corrected), str(file), *asked, "--drawn-from", str(opened)]) == 0
    told = capsys.readouterr().out
    exported, again = tmp_path / "exported", tmp_path / "again"
    assert main(["round", "export", "tiny", "-o", str(exported), "--with-truth", "--data", str(tmp_path / "here")]) == 0
    capsys.readouterr()
    assert main(["score", str(exported), str(file), *asked]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(told)
    elsewhere = quick_deployment(quick_settings(tmp_path / "elsewhere"))
    assert open_folder(elsewhere, exported, now=NOW).is_new
    assert not open_folder(elsewhere, exported, now=NOW).is_new
    assert _public_images(elsewhere) == public
    with elsewhere.database.read() as session:
        (correction,) = corrections_of(session, 1)
    assert correction.text == "The ground truth had been corrected before the round was opened here."
    elsewhere.close()
    assert (
        main(["round", "export", "tiny", "-o", str(again), "--with-truth", "--data", str(tmp_path / "elsewhere")]) == 0
    )
    assert (again / "round.toml").read_text() == (exported / "round.toml").read_text()


def _public_images(deployment: Deployment) -> list[bool]:
    """Which images a scoring child of this server takes for public ones."""
    with deployment.database.read() as session:
        facts = stored_round(session, "tiny")
        drawn_from = deployment.folders.truth_file("tiny", first_digest(session, facts.id))
        public_digest = session.get_one(Round, facts.id).public_digest
    mask = public_images(deployment.folders.public_half("tiny"), public_digest, drawn_from, facts.split_seed)
    assert mask is not None
    return [bool(is_public) for is_public in mask]


def test_an_export_that_fails_leaves_nothing(data: Path, tmp_path: Path) -> None:
    assert main(["round", "export", "nowhere", "-o", str(tmp_path / "x"), "--data", str(data)]) == 2
    assert not (tmp_path / "x").exists()


def test_a_round_is_opened_in_the_hands_of_an_organizer(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("four words in a row\n"))
    assert main(["organizer", "add", "ada@host.example", "--name", "Ada", "--data", str(data)]) == 0
    given = ["round", "open", str(write_round(tmp_path / "second", slug="second")), "--data", str(data)]
    assert main([*given, "--organizer", "nobody@host.example"]) == 2  # it is open, and nobody's
    for _ in range(2):
        assert main([*given, "--organizer", "Ada@host.example"]) == 0
    deployment = _open(data)
    viewer = log_in(deployment.database, email="ada@host.example", password="four words in a row")
    assert viewer.organizes(_facts(data, "second").id)
    assert not viewer.organizes(_facts(data).id)
    deployment.close()


def test_a_corrected_truth_is_prepared_and_shown_when_everything_is_scored(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_round(tmp_path / "corrected", labels=(2, 2, 3, 4, 5, 6))
    given = ["round", "erratum", str(folder), "--data", str(data)]
    assert main([*given, "--note", "Image 1 shows class 2."]) == 0
    assert "1 image changed" in capsys.readouterr().out
    assert main([*given, "--activate"]) == 0  # nothing has been scored yet, so nothing waits
    assert "shows version 2" in capsys.readouterr().out
    assert main([*given, "--activate"]) != 0
    assert "in preparation" in capsys.readouterr().err


def test_an_announcement_stands_on_the_rounds_page(data: Path) -> None:
    assert main(["round", "announce", "tiny", "--text", "One more week.", "--data", str(data)]) == 0
    assert main(["round", "announce", "tiny", "--text", " ", "--data", str(data)]) == 2
    deployment = _open(data)
    with deployment.database.read() as session:
        announced, _ = told_of(session, _facts(data).id)
    deployment.close()
    assert [told.text for told in announced] == ["One more week."]


def test_what_teams_ask_is_listed_and_decided(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--data", str(data)]
    assert main(["round", "affairs", "tiny", *given]) == 0
    assert "Nobody asks anything" in capsys.readouterr().out
    deployment = _open(data)
    viewer = member(deployment, "Asking")
    ask(deployment.database, viewer, slug="tiny", text="May we use ImageNet-21k?", now=datetime.now(UTC))
    send(deployment, team_of(viewer))  # the same file as the first team's
    disqualify(deployment.database, COMMAND, entry_id=2, reason="Late.", now=datetime.now(UTC))
    appeal(deployment.database, viewer, entry_id=2, text="It was not.", now=datetime.now(UTC))
    change_policy(deployment, COMMAND, slug="tiny", changes={"admission": "approval"}, now=NOW)
    join(deployment, member(deployment, "Newcomers"), slug="tiny", message="Let us in.", now=NOW)
    deployment.close()
    assert main(["round", "affairs", "tiny", *given]) == 0
    told = capsys.readouterr().out
    for words in ("ImageNet-21k", "It was not.", "Let us in.", "same file", "Vision Lab, Asking"):
        assert words in told
    assert main(["round", "answer", "tiny", "1", "--answer", "No.", *given]) == 0
    assert main(["round", "answer", "tiny", "1", "--answer", "No.", *given]) == 2
    assert main(["round", "decide", "tiny", "1", "--grant", "--answer", "Sorry.", *given]) == 0
    assert main(["round", "admit", "tiny", "3", *given]) == 0
    assert main(["round", "admit", "tiny", "3", "--refuse", *given]) == 0
    assert main(["round", "admit", "tiny", "99", *given]) == 2
    assert main(["round", "rescore", "tiny", *given]) == 0
    assert main(["round", "rescore", "tiny", "99", *given]) == 2
    main(["round", "affairs", "tiny", *given])
    told = capsys.readouterr().out
    assert "granted" in told and "refused" in told and "waits" not in told


def test_the_queue_and_the_truth_of_a_round_are_looked_at(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--data", str(data)]
    deployment = _open(data)
    change_submission(deployment, 1, state=State.FAILED, failure="time-limit", attempt=1)
    send(deployment, add_team(deployment, "Waiting"))
    deployment.close()
    assert main(["round", "queue", "tiny", *given]) == 0
    head, failed, waiting, health = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["submission", "team", "state", "why"]
    assert failed.split()[:6] == ["1", "Vision", "Lab", "failed", "time-limit", "1"]
    assert waiting.split()[:3] == ["2", "Waiting", "queued"]
    assert health == "tiny: 2 submissions of 2 teams; 1 wait or run, 1 went wrong."
    assert main(["round", "queue", "tiny", "--format", "json", *given]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["open"], facts["troubled"], facts["unfinished"][0]["failure"]) == (1, 1, "time-limit")
    assert main(["round", "report", "tiny", *given]) == 0
    told = capsys.readouterr().out
    assert "Images" in told and "Classes" in told and "0 to 1" in told
    assert main(["round", "report", "tiny", "--format", "json", *given]) == 0
    assert json.loads(capsys.readouterr().out)["is_draft"] is False
    assert main(["round", "queue", "none", *given]) == main(["round", "report", "none", *given]) == 2


def test_from_a_report_to_a_correction(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, draft = ["tiny", "--data", str(data)], tmp_path / "changes.csv"

    def told(command: str, *options: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(["round", command, *given, *options]) == code
        return capsys.readouterr().out

    assert "Nobody doubts an image of tiny" in told("noise")
    deployment = _open(data)
    reporting = member(deployment, "Reporters")
    for image in ("4", "5"):
        report_image(deployment, reporting, slug="tiny", image=image, text="I see a fox.", now=NOW)
    deployment.close()
    assert told("noise", "--draft", str(draft)).count("waits") == 2
    assert draft.read_text() == "image,present,suggested\n4,4,\n5,5,\n"
    told("settle", "2")
    told("settle", "99", code=2)
    facts = json.loads(told("noise", "--draft", str(draft), "--format", "json"))
    assert [(one["image"], one["settled_at"] is None) for one in facts["reports"]] == [(4, True), (5, False)]
    assert (facts["images"], draft.read_text()) == ([], "image,present,suggested\n4,4,\n")
    told("correction", code=2)  # there is none
    told("correction", "--from", str(draft), "--show", code=2)
    draft.write_text("image,present,suggested\n4,4,9\n")
    told("correction", "--from", str(draft), code=2)  # no such class
    draft.write_text("image,present,suggested\n4,4,7\n")
    assert "Version 2 of the truth of tiny is prepared: 1 image changed" in told("correction", "--from", str(draft))
    assert "not scored against it yet: 0.\nNo row moves." in told("correction")
    assert json.loads(told("correction", "--format", "json"))["moves"] == []
    told("correction", "--show", code=2)  # without a note
    assert "again: 0" in told("correction", "--retry")
    told("correction", "--forget", "--version", "7", code=2)  # another one than is prepared
    told("correction", "--forget", "--version", "2")
    told("correction", "--forget", code=2)
    told("correction", "--from", str(draft), "--note", "Image 4 shows class 7.")
    told("correction", "--show", "--version", "2", code=2)  # that one was given up
    assert "shows version 3" in told("correction", "--show", "--version", "3")
    deployment = _open(data)
    with deployment.database.read() as session:
        (shown,) = corrections_of(session, 1)
    deployment.close()
    assert shown.text == "Image 4 shows class 7."


@pytest.mark.parametrize(
    "command",
    [
        ["disqualify", "tiny", "N", "--reason", "Late."], ["reinstate", "tiny", "N"], ["rescore", "tiny", "N"],
        ["answer", "tiny", "N", "--answer", "So."], ["decide", "tiny", "N", "--grant", "--answer", "So."],
        ["admit", "tiny", "N"], ["settle", "tiny", "N"],
    ],
)  # fmt: skip
def test_a_number_that_nothing_can_have_is_refused_in_words(
    data: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["round", *(part.replace("N", "9" * 30) for part in command), "--data", str(data)]) == 2
    assert "Invalid value for" in capsys.readouterr().err


def test_opening_a_round_tells_when_it_takes_submissions(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = datetime(2099, 1, 1, tzinfo=UTC)
    for slug, dates, words in (
        ("now", {}, "is open: Round now"),
        ("later", {"opens": later}, "is on the server and opens at 2099-01-01 00:00 UTC: Round later"),
        ("past", {"closes": NOW.replace(year=2020)}, "is on the server; it closed at 2020-11-23 12:00 UTC: Round past"),
    ):
        folder = write_round(tmp_path / slug, slug=slug, **dates)
        assert main(["round", "open", str(folder), "--data", str(data)]) == 0
        assert f"Round {slug} {words}" in " ".join(capsys.readouterr().out.split())
    assert main(["round", "open", str(folder), "--data", str(data)]) == 0
    assert "was there already, unchanged" in " ".join(capsys.readouterr().out.split())
