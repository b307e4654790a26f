"""The upload form, as a browser without JavaScript uses it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.auth.permissions import COMMAND
from server.db.tables import Membership, Person, Team
from server.services.policy_changes import change_policy
from tests.server.making import predictions, write_round
from tests.server.running import AFTER, BEFORE, CLOSES, DURING, OPENS, app_of, deployment_of, set_clock
from tests.server.web.browsing import (
    BROWSER,
    browser,
    log_in_as_organizer,
    send_form,
    sign_up_by_form,
    text_of,
    words_of,
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    folder = write_round(
        tmp_path / "round", opens=OPENS, closes=CLOSES, submissions_per_day=3, submissions_total=9, max_upload_bytes=500
    )
    with browser(tmp_path / "data", folder) as client:
        sign_up_by_form(client)
        yield client


def test_a_file_and_a_name_make_a_submission(client: TestClient) -> None:
    answer = send_form(client, file_name="C:\\runs\\best.txt")
    assert (answer.status_code, answer.headers["location"]) == (303, "/submissions/1")
    page = text_of(client, "/submissions/1")
    assert "ResNet-50" in page and "best.txt" in page


def test_the_form_tells_quota_deadline_and_the_rules(client: TestClient) -> None:
    send_form(client)
    page = text_of(client, "/rounds/tiny/submit")
    for words in ("1 of 3 used", "next reset in 12 h", "1 of 9 submissions used", "in 9 days", "up to 500 bytes"):
        assert words in page
    assert '<option value="ResNet-50">' in page


def test_only_the_limits_that_there_are_are_told(tmp_path: Path) -> None:
    folders = [write_round(tmp_path / "a"), write_round(tmp_path / "b", slug="daily", submissions_per_day=1)]
    folders.append(write_round(tmp_path / "c", slug="total", submissions_total=1))
    with browser(tmp_path / "data", *folders) as client:
        sign_up_by_form(client)
        assert "no limit" in text_of(client, "/rounds/tiny/submit")
        assert "In all" not in text_of(client, "/rounds/daily/submit")
        assert "Today" not in text_of(client, "/rounds/total/submit")
        send_form(client, slug="total")
        assert "used its submissions. <a" in text_of(client, "/rounds/total/submit")


def test_no_reset_is_named_that_leaves_no_more_to_send(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "a", submissions_per_day=3, submissions_total=4)
    with browser(tmp_path / "data", folder) as client:
        sign_up_by_form(client)
        send_form(client)
        more_to_come = words_of(client, "/rounds/tiny/submit")
        send_form(client, predictions(salt=1))
        set_clock(app_of(client), DURING + timedelta(days=1))
        last_two = words_of(client, "/rounds/tiny/submit")
    assert "left now 2 Today, UTC 1 of 3 used next reset in 12 h" in more_to_come
    assert "left now 2 Today, UTC 0 of 3 used In all 2 of 4" in last_two


def test_a_limit_per_week_is_told_wherever_the_quota_stands(tmp_path: Path) -> None:
    both = write_round(tmp_path / "a", submissions_per_day=3, submissions_per_week=2)
    with browser(tmp_path / "data", both, write_round(tmp_path / "b", slug="weekly", submissions_per_week=4)) as client:
        sign_up_by_form(client)
        for salt in range(2):
            assert send_form(client, predictions(salt=salt)).status_code == 303
        page = words_of(client, "/rounds/tiny/submit")
        assert "Today, UTC 2 of 3 used next reset in 12 h" in page
        assert "This week, from Monday, UTC 2 of 2 used next reset in 2 days, on 23 November 2026, 00:00 UTC" in page
        weekly = words_of(client, "/rounds/weekly/submit")
        assert "left now 4 This week, from Monday, UTC 0 of 4 used next reset in 2 days" in weekly
        mine = words_of(client, "/me")
        assert "Left now Today This week In all Next reset" in mine
        assert "Round tiny 0 2 of 3 used 2 of 2 used 2 used 23 November 2026, 00:00 UTC in 2 days" in mine


def test_pressing_the_button_twice_makes_one_submission(client: TestClient) -> None:
    action = re.search(
        r'action="/rounds/tiny/submit\?key=([0-9a-f]+)&amp;team=1"', text_of(client, "/rounds/tiny/submit")
    )
    assert action is not None
    answers = [send_form(client, key=action[1]) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == ["/submissions/1", "/submissions/1"]
    back = send_form(client, predictions(salt=1), key=action[1])  # a form that the browser went back to
    assert back.status_code == 409 and "Idempotency" not in back.text
    assert "has sent another file" in back.text and 'href="/submissions/1"' in back.text
    assert action[1] not in back.text and 'id="upload"' in back.text


def test_the_same_file_again_is_asked_about_and_then_taken(client: TestClient) -> None:
    send_form(client)
    asked = send_form(client)
    assert asked.status_code == 409
    assert "exactly this file" in asked.text and 'href="/submissions/1"' in asked.text
    assert 'name="again"' in asked.text and 'value="ResNet-50"' in asked.text
    assert send_form(client, again="true").headers["location"] == "/submissions/2"


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("\u202eteN", "U+202E"),
        (" ", "needs at least one letter or digit"),
        ("", "needs at least one letter or digit"),
        ("x" * 10_000, "has 10000 characters"),
        ("a\x00b", "U+0000"),
    ],
)
def test_a_method_name_that_cannot_be_shown_is_refused_beside_the_field(
    client: TestClient, method: str, words: str
) -> None:
    answer = send_form(client, method=method)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_file_over_the_cap_is_refused_on_the_page(client: TestClient) -> None:
    answer = send_form(client, b"1 2 3\n" * 100)
    assert answer.status_code == 413
    assert "larger than" in answer.text and 'id="upload"' in answer.text


def test_a_form_without_a_file_is_refused_on_the_page(client: TestClient) -> None:
    missing = client.post("/rounds/tiny/submit", data={"method": "Net"}, files={"other": (None, b"x")})
    assert missing.status_code == 422
    assert "holds no file" in missing.text


def test_when_the_quota_is_spent_the_form_gives_way_to_the_reset(client: TestClient) -> None:
    for salt in range(3):
        assert send_form(client, predictions(salt=salt)).status_code == 303
    page = text_of(client, "/rounds/tiny/submit")
    assert "has used its submissions. More in 12 h" in page
    assert 'id="upload"' not in page
    assert send_form(client, predictions(salt=4)).status_code == 429


def test_outside_its_dates_a_round_shows_no_form_and_takes_no_file(client: TestClient) -> None:
    for now, words, told in (
        (BEFORE, "has not opened yet", "opens at 2026-11-10"),
        (AFTER, "is closed", "closed at 2026-11-30"),
    ):
        set_clock(app_of(client), now)
        if not text_of(client, "/").count("Vision Lab"):
            client.post("/log-in", data={"email": "vision@team.example", "password": "four words in a row"})
        page = text_of(client, "/rounds/tiny/submit")
        assert words in page and 'id="upload"' not in page
        refused = send_form(client)
        assert refused.status_code == 403
        assert told in refused.text


def test_nobody_in_particular_is_sent_to_the_sign_up(client: TestClient) -> None:
    client.cookies.clear()
    answer = send_form(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-up?next=/rounds/tiny/submit")


def test_an_organizer_without_a_team_is_told_why_there_is_no_form(client: TestClient) -> None:
    client.cookies.clear()
    log_in_as_organizer(client)
    assert "only teams submit" in text_of(client, "/rounds/tiny/submit")
    assert send_form(client).status_code == 403


def test_a_round_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert text_of(client, "/rounds/none/submit", 404)
    assert send_form(client, slug="none").status_code == 404


def test_a_form_sent_from_another_site_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/rounds/tiny/submit",
        files={"file": ("p.txt", predictions())},
        data={"method": "Net"},
        headers={**BROWSER, "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_the_rules_are_asked_for_once_and_again_when_they_change(client: TestClient) -> None:
    def set_rules(text: str) -> None:
        change_policy(deployment_of(client), COMMAND, slug="tiny", changes={"rules": text}, now=DURING)

    set_rules("Be fair.")
    box = re.search(r'name="accept_rules" value="([0-9a-f]{64})" required', text_of(client, "/rounds/tiny/submit"))
    assert box is not None
    refused = send_form(client)
    assert refused.status_code == 409
    assert "have not accepted the rules" in refused.text and box[1] in refused.text
    assert send_form(client, accept_rules=box[1]).status_code == 303
    page = text_of(client, "/rounds/tiny/submit")
    assert "accept_rules" not in page and "You have accepted the" in page
    assert client.get("/api/v1/rounds/tiny").json()["has_data_terms"] is False
    set_rules("Be fairer.")
    stale = send_form(client, predictions(salt=1), accept_rules=box[1])
    assert "have changed since you read them" in stale.text


def test_terms_of_the_data_are_asked_for_where_there_are_no_rules(client: TestClient) -> None:
    changes = {"data": "Not for sale.", "data_terms": True}
    change_policy(deployment_of(client), COMMAND, slug="tiny", changes=changes, now=DURING)
    page = text_of(client, "/rounds/tiny/submit")
    box = re.search(r'name="accept_rules" value="([0-9a-f]{64})" required', page)
    assert box is not None
    assert 'I have read the <a href="/rounds/tiny/data">terms of the data</a> and accept them' in page
    assert "Read the terms on this page" in text_of(client, "/rounds/tiny/data")
    assert send_form(client).status_code == 409
    assert send_form(client, accept_rules=box[1]).status_code == 303
    assert 'have accepted the <a href="/rounds/tiny/data">terms' in text_of(client, "/rounds/tiny/submit")


def test_a_round_of_verified_addresses_says_so_before_the_upload(client: TestClient) -> None:
    change_policy(deployment_of(client), COMMAND, slug="tiny", changes={"verify_email": True}, now=DURING)
    for path in ("/rounds/tiny", "/rounds/tiny/submit"):
        page = text_of(client, path)
        assert "takes files of verified e-mail addresses only, and yours is not verified" in page
        assert '<a href="/me#mail">Verify the address</a>' in page
    assert 'id="upload"' not in text_of(client, "/rounds/tiny/submit")
    with deployment_of(client).database.write() as session:
        person = session.get_one(Person, 1)
        person.email_verified_at = DURING
        session.add(person)
    assert "verified" not in text_of(client, "/rounds/tiny")
    assert 'id="upload"' in text_of(client, "/rounds/tiny/submit")
    client.cookies.clear()
    assert "Files are taken of verified e-mail addresses only" in text_of(client, "/rounds/tiny")


def test_a_team_joined_after_the_freeze_is_told_on_the_form(client: TestClient) -> None:
    frozen = DURING - timedelta(hours=1)
    with deployment_of(client).database.write() as session:
        team, membership = session.get_one(Team, 1), session.get_one(Membership, (1, 1))
        team.created_at, membership.joined_at = OPENS, DURING
        session.add_all([team, membership])
    assert 'id="upload"' in text_of(client, "/rounds/tiny/submit")
    change_policy(deployment_of(client), COMMAND, slug="tiny", changes={"teams_freeze": frozen}, now=frozen)
    page = text_of(client, "/rounds/tiny/submit")
    assert "Ada joined the team after Round tiny had frozen its teams" in page and 'id="upload"' not in page
    assert "one that somebody joins later cannot submit" in text_of(client, "/rounds/tiny")
    assert send_form(client).status_code == 403


def test_a_form_is_sent_for_the_team_it_names_or_not_at_all(client: TestClient) -> None:
    action = re.search(r'action="(/rounds/tiny/submit[^"]*)"', text_of(client, "/rounds/tiny/submit"))
    joining = text_of(client, "/rounds/tiny/join")
    assert action is not None and "Your team takes part." in joining
    client.post("/me/teams", data={"team": "Second Lab"})
    client.post("/me/team", data={"team_id": "2"})  # in another tab
    files = {"file": ("p.txt", predictions())}
    refused = client.post(html.unescape(action[1]), data={"method": "Net"}, files=files)
    assert refused.status_code == 409
    assert "names another team than Second Lab, for which you act now" in refused.text
    assert "For Second Lab." in refused.text and "team=2" in refused.text
    assert text_of(client, "/submissions/1", 404)
    client.post("/me/team", data={"team_id": "1"})
    assert client.post(html.unescape(action[1]), data={"method": "Net"}, files=files).status_code == 303


def test_a_wish_to_take_part_is_sent_for_the_team_it_names_or_not_at_all(client: TestClient) -> None:
    change_policy(deployment_of(client), COMMAND, slug="tiny", changes={"admission": "approval"}, now=DURING)
    assert '<input type="hidden" name="team" value="1">' in text_of(client, "/rounds/tiny/join")
    client.post("/me/teams", data={"team": "Second Lab"})
    client.post("/me/team", data={"team_id": "2"})
    refused = client.post("/rounds/tiny/join", data={"team": "1"})
    assert refused.status_code == 409 and "names another team than Second Lab" in refused.text
    assert client.post("/rounds/tiny/join", data={"team": "2"}).status_code == 303
