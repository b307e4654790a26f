"""Streams of events: what they tell, to whom, how many, and that each of them ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from server import event_streams
from server.db.tables import State
from server.event_streams import STREAMS_PER_VIEWER, Standing, _standing
from tests.server.making import predictions, write_round
from tests.server.running import API, DURING, app_of, deployment_of, error_of, running_app, sign_up, submit
from tests.server.web.browsing import change_submission
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("streams")
    with running_app(folder / "data", write_round(folder / "round"), now=DURING, stream_seconds=30.0) as client:
        yield client


def _told(answer: Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


def test_every_change_is_told_until_the_last_one(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int | None] = []

    def standing(*arguments: Any, **options: Any) -> Standing:
        found = _standing(*arguments, **options)
        seen.append(found.queue_position)
        return found

    # What changes between two looks is told once: the next change waits until the last one was seen.
    monkeypatch.setattr(event_streams, "_standing", standing)
    ahead, member = sign_up(client, "Ahead"), sign_up(client, "Follower")
    first = submit(client, ahead).json()["id"]
    own = submit(client, member, predictions(salt=1)).json()["id"]
    answers: list[Response] = []

    def follow() -> None:
        answers.append(client.get(f"{API}/submissions/{own}/events", headers=member.headers))

    thread = Thread(target=follow)
    thread.start()
    wait_until(lambda: 2 in seen, what="the first look")
    change_submission(deployment_of(client), first, state=State.CANCELLED)
    wait_until(lambda: seen[-1] == 1, what="the next look")
    change_submission(deployment_of(client), own, state=State.REJECTED)
    thread.join()
    assert _told(answers[0]) == [
        {"id": own, "state": "queued", "queue_position": 2},
        {"id": own, "state": "queued", "queue_position": 1},
        {"id": own, "state": "rejected", "queue_position": None},
    ]


def test_a_stream_of_what_has_ended_ends_at_once_and_foreign_ones_are_not_found(client: TestClient) -> None:
    member = sign_up(client, "Ended")
    own = submit(client, member).json()["id"]
    change_submission(deployment_of(client), own, state=State.REJECTED)
    for address in (f"{API}/submissions/{own}/events", f"/submissions/{own}/events"):
        assert [told["state"] for told in _told(client.get(address, headers=member.headers))] == ["rejected"]
        assert error_of(client.get(address))["code"] == "not-logged-in"
        assert client.get(address, headers=sign_up(client, f"Other of {address}").headers).status_code == 404


def test_a_person_follows_a_few_at_once_and_streams_end_when_their_sight_or_the_server_does(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round")
    with running_app(tmp_path / "data", folder, now=DURING, stream_seconds=30.0) as client:
        member = sign_up(client)
        address = f"{API}/submissions/{submit(client, member).json()['id']}/events"
        statuses: list[int] = []

        def follow() -> None:
            statuses.append(client.get(address, headers=member.headers).status_code)

        threads = [Thread(target=follow) for _ in range(STREAMS_PER_VIEWER)]
        for thread in threads:
            thread.start()
        streams = app_of(client).state.streams
        wait_until(lambda: streams._open.total() == STREAMS_PER_VIEWER, what="the streams")
        assert error_of(client.get(address, headers=member.headers))["code"] == "too-many-streams"
        client.delete(f"{API}/tokens/{member.token_id}", headers=member.headers)
        for thread in threads:
            thread.join()  # the event of the revoked token was a pulse
        assert statuses == [200] * STREAMS_PER_VIEWER
        streams.close()
        again = sign_up(client, "Late")
        late = client.get(f"{API}/submissions/{submit(client, again).json()['id']}/events", headers=again.headers)
        assert error_of(late)["code"] == "server-busy"


def test_a_stream_ends_when_its_time_is_over(tmp_path: Path) -> None:
    with running_app(tmp_path / "data", write_round(tmp_path / "round"), now=DURING, stream_seconds=0.1) as client:
        member = sign_up(client)
        own = submit(client, member).json()["id"]
        answer = client.get(f"{API}/submissions/{own}/events", headers=member.headers)
        assert [told["state"] for told in _told(answer)] == ["queued"]
        assert ": still here" in answer.text


def test_whoever_asks_for_the_headers_alone_opens_no_stream(client: TestClient) -> None:
    member = sign_up(client, "Probes")
    address = f"{API}/submissions/{submit(client, member, predictions(salt=7)).json()['id']}/events"
    answer = client.head(address, headers=member.headers)
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["content-type"].startswith("text/event-stream")
