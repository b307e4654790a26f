"""A real `heldout serve` in a process of its own, to be killed, frozen and started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from server.deployment import Deployment
from server.services.opening import open_folder
from tests.server.making import NOW, predictions, quick_deployment, quick_settings, write_round
from tests.waiting import wait_until

ADDRESS = re.compile(r"Heldout is at (http://\S+)")


class ServerProcess:
    """One data folder and the server that runs on it, if one does."""

    def __init__(self, folder: Path, *, policy: dict[str, Any] | None = None, **settings: Any) -> None:
        self.data = folder / "data"
        self._settings = quick_settings(self.data, **settings)
        self._log_path = folder / f"server-{uuid4().hex[:8]}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[httpx2.Client] = []
        self.address = ""  # of the server, once it has started
        with self.opened() as deployment:
            open_folder(deployment, write_round(folder / "round-folder", **(policy or {})), now=NOW)

    @contextmanager
    def opened(self) -> Iterator[Deployment]:
        """The data folder as a command opens it, beside a server or without one."""
        deployment = quick_deployment(self._settings)
        try:
            yield deployment
        finally:
            deployment.close()

    def start(self) -> httpx2.Client:
        """Start the server; a client of it."""
        environment = {
            f"HELDOUT_{name.upper()}": str(value)
            for name, value in self._settings.model_dump(exclude_none=True).items()
        }
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.cli.main", "serve", "--port", "0", "--data", str(self.data)],
                stdout=log,
                stderr=log,
                env={**os.environ, **environment, "COLUMNS": "300"},
            )
        found = wait_until(lambda: ADDRESS.search(self.log()) or self._has_ended(), what="the server's start")
        assert isinstance(found, re.Match), f"the server did not start:\n{self.log()}"
        self.address = found[1]
        self._clients.append(httpx2.Client(base_url=f"{self.address}/api/v1", timeout=60))
        return self._clients[-1]

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    def log(self) -> str:
        return self._log_path.read_text(errors="replace")

    def kill(self) -> None:
        """kill -9, as an operator or the kernel would."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """The exit status, once it has ended by itself."""
        return self.process.wait(timeout=60)

    def end(self) -> None:
        """Whatever it does: end it, for the test is over."""
        for client in self._clients:
            client.close()
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def scoring_children(self) -> list[int]:
        """The scoring processes, without multiprocessing's own."""
        return [pid for pid in children_of(self.process.pid) if b"spawn_main" in command_of(pid)]

    def await_children(self, count: int) -> list[int]:
        """The scoring processes, once all of them are ready for work."""
        wait_until(lambda: self.log().count("a scoring process is ready") == count, what=f"{count} ready children")
        return self.scoring_children()

    def _has_ended(self) -> bool:
        return self.process.poll() is not None


@dataclass(frozen=True, kw_only=True)
class TeamClient:
    """A signed-up team's way to the server; follows it to a new address."""

    http: httpx2.Client
    token: str

    @classmethod
    def sign_up(cls, http: httpx2.Client, team: str = "Vision Lab") -> TeamClient:
        email = re.sub(r"[^a-z0-9]+", "-", team.lower()) + "@team.example"
        answer = http.post(
            "/teams", json={"name": f"M {team}", "email": email, "password": "four words in a row", "team": team}
        )
        assert answer.status_code == 201, answer.text
        return cls(http=http, token=answer.json()["token"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def at(self, http: httpx2.Client) -> TeamClient:
        """The same team at a server that was started again."""
        return TeamClient(http=http, token=self.token)

    def submit(self, content: Any = None, *, key: str | None = None, method: str = "ResNet-50") -> httpx2.Response:
        return self.http.post(
            "/rounds/tiny/submissions",
            params={"method": method},
            content=predictions() if content is None else content,
            headers={**self.headers, **({"Idempotency-Key": key} if key else {})},
        )

    def accepted(self, content: Any = None, **wishes: Any) -> int:
        answer = self.submit(content, **wishes)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def state(self, submission: int) -> dict[str, Any]:
        answer = self.http.get(f"/submissions/{submission}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    def await_state(self, submission: int, *states: str) -> dict[str, Any]:
        wanted = states or ("scored", "rejected", "failed", "error", "cancelled")
        return (
            wait_until(
                lambda: state if (state := self.state(submission))["state"] in wanted else None,
                what=f"submission {submission} being {' or '.join(wanted)}",
            )
            or {}
        )


def children_of(pid: int) -> list[int]:
    """The direct children of a process, whichever of its threads started them."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in path.read_text().split()]
    return found


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def send_signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)
