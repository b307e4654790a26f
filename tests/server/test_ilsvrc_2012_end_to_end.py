"""The real ILSVRC 2012 validation round on a running server: sixteen teams, sixteen models, one ranking."""

from __future__ import annotations

import csv
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.server.running import API, PASSWORD
from tests.waiting import wait_until

IMAGES = 50_000
SLUG = "ilsvrc2012-val"


@pytest.fixture
def round_folder(ilsvrc: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "round"
    folder.mkdir()
    shutil.copy(ilsvrc / "clsloc" / "ILSVRC2015_clsloc_validation_ground_truth.txt", folder / "ground_truth.txt")
    shutil.copy(ilsvrc / "synsets" / "map_clsloc.txt", folder / "map_clsloc.txt")
    (folder / "round.toml").write_text(
        f"""slug = "{SLUG}"
title = "ILSVRC 2012 classification, validation set"
challenge = "ILSVRC 2012"
task = "cls"
[images]
count = {IMAGES}
[classes]
table = "map_clsloc.txt"
[policy]
best_by = "top5_error"
[truth]
labels = "ground_truth.txt"
"""
    )
    return folder


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*_heldout("serve"), "--data", str(tmp_path / "data"), "--port", str(port)]
    with (tmp_path / "server.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(address) or server.poll() is not None, what="the server's first answer")
            assert server.poll() is None, (tmp_path / "server.log").read_text()
            yield address
        finally:
            server.terminate()
            server.wait(60)
    assert server.returncode == 0, (tmp_path / "server.log").read_text()


def _heldout(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "server.cli.main", *arguments]


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}{API}/rounds").is_success
    except httpx2.TransportError:
        return False


def _expected(ilsvrc: Path) -> dict[str, tuple[float, float]]:
    """(top-1 error, top-5 error) of each model."""
    with (ilsvrc / "clsloc" / "predictions" / "expected.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {row["model"]: (int(row["top1_wrong"]) / IMAGES, int(row["top5_wrong"]) / IMAGES) for row in rows}


def _submit(client: httpx2.Client, model: str, file: Path) -> tuple[dict[str, str], int]:
    """Sign a team up for one model and send its file; how to ask for the submission, and its id."""
    wish = {"name": model, "email": f"{model}@team.example", "password": PASSWORD, "team": f"Team {model}"}
    signed_up = client.post(f"{API}/teams", json=wish)
    assert signed_up.status_code == 201, signed_up.text
    headers = {"Authorization": f"Bearer {signed_up.json()['token']}"}
    sent = client.post(
        f"{API}/rounds/{SLUG}/submissions", params={"method": model}, content=file.read_bytes(), headers=headers
    )
    assert sent.status_code == 201, sent.text
    return headers, sent.json()["id"]


def test_sixteen_real_models_are_ranked_by_their_real_errors(
    ilsvrc: Path, round_folder: Path, address: str, tmp_path: Path
) -> None:
    opened = subprocess.run(
        [*_heldout("round", "open"), str(round_folder), "--data", str(tmp_path / "data")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    expected = _expected(ilsvrc)
    assert len(expected) == 16
    with httpx2.Client(base_url=address, timeout=60) as client:
        sent = [_submit(client, model, ilsvrc / "clsloc" / "predictions" / f"{model}.txt.gz") for model in expected]

        def states() -> list[dict[str, Any]]:
            return [client.get(f"{API}/submissions/{number}", headers=headers).json() for headers, number in sent]

        wait_until(lambda: not {"queued", "running"} & {one["state"] for one in states()}, what="the last score")
        assert {one["state"] for one in states()} == {"scored"}
        board = client.get(f"{API}/rounds/{SLUG}/board").json()
    ranking = [row["method"] for row in board["entries"]]
    assert ranking == sorted(expected, key=lambda model: expected[model][1])
    assert (ranking[:3], ranking[-1]) == (["pnasnet_large_tf", "nasnet_large_tf", "senet154"], "fv_64k")
    assert [row["rank"] for row in board["entries"]] == list(range(1, 17))
    for row in board["entries"]:
        assert (row["scores"]["top1_error"], row["scores"]["top5_error"]) == expected[row["method"]]
    assert board["entries"][0]["scores"]["top5_error"] == 0.03818
