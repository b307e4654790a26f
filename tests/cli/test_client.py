"""The client commands against a server that really listens."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx2
import pytest

from server.cli.client import CHUNK_BYTES, Client
from server.cli.client_config import CONFIG_FILE, ClientConfig, load_config, save_config
from server.cli.exits import CommandFailed
from server.cli.main import main
from tests.cli.conftest import Place
from tests.server.listening import listening_server
from tests.server.making import predictions, write_round
from tests.server.running import API
from tests.waiting import wait_until


def test_a_log_in_keeps_its_token_from_other_users(
    place: Place, log_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place.folder / "config" / CONFIG_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    kept = load_config()
    assert kept.url == place.address
    assert kept.token.startswith("hld_")
    assert kept.token not in capsys.readouterr().out


def test_a_wrong_password_ends_with_5_and_keeps_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    email = place.sign_up("Forgetful")
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong password\n"))
    assert main(["login", place.address, "--email", email, "--password-stdin"]) == 5
    assert "do not belong together" in capsys.readouterr().err
    assert not (place.folder / "config").exists()


def test_submit_and_wait_prints_the_score(place: Place, log_in: None, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    file = place.file(predictions(right=3))
    assert main(["submit", "tiny", "-f", file, "-m", "ResNet-50", "--wait", "--format", "json"]) == 0
    written = capsys.readouterr()
    submission = json.loads(written.out)
    assert (submission["state"], submission["scores"]["top1_error"]) == ("scored", 0.5)
    assert submission["file_name"] == "predictions.txt"
    assert written.err == ""
    assert main(["submit", "tiny", "-f", file, "-m", "ResNet-50", "--again", "--wait"]) == 0
    assert "0.500000" in capsys.readouterr().out


def test_submit_without_waiting_names_the_submission(
    place: Place, log_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["submit", "tiny", "-f", place.file(predictions()), "-m", "m", "--format", "json"]) == 0
    accepted = json.loads(capsys.readouterr().out)
    assert {"id", "state", "sha256", "queue_position", "quota"} <= set(accepted)
    assert main(["submit", "tiny", "-f", place.file(predictions(salt=9)), "-m", "m"]) == 0
    assert "Submission" in capsys.readouterr().out


def test_a_rejected_file_ends_with_3_and_its_findings(
    place: Place, log_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place.file(b"1 2 3\nnot a class\n")
    assert main(["submit", "tiny", "-f", file, "-m", "m", "--wait"]) == 3
    shown = capsys.readouterr().out
    assert "line 2" in shown
    assert "is rejected" in shown


def test_the_same_file_again_ends_with_2_and_names_the_earlier_one(
    place: Place, log_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place.file(predictions())
    assert main(["submit", "tiny", "-f", file, "-m", "m", "--wait"]) == 0
    assert main(["submit", "tiny", "-f", file, "-m", "m"]) == 2
    told = capsys.readouterr().err
    assert "submission: " in told
    assert "--again" in told


def test_for_programs_a_refusal_keeps_the_servers_code_and_details(
    place: Place, log_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def refusal(round_: str, content: bytes) -> tuple[str, set[str]]:
        capsys.readouterr()
        assert main(["submit", round_, "-f", place.file(content), "-m", "m", "--format", "json"]) != 0
        error = json.loads(capsys.readouterr().out)["error"]
        return error["code"], set(error["details"])

    assert main(["submit", "small", "-f", place.file(predictions()), "-m", "m", "--wait"]) == 0
    assert main(["submit", "tiny", "-f", place.file(predictions()), "-m", "m", "--wait"]) == 0
    assert refusal("tiny", predictions()) == ("duplicate-file", {"submission"})
    code, details = refusal("small", predictions(salt=1))
    assert code == "quota-spent"
    assert "resets_at" in details
    assert refusal("past", predictions())[0] == "round-closed"


def test_a_spent_quota_and_a_closed_round_end_with_4(
    place: Place, log_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["submit", "small", "-f", place.file(predictions()), "-m", "m"]) == 0
    assert main(["submit", "small", "-f", place.file(predictions(salt=1)), "-m", "m", "--format", "json"]) == 4
    assert main(["submit", "past", "-f", place.file(predictions()), "-m", "m"]) == 4
    assert "closed" in capsys.readouterr().err


def test_a_stream_is_no_file_that_can_be_sent(
    place: Place, log_in: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert main(["submit", "tiny", "-f", str(tmp_path / "pipe"), "-m", "m"]) == 2
    assert "is a stream" in capsys.readouterr().err


@pytest.mark.parametrize("size", [0, 5 * CHUNK_BYTES])
def test_a_file_that_is_still_being_written_is_refused(place: Place, log_in: None, size: int) -> None:
    file, kept = Path(place.file(b"1 2\n" * CHUNK_BYTES)), load_config()
    with Client(kept.url, token=kept.token) as client, pytest.raises(CommandFailed, match="changed while"):
        client.submit("tiny", file, method="m", key="k", progress=lambda *_: os.truncate(file, size))


def test_an_unknown_round_ends_with_2(place: Place, log_in: None) -> None:
    assert main(["submit", "nowhere", "-f", place.file(predictions()), "-m", "m"]) == 2
    assert main(["board", "nowhere"]) == 2


def test_without_a_log_in_the_client_ends_with_5(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["submissions"]) == 5
    assert "heldout login" in capsys.readouterr().err
    save_config(ClientConfig(url=place.address, token="hld_revoked", team=None))
    assert main(["submissions"]) == 5
    assert "heldout login" in capsys.readouterr().err


def test_a_broken_config_is_told(place: Place, log_in: None, capsys: pytest.CaptureFixture[str]) -> None:
    (place.folder / "config" / CONFIG_FILE).write_text("{")
    assert main(["quota", "tiny"]) == 5
    assert CONFIG_FILE in capsys.readouterr().err


def test_lists_and_boards_come_as_tables_and_for_programs(
    place: Place, log_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["submit", "small", "-f", place.file(predictions(right=5)), "-m", "=cmd()", "--wait"]) == 0
    capsys.readouterr()
    assert main(["submissions", "--round", "small", "--format", "json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["entry"]["method"] == "=cmd()"
    assert main(["submissions"]) == 0
    table = capsys.readouterr().out.split()
    assert {"=cmd()", "entry", str(listed["entry"]["id"])} <= set(table)
    assert main(["board", "small", "--format", "json"]) == 0
    board = json.loads(capsys.readouterr().out)
    assert main(["board", "small", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["team"] for row in rows] == [entry["team"] for entry in board["entries"]]
    assert "'=cmd()" in {row["method"] for row in rows}
    assert main(["board", "small"]) == 0
    assert "top-5 error" in capsys.readouterr().out


def test_the_quota_is_shown_with_its_reset(place: Place, log_in: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["submit", "small", "-f", place.file(predictions()), "-m", "m", "--wait"]) == 0
    capsys.readouterr()
    assert main(["quota", "small", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["remaining"] == 0
    assert main(["quota", "small"]) == 0
    shown = capsys.readouterr().out
    assert "left now: 0" in shown
    assert ["this", "week", "1", "4"] in [line.split() for line in shown.splitlines()]
    assert main(["quota", "tiny"]) == 0
    assert "no limit" in capsys.readouterr().out


@pytest.mark.parametrize("url", ["heldout.example", "ftp://heldout.example"])
def test_an_address_that_is_none_ends_with_2(url: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("x\n"))
    assert main(["login", url, "--email", "a@b.example", "--password-stdin"]) == 2


def test_without_a_terminal_the_password_is_read_and_where_there_is_none_it_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["login", place.address, "--email", "a@b.example"]) == 2
    assert "standard input is empty" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong password\n"))
    assert main(["login", place.address, "--email", "a@b.example"]) == 5


class _OtherSoftware(BaseHTTPRequestHandler):
    """Answers every request with a friendly page."""

    def do_GET(self) -> None:
        status = 200 if "/rounds/" in self.path else 404
        self.send_response(status)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name it has there
        pass


@pytest.mark.parametrize("command", [["board", "tiny"], ["submissions"]])
def test_something_that_is_no_heldout_ends_with_6(
    command: list[str], place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    with HTTPServer(("127.0.0.1", 0), _OtherSoftware) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        save_config(ClientConfig(url=f"http://127.0.0.1:{other.server_port}", token="hld_x", team=None))
        try:
            assert main(command) == 6
        finally:
            other.shutdown()
            thread.join()
    assert "does not answer like a Heldout server" in capsys.readouterr().err


def test_a_server_that_is_away_ends_with_6_after_some_patience(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    save_config(ClientConfig(url="http://127.0.0.1:9", token="hld_x", team=None))
    assert main(["board", "tiny"]) == 6
    assert "cannot be reached" in capsys.readouterr().err


def test_who_waits_for_a_file_that_is_withdrawn_ends_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HELDOUT_CONFIG", str(tmp_path / "config"))
    with listening_server(tmp_path / "data", write_round(tmp_path / "round")) as address:  # nothing is scored here
        place = Place(address=address, folder=tmp_path, data=tmp_path / "data")
        place.log_in(place.sign_up("Waiting"))
        token = {"Authorization": f"Bearer {load_config().token}"}

        def withdraw_once_sent() -> None:
            wait_until(lambda: httpx2.get(f"{address}{API}/submissions", headers=token).json()["submissions"])
            httpx2.post(f"{address}{API}/submissions/1/withdraw", headers=token)

        with ThreadPoolExecutor(1) as pool:
            withdrawn = pool.submit(withdraw_once_sent)
            assert main(["submit", "tiny", "-f", place.file(predictions()), "-m", "m", "--wait"]) == 2
            withdrawn.result()
    assert "Submission 1 is cancelled." in capsys.readouterr().out
