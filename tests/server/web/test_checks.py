"""/check, in a browser without JavaScript and without an account."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient
from httpx2 import Response

from tests.server.making import predictions, write_round
from tests.server.running import API
from tests.server.web.browsing import browser, text_of


def _send(client: TestClient, content: bytes, slug: str = "tiny") -> Response:
    return client.post("/check", params={"round": slug}, files={"file": ("predictions.txt", content)})


def test_a_file_is_checked_without_an_account_and_the_hours_checks_are_those_of_the_api(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round"), max_checks_per_hour=3) as client:
        form = text_of(client, "/check")  # of the only round there is
        refused = _send(client, b"1 2 3 4 5\nx 2 3 4 5\n<b>9</b> 2 3 4 5\n")
        accepted = _send(client, predictions())
        assert client.post(f"{API}/rounds/tiny/check", content=predictions()).status_code == 200
        late = _send(client, predictions())
    assert 'action="/check?round=tiny"' in form and "Round tiny" in form
    assert refused.status_code == 422
    assert "This file would be refused." in refused.text and "&lt;b&gt;9&lt;/b&gt;" in refused.text
    assert 'data-label="Line">2<' in refused.text and 'data-label="Line">3<' in refused.text
    assert accepted.status_code == 200 and "This file would be accepted." in accepted.text
    assert late.status_code == 429 and 'role="alert"' in late.text


def test_the_round_is_chosen_first_where_there_are_several_and_a_private_one_is_not_there(tmp_path: Path) -> None:
    rounds = [write_round(tmp_path / slug, slug=slug) for slug in ("one", "two")]
    rounds.append(write_round(tmp_path / "hidden", slug="hidden", listing="unlisted"))
    rounds.append(write_round(tmp_path / "private", slug="private", listing="private"))
    with browser(tmp_path / "data", *rounds) as client:
        choice = text_of(client, "/check")
        assert 'action="/check?round=two"' in text_of(client, "/check?round=two")
        assert "Round hidden" in text_of(client, "/check?round=hidden")
        text_of(client, "/check?round=private", 404)
        assert _send(client, predictions(), "").status_code == 404
    assert "Round one (image classification)" in choice
    assert 'type="file"' not in choice and "Which round is it for?" in choice
    assert "Round hidden" not in choice and "Round private" not in choice
