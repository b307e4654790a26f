"""Sending files and following them, over HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from server.auth.permissions import COMMAND
from server.services.disqualifications import disqualify
from tests.server.making import predictions, score, write_round
from tests.server.running import (
    AFTER,
    API,
    BEFORE,
    CLOSES,
    DURING,
    OPENS,
    app_of,
    deployment_of,
    error_of,
    finished,
    running_app,
    set_clock,
    sign_up,
    submit,
)
from tests.waiting import wait_until

ADDRESS = f"{API}/rounds/tiny/submissions"
BROKEN = b"1 2 3\nnot a class\n"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A server with the round `tiny` open, two submissions a day; nothing is scored."""
    folder = write_round(
        tmp_path / "round", submissions_per_day=2, opens=OPENS, closes=CLOSES, max_upload_bytes=200_000
    )
    with running_app(tmp_path / "data", folder, now=DURING) as client:
        yield client


@pytest.fixture
def scoring_client(tmp_path: Path) -> Iterator[TestClient]:
    """The same, with a scoring child and without limits."""
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES)
    with running_app(tmp_path / "data", folder, now=DURING, worker_count=1) as client:
        yield client


def _incoming(client: TestClient) -> list[Path]:
    return [path for path in deployment_of(client).folders.incoming.rglob("*") if path.is_file()]


def test_an_upload_is_acknowledged_with_its_place_hash_and_quota(client: TestClient) -> None:
    answer = submit(client, sign_up(client))
    assert answer.status_code == 201
    body = answer.json()
    assert body["sha256"] == hashlib.sha256(predictions()).hexdigest()
    assert (body["state"], body["queue_position"]) == ("queued", 1)
    assert body["quota"]["per_day"] == 2
    assert (body["quota"]["spent_today"], body["quota"]["remaining"]) == (1, 1)
    assert body["quota"]["resets_at"] == "2026-11-21T00:00:00Z"


def test_a_form_is_as_good_as_a_raw_body(client: TestClient) -> None:
    member = sign_up(client)
    answer = client.post(
        ADDRESS,
        data={"method": "Our method"},
        files={"file": ("C:\\folder\\preds.txt", predictions(), "text/plain")},
        headers=member.headers,
    )
    assert answer.status_code == 201, answer.text
    state = client.get(f"{API}/submissions/{answer.json()['id']}", headers=member.headers).json()
    assert state["entry"] == {
        "id": 1, "team": "Vision Lab", "method": "Our method", "track": "", "disqualified_for": None,
    }  # fmt: skip
    assert state["file_name"] == "preds.txt"
    assert state["sha256"] == hashlib.sha256(predictions()).hexdigest()


