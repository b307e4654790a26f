"""A team's page, its invitations, and joining by one: by forms."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.auth.permissions import COMMAND
from server.db.tables import Entry
from server.services.disqualifications import disqualify
from server.services.policy_changes import change_policy
from tests.server.making import write_round
from tests.server.running import (
    AFTER,
    API,
    CLOSES,
    DURING,
    OPENS,
    PASSWORD,
    app_of,
    deployment_of,
    error_of,
    set_clock,
    sign_up,
)
from tests.server.web.browsing import browser, score_silently, send_form, sign_up_by_form, text_of

PAYLOAD = "<script>alert(1)</script>"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    folders = [
        write_round(tmp_path / "a", opens=OPENS, closes=CLOSES),
        write_round(tmp_path / "b", slug="hidden", listing="unlisted"),
    ]
    with browser(tmp_path / "data", *folders) as client:
        sign_up_by_form(client)
        yield client


def _link(client: TestClient) -> str:
    """The path of a new invitation."""
    answer = client.post("/teams/1/invitations")
    found = re.search(r"http://testserver(/join/[\w-]+)", answer.text)
    assert found is not None and answer.headers["cache-control"] == "no-store"
    return found[1]


def _scored_entry(client: TestClient, slug: str = "tiny", **changes: object) -> None:
    number = int(send_form(client, slug=slug).headers["location"].rpartition("/")[2])
    with deployment_of(client).database.write() as session:
        entry = session.exec(select(Entry).order_by(Entry.id.desc())).first()  # type: ignore[union-attr]
        assert entry is not None
        for name, value in changes.items():
            setattr(entry, name, value)
        session.add(entry)
    truth_id = 1 if slug == "tiny" else 2
    score_silently(deployment_of(client), number, {"top5_error": 0.25}, truth_id=truth_id)


def test_the_page_of_a_team_says_who_is_in_it_and_what_will_be_here(client: TestClient) -> None:
    client.cookies.clear()
    page = text_of(client, "/teams/1")
    assert "Vision Lab" in page and "<bdi>Ada</bdi>" in page
    assert "will stand here" in page
    assert 'id="invitations"' not in page and 'id="leave"' not in page
    assert client.get("/teams/99").status_code == 404


def test_its_rows_on_boards_are_listed(client: TestClient) -> None:
    _scored_entry(client)
    client.cookies.clear()
    page = text_of(client, "/teams/1")
    assert "Round tiny" in page and "ResNet-50" in page and "lower is better" in page
    answer = client.get(f"{API}/teams/1").json()
    assert [(entry["round"], entry["rank"], entry["score"]) for entry in answer["entries"]] == [("tiny", 1, 0.25)]


def test_a_disqualified_entry_is_told_on_the_pages_of_its_team(client: TestClient) -> None:
    _scored_entry(client)
    disqualify(deployment_of(client).database, COMMAND, entry_id=1, reason="Trained on the test set.", now=DURING)
    for path in ("/me", "/teams/1"):
        page = text_of(client, path)
        assert "disqualified" in page and 'href="/entries/1/appeal"' in page
    client.cookies.clear()
    page = text_of(client, "/teams/1")
    assert "Trained on the test set." in page and "/appeal" not in page


def test_an_anonymous_entry_is_linked_to_its_team_for_its_own_members_alone_before_the_reveal(
    client: TestClient,
) -> None:
    _scored_entry(client, is_anonymous=True)
    assert "ResNet-50" in text_of(client, "/teams/1")
    client.cookies.clear()
    assert "ResNet-50" not in text_of(client, "/teams/1")
    assert client.get(f"{API}/teams/1").json()["entries"] == []
    sign_up_by_form(client, "Others")
    assert "ResNet-50" not in text_of(client, "/teams/1")
    set_clock(app_of(client), AFTER)
    client.cookies.clear()
    assert "ResNet-50" in text_of(client, "/teams/1")


def test_an_unlisted_round_is_named_to_its_own_teams_alone(client: TestClient) -> None:
    _scored_entry(client, slug="hidden")
    assert "Round hidden" in text_of(client, "/teams/1")
    client.cookies.clear()
    assert "Round hidden" not in text_of(client, "/teams/1")


def test_members_describe_their_team_in_plain_text(client: TestClient) -> None:
    answer = client.post("/teams/1", data={"affiliation": "University", "abstract": f"We \u200blook.\r\n\r\n{PAYLOAD}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/teams/1")
    client.cookies.clear()
    page = text_of(client, "/teams/1")
    assert "<bdi>University</bdi>" in page and "We look.\n\n&lt;script&gt;" in page
    assert PAYLOAD not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"affiliation": "\u202ex"}, "U+202E"),
        ({"affiliation": "x" * 101}, "has 101 characters; at most 100 are taken"),
        ({"abstract": "x" * 3001}, "has 3,001 characters; at most 3,000 are taken"),
        ({"abstract": "x" * 20_000}, "has 20,000 characters"),
        ({"abstract": "e" + "\u0301" * 9}, "piles too many marks"),
    ],
)
def test_a_text_that_cannot_be_shown_is_refused_beside_its_field(
    client: TestClient, fields: dict[str, str], words: str
) -> None:
    answer = client.post("/teams/1", data=fields)
    assert answer.status_code == 422
    assert words in answer.text and answer.text.count('aria-invalid="true"') == 1


def test_nobody_else_changes_a_team(client: TestClient) -> None:
    client.cookies.clear()
    sign_up_by_form(client, "Others")
    for path in ("/teams/1", "/teams/1/invitations", "/teams/1/leave"):
        assert client.post(path, data={"affiliation": "x"}).status_code == 404
    assert '<h2 id="about">' not in text_of(client, "/teams/1")


def test_an_invitation_is_shown_once_and_can_be_revoked(client: TestClient) -> None:
    link = _link(client)
    page = text_of(client, "/teams/1")
    assert link not in page and "/invitations/1/revoke" in page
    assert client.post("/invitations/1/revoke").headers["location"] == "/teams/1#invitations"
    assert "/invitations/1/revoke" not in text_of(client, "/teams/1")
    assert client.get(link).status_code == 404


def test_who_is_new_signs_up_by_the_invitation_and_makes_no_team(client: TestClient) -> None:
    link = _link(client)
    client.cookies.clear()
    page = text_of(client, link)
    assert "Join <bdi>Vision Lab</bdi>" in page and f'href="/log-in?next={link}"' in page
    done = client.post(link, data={"name": "Grace", "email": "grace@team.example", "password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/teams/1")
    assert "<bdi>Ada</bdi>, <bdi>Grace</bdi>" in text_of(client, "/teams/1")
    assert ">Vision Lab</a>" in text_of(client, "/")
    assert client.get("/teams/2").status_code == 404


def test_a_wrong_field_of_the_invitation_is_named_beside_it(client: TestClient) -> None:
    link = _link(client)
    client.cookies.clear()
    answer = client.post(link, data={"name": PAYLOAD, "email": "nobody", "password": PASSWORD})
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 1
    assert PAYLOAD not in answer.text and PASSWORD not in answer.text


def test_who_has_an_account_logs_in_and_comes_back(client: TestClient) -> None:
    link = _link(client)
    client.cookies.clear()
    sign_up_by_form(client, "Others")
    client.cookies.clear()
    assert "Next: join the team." in text_of(client, f"/log-in?next={link}")
    back = client.post("/log-in", data={"email": "others@team.example", "password": PASSWORD, "next": link})
    assert back.headers["location"] == link
    assert "You are logged in as <bdi>Ada</bdi>." in text_of(client, link)
    assert client.post(link).headers["location"] == "/teams/1"


def test_a_person_in_two_teams_chooses_for_which_they_act(client: TestClient) -> None:
    link = _link(client)
    client.cookies.clear()
    sign_up_by_form(client, "Others")
    set_clock(app_of(client), DURING + timedelta(minutes=1))
    client.post(link)
    page = text_of(client, "/me")
    assert "Act for <bdi>Vision Lab</bdi>" in page and "<h1>Others</h1>" in page
    assert client.post("/me/team", data={"team_id": "1"}).headers["location"] == "/me"
    assert "<h1>Vision Lab</h1>" in text_of(client, "/me")
    assert client.post("/me/team", data={"team_id": "99"}).status_code == 404


def test_leaving_is_refused_with_the_reason_on_the_page(client: TestClient) -> None:
    change_policy(deployment_of(client), COMMAND, slug="tiny", changes={"teams_freeze": OPENS}, now=OPENS)
    send_form(client)
    answer = client.post("/teams/1/leave")
    assert answer.status_code == 403
    assert "has frozen its teams" in answer.text and 'role="alert"' in answer.text


def test_who_leaves_belongs_to_no_team(client: TestClient) -> None:
    send_form(client)
    assert client.post("/teams/1/leave").headers["location"] == "/me"
    assert "belongs to no team" in text_of(client, "/me")
    assert "Found one on your page" in text_of(client, "/rounds/tiny/submit")
    assert "Nobody is in this team any more." in text_of(client, "/teams/1")
    taken = client.post("/me/teams", data={"team": "vision lab"})
    assert 'name="team" type="text" maxlength="100" value="vision lab"' in taken.text
    assert taken.status_code == 409 and "Choose another team name" in taken.text
    assert client.post("/me/teams", data={"team": "Vision Attic"}).headers["location"] == "/teams/2"
    assert 'id="upload"' in text_of(client, "/rounds/tiny/submit")


def test_programs_invite_and_revoke_too(client: TestClient) -> None:
    client.cookies.clear()
    member = sign_up(client, "Programs")
    address = f"{API}/teams/{member.team_id}/invitations"
    made = client.post(address, headers=member.headers).json()
    assert client.get(made["path"]).status_code == 200
    assert client.delete(f"{API}/invitations/{made['id']}", headers=member.headers).status_code == 204
    assert client.get(made["path"]).status_code == 404
    refused = client.post(f"{API}/teams/1/invitations", headers=member.headers)
    assert error_of(refused)["code"] == "team-not-found"


def test_no_log_holds_the_secret_of_a_link(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    link = _link(client)
    caplog.set_level(logging.INFO, "heldout.access")
    client.get(link)
    lines = [record.getMessage() for record in caplog.records if record.name == "heldout.access"]
    assert "/join/... 200" in lines[-1]
    assert not any(link.rpartition("/")[2] in line for line in lines)
