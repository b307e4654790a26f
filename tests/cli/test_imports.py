"""What the offline commands load: scoring and the terminal, never the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.making import predictions, write_round

# pydantic is not among them: typer itself converts arguments with it.
_SERVER_SIDE = {"fastapi", "starlette", "pydantic_settings", "sqlalchemy", "sqlmodel", "sqlite3", "alembic", "uvicorn"}

_TELL = """
import json, sys
from server.cli.main import main
code = main(sys.argv[2:])
with open(sys.argv[1], "w") as stream:
    json.dump([code, sorted(sys.modules)], stream)
"""


def _run(tmp_path: Path, *arguments: str) -> tuple[int, set[str]]:
    """A command in a process of its own: its exit code, and the packages it loaded."""
    told = tmp_path / "told.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    subprocess.run(
        [sys.executable, "-c", _TELL, str(told), *arguments],
        check=True,
        capture_output=True,
        input=b"a password\n",
        env={**environment, "HELDOUT_CACHE": str(tmp_path / "cache")},
    )
    code, modules = json.loads(told.read_text())
    return code, {name.partition(".")[0] for name in modules}


@pytest.fixture
def round_and_file(tmp_path: Path) -> tuple[str, str]:
    file = tmp_path / "predictions.txt"
    file.write_bytes(predictions())
    return str(write_round(tmp_path / "round")), str(file)


@pytest.mark.parametrize("command", ["validate", "score"])
def test_classification_is_checked_and_scored_without_server_or_compiler(
    command: str, tmp_path: Path, round_and_file: tuple[str, str]
) -> None:
    code, loaded = _run(tmp_path, command, *round_and_file)
    assert code == 0
    assert loaded & _SERVER_SIDE == set()
    assert loaded & {"numba", "llvmlite", "httpx2"} == set()
    assert "leaderboard" not in loaded


def test_help_loads_almost_nothing(tmp_path: Path) -> None:
    code, loaded = _run(tmp_path, "--help")
    assert code == 0
    assert loaded & (_SERVER_SIDE | {"numpy", "httpx2"}) == set()


def test_the_client_needs_no_server_side(tmp_path: Path) -> None:
    code, loaded = _run(tmp_path, "login", "http://127.0.0.1:9", "--email", "nobody@team.example", "--password-stdin")
    assert code == 6
    assert loaded & _SERVER_SIDE == set()
    assert "httpx2" in loaded


@pytest.mark.parametrize("command", ["validate", "score"])
def test_results_in_json_are_written_without_a_parser_or_a_terminal(
    command: str, tmp_path: Path, round_and_file: tuple[str, str]
) -> None:
    code, loaded = _run(tmp_path, command, *round_and_file, "--format", "json")
    assert code == 0
    assert loaded & {"typer", "click", "rich", "pydantic"} == set()
