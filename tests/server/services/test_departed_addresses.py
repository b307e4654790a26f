"""Of the address of a deleted account a hash is kept, as long as a round of its teams goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from server.auth.permissions import COMMAND
from server.db.departed_addresses import departed_persons
from server.deployment import Deployment
from server.services.account_settings import delete_account
from server.services.departed_addresses import forget_addresses
from server.services.pauses import LONGEST_PAUSE
from server.services.schedules import pause
from tests.server.making import NOW, predictions, send, tiny_deployment
from tests.server.services.organizing import member, team_of

CLOSE = NOW + timedelta(days=9)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    opened = tiny_deployment(tmp_path / "data", round_closes=CLOSE)
    yield opened
    opened.close()


def _kept(deployment: Deployment) -> list[int]:
    with deployment.database.read() as session:
        return [kept.person_id for kept in departed_persons(session)]


def test_the_hash_of_a_deleted_address_goes_with_the_last_of_the_rounds(deployment: Deployment) -> None:
    one, idle = member(deployment, "One"), member(deployment, "Idle")
    send(deployment, team_of(one))
    for viewer in (one, idle):
        delete_account(deployment.database, viewer, now=NOW)
    assert _kept(deployment) == [one.person_id]  # the other took part in nothing
    assert forget_addresses(deployment.database, now=CLOSE - timedelta(seconds=1)) == 0
    assert forget_addresses(deployment.database, now=CLOSE) == 1
    assert _kept(deployment) == []


def test_the_hash_of_a_deleted_address_outlives_a_pause_until_its_reveal(deployment: Deployment) -> None:
    one = member(deployment, "One")
    send(deployment, team_of(one))
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    delete_account(deployment.database, one, now=NOW)
    assert forget_addresses(deployment.database, now=CLOSE) == 0
    assert forget_addresses(deployment.database, now=NOW + LONGEST_PAUSE - timedelta(seconds=1)) == 0
    assert forget_addresses(deployment.database, now=NOW + LONGEST_PAUSE) == 1


def test_many_hashes_are_asked_about_by_as_few_queries_as_one_and_keep_nobody_from_writing(
    deployment: Deployment,
) -> None:
    asked: list[str] = []
    event.listen(deployment.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    counts = set()
    for salt, name in enumerate(("One", "Two", "Three")):
        viewer = member(deployment, name)
        send(deployment, team_of(viewer), predictions(salt=salt))
        delete_account(deployment.database, viewer, now=NOW)
        asked.clear()
        assert forget_addresses(deployment.database, now=NOW) == 0
        assert asked and "BEGIN IMMEDIATE" not in asked
        counts.add(len(asked))
    assert len(counts) == 1
    assert forget_addresses(deployment.database, now=CLOSE) == 3 and "BEGIN IMMEDIATE" in asked
