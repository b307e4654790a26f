"""The page of a large board, read by many at once: beside a bare Starlette application that sends the same bytes."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from fastapi.testclient import TestClient

from server.app import create_app
from server.deployment import open_deployment
from server.services.opening import open_folder
from server.settings import Settings as ServerSettings
from tests.benchmarks.cache import made_once
from tests.benchmarks.cases import Case, Competitor, Contest, Goal, Settings
from tests.benchmarks.running.board_rows import CHANGES, COMMIT_TO_PAGE, CONNECTIONS, FIRST_BYTE, SLUG, add_score
from tests.server.making import NOW, write_round

ROWS = 500
REQUESTS = 2000
_RUNNING = Path(__file__).with_name("running") / "board_load.py"
_BARE = "bare Starlette"

# A rate of 0.7 is a time of 1 / 0.7.
_MOST = 1 / 0.7

# Seconds; the first is a budget of the pages, the other what "at once" means to who has just been scored.
_MOST_TO_FIRST_BYTE = 0.150
_MOST_TO_PAGE = 1.0


def make_board(folder: Path, *, rows: int) -> None:
    """A server's data folder with a board of so many rows, and the page as it sends it."""
    settings = ServerSettings(data=folder / "data", worker_count=0)
    deployment = open_deployment(settings)
    open_folder(deployment, write_round(folder / "round", slug=SLUG, rows="entry"), now=NOW)
    for place in range(rows):
        add_score(deployment, f"Laboratory {place}", error=(place * 7919 % 5000) / 5000)
    deployment.close()
    with TestClient(create_app(settings)) as client:
        with client.stream("GET", f"/rounds/{SLUG}/board") as answer:
            (folder / "page.html.gz").write_bytes(b"".join(answer.iter_raw()))
            headers = [pair for pair in answer.headers.items() if pair[0] != "content-length"]
            (folder / "page.json").write_text(json.dumps(headers), encoding="utf-8")


def _prepare(settings: Settings) -> Contest:
    rows, requests = max(1, round(ROWS * settings.scale)), max(16, round(REQUESTS * settings.scale))
    folder = made_once(settings.cache / f"board-v3-{rows}", partial(make_board, rows=rows))
    size = (folder / "page.html.gz").stat().st_size

    def competitor(name: str, kind: str, path: Path, includes: str) -> Competitor:
        return Competitor(
            name=name,
            command=(str(settings.environment.python), str(_RUNNING), kind, str(path), str(requests)),
            reads=f"{requests:,} times {size / 1000:.1f} kB, compressed",
            includes=includes,
            is_warm=True,
            is_yardstick=kind == "bare",
            figure="page_bytes",
            environment={"HELDOUT_WORKER_COUNT": "0", "PYTHONPATH": str(_RUNNING.parents[3])},
        )

    return Contest(
        competitors=(
            competitor(
                "heldout serve", "heldout", folder / "data",
                f"the page from cache over {CONNECTIONS} connections, each time as of the moment",
            ),
            competitor(
                _BARE, "bare", folder / "page.html.gz",
                "one route, the same bytes and headers from memory; as many connections",
            ),
        ),
        data=f"A board of {rows:,} rows and {CHANGES} more while it is made anew",
        yardstick=_BARE,
        goals=(
            Goal(competitor="heldout serve", figure="time", most=_MOST, of=_BARE),
            Goal(competitor="heldout serve", figure=FIRST_BYTE, most=_MOST_TO_FIRST_BYTE, of=None),
            Goal(competitor="heldout serve", figure=COMMIT_TO_PAGE, most=_MOST_TO_PAGE, of=None),
        ),
    )  # fmt: skip


CASE = Case(
    name="board",
    title="A board of 500 rows, read by many",
    remarks=(
        "A rate of 0.7 of the bare application's is a time of 1.43.",
        "`heldout serve` asks the database 50 times a second whether others have committed; it knows its own commits.",
    ),
    prepare=_prepare,
)
