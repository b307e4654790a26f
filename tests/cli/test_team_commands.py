"""What a team's member does with submissions, the team and the account, by command against a listening server."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.auth.permissions import COMMAND
from server.cli.client_config import CONFIG_FILE, ClientConfig, load_config, save_config
from server.cli.main import main
from server.db.organizing import questions_of
from server.deployment import open_deployment
from server.services.announcements import announce, answer_question
from server.services.disqualifications import disqualify
from server.services.policy_changes import change_policy
from server.services.rounds import stored_round
from server.services.schedules import extend, pause
from tests.cli.conftest import Place
from tests.server.making import predictions, quick_settings
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

    def listed(self, *command: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.of(*command, "--format", "json"))
        return found

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
    assert out.json("choose", first) == {
        "id": int(first), "is_final": True, "track": "", "may_choose": 1, "chosen": [int(first)],
    }  # fmt: skip
    assert out.error("choose", second, code=2) == "not-possible"  # a team chooses one
    undone = out.of("choose", first, "--undo")
    assert "no longer chosen" in undone and "may choose 1; now: none. At the reveal the best of them counts" in undone
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
    place.log_in(founder)
    assert main(["team", "found", "GUESTS"]) == 2  # the name is taken
    assert "in team Founders again" in out.of("team", "found", "Founders again", "--affiliation", "University")
    assert "Founders again (acting)" in out.of("account", "show")
    _submit(place, out, "tiny", salt=21)
    assert "left team Founders again" in out.of("team", "leave")  # though nobody is left in it


def test_links_and_tokens_are_listed_and_revoked(place: Place, log_in: None, out: Out) -> None:
    number = str(out.json("team", "invite")["id"])
    assert "works until" in out.of("team", "invitations")
    assert [str(one["id"]) for one in out.listed("team", "invitations")] == [number]
    assert out.listed("team", "invitations", "--revoke", number) == []
    assert out.error("team", "invitations", "--revoke", number, code=2) == "invitation-not-found"
    labels = {one["label"]: str(one["id"]) for one in out.listed("account", "tokens")}
    assert "heldout login" in out.of("account", "tokens") and len(labels) == 2
    left = out.listed("account", "tokens", "--revoke", labels["sign-up"])
    assert [one["label"] for one in left] == [label for label in labels if label != "sign-up"]
    assert out.error("account", "tokens", "--revoke", labels["sign-up"], code=2) == "token-not-found"


def test_a_cluster_logs_in_to_submit_and_can_do_nothing_else(place: Place, out: Out) -> None:
    email = place.sign_up("Cluster")
    place.log_in(email, "--scope", "submit")
    sent = out.json("submit", "tiny", "-f", place.file(predictions()), "-m", "Net")
    assert [one["id"] for one in out.listed("submissions")] == [sent["id"]]
    assert [one["scope"] for one in out.listed("account", "tokens")] == ["submit"]
    for command in (("team", "invite"), ("withdraw", str(sent["id"])), ("account", "mail", "--none")):
        assert out.error(*command, code=5) == "token-too-narrow"
    assert out.of("logout") != ""
    assert main(["submissions"]) == 5


def test_who_signs_up_by_command_founds_or_joins_a_team_and_logs_out(
    place: Place, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sign_up(name: str, *options: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        email = f"{name}@signing.example"
        return main(["sign-up", place.address, "--name", name, "--email", email, "--password-stdin", *options])

    assert sign_up("ada") == 2
    assert sign_up("ada", "--team", "Signers") == 0
    link = out.json("team", "invite")["link"]
    assert "on its way" in out.of("account", "verify")
    assert sign_up("grace", "--link", link) == 0
    account = out.json("account", "show")
    assert (account["email"], account["team"]["name"]) == ("grace@signing.example", "Signers")
    token = load_config().token
    assert "Logged out" in out.of("logout")
    assert main(["account", "show"]) == 5
    save_config(ClientConfig(url=place.address, token=token, team=None))
    assert main(["account", "show"]) == 5  # not only forgotten here
    assert sign_up("ada", "--team", "Others still") == 2  # the address is taken


def test_a_team_asks_reports_and_appeals(place: Place, log_in: None, out: Out) -> None:
    assert out.json("join", "tiny")["state"] == "admitted"
    assert "admitted" in out.of("join", "tiny", "--message", "Hello.")
    assert out.error("join", "tiny", "--code", "guess", code=5) == "wrong-join-code"
    assert "your question" in out.of("ask", "tiny", "--text", "Why?")
    assert main(["ask", "tiny", "--text", " "]) == 2
    assert "your report" in out.of("report", "tiny", "4", "--text", "A fox.")
    assert main(["report", "tiny", "4000", "--text", "A fox."]) == 2
    _submit(place, out, "tiny", salt=30)
    entry = str(out.listed("submissions")[0]["entry"]["id"])
    assert out.json("describe", entry, "--paper", "https://a.example/p", "--not-competing")["not_competing"] is True
    told = out.json("describe", entry, "--competing", "--description", "Deep.")
    assert (told["paper"], told["not_competing"], told["description"]) == ("https://a.example/p", False, "Deep.")
    assert "https://a.example/p" in out.of("describe", entry)
    assert out.json("describe", entry, "--paper", "")["paper"] == ""
    assert main(["describe", entry, "--paper", "nowhere"]) == 2
    assert main(["appeal", entry, "--text", "No!"]) == 2  # it is ranked
    deployment = open_deployment(quick_settings(place.data))
    disqualify(deployment.database, COMMAND, entry_id=int(entry), reason="Late.", now=datetime.now(UTC))
    deployment.close()
    assert "disqualified" in out.of("submissions") and "track" not in out.of("submissions")
    assert "your appeal" in out.of("appeal", entry, "--text", "No!")
    assert main(["appeal", entry, "--text", "No!"]) == 2  # once is all


def test_rounds_are_listed_and_their_news_read(place: Place, log_in: None, out: Out) -> None:
    assert {"tiny", "small", "choosing", "past"} <= {one["slug"] for one in out.listed("rounds")}
    assert "2026-01-01T00:00:00Z" in out.of("rounds")
    assert "nothing yet" in out.of("news", "choosing")
    deployment, now = open_deployment(quick_settings(place.data)), datetime.now(UTC)
    pause(deployment, COMMAND, slug="choosing", now=now)
    assert "paused" in out.of("rounds")
    extend(deployment, COMMAND, slug="choosing", closes=None, now=now)
    announce(deployment.database, COMMAND, slug="small", text="One more week.", now=now)
    out.of("ask", "small", "--text", "Which images?")
    with deployment.database.read() as session:
        facts = stored_round(session, "small")
        (waiting,) = [row.question.id for row in questions_of(session, facts.id)]
    answer_question(deployment.database, COMMAND, slug="small", question_id=waiting or 0, answer="These.", now=now)
    deployment.close()
    news = out.json("news", "small")
    assert [one["text"] for one in news["announcements"]] == ["One more week."]
    assert [one["answer"] for one in news["answers"]] == ["These."]
    shown = out.of("news", "small")
    assert "One more week." in shown and "Which images?" in shown
    assert main(["news", "nowhere"]) == 2


def test_the_terms_of_the_data_are_accepted_and_its_addresses_read(place: Place, log_in: None, out: Out) -> None:
    assert "nothing of its data" in out.of("data", "small")
    deployment = open_deployment(quick_settings(place.data))
    changes = {"data": "Not for sale. [Images](https://images.example/all.tgz)", "data_terms": True}
    change_policy(deployment, COMMAND, slug="small", changes=changes, now=datetime.now(UTC))
    deployment.close()
    shown = out.of("data", "small")
    assert "Not for sale." in shown and "heldout accept small" in shown and "images.example" not in shown
    assert "the terms of the data of small" in out.of("accept", "small")
    assert "https://images.example/all.tgz" in out.of("data", "small")
    assert out.json("data", "small")["is_withheld"] is False
    assert out.json("accept", "small") == {"rules_accepted": None}
    assert main(["accept", "nowhere"]) == 2


def test_mail_is_chosen_by_kind(place: Place, log_in: None, out: Out) -> None:
    assert out.json("account", "mail", "failure", "deadline")["mail"] == {"wanted": ["failure", "deadline"]}
    assert "failure, deadline" in out.of("account", "show")
    told = out.json("account", "mail", "spam", code=2)["error"]
    assert "'spam'" in told["message"] and "failure, erratum, deadline, announcement, alert" in told["advice"]
    assert main(["team", "describe", "--abstract", "x" * 100_000]) == 2  # no file of predictions
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
