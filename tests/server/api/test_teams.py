"""A person's program describes, joins and leaves teams, and acts for each by a token of its own."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.server.running import (
    API,
    PASSWORD,
    Member,
    error_of,
    sign_up,
    submit,
)


def _link(client: TestClient, team: Member) -> str:
    answer = client.post(f"{API}/teams/{team.team_id}/invitations", headers=team.headers)
    return f"https://heldout.example{answer.json()['path']}"


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_members_change_what_a_team_says_and_what_is_left_out_stays(client: TestClient) -> None:
    team, other = sign_up(client), sign_up(client, "Others")
    address = f"{API}/teams/{team.team_id}"
    assert client.patch(address, json={"affiliation": "University"}, headers=team.headers).status_code == 204
    assert client.patch(address, json={"abstract": "We look."}, headers=team.headers).status_code == 204
    shown = client.get(address).json()
    assert (shown["affiliation"], shown["abstract"]) == ("University", "We look.")
    refused = client.patch(address, json={"abstract": "x" * 3001}, headers=team.headers)
    assert (refused.status_code, error_of(refused)["code"]) == (422, "invalid-text")
    assert client.patch(address, json={"abstract": "Ours."}, headers=other.headers).status_code == 404
    assert client.get(address).json() == shown


def test_members_list_the_links_that_work_and_revoke_them(client: TestClient) -> None:
    team, other = sign_up(client), sign_up(client, "Others")
    _link(client, team)
    address = f"{API}/teams/{team.team_id}/invitations"
    (kept,) = client.get(address, headers=team.headers).json()["invitations"]
    assert (kept["made_by"], kept["expires_at"]) == ("Member of Vision Lab", "2026-12-04T12:00:00Z")
    assert client.get(address, headers=other.headers).status_code == 404
    assert client.delete(f"{API}/invitations/{kept['id']}", headers=team.headers).status_code == 204
    assert client.get(address, headers=team.headers).json() == {"invitations": []}


def test_a_link_is_followed_by_who_has_an_account_and_by_who_has_none(client: TestClient) -> None:
    other, team = sign_up(client, "Others"), sign_up(client)
    link, address = _link(client, team), f"{API}/memberships"
    joined = client.post(address, json={"link": link}, headers=other.headers)
    assert (joined.status_code, joined.json()["team"]) == (201, {"id": team.team_id, "name": "Vision Lab"})
    account = client.get(f"{API}/account", headers=_headers(joined.json()["token"])).json()
    assert (account["email"], account["team"]["name"]) == (other.email, "Vision Lab")
    assert [known["name"] for known in account["teams"]] == ["Others", "Vision Lab"]
    new = {"link": link, "name": "Grace", "email": "grace@team.example", "password": PASSWORD}
    token = client.post(address, json=new).json()["token"]
    assert submit(client, Member(team_id=0, token_id=0, token=token, email="")).status_code == 201
    assert len(client.get(f"{API}/teams/{team.team_id}").json()["members"]) == 3
    for wish, code in (({"link": link}, "not-logged-in"), ({**new, "link": "x"}, "invitation-not-found")):
        assert error_of(client.post(address, json=wish))["code"] == code
    assert error_of(client.post(address, json=new))["code"] == "email-taken"


def test_a_token_is_made_for_any_of_ones_own_teams_and_for_no_other(client: TestClient) -> None:
    other, team = sign_up(client, "Others"), sign_up(client)
    client.post(f"{API}/memberships", json={"link": _link(client, team)}, headers=other.headers)
    login = {"email": other.email, "password": PASSWORD}
    assert client.post(f"{API}/tokens", json=login).json()["team"]["name"] == "Others"
    made = client.post(f"{API}/tokens", json={**login, "team": team.team_id}).json()
    assert made["team"]["name"] == "Vision Lab"
    wrong = {"email": team.email, "password": PASSWORD, "team": other.team_id}
    assert error_of(client.post(f"{API}/tokens", json=wrong))["code"] == "team-not-found"
    assert made["scope"] == "account"
    narrow = client.post(f"{API}/tokens", json={**login, "scope": "submit"}).json()
    within = client.post(f"{API}/tokens", json={}, headers=_headers(narrow["token"])).json()
    assert narrow["scope"] == within["scope"] == "submit"
    # A token is of one team, and makes tokens for that one alone.
    of_token = client.post(f"{API}/tokens", json={"team": other.team_id}, headers=_headers(made["token"]))
    assert error_of(of_token)["code"] == "team-not-found"


def test_tokens_are_listed_without_their_secrets(client: TestClient) -> None:
    team = sign_up(client)
    made = client.post(f"{API}/tokens", json={"label": "cluster"}, headers=team.headers).json()
    answer = client.get(f"{API}/tokens", headers=team.headers)
    assert [(token["id"], token["label"]) for token in answer.json()["tokens"]] == [
        (made["id"], "cluster"), (team.token_id, "sign-up"),
    ]  # fmt: skip
    assert made["token"] not in answer.text and "hld_" not in answer.text


def test_who_leaves_a_team_acts_for_it_no_more_and_may_found_another(client: TestClient) -> None:
    team, other = sign_up(client), sign_up(client, "Others")
    submit(client, team)
    leave = f"{API}/teams/{team.team_id}/leave"
    assert error_of(client.post(leave, headers=other.headers))["code"] == "team-not-found"
    joined = client.post(f"{API}/memberships", json={"link": _link(client, team)}, headers=other.headers).json()
    assert client.post(leave, headers=team.headers).status_code == 204
    assert error_of(client.get(f"{API}/account", headers=team.headers))["code"] == "invalid-token"
    shown = client.get(f"{API}/teams/{team.team_id}").json()
    assert shown["members"] == ["Member of Others"]
    assert client.get(f"{API}/submissions", headers=_headers(joined["token"])).json()["submissions"]
    login = {"email": team.email, "password": PASSWORD}
    alone = client.post(f"{API}/tokens", json=login).json()
    assert alone["team"] is None
    assert error_of(client.get(f"{API}/submissions", headers=_headers(alone["token"])))["code"] == "no-team"
    found = f"{API}/account/teams"
    taken = client.post(found, json={"team": "OTHERS"}, headers=_headers(alone["token"]))
    assert (taken.status_code, error_of(taken)["code"]) == (409, "team-name-taken")
    made = client.post(found, json={"team": "Soloists"}, headers=_headers(alone["token"])).json()
    assert made["team"]["name"] == "Soloists"
    assert client.get(f"{API}/submissions", headers=_headers(made["token"])).json()["submissions"] == []
