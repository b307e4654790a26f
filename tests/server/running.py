"""A whole application in the test's process, and the calls its tests make again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from server.app import create_app
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.services.accounts import add_organizer
from server.services.opening import open_folder
from server.services.tokens import create_token
from tests.server.in_process import InProcess
from tests.server.making import CALM, organize_all, predictions, quick_deployment, quick_settings
from tests.waiting import wait_until

API = "/api/v1"
PASSWORD = "four words in a row"

BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
OPENS = datetime(2026, 11, 10, tzinfo=UTC)
DURING = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLOSES = datetime(2026, 11, 30, tzinfo=UTC)
AFTER = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Member:
    """A signed-up team, and how it proves who it is."""

    team_id: int
    token_id: int
    token: str
    email: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def running_app(data: Path, *rounds: Path, now: datetime | None = None, **settings: Any) -> Iterator[TestClient]:
    """A client of a server on `data` with these rounds open; `now` stops its clock at that moment.

    Nothing is scored unless a `worker_count` is given.
    """
    chosen = quick_settings(data, **{**CALM, **settings})
    deployment = quick_deployment(chosen)
    for folder in rounds:
        open_folder(deployment, folder, now=BEFORE)
    deployment.close()
    app = create_app(chosen)
    if now is not None:
        set_clock(app, now)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        assert client.portal is not None
        client._transport = InProcess(app, client.portal)
        yield client


def app_of(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


def deployment_of(client: TestClient) -> Deployment:
    deployment = app_of(client).state.deployment
    assert isinstance(deployment, Deployment)
    return deployment


def set_clock(app: FastAPI, now: datetime) -> None:
    """Have every later request judged at `now`."""
    app.state.clock = lambda: now


def sign_up(client: TestClient, team: str = "Vision Lab") -> Member:
    email = re.sub(r"[^a-z0-9]+", "-", team.lower()) + "@team.example"
    answer = client.post(
        f"{API}/teams",
        json={"name": f"Member of {team}", "email": email, "password": PASSWORD, "team": team, "scope": "account"},
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Member(team_id=made["team"]["id"], token_id=made["token_id"], token=made["token"], email=email)


def organizing_headers(client: TestClient, email: str = "host@host.example") -> dict[str, str]:
    """The headers of somebody new who organizes every round there is."""
    database = deployment_of(client).database
    person = add_organizer(database, name="Host", email=email, password=PASSWORD, now=BEFORE)
    organize_all(database, person)
    token = create_token(database, Viewer(person_id=person), label="t", now=BEFORE).secret
    return {"Authorization": f"Bearer {token}"}


def submit(
    client: TestClient,
    member: Member,
    content: bytes | None = None,
    *,
    slug: str = "tiny",
    headers: Mapping[str, str] | None = None,
    **query: str,
) -> Response:
    """Send a file as the raw body; perfect predictions unless told otherwise."""
    return client.post(
        f"{API}/rounds/{slug}/submissions",
        params={"method": "ResNet-50", **query},
        content=predictions() if content is None else content,
        headers={**member.headers, **(headers or {})},
    )


def finished(client: TestClient, member: Member, submission: int) -> dict[str, Any]:
    """The submission once the server is through with it."""

    def look() -> dict[str, Any] | None:
        state: dict[str, Any] = client.get(f"{API}/submissions/{submission}", headers=member.headers).json()
        return None if state["state"] in {"queued", "running"} else state

    state = wait_until(look, what=f"the end of submission {submission}")
    assert state is not None
    return state


def error_of(answer: Response) -> dict[str, Any]:
    """The error of a refusal, whose shape is checked on the way."""
    body = answer.json()
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "advice", "details"}, body
    assert error["message"] and error["advice"]
    return error
