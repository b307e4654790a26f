"""The page of a roster, and its table of scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.server.making import write_round
from tests.server.running import deployment_of
from tests.server.web.browsing import (
    add_scored,
    browser,
    log_in_as_organizer,
    score_silently,
    send_form,
    sign_up_by_form,
    text_of,
)

PAGE = "/organize/tiny/roster"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        add_scored(deployment_of(client), {"top5_error": 0.25}, team="Leaders", method="Big Net")
        log_in_as_organizer(client)
        yield client


def test_a_list_is_pasted_shown_and_downloaded(client: TestClient) -> None:
    assert PAGE in text_of(client, "/organize/tiny")
    assert "Nobody is expected" in text_of(client, PAGE)
    assert client.post(PAGE, data={"roster": "<b>Ada</b>,ada@lab.example,A"}).headers["location"] == PAGE
    page = text_of(client, PAGE)
    assert "&lt;b&gt;Ada&lt;/b&gt;; ada@lab.example; A\n" in page and "none yet" in page
    table = client.get(f"{PAGE}.csv")
    assert table.headers["content-type"].startswith("text/csv") and table.headers["cache-control"] == "no-store"
    assert table.text.splitlines()[1] == "<b>Ada</b>,ada@lab.example,A,,0,,,"


def test_a_wrong_list_stays_in_the_form(client: TestClient) -> None:
    answer = client.post(PAGE, data={"roster": "Ada,ada@lab.example\nBob\n"})
    assert answer.status_code == 422 and "line 2" in answer.text and "Bob\n</textarea>" in answer.text
    assert "Nobody is expected" in text_of(client, PAGE)


@pytest.mark.parametrize(("smtp_url", "told", "shown"), [
    (None, "No mail leaves this server", "0.25000"),
    ("smtp://127.0.0.1:9", "their scores do not stand here", "none yet"),
])  # fmt: skip
def test_an_address_that_is_not_verified_is_marked_and_explained(
    tmp_path: Path, smtp_url: str | None, told: str, shown: str
) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round"), smtp_url=smtp_url) as client:
        sign_up_by_form(client, "Impostors")
        send_form(client)
        score_silently(deployment_of(client), 1, {"top5_error": 0.25})
        client.cookies.clear()
        log_in_as_organizer(client)
        client.post(PAGE, data={"roster": "Mate,impostors@team.example"})
        page = text_of(client, PAGE)
    assert "not verified</span>" in page and told in page and f"<strong>{shown}</strong>" in page


def test_who_is_disqualified_has_no_score_and_is_marked(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        sign_up_by_form(client, "Impostors")
        send_form(client)
        score_silently(deployment_of(client), 1, {"top5_error": 0.25})
        client.cookies.clear()
        log_in_as_organizer(client)
        client.post(PAGE, data={"roster": "Mate,impostors@team.example"})
        assert "<strong>0.25000</strong></td>" in text_of(client, PAGE)
        client.post("/organize/tiny/entries/disqualify", data={"entry": "1", "reason": "Copied."})
        page = text_of(client, PAGE)
    assert "0.25000" not in page and '<span class="more warning">disqualified</span></td>' in page


def test_a_list_is_a_file_too(client: TestClient) -> None:
    people = "".join(f"Person {n};person{n}@lab.example\n" for n in range(2_000))  # more than a form's text may have
    sent = client.post(PAGE, files={"file": ("class.csv", f"\ufeffName;E-mail\n{people}".encode())})
    assert sent.headers.get("location") == PAGE, sent.text
    assert "person1999@lab.example" in text_of(client, PAGE)


@pytest.mark.parametrize(("content", "told"), [
    (b"Ada,ada@lab.example\nBob\n", "line 2"),
    ("Adä,ada@lab.example".encode("utf-16"), "CSV UTF-8"),
    (b"x" * ((1 << 20) + 1), "more than 1,048,576 bytes"),
    (b"", "The file is empty"),
])  # fmt: skip
def test_a_wrong_file_is_told_and_changes_nothing(client: TestClient, content: bytes, told: str) -> None:
    answer = client.post(PAGE, files={"file": ("class.csv", content)})
    assert answer.status_code == 422 and told in answer.text
    assert "Nobody is expected" in text_of(client, PAGE)
