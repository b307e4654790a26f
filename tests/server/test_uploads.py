"""Forms as they arrive: cut anywhere, broken, or made to hurt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Message

from server.errors import EmptyUpload, InvalidRequest, ServerError, UploadStalled
from server.uploads import MAX_FIELD_BYTES, MAX_FIELDS, Sent, discarding, take_file

FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.txt"\r\n\r\n1 2 3\r\n4 5 6\r\n'
END = b"--b--\r\n"


class MemorySink:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.content = b""
        self.largest = 0
        self.is_discarded = False

    def write(self, chunk: bytes) -> None:
        self.content += chunk
        self.largest = max(self.largest, len(chunk))

    def discard(self) -> None:
        self.is_discarded = True


def _field(name: str, value: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"


def _request(messages: Iterator[Message], content_type: str) -> Request:
    async def receive() -> Message:
        return next(messages)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}
    return Request(scope, receive)


def _messages(body: bytes, *, piece: int) -> Iterator[Message]:
    for start in range(0, len(body), piece):
        yield {"type": "http.request", "body": body[start : start + piece], "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


def _take(
    body: bytes, *, piece: int = 1000, content_type: str = "multipart/form-data; boundary=b"
) -> tuple[Sent, MemorySink]:
    sink = MemorySink()
    sent = asyncio.run(take_file(_request(_messages(body, piece=piece), content_type), sink))
    return sent, sink


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64, 10_000])
def test_a_form_reads_the_same_however_it_is_cut(piece: int) -> None:
    body = _field("method", "Größe".encode()) + FILE + _field("again", b"on") + END
    sent, sink = _take(body, piece=piece)
    assert sent == Sent(file_name="p.txt", fields={"method": "Größe", "again": "on"})
    assert sink.content == b"1 2 3\r\n4 5 6"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/json"])
def test_every_other_body_is_the_file_itself(content_type: str) -> None:
    sent, sink = _take(b"1 2 3\n" * 100, content_type=content_type)
    assert (sent, sink.content) == (Sent(), b"1 2 3\n" * 100)


def test_a_large_file_passes_in_small_pieces() -> None:
    _, sink = _take(b"x" * 5_000_000, piece=60_000, content_type="")
    assert len(sink.content) == 5_000_000
    assert sink.largest < 400_000


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", InvalidRequest),
        (b"no form at all", InvalidRequest),
        (FILE, InvalidRequest),  # no end
        (FILE[:-5] + END, InvalidRequest),  # the boundary is within the file
        (FILE + FILE + END, InvalidRequest),
        (_field("method", b"m") + END, EmptyUpload),
        (_field("method", b"x" * (MAX_FIELD_BYTES + 1)) + FILE + END, InvalidRequest),
        (b"".join(_field(str(n), b"x") for n in range(MAX_FIELDS + 1)) + FILE + END, InvalidRequest),
        (b"--b\r\nContent-Disposition: " + b"x" * 100_000 + b"\r\n\r\n", InvalidRequest),
    ],
)
def test_a_broken_form_is_refused(body: bytes, error: type[ServerError]) -> None:
    with pytest.raises(error):
        _take(body)


@pytest.mark.parametrize("content_type", ["multipart/form-data", f"multipart/form-data; boundary={'b' * 5000}"])
def test_a_form_needs_a_reasonable_boundary(content_type: str) -> None:
    with pytest.raises(InvalidRequest):
        _take(FILE + END, content_type=content_type)


def test_a_client_that_goes_away_leaves_nothing_behind() -> None:
    def going_away() -> Iterator[Message]:
        yield {"type": "http.request", "body": b"1 2 3", "more_body": True}
        yield {"type": "http.disconnect"}

    sink = MemorySink()

    async def take() -> None:
        async with discarding(sink):
            await take_file(_request(going_away(), ""), sink)

    with pytest.raises(ClientDisconnect):
        asyncio.run(take())
    assert sink.is_discarded


def test_a_client_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.uploads.STALL_SECONDS", 0.01)

    async def silence() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    request = Request({"type": "http", "method": "POST", "headers": []}, silence)
    with pytest.raises(UploadStalled):
        asyncio.run(take_file(request, MemorySink()))


def test_a_client_that_sends_a_byte_now_and_then_is_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte a minute for weeks made a file that was chosen after the reveal count as sent before the close."""
    monkeypatch.setattr("server.uploads.MAX_HOURS", 0.05 / 3600)
    pauses = [0.001] * 1000

    async def trickle() -> Message:
        await asyncio.sleep(pauses.pop())
        return {"type": "http.request", "body": b"1", "more_body": bool(pauses)}

    request = Request({"type": "http", "method": "POST", "headers": []}, trickle)
    with pytest.raises(UploadStalled, match="longer than"):
        asyncio.run(take_file(request, MemorySink()))


def test_a_client_that_falls_silent_at_the_end_of_its_hours_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.uploads.MAX_HOURS", 0.01 / 3600)

    async def silence() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    request = Request({"type": "http", "method": "POST", "headers": []}, silence)
    with pytest.raises(UploadStalled, match="longer than"):
        asyncio.run(take_file(request, MemorySink()))
