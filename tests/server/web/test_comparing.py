"""/compare and the rank intervals of a board, over files that were really scored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tests.server.making import predictions, write_round
from tests.server.running import AFTER, API, CLOSES, DURING, OPENS, app_of, finished, set_clock, sign_up, submit
from tests.server.web.browsing import BROWSER, browser, text_of
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Entry 1 has all images right, entry 2 four; entries 3 and 4 the same in a blind round; 5 is alone in another."""
    folder = tmp_path_factory.mktemp("comparing")
    rounds = [
        write_round(folder / "tiny", closes=CLOSES),
        write_round(folder / "blind", slug="blind", opens=OPENS, closes=CLOSES, blind=True),
        write_round(folder / "single", slug="single"),
    ]
    with browser(folder / "data", *rounds, worker_count=1) as client:
        teams = [sign_up(client, name) for name in ("Ada", "Bea")]
        sent = [
            (team, submit(client, team, predictions(right=right), slug=slug).json()["id"])
            for slug in ("tiny", "blind")
            for team, right in zip(teams, (6, 4), strict=True)
        ]
        sent.append((teams[0], submit(client, teams[0], predictions(), slug="single").json()["id"]))
        assert {finished(client, team, number)["state"] for team, number in sent} == {"scored"}
        client.cookies.clear()
        yield client


def test_the_verdict_comes_first_then_the_difference_then_where_they_differ(client: TestClient) -> None:
    set_clock(app_of(client), DURING)
    page = text_of(client, "/compare?a=1&b=2")
    assert page.index("The two cannot be told apart.") < page.index("−0.33333") < page.index("Only A right")
    assert ">0.2500<" in page  # both discordant images on one side: 2 * 2**-2, less the table seen
    assert "Class by class" not in page
    set_clock(app_of(client), AFTER)
    assert "Class by class" in text_of(client, "/compare?a=1&b=2")


def test_what_a_blind_round_hides_and_what_is_not_there_answer_alike(client: TestClient) -> None:
    set_clock(app_of(client), DURING)
    hidden = client.get("/compare?a=3&b=4")
    missing = client.get("/compare?a=77&b=4")
    assert hidden.status_code == missing.status_code == client.get("/compare?a=1&b=4").status_code == 404
    assert "not yet" in hidden.text and hidden.text.replace("entry 3", "entry 77") == missing.text
    set_clock(app_of(client), AFTER)
    assert "0.33333" in text_of(client, "/compare?a=3&b=4")


def test_two_boxes_of_the_board_lead_to_the_comparison_and_other_numbers_are_explained(client: TestClient) -> None:
    set_clock(app_of(client), DURING)
    assert text_of(client, "/rounds/tiny/board").count('type="checkbox" name="entry"') == 2
    chosen = client.get("/compare?entry=2&entry=1&split=all")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/compare?a=2&b=1&split=all")
    for query, words in (
        ("entry=1", "exactly two"),
        ("", "Choose two rows"),
        ("a=1&b=1", "two different rows"),
        ("a=1&b=5", "different rounds"),
    ):
        assert words in text_of(client, f"/compare?{query}", 422)


def test_rank_intervals_come_to_the_board_by_themselves_and_change_its_tag(client: TestClient) -> None:
    set_clock(app_of(client), DURING + timedelta(hours=1))
    first = client.get("/rounds/tiny/board.json")

    def ranked() -> bool:
        return bool(client.get("/rounds/tiny/board.json").json()["entries"][0]["rank_interval"])

    wait_until(ranked, what="the rank intervals")
    later = client.get("/rounds/tiny/board.json")
    assert [row["rank_interval"] for row in later.json()["entries"]] == [[1, 2], [1, 2]]
    assert later.json() == client.get(f"{API}/rounds/tiny/board").json()
    assert first.json()["entries"][0]["rank_interval"] is None or first.headers["etag"] == later.headers["etag"]
    page = client.get("/rounds/tiny/board", headers=BROWSER).text
    assert ">1–2</small>" in page and "the ranks that the entry may truly have" in page


def test_the_records_of_a_round_are_a_feed(client: TestClient) -> None:
    set_clock(app_of(client), DURING)
    answer = client.get("/rounds/tiny/board.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert "<title>0.00000 by Ada, ResNet-50</title>" in answer.text and "http://testserver/rounds/tiny" in answer.text
    assert client.get("/rounds/blind/board.atom").text.count("<entry>") == 0
    tag = answer.headers["etag"]
    assert client.get("/rounds/tiny/board.atom", headers={"If-None-Match": tag}).status_code == 304
