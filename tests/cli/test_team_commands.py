"""What a team's member does with submissions, the team and the account, by command against a listening server."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from server.cli.client_config import CONFIG_FILE
from server.cli.main import main
from tests.cli.conftest import Place
from tests.server.making import predictions
from tests.server.running import PASSWORD


class Out:
    """What a command writes to standard output."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def of(self, *command: str, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main(list(command)) == code
        return self._capsys.readouterr().out

    def json(self, *command: str, code: int = 0) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.of(*command, "--format", "json", code=code))
        return document

    def error(self, *command: str, code: int) -> str:
        """The code of an error, for programs."""
        return str(self.json(*command, code=code)["error"]["code"])


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    return Out(capsys)


def _submit(place: Place, out: Out, slug: str, *, salt: int = 0) -> str:
    file = place.file(predictions(salt=salt))
    return str(out.json("submit", slug, "-f", file, "-m", "Net", "--wait")["id"])


def test_a_submission_is_withdrawn_once(place: Place, log_in: None, out: Out) -> None:
    number = _submit(place, out, "tiny")
    assert out.json("withdraw", number) == {"id": int(number), "state": "scored"}
    assert out.error("withdraw", number, code=2) == "not-possible"
    assert out.error("withdraw", "999999", code=2) == "submission-not-found"
    other = _submit(place, out, "tiny", salt=1)
    assert "off the board" in out.of("withdraw", other)


def test_finals_are_chosen_and_the_choice_is_taken_back(place: Place, log_in: None, out: Out) -> None:
    first, second = (_submit(place, out, "choosing", salt=salt) for salt in (0, 1))
    assert out.json("choose", first) == {"id": int(first), "is_final": True}
    assert out.error("choose", second, code=2) == "not-possible"  # a team chooses one
    assert "no longer chosen" in out.of("choose", first, "--undo")
    assert "is chosen" in out.of("choose", second)
    assert out.error("choose", _submit(place, out, "tiny"), code=2) == "not-possible"


def test_a_file_is_read_again_as_it_was_sent_and_nothing_is_left_of_a_refusal(
    place: Place, log_in: None, out: Out, tmp_path: Path
) -> None:
    number = _submit(place, out, "tiny", salt=3)
    target = tmp_path / "again.txt"
    out.of("download", number, "-o", str(target))
    assert target.read_bytes() == predictions(salt=3)
    assert main(["download", number, "-o", str(target)]) == 2  # it is there already
    assert target.read_bytes() == predictions(salt=3)
    assert main(["download", "999999", "-o", str(tmp_path / "other.txt")]) == 2
    assert not (tmp_path / "other.txt").exists()


def test_people_join_describe_and_leave_a_team_by_its_link(place: Place, out: Out) -> None:
    founder, guest = place.sign_up("Founders"), place.sign_up("Guests")
    place.log_in(founder)
    _submit(place, out, "tiny", salt=20)
    out.of("team", "describe", "--affiliation", "University", "--abstract", "We look.")
    link = out.json("team", "invite")["link"]
    assert link.startswith(f"{place.address}/join/")
    assert out.of("team", "invite").startswith(f"{place.address}/join/")
    assert main(["team", "leave"]) == 2  # nobody would be left
    place.log_in(guest)
    assert "in team Founders" in out.of("team", "join", link)
    account = out.json("account", "show")
    assert "Founders (acting)" in out.of("account", "show")
    teams = {team["name"]: str(team["id"]) for team in account["teams"]}
    place.log_in(guest, "--team", teams["Guests"])
    assert "Guests (acting)" in out.of("account", "show")
    place.log_in(founder)
    assert "left team Founders" in out.of("team", "leave")
    assert main(["account", "show"]) == 5
    assert out.of("team", "join", "nonsense", code=5) == ""  # nobody is logged in


def test_mail_is_chosen_by_kind(place: Place, log_in: None, out: Out) -> None:
    assert out.json("account", "mail", "failure", "deadline")["mail"] == {"wanted": ["failure", "deadline"]}
    assert "failure, deadline" in out.of("account", "show")
    assert out.error("account", "mail", "spam", code=2) == "invalid-request"
    assert out.error("account", "mail", code=2) == "usage"
    assert out.error("account", "mail", "failure", "--none", code=2) == "usage"
    assert "none" in out.of("account", "mail", "--none")


def test_an_account_is_exported_and_then_deleted_with_a_word_and_the_password(
    place: Place, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = place.sign_up("Leavers")
    place.log_in(email)
    document = json.loads(out.of("account", "export"))
    assert (document["person"]["email"], document["teams"][0]["name"]) == (email, "Leavers")
    assert main(["account", "delete"]) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong password\n"))
    assert main(["account", "delete", "--yes", "--password-stdin"]) == 5
    assert out.json("account", "show")["email"] == email
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert "is deleted" in out.of("account", "delete", "--yes", "--password-stdin")
    assert not (place.folder / "config" / CONFIG_FILE).exists()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert main(["login", place.address, "--email", email, "--password-stdin"]) == 5