def test_the_method_may_follow_the_file_in_the_form(client: TestClient) -> None:
    member = sign_up(client)
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.txt"\r\n\r\n'
        + predictions()
        + b'\r\n--x\r\nContent-Disposition: form-data; name="method"\r\n\r\nLate\r\n--x--\r\n'
    )
    headers = {**member.headers, "Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post(ADDRESS, content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    mine = client.get(f"{API}/submissions", headers=member.headers).json()["submissions"]
    assert mine[0]["entry"]["method"] == "Late"


def test_without_a_method_nothing_is_kept(client: TestClient) -> None:
    answer = client.post(ADDRESS, content=predictions(), headers=sign_up(client).headers)
    assert (answer.status_code, error_of(answer)["code"]) == (422, "invalid-request")
    assert "query.method" in answer.text
    assert _incoming(client) == []


@pytest.mark.parametrize("method", ["", "  ", "\u202eevil", "x" * 10_000, "a\u200bb"])
def test_a_method_name_that_does_not_show_is_refused(client: TestClient, method: str) -> None:
    answer = submit(client, sign_up(client), method=method)
    assert (answer.status_code, error_of(answer)["code"]) == (422, "invalid-name")
    assert _incoming(client) == []


def test_a_form_without_a_file_is_refused(client: TestClient) -> None:
    member = sign_up(client)
    form = client.post(ADDRESS, data={"method": "m"}, files={"other": (None, "text")}, headers=member.headers)
    assert (form.status_code, error_of(form)["code"]) == (422, "empty-upload")


def test_the_same_key_makes_the_same_submission(client: TestClient) -> None:
    member = sign_up(client)
    first, second = (submit(client, member, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["quota"]["spent_today"] == 1
    other = submit(client, member, predictions(right=1), headers={"Idempotency-Key": "k1"})
    assert (other.status_code, error_of(other)["code"]) == (409, "idempotency-conflict")


def test_an_answer_lost_at_the_deadline_can_be_fetched_after_it(client: TestClient) -> None:
    member = sign_up(client)
    first = submit(client, member, headers={"Idempotency-Key": "k1"}).json()["id"]
    set_clock(app_of(client), AFTER)
    assert submit(client, member, headers={"Idempotency-Key": "k1"}).json()["id"] == first
    assert submit(client, member, predictions(right=1), headers={"Idempotency-Key": "k2"}).status_code == 403


def test_the_same_bytes_are_refused_with_the_earlier_id_unless_they_are_meant(client: TestClient) -> None:
    member = sign_up(client)
    first = submit(client, member).json()["id"]
    again = submit(client, member)
    assert (again.status_code, error_of(again)["code"]) == (409, "duplicate-file")
    assert error_of(again)["details"] == {"submission": first}
    assert submit(client, member, again="true").status_code == 201
    assert submit(client, sign_up(client, "Others")).status_code == 201


def test_a_spent_quota_says_when_it_comes_back(client: TestClient) -> None:
    member = sign_up(client)
    assert [submit(client, member, predictions(salt=n)).status_code for n in range(3)] == [201, 201, 429]
    refused = submit(client, member, predictions(salt=3))
    assert error_of(refused)["code"] == "quota-spent"
    assert "2026-11-21" in refused.text
    assert int(refused.headers["retry-after"]) >= 1
    quota = client.get(f"{API}/rounds/tiny/quota", headers=member.headers).json()
    assert (quota["spent_today"], quota["remaining"]) == (2, 0)


def test_a_body_over_the_cap_is_refused_raw_or_as_a_form(client: TestClient) -> None:
    member, big = sign_up(client), b"1 2 3\n" * 40_000
    answers = [
        submit(client, member, big),
        client.post(ADDRESS, data={"method": "m"}, files={"file": ("b.txt", big)}, headers=member.headers),
    ]
    for answer in answers:
        assert (answer.status_code, error_of(answer)["code"]) == (413, "too-large")
    assert _incoming(client) == []


@pytest.mark.parametrize(
    ("moment", "code"), [(BEFORE, "round-not-open-yet"), (CLOSES, "round-closed"), (AFTER, "round-closed")]
)
def test_a_round_that_is_not_open_takes_nothing(client: TestClient, moment: datetime, code: str) -> None:
    member = sign_up(client)
    set_clock(app_of(client), moment)
    answer = submit(client, member)
    assert (answer.status_code, error_of(answer)["code"]) == (403, code)


def test_an_unknown_round_and_a_missing_account_are_told(client: TestClient) -> None:
    member = sign_up(client)
    assert error_of(submit(client, member, slug="nowhere"))["code"] == "round-not-found"
    answer = client.post(ADDRESS, params={"method": "m"}, content=b"1\n")
    assert (answer.status_code, error_of(answer)["code"]) == (401, "not-logged-in")


def test_the_submissions_of_another_team_are_not_there(client: TestClient) -> None:
    mine, other = sign_up(client), sign_up(client, "Others")
    sent = submit(client, mine).json()["id"]
    answer = client.get(f"{API}/submissions/{sent}", headers=other.headers)
    nothing = client.get(f"{API}/submissions/999", headers=other.headers)
    assert (answer.status_code, nothing.status_code) == (404, 404)
    assert error_of(answer)["code"] == error_of(nothing)["code"] == "submission-not-found"
    assert client.get(f"{API}/submissions", headers=other.headers).json() == {"submissions": []}
    assert client.get(f"{API}/submissions/{sent}").status_code == 401


def test_submissions_are_listed_newest_first_and_by_round(client: TestClient) -> None:
    member = sign_up(client)
    ids = [submit(client, member, predictions(salt=n)).json()["id"] for n in range(2)]
    listed = client.get(f"{API}/submissions", params={"round": "tiny"}, headers=member.headers).json()["submissions"]
    assert [one["id"] for one in listed] == ids[::-1]
    missing = client.get(f"{API}/submissions", params={"round": "nowhere"}, headers=member.headers)
    assert error_of(missing)["code"] == "round-not-found"


def test_a_submission_tells_all_that_its_page_does_of_how_it_stands(tmp_path: Path) -> None:
    folder = write_round(
        tmp_path / "round",
        opens=OPENS,
        closes=CLOSES,
        public_share=0.5,
        represents="finals",
        tracks=["provided", "any"],
    )
    with running_app(tmp_path / "data", folder, now=DURING) as client:
        member, deployment = sign_up(client), deployment_of(client)
        sent = [
            submit(client, member, predictions(salt=n), method=f"Net {n}", track="any").json()["id"] for n in range(2)
        ]
        for number in sent:
            score(deployment, number, all=0.5, public=0.25, private=0.75)
        client.post(f"{API}/submissions/{sent[0]}/final", json={"is_final": True}, headers=member.headers)
        assert client.post(f"{API}/submissions/{sent[1]}/withdraw", headers=member.headers).status_code == 200
        disqualify(deployment.database, COMMAND, entry_id=1, reason="Trained on the test set.", now=DURING)
        chosen = client.get(f"{API}/submissions/{sent[0]}", headers=member.headers).json()
        withdrawn, listed = client.get(f"{API}/submissions", headers=member.headers).json()["submissions"]
        assert {**listed, "findings": chosen["findings"]} == chosen
        assert (chosen["is_final"], chosen["withdrawn_at"]) == (True, None)
        assert (chosen["entry"]["track"], chosen["entry"]["disqualified_for"]) == ("any", "Trained on the test set.")
        assert (chosen["split"], chosen["scores_by_split"]) == ("public", {"public": {"top5_error": 0.25}})
        assert (withdrawn["is_final"], withdrawn["withdrawn_at"]) == (False, "2026-11-20T12:00:00Z")
        assert withdrawn["entry"]["disqualified_for"] is None
        set_clock(app_of(client), AFTER)
        revealed = client.get(f"{API}/submissions/{sent[0]}", headers=member.headers).json()
        assert revealed["split"] == "private"
        assert {split: scores["top5_error"] for split, scores in revealed["scores_by_split"].items()} == {
            "public": 0.25, "private": 0.75, "all": 0.5,
        }  # fmt: skip


def test_a_scored_submission_shows_its_scores_and_its_classes_only_after_the_close(scoring_client: TestClient) -> None:
    client, member = scoring_client, sign_up(scoring_client)
    sent = submit(client, member, predictions(right=3)).json()["id"]
    during = finished(client, member, sent)
    assert (during["state"], during["scores"]["top1_error"]) == ("scored", 0.5)
    assert "per_class" not in during
    assert "counts" not in during
    assert during["finished_at"] is not None
    set_clock(app_of(client), AFTER)
    after = client.get(f"{API}/submissions/{sent}", headers=member.headers).json()
    assert len(after["per_class"]) == 7
    assert after["counts"]["top1_wrong"] == 3


def test_a_faulty_file_is_rejected_with_findings_and_costs_nothing(scoring_client: TestClient) -> None:
    client, member = scoring_client, sign_up(scoring_client)
    accepted = submit(client, member, BROKEN)
    assert accepted.status_code == 201
    state = finished(client, member, accepted.json()["id"])
    assert (state["state"], state["scores"]) == ("rejected", None)
    assert [finding for finding in state["findings"] if finding["line"] == 2 and finding["severity"] == "error"]
    quota = client.get(f"{API}/rounds/tiny/quota", headers=member.headers).json()
    assert quota["spent_total"] == 0


def test_the_board_ranks_what_was_scored_and_repeats_itself_cheaply(scoring_client: TestClient) -> None:
    client = scoring_client
    teams = {name: sign_up(client, name) for name in ("Good", "Better")}
    for right, (_, member) in zip((2, 4), teams.items(), strict=True):
        finished(client, member, submit(client, member, predictions(right=right)).json()["id"])

    def ranked() -> Response | None:
        """The board with the ranks that each may truly have, which are computed behind the scenes."""
        answer = client.get(f"{API}/rounds/tiny/board")
        return answer if all(row["rank_interval"] for row in answer.json()["entries"]) else None

    answer = wait_until(ranked)
    assert answer is not None
    board = answer.json()
    assert [(row["rank"], row["team"], row["scores"]["top1_error"]) for row in board["entries"]] == [
        (1, "Better", pytest.approx(1 / 3)),
        (2, "Good", pytest.approx(2 / 3)),
    ]
    assert board["metric"] == {"name": "top5_error", "direction": "lower is better"}
    assert board["truth"]["digest"]
    repeated = client.get(f"{API}/rounds/tiny/board", headers={"If-None-Match": answer.headers["etag"]})
    assert (repeated.status_code, repeated.content) == (304, b"")
    page = client.get("/rounds/tiny/board.json")
    assert page.json() == board


def test_a_call_accepts_the_rules_in_force_once_unless_it_names_others(tmp_path: Path) -> None:
    folder = write_round(tmp_path / "round", rules="RULES.md")
    (folder / "RULES.md").write_text("Be fair.")
    with running_app(tmp_path / "data", folder, now=DURING) as client:
        member = sign_up(client)
        digest = client.get(f"{API}/rounds/tiny").json()["rules_digest"]
        refused = submit(client, member, accept_rules="0" * 64)
        assert (refused.status_code, error_of(refused)["details"]) == (409, {"rules_digest": digest})
        assert submit(client, member).json()["rules_accepted"] == digest
        assert submit(client, member, predictions(salt=1)).json()["rules_accepted"] is None
