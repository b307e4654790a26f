"""An organizer's program runs a round, and a team's program joins one."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from server.auth.permissions import COMMAND
from server.db.tables import State
from server.services.policy_changes import change_policy
from tests.server.making import predictions, write_round
from tests.server.running import (
    API,
    DURING,
    app_of,
    deployment_of,
    error_of,
    finished,
    running_app,
    set_clock,
    sign_up,
    submit,
)
from tests.server.web.browsing import change_submission


def test_a_policy_is_changed_with_all_faults_at_once(client: TestClient, host: dict[str, str]) -> None:
    address = f"{API}/rounds/tiny/policy"
    wrong = {"closes": "2026-12-01T00:00:00", "finals": "3", "blind": "yes", "tracks": [1], "x": {}}
    error = error_of(client.patch(address, json={"changes": wrong}, headers=host))
    assert error["code"] == "policy-refused"
    assert {fault["key"] for fault in error["details"]["faults"]} == {"closes", "finals", "blind", "tracks", "x"}
    right = {"closes": "2026-12-01T00:00:00Z", "submissions_per_day": 2, "rules": "Be fair."}
    answer = client.patch(address, json={"changes": right}, headers=host)
    assert answer.json() == {
        "round": "tiny",
        "policy": {"best_by": "top5_error", "closes": "2026-12-01T00:00:00+00:00", "submissions_per_day": 2},
    }
    answer = client.patch(address, json={"changes": {"closes": None}, "note": "No deadline."}, headers=host)
    assert "closes" not in answer.json()["policy"]
    assert client.get(f"{API}/rounds/tiny").json()["rules"] == "Be fair."


def test_a_round_is_paused_extended_closed_and_revealed(client: TestClient, host: dict[str, str]) -> None:
    def step(name: str, **more: object) -> tuple[int, dict[str, str] | str]:
        answer = client.post(f"{API}/rounds/tiny/schedule", json={"step": name, **more}, headers=host)
        if answer.status_code != 200:
            return answer.status_code, error_of(answer)["code"]
        policy = answer.json()["policy"]
        return answer.status_code, {key: policy[key] for key in ("opens", "closes", "reveals") if key in policy}

    now, later, year = "2026-11-20T12:00:00+00:00", "2026-12-24T23:00:00+00:00", "2027-11-20T12:00:00+00:00"
    assert step("reveal") == (422, "policy-refused")  # it is open
    assert step("open") == (200, {"opens": now})
    assert step("pause") == (422, "policy-refused")  # it would close as it opens
    set_clock(app_of(client), DURING + timedelta(seconds=1))
    closed = "2026-11-20T12:00:01+00:00"
    assert step("pause") == (200, {"opens": now, "closes": closed, "reveals": year.replace("00+", "01+")})
    assert step("extend", closes="2026-12-25T00:00:00+01:00") == (200, {"opens": now, "closes": later})
    assert step("extend", closes=None) == (200, {"opens": now})
    assert step("close") == (200, {"opens": now, "closes": closed})
    assert step("close") == (422, "policy-refused")
    assert step("reveal") == (200, {"opens": now, "closes": closed, "reveals": closed})
    assert step("close", closes=later) == (422, "policy-refused")
    for wrong in ({"step": "end"}, {"step": "extend", "closes": "2026-12-25T00:00:00"}, {}):
        assert client.post(f"{API}/rounds/tiny/schedule", json=wrong, headers=host).status_code == 422
    assert step("extend", closes="9999-12-31T23:59:59-23:00")[0] == 422


def test_an_export_is_the_archive_of_the_organizers_page(client: TestClient, host: dict[str, str]) -> None:
    answer = client.get(f"{API}/rounds/tiny/export.zip", headers=host)
    assert answer.headers["content-disposition"] == 'attachment; filename="tiny.zip"'
    page = client.get("/organize/tiny/export.zip", headers=host)
    names = [zipfile.ZipFile(io.BytesIO(one.content)).namelist() for one in (answer, page)]
    assert names[0] == names[1] and "results/board.json" in names[0]
    assert not [name for name in names[0] if "truth" in name]
    number = submit(client, sign_up(client)).json()["id"]
    whole = client.get(f"{API}/rounds/tiny/export.zip", params={"files": True}, headers=host)
    assert zipfile.ZipFile(io.BytesIO(whole.content)).read(f"submissions/{number}") == predictions()


ODD_VALUES = ({}, [], "", "\ud800", True, 10**30, -1, 1.5, "9999-12-31T23:59:59-23:00", ["\x00"], "=1", None)
KEYS = ("opens", "finals", "appeal_days", "rows", "blind", "tracks", "domains", "public_share", "time_zone", "rules")


def test_no_value_of_any_kind_breaks_the_server(client: TestClient, host: dict[str, str]) -> None:
    address, headers = f"{API}/rounds/tiny/policy", {**host, "Content-Type": "application/json"}
    for key in (*KEYS, "\ud800", "", "=1"):
        for value in ODD_VALUES:
            content = json.dumps({"changes": {key: value}})
            assert client.patch(address, content=content, headers=headers).status_code in {200, 422}, content
    number = submit(client, sign_up(client)).json()["id"]
    assert client.put(f"{API}/entries/{number}/disqualification", json={"reason": "x"}, headers=host).status_code == 204


def test_an_organizer_reads_the_log_announces_disqualifies_and_retries(
    client: TestClient, host: dict[str, str]
) -> None:
    team = sign_up(client)
    number = submit(client, team).json()["id"]
    answer = client.post(f"{API}/rounds/tiny/announcements", json={"text": "Hello."}, headers=host)
    assert answer.json() == {"id": 1}
    entry = f"{API}/entries/1/disqualification"
    assert client.put(entry, json={"reason": "Late."}, headers=host).status_code == 204
    assert error_of(client.put(entry, json={"reason": "Late."}, headers=host))["code"] == "already-disqualified"
    assert client.delete(entry, headers=host).status_code == 204
    retry = f"{API}/rounds/tiny/submissions/{number}/retry"
    assert error_of(client.post(retry, headers=host))["code"] == "not-retryable"
    change_submission(deployment_of(client), number, state=State.ERROR)
    queue = client.get(f"{API}/rounds/tiny/queue", headers=host).json()
    assert [(one["submission"], one["state"]) for one in queue["unfinished"]] == [(number, "error")]
    assert client.post(retry, headers=host).status_code == 204
    events = client.get(f"{API}/rounds/tiny/events", headers=host).json()["events"]
    assert [event["action"] for event in events] == [
        "round.opened", "team.signed-up", "submission.accepted", "announcement.made", "entry.disqualified",
        "entry.reinstated", "submission.queued",
    ]  # fmt: skip
    later = client.get(f"{API}/rounds/tiny/events", params={"after": events[-2]["id"]}, headers=host).json()["events"]
    assert later == events[-1:]


def test_a_team_asks_to_take_part_and_submits_once_admitted(client: TestClient, host: dict[str, str]) -> None:
    team = sign_up(client)
    client.patch(f"{API}/rounds/tiny/policy", json={"changes": {"admission": "approval"}}, headers=host)
    refused = submit(client, team)
    assert (refused.status_code, error_of(refused)["code"]) == (403, "not-admitted")
    answer = client.post(f"{API}/rounds/tiny/participation", json={"message": "Please."}, headers=team.headers)
    assert answer.json()["state"] == "asked"
    wrong = client.post(f"{API}/rounds/tiny/participation", json={"code": "guess"}, headers=team.headers)
    assert (wrong.status_code, error_of(wrong)["code"]) == (403, "wrong-join-code")


def test_a_private_round_is_not_there_for_programs_of_others(client: TestClient, host: dict[str, str]) -> None:
    team = sign_up(client)
    client.patch(f"{API}/rounds/tiny/policy", json={"changes": {"listing": "private"}}, headers=host)
    assert client.get(f"{API}/rounds").json() == {"rounds": []}
    assert len(client.get(f"{API}/rounds", headers=host).json()["rounds"]) == 1
    answer = client.get(f"{API}/submissions", params={"round": "tiny"}, headers=team.headers)
    assert (answer.status_code, error_of(answer)["code"]) == (404, "round-not-found")


def test_a_changed_limit_holds_for_the_next_file_that_is_scored(tmp_path: Path) -> None:
    with running_app(tmp_path / "data", write_round(tmp_path / "round"), now=DURING, worker_count=1) as client:
        team = sign_up(client)
        assert finished(client, team, submit(client, team).json()["id"])["state"] == "scored"
        change_policy(deployment_of(client), COMMAND, slug="tiny", changes={"max_lines": 3}, now=DURING)
        state = finished(client, team, submit(client, team, predictions(right=1)).json()["id"])
        assert (state["state"], [finding["code"] for finding in state["findings"]]) == ("rejected", ["too-large"])
