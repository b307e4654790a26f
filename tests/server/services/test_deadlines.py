"""A close that comes near is told by mail: once per person, and once more when it is moved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from server.auth.permissions import COMMAND
from server.services.deadlines import tell_of_deadlines
from server.services.schedules import extend
from server.workers import Workers
from tests.server.making import NOW, add_team, send, tiny_deployment
from tests.server.services.test_notices import add_member, mails
from tests.waiting import wait_until

LEAD = timedelta(hours=48)
CLOSES = NOW + timedelta(days=5)


def test_a_close_is_told_once_and_a_moved_one_once_more(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_closes=CLOSES)
    team = add_team(deployment)
    send(deployment, team)
    add_member(deployment, team, "ada")
    add_member(deployment, team, "bea", unwanted=("deadline",))
    add_member(deployment, add_team(deployment, "Elsewhere"), "cid")

    def told(*, days: float) -> int:
        return tell_of_deadlines(deployment.database, lead=LEAD, now=NOW + timedelta(days=days))

    assert told(days=2) == 0
    assert (told(days=3), told(days=3.5)) == (2, 0)  # who does not want it counts as told
    assert mails(deployment) == [("deadline", "ada@team.example")]
    add_member(deployment, team, "dan")
    assert told(days=4) == 1  # somebody who joins late
    extend(deployment, COMMAND, slug="tiny", closes=CLOSES + timedelta(days=7), now=NOW + timedelta(days=4.5))
    assert (told(days=9), told(days=10.5), told(days=11)) == (0, 3, 0)
    assert [address for _, address in mails(deployment)] == ["ada@team.example"] * 2 + ["dan@team.example"] * 2
    assert told(days=12) == 0  # it is closed
    assert tell_of_deadlines(deployment.database, lead=timedelta(0), now=NOW) == 0
    deployment.close()


def test_a_running_server_tells_by_itself(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data", round_closes=CLOSES, worker_count=0)
    team = add_team(deployment)
    send(deployment, team)
    add_member(deployment, team, "ada")
    for _ in range(2):  # a restart tells nobody again
        workers = Workers(deployment, clock=lambda: CLOSES - timedelta(hours=1))
        workers.start()
        wait_until(lambda: mails(deployment), what="the mail")
        workers.stop()
    assert mails(deployment) == [("deadline", "ada@team.example")]
    deployment.close()
