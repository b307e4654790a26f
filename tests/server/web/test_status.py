"""/status: the queue in numbers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from server.db.tables import State
from tests.server.making import add_team, send, write_round
from tests.server.running import DURING, app_of, deployment_of, set_clock
from tests.server.web.browsing import browser, change_submission, text_of
from tests.waiting import wait_until


def test_the_queue_is_told_without_names(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        empty = text_of(client, "/status")
        deployment = deployment_of(client)
        sent = [send(deployment, add_team(deployment, name), method="Secret", now=DURING) for name in ("Ada", "Bea")]
        change_submission(deployment, sent[0].id, state=State.RUNNING)
        set_clock(app_of(client), DURING + timedelta(minutes=95))
        page = text_of(client, "/status")
    assert "Nothing is scored at the moment." in empty and "0 submissions" in empty
    assert "1 submission<" in page and "1 h 35 min" in page and "Workers alive" in page
    assert "Ada" not in page and "Secret" not in page


def test_workers_that_are_alive_are_counted(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round"), worker_count=2) as client:
        page = text_of(client, "/status")
        assert "Scoring, without a queue." in page and "<dd>2</dd>" in page
        deployment = deployment_of(client)
        send(deployment, add_team(deployment), now=DURING)
        wait_until(lambda: "0 submissions" in text_of(client, "/status"), what="the end of the queue")
