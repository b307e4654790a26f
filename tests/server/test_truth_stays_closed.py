"""The process that answers the web never opens a file of a ground truth: only its scoring children do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.server.making import predictions, write_round
from tests.server.running import (
    AFTER,
    API,
    CLOSES,
    DURING,
    OPENS,
    app_of,
    deployment_of,
    finished,
    running_app,
    set_clock,
    sign_up,
    submit,
)

_opened: list[str] | None = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        _opened.append(os.fsdecode(arguments[0]))


sys.addaudithook(_note)  # a hook cannot be taken back; this one sleeps unless a test listens


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Every path that this process opens meanwhile."""
    global _opened  # noqa: PLW0603 - the hook has no other way to hand over what it saw
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


def _truth_files(opened: list[str], *folders: Path) -> list[str]:
    places = [os.path.realpath(folder) for folder in folders]
    return [
        path
        for path in opened
        if "truth" in Path(path).parts or any(os.path.realpath(path).startswith(place) for place in places)
    ]


def test_the_web_process_never_opens_a_truth_path(tmp_path: Path) -> None:
    source = write_round(tmp_path / "source", opens=OPENS, closes=CLOSES)
    with running_app(tmp_path / "data", source, now=DURING, worker_count=1) as client:
        folders = deployment_of(client).folders
        truth_folder = folders.truth_file("tiny", "any").parent
        assert any(truth_folder.iterdir())
        with _listening() as opened:
            member = sign_up(client)
            sent = submit(client, member).json()["id"]
            assert finished(client, member, sent)["state"] == "scored"
            assert client.post(f"{API}/rounds/tiny/check", content=predictions()).status_code == 200
            for moment in (DURING, AFTER):
                set_clock(app_of(client), moment)
                for path in ("/", "/rounds/tiny", "/rounds/tiny/board", f"/submissions/{sent}", "/me", "/docs"):
                    assert client.get(path, headers=member.headers).status_code == 200
                assert client.get(f"{API}/rounds/tiny/board").json()["entries"]
                assert client.get(f"{API}/submissions/{sent}", headers=member.headers).is_success
    assert any("round.toml" in path or "blobs" in path or "incoming" in path for path in opened)
    assert _truth_files(opened, truth_folder, folders.cache, source) == []


def test_the_watch_would_see_a_truth_that_is_opened(tmp_path: Path) -> None:
    truth = tmp_path / "truth" / "labels.npz"
    truth.parent.mkdir()
    with _listening() as opened:
        truth.write_bytes(b"")
        truth.read_bytes()
    assert _truth_files(opened, tmp_path / "elsewhere") == [str(truth)] * 2
