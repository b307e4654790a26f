"""`serve`, `demo` and `round open`, as an operator runs them."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import httpx2
import pytest

from server.cli.demo import ORGANIZER_EMAIL
from server.cli.main import main
from server.cli.samples import sample_rounds
from server.cli.serving import listen
from tests.server.making import write_round
from tests.server.running import API
from tests.waiting import wait_until

HELDOUT = [sys.executable, "-m", "server.cli.main"]
READY = "Heldout is at "


@contextmanager
def _running(log: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A command in a process of its own, from the moment it tells its address; the address."""

    def address() -> str:
        assert process.poll() is None, log.read_text()
        _, found, rest = log.read_text().partition(READY)
        return rest.split()[0] if found and "\n" in rest else ""

    with log.open("wb") as stream:
        process = subprocess.Popen([*HELDOUT, *arguments], stdout=stream, stderr=stream)
        try:
            yield process, wait_until(address, what="the server's address")
        finally:
            process.terminate()
            process.wait(60)


def test_a_server_starts_with_nothing_and_ends_in_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with _running(log, "serve", "--port", "0", "--data", str(tmp_path / "data")) as (process, address):
        assert httpx2.get(f"{address}{API}/rounds").json() == {"rounds": []}
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "Traceback" not in log.read_text()
    assert f"GET {API}/rounds 200" in log.read_text()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The data folder and the address of a server."""
    folder = tmp_path_factory.mktemp("serving")
    with _running(folder / "log", "serve", "--port", "0", "--data", str(folder / "data")) as (_, address):
        yield str(folder / "data"), address


def test_a_round_is_opened_while_the_server_runs(
    serving: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, address = serving
    folder = write_round(tmp_path / "round")
    assert main(["round", "open", str(folder), "--data", data]) == 0
    assert "Round tiny is open" in capsys.readouterr().out
    assert httpx2.get(f"{address}{API}/rounds/tiny").json()["images"] == 6
    assert main(["round", "open", str(folder), "--data", data]) == 0
    assert "unchanged" in capsys.readouterr().out
    (folder / "truth.txt").write_text("1\n" * 6)
    assert main(["round", "open", str(folder), "--data", data]) == 2
    assert "slug" in capsys.readouterr().err


def test_a_faulty_folder_is_not_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_round(tmp_path / "round")
    (folder / "truth.txt").write_text("1\n")
    assert main(["round", "open", str(folder), "--data", str(tmp_path / "data")]) == 2
    assert "truth.txt" in capsys.readouterr().err


def test_one_data_folder_has_one_server(serving: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    data, _ = serving
    assert main(["serve", "--port", "0", "--data", data]) == 6
    assert "already running" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port, "--data", str(tmp_path / "data")]) == 6
    assert f"port {port}" in capsys.readouterr().err


def test_answers_do_not_wait_for_an_acknowledgement() -> None:
    with listen("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP  # where asyncio sets TCP_NODELAY


def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HELDOUT_WORKER_COUNT", "many")
    assert main(["serve", "--data", str(tmp_path / "data")]) == 2
    assert "HELDOUT_WORKER_COUNT" in capsys.readouterr().err


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo that has ended, and what it printed."""
    data, printed = tmp_path_factory.mktemp("demo") / "data", io.StringIO()
    with redirect_stdout(printed):
        assert main(["demo", "--exit", "--data", str(data)]) == 0
    return data, printed.getvalue()


def _shows_the_expected_boards(printed: str) -> None:
    assert "sent, checked, scored and ranked" in printed
    shown = printed.splitlines()
    for sample in sample_rounds():
        expected = json.loads((sample.folder / "expected" / "board.json").read_text())["entries"]
        begin = shown.index(sample.title) + 2
        for row, line in zip(expected, shown[begin:], strict=False):
            assert line.split()[0] == str(row["rank"])
            assert f"{row['team']}  " in line
            assert row["method"] in line


def test_the_demo_shows_the_expected_boards_and_ends(demo: tuple[Path, str]) -> None:
    _shows_the_expected_boards(demo[1])


def test_the_demo_adds_nothing_to_the_folder_of_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    assert main(["round", "open", str(write_round(tmp_path / "round")), "--data", str(data)]) == 0
    before = sorted(data.iterdir())
    assert main(["demo", "--exit", "--data", str(data)]) == 2
    assert "no demo" in capsys.readouterr().err
    assert sorted(data.iterdir()) == before


def test_the_demo_of_a_folder_shows_them_again_and_serves_until_it_is_stopped_and_its_log_ins_work(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with _running(log, "demo", "--port", "0", "--data", str(demo[0])) as (process, address):
        line = wait_until(
            lambda: next((line for line in log.read_text().splitlines() if ORGANIZER_EMAIL in line), ""),
            what="the organizer's log-in",
        )
        wish = {"email": ORGANIZER_EMAIL, "password": line.split()[-1]}
        token = httpx2.post(f"{address}{API}/tokens", json=wish).json()["token"]
        seen = httpx2.get(f"{address}{API}/submissions/1", headers={"Authorization": f"Bearer {token}"}).json()
        assert seen["state"] == "scored"
        assert seen["per_class"]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert "Traceback" not in log.read_text()
    _shows_the_expected_boards(log.read_text())


def test_the_samples_are_found_and_every_file_of_theirs_is_there() -> None:
    rounds = sample_rounds()
    assert len(rounds) == 3
    for sample in rounds:
        assert len(sample.entries) >= 6
        assert all(os.access(entry.file, os.R_OK) for entry in sample.entries)
