"""A full disk and a locked database: told as what they are, nothing acknowledged, and reading goes on."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from server.db.tables import Submission
from server.errors import DatabaseUnavailable, status_of
from server.settings import DATABASE_FILE
from tests.faults.server_process import ServerProcess, TeamClient
from tests.server.making import add_team, predictions, send, tiny_deployment

MEBIBYTE = 1 << 20


def test_a_disk_full_during_an_upload_answers_507_and_reading_goes_on(
    make_server: Callable[..., ServerProcess],
) -> None:
    server = make_server(worker_count=0)
    http = server.start()
    team = TeamClient.sign_up(http)
    kept = team.accepted()
    # The kernel refuses to let any file of the server grow beyond a mebibyte, as a full disk would.
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (MEBIBYTE, MEBIBYTE))
    answer = team.submit(b"1 2 3 4 5\n" * 200_000)
    assert answer.status_code == 507
    assert answer.json()["error"]["code"] == "storage-full"
    assert list((server.data / "incoming").iterdir()) == []
    assert team.state(kept)["state"] == "queued"
    assert http.get("/rounds/tiny/board").status_code == 200
    assert team.submit(predictions(salt=1)).status_code == 201


def test_a_disk_full_at_the_commit_acknowledges_nothing_and_keeps_nothing(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    team_id = add_team(deployment)
    kept = send(deployment, team_id)

    def allow_no_more_pages(connection: sqlite3.Connection, *_: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite raises it to the pages there are

    deployment.database.engine.dispose()
    event.listen(deployment.database.engine, "connect", allow_no_more_pages)
    for salt in range(200):  # until the last page has no room for one more row
        try:
            send(deployment, team_id, predictions(salt=salt), again=True, method="x" * 200)
        except DatabaseUnavailable as error:
            assert status_of(error) == 503
            break
        with deployment.database.write() as session:
            session.connection().execute(text("UPDATE submission SET state = 'scored'"))
    else:
        pytest.fail("the database never became full")
    with deployment.database.read() as session:
        rows = session.exec(select(Submission)).all()
    assert kept.id in {row.id for row in rows}
    assert {blob.key for blob in deployment.blobs.ages()} == {row.blob_key for row in rows}
    deployment.close()


def test_a_locked_database_is_waited_for_within_bounds_and_then_answers_503(
    make_server: Callable[..., ServerProcess],
) -> None:
    server = make_server(worker_count=0, database_wait_seconds=0.5)
    http = server.start()
    team = TeamClient.sign_up(http)
    kept = team.accepted()
    blobs = server.data / "blobs"
    with closing(sqlite3.connect(server.data / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = team.submit(predictions(salt=1), key="one wish")  # answered although the lock is never let go
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "database-unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        assert team.state(kept)["state"] == "queued"
        other.execute("ROLLBACK")
    assert len(list(blobs.iterdir())) == 1
    assert team.accepted(predictions(salt=1), key="one wish") > kept
