"""A server that really listens, and the client commands logged in to it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from server.cli.main import main
from tests.server.listening import listening_server
from tests.server.making import write_round
from tests.server.running import API, PASSWORD


@dataclass(frozen=True, kw_only=True)
class Place:
    """A server, and where the client keeps its files."""

    address: str
    folder: Path
    data: Path  # the server's

    def sign_up(self, team: str) -> str:
        """The e-mail address of a new team's member."""
        email = f"{team.lower().replace(' ', '-')}@team.example"
        wish = {"name": "Ada", "email": email, "password": PASSWORD, "team": team}
        assert httpx2.post(f"{self.address}{API}/teams", json=wish).status_code == 201
        return email

    def log_in(self, email: str, *options: str) -> None:
        """Have the commands act for a member."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
            assert main(["login", self.address, "--email", email, "--password-stdin", *options]) == 0

    def file(self, content: bytes) -> str:
        path = self.folder / "predictions.txt"
        path.write_bytes(content)
        return str(path)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("client")
    rounds = (
        write_round(folder / "tiny"),
        write_round(folder / "small", slug="small", submissions_per_day=1, submissions_per_week=4),
        write_round(folder / "choosing", slug="choosing", represents="finals", finals=1),
        write_round(folder / "past", slug="past", closes="CLOSED"),
    )
    text = (folder / "past" / "round.toml").read_text()
    (folder / "past" / "round.toml").write_text(text.replace('"CLOSED"', "2026-01-01T00:00:00Z"))
    with listening_server(folder / "data", *rounds, worker_count=1) as address:
        yield address, folder / "data"


@pytest.fixture
def place(server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HELDOUT_CONFIG", str(tmp_path / "config"))
    return Place(address=server[0], folder=tmp_path, data=server[1])


@pytest.fixture
def log_in(place: Place, request: pytest.FixtureRequest) -> None:
    """A new team, logged in."""
    place.log_in(place.sign_up(f"Team of {request.node.name}"[:90].replace("[", " ").replace("]", "")))
