"""Static files, the strict policy about scripts, and the budgets of a board of 500 rows."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from fastapi.testclient import TestClient

from server.web.assets import asset_address, asset_of_file, assets
from tests.server.making import write_round
from tests.server.running import deployment_of
from tests.server.web.browsing import add_scored, browser, send_form, sign_up_by_form, text_of

MAX_PAGE_BYTES = 60_000
MAX_STYLE_BYTES = 8_000
MAX_SCRIPT_BYTES = 25_000
MAX_REQUESTS = 8
ROWS = 500


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("assets")
    with browser(folder / "data", write_round(folder / "round"), write_round(folder / "big", slug="big")) as client:
        for row in range(ROWS):
            scores = {f"top{k}_error": (row * 7919 % 50_000) / 50_000 / k for k in range(1, 6)}
            name = f"{row * 7919 % 1000:03} Laboratory {row:x}"
            add_scored(deployment_of(client), scores, team=name, method=f"Network {row * 31 % 997}", slug="big")
        sign_up_by_form(client)
        send_form(client)
        yield client


PAGES = ["/", "/rounds/tiny", "/rounds/big/board", "/rounds/tiny/submit", "/submissions/1", "/me", "/log-in?next=/me"]


@pytest.mark.parametrize("name", ["site.css", "site.js", "favicon.svg"])
def test_a_static_file_is_kept_for_good_under_an_address_of_its_content(client: TestClient, name: str) -> None:
    answer = client.get(asset_address(name))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    stem, _, suffix = name.partition(".")
    assert re.fullmatch(rf"/static/{stem}\.[0-9a-f]{{12}}\.{suffix}", asset_address(name))
    assert answer.content == assets()[name].content


def test_an_older_static_file_is_not_found(client: TestClient) -> None:
    assert asset_of_file("site.000000000000.css") is None
    assert client.get("/static/site.000000000000.css").status_code == 404
    assert client.get("/favicon.ico").headers["location"] == asset_address("favicon.svg")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_script_or_style_or_names_another_host(client: TestClient, path: str) -> None:
    page = client.get(path, follow_redirects=True).text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page)


def test_the_budgets_of_a_board_of_500_rows_hold(client: TestClient) -> None:
    page = text_of(client, "/rounds/big/board")
    assert page.count("<tr") == ROWS + 1
    assert len(gzip.compress(page.encode(), 6)) < MAX_PAGE_BYTES
    assert len(gzip.compress(assets()["site.css"].content, 6)) < MAX_STYLE_BYTES
    assert len(gzip.compress(assets()["site.js"].content, 6)) < MAX_SCRIPT_BYTES
    loaded = re.findall(r'<(?:link rel="(?:stylesheet|icon)"|script|img)[^>]*(?:href|src)="([^"]+)"', page)
    assert 1 + len(loaded) <= MAX_REQUESTS


def test_templates_stay_small() -> None:
    for package in ("server.web", "leaderboard"):
        for template in (files(package) / "templates").iterdir():
            assert len(template.read_text().splitlines()) <= 150, template
