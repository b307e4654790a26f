"""A detection round whose winner has the most object categories, after its reveal: on every page that tells a score."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.db.tables import Score
from tests.server.running import AFTER, CLOSES, deployment_of
from tests.server.web.browsing import add_scored, browser, log_in_as_organizer, text_of

DIGITS = Path(__file__).parents[3] / "data" / "digits-det"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Two entries: the first wins two of three categories, though its mean is the lower one."""
    folder = tmp_path / "round"
    folder.mkdir()
    for path in DIGITS.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    toml = (DIGITS / "round.toml").read_text()
    policy = f'[policy]\nranking = "categories"\ncloses = {CLOSES.isoformat()}'
    (folder / "round.toml").write_text(toml.replace("[policy]", policy))
    with browser(tmp_path / "data", folder, now=AFTER) as client:
        for team, mean_ap, found in (("Ada", 0.4, (0.5, 0.5, 0.2)), ("Bea", 0.5, (0.4, 0.4, 0.7))):
            number = add_scored(deployment_of(client), {"mean_ap": mean_ap}, team=team, method=team, slug="digits-det")
            with deployment_of(client).database.write() as session:
                score = session.exec(select(Score).where(Score.submission_id == number)).one()
                score.per_class = [
                    {"id": place, "wnid": "", "name": f"class {place}", "ap": ap} for place, ap in enumerate(found)
                ]
                score.intervals = {"mean_ap": {"0.95": [17, 21]}}  # made to be found
                session.add(score)
        yield client


def test_no_page_shows_an_interval_under_the_categories_won(client: TestClient) -> None:
    for address in ("/rounds/digits-det/board", "/rounds/digits-det", "/compare?a=1&b=2", "/entries/1"):
        assert "17 to 21" not in text_of(client, address), address
    document = client.get("/rounds/digits-det/board.json").json()
    assert document["metric"]["name"] == "categories_won"
    assert [(one["scores"]["categories_won"], one["interval"]) for one in document["entries"]] == [
        (2.0, None), (1.0, None),
    ]  # fmt: skip


def test_the_page_of_a_submission_tells_the_categories_that_its_row_has_won(client: TestClient) -> None:
    log_in_as_organizer(client)
    assert re.search(r"<dt>Object categories won</dt><dd>2</dd>", text_of(client, "/submissions/1"))


def test_two_entries_differ_in_a_class_by_decimals(client: TestClient) -> None:
    page = text_of(client, "/compare?a=1&b=2")
    assert "+0.1000" in page and "−0.5000" in page
