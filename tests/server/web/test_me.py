"""What belongs to whoever is logged in: quota, submissions, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.server.making import predictions, write_round
from tests.server.running import API, CLOSES, DURING, OPENS, app_of, deployment_of, set_clock
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
    folders = [
        write_round(tmp_path / "a", submissions_per_day=5),
        write_round(tmp_path / "b", slug="other", opens=OPENS, closes=CLOSES),
        write_round(tmp_path / "c", slug="over", closes=OPENS),
    ]
    with browser(tmp_path / "data", *folders) as client:
        sign_up_by_form(client)
        yield client


def _tokens(page: str) -> list[str]:
    return re.findall(r"/me/tokens/(\d+)/revoke", page)


def test_a_new_team_sees_what_will_be_here(client: TestClient) -> None:
    page = text_of(client, "/me")
    assert "Members: Ada." in page
    assert "Your files, their states and scores will stand here." in page


def test_the_quota_of_every_open_round_is_told(client: TestClient) -> None:
    send_form(client)
    page = text_of(client, "/me")
    assert "1 of 5 used" in page and "in 12 h" in page and "no limit" in page
    assert "/rounds/over" not in page


def test_all_submissions_are_listed_newest_first(client: TestClient) -> None:
    send_form(client)
    send_form(client, predictions(salt=1), slug="other", method="Second")
    change_submission(deployment_of(client), 1, state="rejected")
    page = text_of(client, "/me")
    assert page.index('href="/submissions/2"') < page.index('href="/submissions/1"')
    assert ">queued<" in page and ">rejected<" in page


def test_a_new_token_is_shown_once_and_works(client: TestClient) -> None:
    page = client.post("/me/tokens", data={"label": "cluster"}).text
    secret = re.search(r"hld_[\w-]+", page)
    assert secret is not None
    assert client.get(f"{API}/submissions", headers={"Authorization": f"Bearer {secret[0]}"}).status_code == 200
    later = text_of(client, "/me")
    assert secret[0] not in later and "cluster" in later


def test_a_token_goes_as_far_as_it_was_chosen_to_and_the_page_says_so(client: TestClient) -> None:
    for scope, words, status in (
        ("submit", "read and submit for the team", 403),
        ("account", "all that you may do", 200),
    ):
        page = client.post("/me/tokens", data={"label": f"of-{scope}", "scope": scope}).text
        assert f'of-{scope}</th><td data-label="May">{words}</td>' in page
        headers = {"Authorization": f"Bearer {re.findall(r'hld_[-_0-9A-Za-z]+', page)[0]}"}
        assert client.get(f"{API}/account/export", headers=headers).status_code == status
        made = client.post(f"{API}/tokens", json={"label": "child"}, headers=headers).json()
        assert made["scope"] == scope
        assert f"ends with “of-{scope}”, which made it" in text_of(client, "/me")


def test_a_revoked_token_is_useless_at_once(client: TestClient) -> None:
    secret = re.search(r"hld_[\w-]+", client.post("/me/tokens", data={"label": "cluster"}).text)
    assert secret is not None
    (number,) = _tokens(text_of(client, "/me"))
    assert client.post(f"/me/tokens/{number}/revoke").headers["location"] == "/me#tokens"
    assert _tokens(text_of(client, "/me")) == []
    assert client.get(f"{API}/submissions", headers={"Authorization": f"Bearer {secret[0]}"}).status_code == 401


def test_invitations_that_outlive_a_token_stand_beside_the_tokens_until_they_are_revoked(client: TestClient) -> None:
    page = client.post("/me/tokens", data={"label": "laptop", "scope": "account"}).text
    secret, (number,) = re.search(r"hld_[\w-]+", page), _tokens(page)
    assert secret is not None and "stay good" not in page
    headers = {"Authorization": f"Bearer {secret[0]}"}
    made = [client.post(f"{API}/teams/1/invitations", headers=headers).json()["id"] for _ in range(2)]
    client.post(f"/me/tokens/{number}/revoke")
    assert '<a href="/teams/1#invitations">2 into Vision Lab</a>' in text_of(client, "/me")
    assert 'id="invitations"' in text_of(client, "/teams/1")
    assert [client.post(f"/invitations/{number}/revoke").status_code for number in made] == [303, 303]
    assert "stay good" not in text_of(client, "/me")


def test_a_token_of_somebody_else_is_not_found(client: TestClient) -> None:
    client.post("/me/tokens", data={"label": "cluster"})
    (number,) = _tokens(text_of(client, "/me"))
    client.cookies.clear()
    sign_up_by_form(client, "Others")
    assert client.post(f"/me/tokens/{number}/revoke").status_code == 404


def test_a_label_that_cannot_be_shown_is_refused_on_the_page(client: TestClient) -> None:
    answer = client.post("/me/tokens", data={"label": "\u202ex"})
    assert answer.status_code == 422
    assert "U+202E" in answer.text and "hld_" not in answer.text


def test_the_last_use_of_a_token_is_told(client: TestClient) -> None:
    secret = re.search(r"hld_[\w-]+", client.post("/me/tokens", data={"label": "cluster"}).text)
    assert secret is not None and ">never<" in text_of(client, "/me")
    client.get(f"{API}/submissions", headers={"Authorization": f"Bearer {secret[0]}"})
    set_clock(app_of(client), DURING + timedelta(hours=3))
    assert "3 h ago" in text_of(client, "/me")


def test_an_organizer_has_tokens_but_no_quota(client: TestClient) -> None:
    client.cookies.clear()
    log_in_as_organizer(client)
    page = text_of(client, "/me")
    assert "organizer" in page.lower() and 'id="quota"' not in page


def test_the_page_is_never_kept(client: TestClient) -> None:
    assert client.get("/me").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("method", "path"), [("GET", "/me"), ("POST", "/me/tokens"), ("POST", "/me/tokens/1/revoke")])
def test_nobody_in_particular_is_asked_to_log_in(client: TestClient, method: str, path: str) -> None:
    client.cookies.clear()
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in?next=/me")
