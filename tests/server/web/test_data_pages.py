"""/rounds/{slug}/data: the terms first, the addresses afterwards; by page and by program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.auth.permissions import COMMAND
from server.services.policy_changes import change_policy
from tests.server.making import write_round
from tests.server.running import API, DURING, deployment_of, error_of, sign_up
from tests.server.web.browsing import browser, send_form, sign_up_by_form, text_of

DATA = "/rounds/tiny/data"
IMAGES = "https://images.example/all.tgz"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        changes = {"data": f"Not for sale. [Images]({IMAGES})", "data_terms": True}
        change_policy(deployment_of(client), COMMAND, slug="tiny", changes=changes, now=DURING)
        yield client


def test_the_terms_are_accepted_before_the_links_are_shown(client: TestClient) -> None:
    page = text_of(client, DATA)
    assert "Not for sale." in page and IMAGES not in page and "<form" not in page.partition("<main")[2]
    assert f'<a href="/log-in?next={DATA}">log in</a>' in page
    assert client.post(DATA).headers["location"] == f"/log-in?next={DATA}"
    sign_up_by_form(client)
    page = text_of(client, DATA)
    box = re.search(r'name="accept_rules" value="([0-9a-f]{64})" required', page)
    assert box is not None and IMAGES not in page
    assert "have not accepted" in client.post(DATA).text
    assert client.post(DATA, data={"accept_rules": box[1]}).headers["location"] == DATA
    page = text_of(client, DATA)
    assert f'href="{IMAGES}"' in page and "accept_rules" not in page
    assert "accept_rules" not in text_of(client, "/rounds/tiny/submit")
    assert send_form(client).status_code == 303


def test_a_program_accepts_the_terms_and_reads_the_links(client: TestClient) -> None:
    address, acceptance = f"{API}/rounds/tiny", f"{API}/rounds/tiny/acceptance"
    told = client.get(address).json()
    assert (told["data"], told["is_data_withheld"]) == ("Not for sale. [Images](#accept)", True)
    member = sign_up(client)
    refused = client.post(acceptance, json={"rules_digest": "0" * 64}, headers=member.headers)
    assert (refused.status_code, error_of(refused)["code"]) == (409, "rules-not-accepted")
    word = {"rules_digest": told["rules_digest"]}
    answers = [client.post(acceptance, json=word, headers=member.headers).json() for _ in range(2)]
    assert [answer["rules_accepted"] for answer in answers] == [told["rules_digest"], None]
    told = client.get(address, headers=member.headers).json()
    assert IMAGES in told["data"] and told["is_data_withheld"] is False
    assert IMAGES not in client.get(address).text
