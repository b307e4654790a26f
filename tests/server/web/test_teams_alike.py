"""What organizers are shown of teams that one person may play for: the same file, or the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.server.making import predictions, score, write_round
from tests.server.running import API, deployment_of
from tests.server.web.browsing import browser, log_in_as_organizer, send_form, sign_up_by_form, text_of

PAGE = "/organize/tiny"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        yield client


def _send_as(client: TestClient, team: str, *, salt: int = 0) -> None:
    client.cookies.clear()
    sign_up_by_form(client, team, email=f"{team.lower()}@team.example")
    assert send_form(client, predictions(salt=salt)).status_code == 303


def test_teams_that_sent_the_same_file_are_named_to_organizers_alone(client: TestClient) -> None:
    for team in ("First", "Second"):
        _send_as(client, team)
    assert "Teams that sent the same file" not in text_of(client, "/rounds/tiny")
    client.cookies.clear()
    log_in_as_organizer(client)
    page = text_of(client, PAGE)
    assert "Teams that sent the same file" in page and "in every figure" not in page
    assert "<bdi>First</bdi> (" in page and "<bdi>Second</bdi> (" in page


def test_teams_that_score_the_same_with_other_files_are_named(client: TestClient) -> None:
    for salt, team in enumerate(("First", "Second")):
        _send_as(client, team, salt=salt)
        score(deployment_of(client), salt + 1, all=0.375)
    client.cookies.clear()
    log_in_as_organizer(client)
    page = text_of(client, PAGE)
    listed = page.partition("score the same in every figure</h2>")[2].partition("</ul>")[0]
    assert "<bdi>First</bdi> (" in listed and "/submissions/2" in listed
    assert "Teams that sent the same file" not in page
    told = client.get(f"{API}/rounds/tiny/affairs").json()
    assert (told["same_files"], told["same_figures"]) == ([], [{"teams": ["First", "Second"], "submissions": [1, 2]}])
