"""Reading rounds and checking files, over HTTP, without an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from scoring.splits import seed_commitment
from server.auth.permissions import COMMAND
from server.services.announcements import announce, answer_question
from server.services.correcting import prepare_erratum
from server.services.errata import activate_erratum
from tests.server.making import predictions, write_round
from tests.server.running import (
    AFTER,
    API,
    CLOSES,
    DURING,
    OPENS,
    app_of,
    deployment_of,
    error_of,
    running_app,
    set_clock,
    sign_up,
)

CHECK = f"{API}/rounds/tiny/check"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    folder = write_round(tmp_path / "round", opens=OPENS, closes=CLOSES, max_upload_bytes=100_000)
    with running_app(tmp_path / "data", folder, now=DURING, max_checks_per_hour=5) as client:
        yield client


def test_rounds_are_listed_with_their_phase_and_metric(client: TestClient) -> None:
    (listed,) = client.get(f"{API}/rounds").json()["rounds"]
    assert (listed["slug"], listed["title"], listed["challenge"], listed["task"]) == (
        "tiny",
        "Round tiny",
        "Tests",
        "cls",
    )
    assert listed["phase"] == "open"
    assert listed["metric"] == {"name": "top5_error", "label": "top-5 error", "direction": "lower is better"}
    assert listed["opens_at"] == "2026-11-10T00:00:00Z"
    set_clock(app_of(client), AFTER)
    assert client.get(f"{API}/rounds").json()["rounds"][0]["phase"] == "closed"


def test_a_round_tells_what_a_team_needs_to_know(client: TestClient) -> None:
    facts = client.get(f"{API}/rounds/tiny").json()
    assert (facts["images"], facts["classes"], facts["rows"]) == (6, 7, "team")
    assert facts["limits"]["max_upload_bytes"] == 100_000
    assert facts["limits"]["submissions_per_day"] is None
    assert facts["formats"][0]["example"]
    assert "truth" not in facts
    assert error_of(client.get(f"{API}/rounds/nowhere"))["code"] == "round-not-found"
    assert error_of(client.get(f"{API}/rounds/nowhere/board"))["code"] == "round-not-found"


def test_a_round_tells_when_it_stands_still_and_when_it_is_revealed(tmp_path: Path) -> None:
    freezes, reveals = DURING + timedelta(days=1), AFTER + timedelta(days=1)
    folder = write_round(
        tmp_path / "round", opens=OPENS, closes=CLOSES, freezes=freezes, reveals=reveals, public_share=0.5
    )
    told = []
    with running_app(tmp_path / "data", folder, now=DURING) as client:
        for moment in (DURING, freezes, AFTER, reveals):
            set_clock(app_of(client), moment)
            facts = client.get(f"{API}/rounds/tiny").json()
            assert (facts["freezes_at"], facts["reveals_at"]) == ("2026-11-21T12:00:00Z", "2026-12-02T00:00:00Z")
            told.append((facts["is_frozen"], facts["is_revealed"], facts["split_seed"] is not None))
            if facts["split_seed"] is not None:
                assert seed_commitment(facts["split_seed"]) == facts["split_commitment"]
    assert told == [(False, False, False), (True, False, False), (True, False, False), (False, True, True)]


def test_a_round_tells_its_policy_so_that_a_program_knows_the_tracks_it_must_name(tmp_path: Path) -> None:
    plain = write_round(tmp_path / "plain", slug="plain")
    folder = write_round(
        tmp_path / "round", opens=OPENS, closes=CLOSES, tracks=["provided", "any"], represents="finals", finals=3,
        public_share=0.5, blind=True, anonymous=True, listing="unlisted", admission="domains", domains=["a.example"],
        verify_email=True, teams_freeze=DURING, appeal_days=3,
    )  # fmt: skip
    names = (
        "tracks", "represents", "finals", "ranking", "public_share", "is_blind", "is_anonymous", "per_class", "listing",
        "admission", "domains", "needs_verified_email", "teams_freeze_at", "appeal_days",
    )  # fmt: skip
    with running_app(tmp_path / "data", plain, folder, now=DURING) as client:
        told = client.get(f"{API}/rounds/tiny").json()
        assert [told[name] for name in names] == [
            ["provided", "any"], "finals", 3, "metric", 0.5, True, True, "revealed", "unlisted", "domains",
            ["a.example"], True, "2026-11-20T12:00:00Z", 3,
        ]  # fmt: skip
        told = client.get(f"{API}/rounds/plain").json()
        assert [told[name] for name in names] == [
            [], "best", None, "metric", None, False, False, "revealed", "public", "open", [], False, None, 7,
        ]  # fmt: skip
        assert [one["tracks"] for one in client.get(f"{API}/rounds").json()["rounds"]] == [[]]


def test_a_round_without_a_close_never_stands_still_and_is_never_revealed(tmp_path: Path) -> None:
    with running_app(tmp_path / "data", write_round(tmp_path / "round"), now=DURING) as client:
        facts = client.get(f"{API}/rounds/tiny").json()
    assert {name: facts[name] for name in ("freezes_at", "is_frozen", "reveals_at", "is_revealed")} == {
        "freezes_at": None, "is_frozen": False, "reveals_at": None, "is_revealed": False,
    }  # fmt: skip
    assert (facts["split_commitment"], facts["split_seed"]) == (None, None)


def test_a_round_tells_what_its_organizers_have_told_and_nothing_that_waits(client: TestClient, tmp_path: Path) -> None:
    team, deployment = sign_up(client), deployment_of(client)
    for text in ("Why?", "How?"):
        client.post(f"{API}/rounds/tiny/questions", json={"text": text}, headers=team.headers)
    answer_question(deployment.database, COMMAND, slug="tiny", question_id=1, answer="So.", now=DURING)
    announce(deployment.database, COMMAND, slug="tiny", text="One more week.", now=DURING)
    corrected = write_round(tmp_path / "corrected", labels=(2, 2, 3, 4, 5, 6), opens=OPENS, closes=CLOSES)
    prepare_erratum(deployment, corrected, note="Image 1 shows class 2.", actor="test", now=DURING)
    at = "2026-11-20T12:00:00Z"
    facts = client.get(f"{API}/rounds/tiny").json()
    assert facts["announcements"] == [{"text": "One more week.", "at": at}]
    assert facts["answers"] == [{"question": "Why?", "answer": "So.", "at": at}]
    assert facts["corrections"] == []
    with deployment.database.write() as session:
        activate_erratum(session, "tiny", actor="test", now=DURING)
    corrections = client.get(f"{API}/rounds/tiny").json()["corrections"]
    assert corrections == [{"text": "Image 1 shows class 2.", "at": at}]


def test_a_good_file_is_found_good_and_nothing_of_it_is_kept(client: TestClient) -> None:
    answer = client.post(CHECK, content=predictions())
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["valid"], body["findings"], body["predictions"]["lines"]) == (True, [], 6)
    folders = deployment_of(client).folders
    assert [path for path in (*folders.blobs.rglob("*"), *folders.incoming.rglob("*")) if path.is_file()] == []


def test_a_faulty_file_answers_every_finding_in_the_error_and_beside_it(client: TestClient) -> None:
    answer = client.post(CHECK, files={"file": ("p.txt", b"1 2 3\nnot a class\n99\n")})
    assert (answer.status_code, error_of(answer)["code"]) == (422, "invalid-predictions")
    findings = answer.json()["findings"]
    assert findings == error_of(answer)["details"]["findings"]
    assert {finding["line"] for finding in findings} >= {2, 3}
    assert all(finding["message"] and finding["advice"] for finding in findings)


def test_a_closed_round_still_checks(client: TestClient) -> None:
    set_clock(app_of(client), AFTER)
    assert client.post(CHECK, content=predictions()).status_code == 200


def test_checks_refuse_empty_and_too_large_files(client: TestClient) -> None:
    assert error_of(client.post(CHECK, content=b"1 2\n" * 50_000))["code"] == "too-large"
    empty = client.post(CHECK, content=b"")
    assert empty.status_code == 422


def test_checks_run_out_by_address_and_by_team(client: TestClient) -> None:
    statuses = [client.post(CHECK, content=b"1\n").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    refused = client.post(CHECK, content=b"1\n")
    assert error_of(refused)["code"] == "too-many-checks"
    assert int(refused.headers["retry-after"]) <= 720
    member = sign_up(client)
    assert client.post(CHECK, content=b"1\n", headers=member.headers).status_code == 422
