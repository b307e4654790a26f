"""Runs in Heldout's environment: a server with a board, and everybody who reads it at once.

python board_load.py heldout DATA REQUESTS: each turn reads the board's page so many times from `heldout serve`.
python board_load.py bare PAGE REQUESTS: each turn reads the same bytes from a Starlette application that does no more.
python board_load.py serve-bare PAGE PORT: that application.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from board_rows import CHANGES, COMMIT_TO_PAGE, CONNECTIONS, FIRST_BYTE, SLUG, add_score
from turns import own_output, take_turns

_HOST = "127.0.0.1"


def main(kind: str, path: str, count: str) -> None:
    """Start the server, then take turns."""
    if kind == "serve-bare":
        serve_bare(Path(path), port=int(count))
        return
    answers = own_output()
    told: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="heldout-board-") as folder:
        if kind == "heldout":
            changing = shutil.copytree(path, Path(folder, "changing"))
            path = str(shutil.copytree(path, Path(folder, "data")))
            with _serving(kind, str(changing)) as (port, _):
                told = first_bytes(port, changing)
        with _serving(kind, path) as (port, server):

            def turn() -> dict[str, Any]:
                before = processor_seconds(server)
                found = read_at_once(port, int(count))
                spent = {"the server's share of a processor": processor_seconds(server) - before}
                return {**found, "seconds": spent | told}

            take_turns(turn, answers, is_warm=True)


@contextmanager
def _serving(kind: str, path: str) -> Iterator[tuple[int, int]]:
    """A server in a process of its own: its port and number."""
    port = _free_port()
    command = {
        "heldout": [sys.executable, "-m", "server.cli.main", "serve", "--data", path, "--port", str(port)],
        "bare": [sys.executable, __file__, "serve-bare", path, str(port)],
    }[kind]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            _until(lambda: _is_listening(port))
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(30)


def serve_bare(page: Path, *, port: int) -> None:
    """An application with one route, whose answer is in memory."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    body, headers = page.read_bytes(), dict(json.loads(page.with_name("page.json").read_text(encoding="utf-8")))

    async def board(_: Request) -> Response:
        return Response(body, headers=headers)

    app = Starlette(routes=[Route("/rounds/{slug}/board", board)])
    uvicorn.run(app, host=_HOST, port=port, access_log=False, log_config=None)


def processor_seconds(process: int) -> float:
    """What a process has had of the processors, whatever else they did meanwhile."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_at_once(port: int, count: int) -> dict[str, Any]:
    """Read the page `count` times over some connections that all have a request under way; how large it is."""
    readers = [Reader(port) for _ in range(CONNECTIONS)]
    size = 0
    for _ in range(count // CONNECTIONS):
        for reader in readers:
            reader.ask()
        size = max(reader.answer() for reader in readers)
    for reader in readers:
        reader.close()
    return {"scores": {"page_bytes": float(size)}}


def first_bytes(port: int, data: Path) -> dict[str, float]:
    """Seconds to the first byte of a page that must be made anew, and from a commit to a page that shows it."""
    from server.deployment import open_deployment
    from server.settings import Settings

    deployment = open_deployment(Settings(data=data))
    waits, delays = [], []
    for number in range(CHANGES):
        team = f"Newcomers {time.time_ns()}"
        add_score(deployment, team, error=0.5 + number / 1000)
        committed = time.perf_counter()
        reader = Reader(port, encoding="identity" if number % 2 else "gzip")
        started = time.perf_counter()
        reader.ask()
        page = reader.first_byte()
        waits.append(time.perf_counter() - started)
        reader.answer()
        plain = Reader(port, encoding="identity")
        while team.encode() not in page:
            plain.ask()
            page = plain.text()
        delays.append(time.perf_counter() - committed)
        reader.close()
        plain.close()
    deployment.close()
    return {
        FIRST_BYTE: sorted(waits)[int(0.95 * CHANGES)],
        COMMIT_TO_PAGE: max(delays),
    }


class Reader:
    """One connection that is kept; reading costs next to nothing beside what a server does."""

    def __init__(self, port: int, *, encoding: str = "gzip") -> None:
        self._socket = socket.create_connection((_HOST, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = (
            f"GET /rounds/{SLUG}/board HTTP/1.1\r\nHost: {_HOST}:{port}\r\nAccept-Encoding: {encoding}\r\n\r\n"
        ).encode()
        self._begun = b""

    def ask(self) -> None:
        self._socket.sendall(self._request)

    def first_byte(self) -> bytes:
        self._begun = self._socket.recv(1 << 16)
        return self._begun

    def answer(self) -> int:
        """Read an answer to its end; the size of its body."""
        return len(self.text())

    def text(self) -> bytes:
        found = self._begun or self._socket.recv(1 << 18)
        self._begun = b""
        while b"\r\n\r\n" not in found:
            found += self._socket.recv(1 << 18)
        head, _, body = found.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        pieces, left = [body], size - len(body)
        while left:
            piece = self._socket.recv(1 << 18)
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        self._socket.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _is_listening(port: int) -> bool:
    try:
        socket.create_connection((_HOST, port)).close()
    except OSError:
        return False
    return True


def _until(condition: Callable[[], bool], *, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the server does not listen")
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
