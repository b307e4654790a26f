"""Bodies on a real connection: capped, dropped, broken off. Nothing of a refused one stays."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from server.bodies import MAX_DROPPED_BYTES, MAX_SMALL_BODY_BYTES
from tests.server.listening import listening_server
from tests.server.making import write_round
from tests.server.running import API, PASSWORD
from tests.waiting import wait_until

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bodies")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    small = write_round(folder / "round", max_upload_bytes=MEBIBYTE)
    with listening_server(folder / "data", small) as address:
        yield address


@pytest.fixture(scope="module")
def token(address: str) -> str:
    wish = {"name": "Ada", "email": "ada@team.example", "password": PASSWORD, "team": "Engines"}
    token = httpx2.post(f"{address}{API}/teams", json=wish).json()["token"]
    assert isinstance(token, str)
    return token


def _kept(folder: Path) -> list[Path]:
    return [path for name in ("incoming", "blobs") for path in (folder / "data" / name).rglob("*") if path.is_file()]


def _talk(address: str, request: bytes, *, keep_sending: bytes = b"") -> bytes:
    """What the server answers to these bytes, until it closes the connection."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(request + keep_sending)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            if b"\r\n\r\n" in answer and b"100 Continue" not in answer:
                break
        return answer


def _head(path: str, *headers: str) -> bytes:
    return "\r\n".join((f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", "")).encode()


def test_a_large_body_for_a_small_address_is_refused_in_any_framing(address: str) -> None:
    big = b"[" + b" " * MAX_SMALL_BODY_BYTES + b"]"

    def in_chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield big

    headers = {"Content-Type": "application/json"}
    for content in (big, in_chunks()):
        answer = httpx2.post(f"{address}{API}/teams", content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")


def test_a_client_that_sends_all_before_it_reads_gets_the_refusal(address: str, token: str, folder: Path) -> None:
    body = b"1 2 3 4 5\n" * (3 * MEBIBYTE)
    answer = httpx2.post(
        f"{address}{API}/rounds/tiny/submissions",
        params={"method": "m"},
        content=body,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")
    assert _kept(folder) == []


def test_a_client_that_asks_first_is_refused_before_it_sends(address: str) -> None:
    head = _head(f"{API}/rounds/tiny/submissions?method=m", "Content-Length: 900000", "Expect: 100-continue")
    answer = _talk(address, head)
    assert answer.startswith(b"HTTP/1.1 401")


def test_a_client_that_threatens_with_a_terabyte_is_cut_off(address: str) -> None:
    head = _head(f"{API}/rounds/tiny/submissions?method=m", f"Content-Length: {MAX_DROPPED_BYTES * 1000}")
    answer = _talk(address, head, keep_sending=b"x" * MEBIBYTE)
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("route", ["submissions?method=m", "check"])
def test_an_upload_that_breaks_off_leaves_nothing(address: str, token: str, folder: Path, route: str) -> None:
    head = _head(f"{API}/rounds/tiny/{route}", "Content-Length: 900000", f"Authorization: Bearer {token}")
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(head + b"1 2 3 4 5\n" * 60_000)
        wait_until(lambda: _kept(folder), what="the first bytes on the disk")
    wait_until(lambda: not _kept(folder), what="the end of the broken upload")
    mine = httpx2.get(f"{address}{API}/submissions", headers={"Authorization": f"Bearer {token}"})
    assert mine.json() == {"submissions": []}


def test_no_answer_names_the_software_behind_it(address: str) -> None:
    assert "server" not in httpx2.get(f"{address}{API}/rounds").headers
