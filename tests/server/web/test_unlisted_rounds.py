"""An unlisted round is found by its address alone: counting up the numbers of entries finds nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.server.making import predictions, write_round
from tests.server.running import CLOSES, OPENS, deployment_of, sign_up, submit
from tests.server.web.browsing import browser, log_in_as_organizer, score_silently, text_of

# What the numbers alone lead to.
COUNTED = ("/entries/1", "/entries/2", "/compare?a=1&b=2", "/compare?a=1&b=3")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Entries 1 and 2, of Ada and Bea, stand in an unlisted round; entry 3, of Cyd, in a public one."""
    rounds = [
        write_round(tmp_path / "hidden", slug="hidden", listing="unlisted", opens=OPENS, closes=CLOSES),
        write_round(tmp_path / "tiny"),
    ]
    with browser(tmp_path / "data", *rounds) as client:
        for name, slug in (("Ada", "hidden"), ("Bea", "hidden"), ("Cyd", "tiny")):
            sent = submit(client, sign_up(client, name), predictions(salt=len(slug)), slug=slug).json()["id"]
            score_silently(deployment_of(client), sent, {"top5_error": sent / 8}, truth_id=1 if slug == "hidden" else 2)
        client.cookies.clear()
        yield client


def _missing(path: str) -> str:
    return path.replace("1", "71").replace("2", "72")


def test_numbers_of_its_entries_answer_as_if_there_were_none(client: TestClient) -> None:
    for path in COUNTED:
        for wrong in ("", "round=tiny", "round=hidde"):
            asked = path + ("&" if "?" in path else "?") + wrong
            found, missing = client.get(asked), client.get(_missing(asked))
            assert found.status_code == missing.status_code == 404, asked
            assert found.text == missing.text.replace("71", "1").replace("72", "2"), asked


def test_who_holds_the_address_goes_on_from_the_board_to_entries_and_comparisons(client: TestClient) -> None:
    for page in ("/rounds/hidden/board", "/rounds/hidden"):
        assert 'href="/entries/1?round=hidden"' in text_of(client, page)
    assert '<input type="hidden" name="round" value="hidden">' in text_of(client, "/rounds/hidden/board")
    entry = text_of(client, "/entries/1?round=hidden")
    assert "Round hidden" in entry and 'href="/compare?a=1&amp;b=2&amp;round=hidden"' in entry
    chosen = client.get("/compare", params={"entry": [1, 2], "round": "hidden"})
    assert chosen.headers["location"] == "/compare?a=1&b=2&round=hidden"
    assert 'href="/entries/2?round=hidden"' in text_of(client, chosen.headers["location"])


def test_addresses_within_a_public_round_stay_short(client: TestClient) -> None:
    board = text_of(client, "/rounds/tiny/board")
    assert 'href="/entries/3"' in board and "round=" not in board


def test_its_organizers_find_its_entries_by_their_numbers(client: TestClient) -> None:
    log_in_as_organizer(client)
    for path in COUNTED[:3]:
        assert "Round hidden" in text_of(client, path)
