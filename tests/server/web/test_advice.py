"""Advice on pages: what it names is a link, and nothing in it is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.db.tables import State
from server.errors import ServerError, TooManyChecks
from server.web.advice import advice_html
from tests.server.making import write_round
from tests.server.running import BEFORE, CLOSES, DURING, OPENS, PASSWORD, app_of, deployment_of, set_clock
from tests.server.web.browsing import (
    browser,
    change_submission,
    log_in_as_organizer,
    send_form,
    sign_up_by_form,
    text_of,
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)) as client:
        yield client


def _all_errors(kind: type[ServerError] = ServerError) -> Iterator[type[ServerError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _all_errors(child)


@pytest.mark.parametrize(
    ("text", "here", "shown"),
    [
        ("Log in first.", "", '<a href="/log-in">Log in</a> first.'),
        ("Look at /me for it.", "", 'Look at <a href="/me">/me</a> for it.'),
        ("See /mended and /me/x.", "", "See /mended and /me/x."),
        ("Appeal at /entries/7/appeal.", "", 'Appeal at <a href="/entries/7/appeal">/entries/7/appeal</a>.'),
        ("See /entries/7/appeals and x/entries/7/appeal.", "", "See /entries/7/appeals and x/entries/7/appeal."),
        ("Look at /submissions/12 again.", "", 'Look at <a href="/submissions/12">/submissions/12</a> again.'),
        ("See /submissions/12/file and /submissions/1x.", "", "See /submissions/12/file and /submissions/1x."),
        ("Ask on the round's page.", "", "Ask on the round&#39;s page."),
        ("Ask on the round's page.", "/rounds/a-1/join", 'Ask on <a href="/rounds/a-1">the round&#39;s page</a>.'),
        (
            "See the round's page for organizers.",
            "/organize/a",
            'See <a href="/organize/a">the round&#39;s page for organizers</a>.',
        ),
        ("Run `rm <x>`; <b>now</b>.", "", "Run <code>rm &lt;x&gt;</code>; &lt;b&gt;now&lt;/b&gt;."),
        ("Use `heldout validate`.", "", 'Use <a href="/check"><code>heldout validate</code></a>.'),
        (TooManyChecks.advice, "/check", "Run <code>heldout validate</code> on your own machine; it has no limit."),
        ("Its board stays.", '/rounds/"><script>', "Its board stays."),
        ("One ` alone.", "", "One ` alone."),
    ],
)  # fmt: skip
def test_pages_and_commands_that_advice_names_are_links(text: str, here: str, shown: str) -> None:
    assert advice_html(text, here) == shown


def test_every_page_that_the_advice_of_an_error_names_is_a_link_to_a_page_that_is_there(client: TestClient) -> None:
    told = {error: advice_html(error.advice, "/rounds/tiny/x") for error in _all_errors()}
    links = {link for text in told.values() for link in re.findall(r'href="([^"]*)"', text)}
    assert {"/me", "/docs", "/log-in", "/check", "/rounds/tiny", "/rounds/tiny/board", "/rounds/tiny/join"} <= links
    for error, text in told.items():  # nothing that looks like an address of a page is left as bare words
        bare = re.sub(r"<a .*?</a>|<code>.*?</code>|POST /api/v1/tokens|/api/v1/rounds/ROUND/submissions", "", text)
        assert not re.search(r"(?<![\w:/])/[a-z]", bare), error
    anonymous = {link for link in links if link in {"/log-in", "/sign-up", "/forgot"}}
    assert [client.get(link).status_code for link in anonymous] == [200] * len(anonymous)
    sign_up_by_form(client)
    set_clock(app_of(client), DURING)
    log_in_as_organizer(client)
    for link in links - anonymous:
        path, _, anchor = link.partition("#")
        page = text_of(client, path)
        assert not anchor or anchor == "submissions" or f'id="{anchor}"' in page, link


def test_who_is_logged_in_is_led_to_no_log_in(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", admission="domains", domains=["uni.example"])
    with browser(tmp_path / "data", folder) as client:
        sign_up_by_form(client)
        refused = client.post("/rounds/tiny/join")
        assert refused.status_code == 403
        assert "Log in with the address of your institution" in refused.text and "/log-in" not in refused.text


def test_a_log_in_that_advice_names_leads_on_where_its_form_does(client: TestClient) -> None:
    sign_up_by_form(client)
    invited = re.search(r"/join/[\w-]+", client.post("/teams/1/invitations").text)
    assert invited
    client.cookies.clear()
    form = {"name": "A", "email": "vision@team.example", "password": PASSWORD, "team": "Zed"}
    for towards, link in (("/rounds/tiny/submit", "/log-in?next=/rounds/tiny/submit"), ("/", "/log-in")):
        taken = client.post("/sign-up", data={**form, "next": towards}).text
        assert f'<a href="{link}">Log in</a> with it' in taken
    assert f'<a href="/log-in?next={invited[0]}">Log in</a> with it' in client.post(invited[0], data=form).text
    unknown = {"email": "nobody@team.example", "password": PASSWORD, "next": "/rounds/tiny/submit"}
    assert '<a href="/sign-up?next=/rounds/tiny/submit">sign up</a> first' in client.post("/log-in", data=unknown).text


def test_acts_of_organizers_lead_to_their_page_of_the_round(client: TestClient) -> None:
    log_in_as_organizer(client)
    page = '<a href="/organize/tiny">the round&#39;s page for organizers</a>'
    for path, form in (("schedule", {"act": "nonsense"}), ("questions/99", {"answer": "x"})):
        assert page in client.post(f"/organize/tiny/{path}", data=form).text


def test_an_error_page_leads_where_its_advice_says(client: TestClient) -> None:
    assert '<a href="/">the list of rounds</a>' in text_of(client, "/rounds/none", 404)
    page = client.put("/").text
    assert '<a href="/docs">/docs</a> lists the operations' in page


def test_a_log_in_of_an_error_page_leads_back_to_the_page_whose_form_was_sent(client: TestClient) -> None:
    page = client.post("/rounds/tiny/questions", data={"text": "Why?"}).text
    assert page.count('"/log-in?next=/rounds/tiny"') == 3  # in the head, in the advice, as the way out
    for act in ("withdraw", "final"):
        assert client.post(f"/submissions/1/{act}").headers["location"] == "/log-in?next=/submissions/1"


def test_forms_and_obstacles_lead_on_too(client: TestClient) -> None:
    told = client.post("/log-in", data={"email": "nobody@team.example", "password": PASSWORD}).text
    assert '<a href="/sign-up">sign up</a> first' in told
    sign_up_by_form(client)
    set_clock(app_of(client), BEFORE)
    page = text_of(client, "/rounds/tiny/submit")
    assert 'meanwhile with <a href="/check"><code>heldout validate</code></a>.' in page
    assert 'ready with <a href="/check"><code>heldout validate</code></a>.' in text_of(client, "/rounds/tiny")


def test_a_form_of_a_round_leads_to_the_pages_of_that_round(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round", admission="approval")) as client:
        sign_up_by_form(client)
        refused = send_form(client)
    assert refused.status_code == 403
    assert '<a href="/rounds/tiny/join">Ask to take part</a> on <a href="/rounds/tiny">the round&#39;s' in refused.text


def test_a_file_with_faults_leads_to_the_formats_of_its_round(client: TestClient) -> None:
    sign_up_by_form(client)
    assert send_form(client).status_code == 303
    finding = {
        "code": "too-few", "severity": "error", "line": 1, "value": "x", "message": "m", "count": 1,
        "advice": "check it with `heldout validate` <now>",
    }  # fmt: skip
    change_submission(deployment_of(client), 1, state=State.REJECTED, findings=[finding])
    page = text_of(client, "/submissions/1")
    assert 'href="/rounds/tiny#formats"' in page and 'id="formats"' in text_of(client, "/rounds/tiny")
    assert 'Check it with <a href="/check"><code>heldout validate</code></a> &lt;now&gt;.' in page
