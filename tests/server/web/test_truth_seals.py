"""What is told of a truth while it is hidden confirms no guess of it; afterwards it can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, update

from server.db.tables import Round
from server.services.rounds import RoundFacts, stored_round
from tests.server.making import write_round
from tests.server.running import AFTER, API, CLOSES, DURING, app_of, deployment_of, set_clock
from tests.server.web.browsing import browser, log_in_as_organizer, score_silently, send_form, sign_up_by_form, text_of

# Wherever anybody reads which truth the scores come from.
TOLD = (
    "/rounds/tiny", "/rounds/tiny/board", "/rounds/tiny/board.json", "/rounds/tiny/board.csv",
    "/rounds/tiny/board.atom", "/entries/1", "/submissions/1", "/me/export.json",
    f"{API}/rounds/tiny", f"{API}/rounds/tiny/board", f"{API}/submissions/1",
)  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round", closes=CLOSES)) as client:
        sign_up_by_form(client)
        send_form(client)
        score_silently(deployment_of(client), 1, {"top1_error": 0.0, "top5_error": 0.0})
        yield client


def _facts(client: TestClient) -> RoundFacts:
    with deployment_of(client).database.read() as session:
        return stored_round(session, "tiny")


def test_the_digest_of_a_hidden_truth_is_told_to_nobody(client: TestClient) -> None:
    facts = _facts(client)
    digest, sealed = facts.truth_digest, client.get("/rounds/tiny/board.json").json()["truth"]["digest"]
    assert digest is not None and sealed != digest
    for path in TOLD:
        answer = client.get(path)
        assert answer.status_code == 200, path
        for secret in (digest[:12], facts.truth_seal):
            assert secret not in answer.text and secret not in str(answer.headers), path
    assert sealed[:12] in text_of(client, "/rounds/tiny/board") and sealed in text_of(client, "/me/export.json")
    assert sealed[:12] in text_of(client, "/entries/1")


def test_the_seal_is_told_at_the_reveal_and_binds_to_the_digest(client: TestClient) -> None:
    sealed = client.get(f"{API}/rounds/tiny/board").json()["truth"]
    assert sealed["is_sealed"] is True
    assert client.get(f"{API}/rounds/tiny").json()["truth_seal"] is None
    assert "sealed until the reveal" in text_of(client, "/rounds/tiny/board")
    set_clock(app_of(client), AFTER)
    told = client.get(f"{API}/rounds/tiny/board").json()["truth"]
    seal = client.get(f"{API}/rounds/tiny").json()["truth_seal"]
    assert told == {"digest": _facts(client).truth_digest, "is_sealed": False}
    assert hashlib.sha256(f"heldout truth {seal} {told['digest']}".encode()).hexdigest() == sealed["digest"]
    page = text_of(client, "/rounds/tiny")
    assert all(text in page for text in (told["digest"], seal, sealed["digest"]))
    assert "sealed until" not in text_of(client, "/rounds/tiny/board")


def test_organizers_read_the_digest_on_the_page_of_their_round(client: TestClient) -> None:
    client.cookies.clear()
    log_in_as_organizer(client)
    digest = _facts(client).truth_digest or ""
    assert digest[:12] in text_of(client, "/organize/tiny")
    assert digest not in text_of(client, "/rounds/tiny/board")  # which everybody sees alike


def test_two_rounds_of_one_truth_do_not_tell_that_it_is_one(tmp_path: Path) -> None:
    folders = [write_round(tmp_path / slug, slug=slug, closes=CLOSES) for slug in ("one", "other")]
    with browser(tmp_path / "data", *folders, now=DURING) as client:
        told = {client.get(f"/rounds/{slug}/board.json").json()["truth"]["digest"] for slug in ("one", "other")}
    assert len(told) == 2


@pytest.mark.parametrize("is_draft", [False, True])
def test_no_digest_is_told_that_another_round_holds_back(tmp_path: Path, is_draft: bool) -> None:
    before, final = (
        write_round(tmp_path / "round", closes=DURING),
        write_round(tmp_path / "final", slug="final", closes=CLOSES),
    )
    with browser(tmp_path / "data", before, final, now=DURING - timedelta(days=1)) as client:
        sign_up_by_form(client)
        send_form(client)
        score_silently(deployment_of(client), 1, {"top1_error": 0.0, "top5_error": 0.0})
        with deployment_of(client).database.write() as session:
            session.exec(update(Round).where(col(Round.slug) == "final").values(is_draft=is_draft))
        secrets = ((_facts(client).truth_digest or "")[:12], _facts(client).truth_seal)
        set_clock(app_of(client), DURING)
        for path in TOLD:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert not any(secret in answer.text for secret in secrets), path
        assert client.get(f"{API}/rounds/tiny/board").json()["truth"]["is_sealed"] is True
        client.cookies.clear()
        assert "a digest that is still sealed" in text_of(client, "/rounds/tiny/board")
        set_clock(app_of(client), AFTER)
        assert ("still sealed" in text_of(client, "/rounds/tiny/board")) is is_draft
        assert (secrets[0] in text_of(client, "/rounds/tiny")) is not is_draft
