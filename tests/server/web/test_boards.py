"""The board's page and its twins."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from server.db.events import append_event
from server.web.kept_boards import KEPT_PAGES
from tests.server.making import add_team, predictions, score, send, write_round
from tests.server.running import AFTER, CLOSES, DURING, OPENS, app_of, deployment_of, set_clock
from tests.server.web.browsing import add_scored, browser, sign_up_by_form, text_of


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round", closes=CLOSES)) as client:
        for team, method, error, days in (
            ("Ada", "Net one", 0.30, 1),
            ("Bea", "Forest", 0.20, 2),
            ("Cyd", "Net two", 0.20, 3),
        ):
            add_scored(
                deployment_of(client),
                {"top5_error": error, "top1_error": error + 0.1},
                team=team,
                method=method,
                at=DURING - timedelta(days=days),
            )
        yield client


def _order(page: str) -> str:
    return "".join(sorted("ABC", key=lambda letter: page.index({"A": ">Ada<", "B": ">Bea<", "C": ">Cyd<"}[letter])))


def test_the_best_stand_first_and_ties_are_explained(client: TestClient) -> None:
    page = text_of(client, "/rounds/tiny/board")
    assert _order(page) == "CBA"
    assert "Equal values share a rank" in page
    assert "Ranked by top-5 error, lower is better." in page
    assert ": 3 rows, ranked by top-5 error." in page  # for search engines


def test_the_note_says_which_files_a_row_counts_while_names_are_hidden(client: TestClient) -> None:
    whole = "counts every scored file of the team"
    assert whole not in text_of(client, "/rounds/tiny/board")
    assert "of a row without a name, those of that row alone" in text_of(client, "/rounds/tiny/board")
    set_clock(app_of(client), AFTER)
    assert whole in text_of(client, "/rounds/tiny/board")


@pytest.mark.parametrize(
    ("address", "order"),
    [
        ("?sort=team", "ABC"),
        ("?sort=-team", "CBA"),
        ("?sort=date", "CBA"),
        ("?sort=-top5_error", "ACB"),
        ("?sort=x", "CBA"),
    ],
)
def test_the_address_chooses_the_order(client: TestClient, address: str, order: str) -> None:
    assert _order(text_of(client, f"/rounds/tiny/board{address}")) == order


def test_the_address_chooses_the_rows(client: TestClient) -> None:
    page = text_of(client, "/rounds/tiny/board?find=NET&since=2026-11-18&sort=team")
    assert ">Ada<" in page
    assert ">Bea<" not in page and ">Cyd<" not in page
    assert 'value="NET"' in page and 'value="2026-11-18"' in page and '<option value="team" selected>' in page
    assert "Show all 3" in page


def test_a_filter_that_leaves_nothing_says_so(client: TestClient) -> None:
    assert "No row matches" in text_of(client, "/rounds/tiny/board?find=nobody")


def test_json_is_what_the_api_says(client: TestClient) -> None:
    page = client.get("/rounds/tiny/board.json")
    api = client.get("/api/v1/rounds/tiny/board")
    assert page.json() == api.json()
    assert [row["rank"] for row in page.json()["entries"]] == [1, 1, 3]


def test_csv_carries_the_same_rows(client: TestClient) -> None:
    answer = client.get("/rounds/tiny/board.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["rank"], row["team"], float(row["top5_error"])) for row in rows] == [
        ("1", "Cyd", 0.2),
        ("1", "Bea", 0.2),
        ("3", "Ada", 0.3),
    ]


@pytest.mark.parametrize("path", ["/rounds/tiny/board", "/rounds/tiny/board.json", "/rounds/tiny/board.csv"])
def test_who_holds_the_board_already_is_not_sent_it_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_tag_changes_with_what_is_shown(client: TestClient) -> None:
    def tag(path: str = "/rounds/tiny/board") -> str:
        return str(client.get(path).headers["etag"])

    tags = [tag()]
    set_clock(app_of(client), DURING + timedelta(days=2))  # the countdown
    tags.append(tag())
    sign_up_by_form(client, "Dan")  # who is logged in
    tags.append(tag())
    twin = tag("/rounds/tiny/board.json")
    set_clock(app_of(client), AFTER)  # the phase
    tags.append(tag())
    assert len(set(tags)) == len(tags)
    assert tag("/rounds/tiny/board.json") != twin


def test_a_new_score_shows_at_once_when_the_log_tells_of_it(client: TestClient) -> None:
    from server.db.events import append_event
    from server.db.rounds import round_by_slug

    text_of(client, "/rounds/tiny/board")
    made = add_scored(deployment_of(client), {"top5_error": 0.1}, team="Eve")
    with deployment_of(client).database.write() as session:
        row = round_by_slug(session, "tiny")
        assert row is not None
        append_event(
            session, at=DURING, actor="system", action="submission.scored", object_type="submission", object_id=made,
            round_id=row.round.id,
        )  # fmt: skip
    assert ">Eve<" in text_of(client, "/rounds/tiny/board")


def test_hostile_names_are_shown_harmlessly(client: TestClient) -> None:
    add_scored(
        deployment_of(client),
        {"top5_error": 0.1},
        team="<script>alert(1)</script>\u202e\u200b",
        method='=cmd()|"><img src=x onerror=alert(1)>',
    )
    page = text_of(client, "/rounds/tiny/board")
    assert "<script>alert" not in page and "<img" not in page
    assert "\u202e" not in page and "\\u202e\\u200b" in page
    home = text_of(client, "/")
    assert "<script>alert" not in home and "\u202e" not in home
    rows = list(csv.reader(io.StringIO(client.get("/rounds/tiny/board.csv").text, newline="")))
    assert rows[1][2].startswith("'=cmd()")


def _event(client: TestClient) -> None:
    with deployment_of(client).database.write() as session:
        append_event(session, at=DURING, actor="x", action="x", object_type="round", object_id=1, round_id=1)


def test_a_page_sent_before_is_sent_again_until_somebody_commits_something(client: TestClient) -> None:
    first = client.get("/rounds/tiny/board")
    add_scored(deployment_of(client), {"top5_error": 0.01}, team="Dee")  # tells nobody
    assert client.get("/rounds/tiny/board").headers["ETag"] == first.headers["ETag"]
    _event(client)
    second = client.get("/rounds/tiny/board")
    assert second.headers["ETag"] != first.headers["ETag"]
    assert ">Dee<" in second.text
    again = client.get("/rounds/tiny/board")
    assert (again.text, again.headers["ETag"]) == (second.text, second.headers["ETag"])
    assert again.headers["Content-Encoding"] == "gzip"
    assert "nosniff" in again.headers["X-Content-Type-Options"]
    known = client.get("/rounds/tiny/board", headers={"If-None-Match": second.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_a_page_sent_before_is_not_sent_to_others_or_at_another_time(client: TestClient) -> None:
    first = client.get("/rounds/tiny/board")
    plain = client.get("/rounds/tiny/board", headers={"Accept-Encoding": "identity"})
    assert (plain.text, plain.headers["ETag"]) == (first.text, first.headers["ETag"])
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == first.headers["Vary"] == "Cookie, Accept-Encoding"
    assert client.get("/rounds/tiny/board?find=Ada").text != first.text
    assert client.head("/rounds/tiny/board").headers["ETag"] == first.headers["ETag"]
    set_clock(app_of(client), DURING + timedelta(days=3))
    assert client.get("/rounds/tiny/board").text != first.text
    set_clock(app_of(client), AFTER)
    assert "The round closed" in client.get("/rounds/tiny/board").text
    set_clock(app_of(client), DURING)
    sign_up_by_form(client, "Ada and others")
    assert "Log out" in client.get("/rounds/tiny/board").text
    client.cookies.clear()
    assert client.get("/rounds/tiny/board").text == first.text


def test_no_more_pages_are_kept_than_there_is_room_for(client: TestClient) -> None:
    kept = app_of(client).state.kept_boards
    for number in range(KEPT_PAGES + 3):
        client.get(f"/rounds/tiny/board?find={number}")
    assert len(kept) == KEPT_PAGES


@pytest.fixture
def revealed(tmp_path: Path) -> Iterator[TestClient]:
    """A round that is over; its private images turn the order of the public ones around."""
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, public_share=0.5, rows="entry")
    with browser(tmp_path / "data", folder) as client:
        deployment = deployment_of(client)
        for team, public, private in (("Ada", 0.1, 0.4), ("Bea", 0.2, 0.3)):
            sent = send(deployment, add_team(deployment, team), predictions(salt=len(team)), now=DURING).id
            score(deployment, sent, public=public, private=private, all=(public + private) / 2)
        set_clock(app_of(client), AFTER)
        yield client


def test_every_way_on_from_a_boards_page_keeps_its_split(revealed: TestClient) -> None:
    address = "/rounds/tiny/board?sort=team&find=a&split=public"
    page = text_of(revealed, address)
    assert "0.10000" in page and "0.40000" not in page
    links = {unescape(link) for link in re.findall(r'href="(/rounds/tiny/board[^"]*)"', page)}
    elsewhere = {f"/rounds/tiny/board?sort=team&find=a&split={split}" for split in ("private", "all")}
    assert elsewhere < links and "/rounds/tiny/board?sort=date&find=a&split=public" in links
    for link in links - elsewhere - {"/rounds/tiny/board.atom"}:
        assert parse_qs(urlsplit(link).query)["split"] == ["public"], link
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert fields == {"split": "public"}
    chosen, left = re.findall(r'<option value="([^"]*)"( selected)?', page), {"", "-rank", "team", "-team", "-date"}
    assert [key for key, is_chosen in chosen if is_chosen] == ["team"] and left < {key for key, _ in chosen}
    assert page.count('name="split" value="public"') == 2  # of the filter, and of the comparison
    document = revealed.get("/rounds/tiny/board.json?split=public").json()
    assert [row["team"] for row in document["entries"]] == ["Ada", "Bea"]
    compared = text_of(revealed, "/compare?a=1&b=2&split=public")
    assert 'href="/rounds/tiny/board?split=public">Board' in compared


def test_an_address_without_a_split_leaves_the_choice_to_the_round(revealed: TestClient) -> None:
    page = text_of(revealed, "/rounds/tiny/board?split=none")
    assert "0.30000" in page and 'href="/rounds/tiny/board?sort=team"' in page
    assert 'href="/rounds/tiny/board.json"' in page and 'name="split" value="private"' in page  # is compared
    set_clock(app_of(revealed), DURING)
    page = text_of(revealed, "/rounds/tiny/board?split=private")
    assert "0.10000" in page and "split=" not in page
