"""A browser without JavaScript: accepts HTML, keeps cookies, sends forms from this site; and rows for boards."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from server.db.rounds import round_by_slug
from server.db.tables import Entry, Score, State, Submission, Team
from server.deployment import Deployment
from server.services.accounts import add_organizer
from tests.server.making import organize_all, predictions
from tests.server.running import BEFORE, DURING, PASSWORD, deployment_of, running_app

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9", "Sec-Fetch-Site": "same-origin"}


@contextmanager
def browser(data: Path, *rounds: Path, now: datetime = DURING, **settings: Any) -> Iterator[TestClient]:
    """A browser before a server whose clock stands still."""
    with running_app(data, *rounds, now=now, **settings) as client:
        client.headers.update(BROWSER)
        yield client


def sign_up_by_form(client: TestClient, team: str = "Vision Lab", **fields: str) -> Response:
    """Fill in the form; the browser is logged in afterwards."""
    wish = {
        "name": "Ada",
        "email": f"{re.sub('[^a-z]', '', team.partition(' ')[0].lower())[:20] or 'ada'}@team.example",
        "password": PASSWORD,
        "team": team,
    }
    return client.post("/sign-up", data={**wish, **fields})


def log_in_as_organizer(client: TestClient) -> None:
    """As one who organizes every round there is."""
    database = deployment_of(client).database
    person = add_organizer(database, name="Organizer", email="organizer@host.example", password=PASSWORD, now=BEFORE)
    organize_all(database, person)
    answer = client.post("/log-in", data={"email": "organizer@host.example", "password": PASSWORD})
    assert answer.status_code == 303


def send_form(
    client: TestClient,
    content: bytes | None = None,
    *,
    slug: str = "tiny",
    key: str = "",
    method: str = "ResNet-50",
    file_name: str = "predictions.txt",
    **fields: str,
) -> Response:
    """Submit the form of a round, perfect predictions unless told otherwise."""
    return client.post(
        f"/rounds/{slug}/submit",
        params={"key": key} if key else {},
        files={"file": (file_name, predictions() if content is None else content)},
        data={"method": method, **fields},
    )


def text_of(client: TestClient, path: str, status: int = 200) -> str:
    """The page at `path`."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def words_of(client: TestClient, path: str, status: int = 200) -> str:
    """What the page at `path` says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text_of(client, path, status))).split())


def add_scored(
    deployment: Deployment,
    scores: Mapping[str, float | None],
    *,
    team: str,
    method: str = "Net",
    slug: str = "tiny",
    at: datetime = DURING,
) -> int:
    """A scored submission of a team that is made if there is none of this name; its id."""
    with deployment.database.write() as session:
        found = round_by_slug(session, slug)
        assert found is not None and found.round.id is not None and found.truth is not None
        made = Team(name=team, name_key=team.casefold(), created_at=BEFORE)
        session.add(made)
        session.flush()
        entry = Entry(round_id=found.round.id, team_id=made.id or 0, method=method, created_at=BEFORE)
        session.add(entry)
        session.flush()
        submission = Submission(
            entry_id=entry.id or 0,
            round_id=found.round.id,
            team_id=made.id or 0,
            state=State.SCORED,
            blob_key=f"blob-{made.id}-{entry.id}",
            sha256="0" * 64,
            size_bytes=10,
            upload_started_at=at,
            accepted_at=at,
            finished_at=at,
        )
        session.add(submission)
        session.flush()
        assert submission.id is not None and found.truth.id is not None
        session.add(_score(submission.id, found.truth.id, scores))
        return submission.id


def score_silently(
    deployment: Deployment, submission_id: int, scores: Mapping[str, float | None], *, truth_id: int = 1
) -> None:
    """Give a submission a score that no event tells of."""
    change_submission(deployment, submission_id, state=State.SCORED, finished_at=DURING)
    with deployment.database.write() as session:
        session.add(_score(submission_id, truth_id, scores))


def _score(submission_id: int, truth_id: int, scores: Mapping[str, float | None]) -> Score:
    return Score(
        submission_id=submission_id,
        truth_id=truth_id,
        scorer_version="1",
        scores=dict(scores),
        counts={},
        per_class=[],
        created_at=DURING,
    )


def change_submission(deployment: Deployment, submission_id: int, **changes: Any) -> None:
    """Put a submission into a state that is rarely met."""
    with deployment.database.write() as session:
        submission = session.get(Submission, submission_id)
        assert submission is not None
        for name, value in changes.items():
            setattr(submission, name, value)
        session.add(submission)
