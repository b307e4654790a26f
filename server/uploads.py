"""Files on their way in: the raw body or a form, passed on in pieces, never held whole."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import anyio
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from server.bodies import stream_body
from server.errors import EmptyUpload, InvalidRequest, UploadStalled

# Pieces of this size keep the hand-over to a thread cheap, and hundreds of uploads small in memory.
PIECE_BYTES = 256 * 1024

# The text fields of a form: a method's name and some ticks, or what a round is.
MAX_FIELDS = 20
MAX_FIELD_BYTES = 16 * 1024

# The files of a form where several are due: a round's truth comes in at most six, beside it come its baselines.
MAX_FILES = 40

# A client that sends nothing for so long is gone.
STALL_SECONDS = 60.0

# An upload counts for the moment it began: a byte a minute would hold one open until the reveal has told what to send,
# and keep places of many days' quotas for one. The largest file, 1 GiB, arrives within this at 1.2 Mbit/s.
MAX_HOURS = 2


class Discardable(Protocol):
    """What holds bytes that nobody may want."""

    def discard(self) -> None: ...


class Sink(Discardable, Protocol):
    """Where a file's bytes go: an upload, or a check."""

    def write(self, chunk: bytes) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What came with the file."""

    file_name: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def discarding(sink: Discardable) -> AsyncIterator[None]:
    """Whatever happens meanwhile, nothing of an unfinished file stays."""
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(sink.discard)


async def take_file(request: Request, sink: Sink) -> Sent:
    """Pass the request's file to `sink`.

    Raises:
        InvalidRequest: the form is broken, or holds more than one file.
        EmptyUpload: the form holds no file.
        UploadStalled: nothing arrived for a minute, or it takes hours.
        Whatever `sink.write` raises.
    """
    stream_body(request)
    content_type, options = parse_options_header(request.headers.get("content-type"))
    if content_type != b"multipart/form-data":
        await _take_raw(request, sink)
        return Sent()
    boundary = options.get(b"boundary")
    if not boundary:
        raise InvalidRequest("The form's content type names no boundary.")
    form = await _take_form(request, boundary, open_sink=lambda _field, _name: sink, max_files=1)
    if not form.files:
        raise EmptyUpload("The form holds no file.")
    return Sent(file_name=form.files[0].name, fields=form.fields)


async def take_files(request: Request, open_sink: Callable[[str, str], Sink]) -> dict[str, str]:
    """Pass every file of a form that is not empty to a sink of its own; the text fields.

    Args:
        request: holds a form.
        open_sink: called with the field's name and the file's.

    Raises:
        InvalidRequest: it is no form, or a broken one.
        UploadStalled: nothing arrived for a minute, or it takes hours.
        Whatever `open_sink` and what it makes raise.
    """
    stream_body(request)
    content_type, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if content_type != b"multipart/form-data" or not boundary:
        raise InvalidRequest("A form with files is due here, as multipart/form-data.")
    form = await _take_form(request, boundary, open_sink=open_sink, max_files=MAX_FILES)
    return form.fields


async def _take_raw(request: Request, sink: Sink) -> None:
    buffer = bytearray()
    async for chunk in _chunks(request):
        buffer += chunk
        if len(buffer) >= PIECE_BYTES:
            await _pass_on(buffer, sink)
    await _pass_on(buffer, sink)


async def _take_form(
    request: Request, boundary: bytes, *, open_sink: Callable[[str, str], Sink], max_files: int
) -> _Form:
    sinks: dict[int, Sink] = {}
    try:
        form = _Form(boundary, max_files)
        async for chunk in _chunks(request):
            form.parser.write(chunk)
            if form.waiting_bytes >= PIECE_BYTES:
                await _pass_files_on(form, sinks, open_sink)
    except FormParserError as error:
        raise InvalidRequest("The form is not written as multipart/form-data.") from error
    if not form.is_complete:
        raise InvalidRequest("The form breaks off before its end.")
    await _pass_files_on(form, sinks, open_sink)
    return form


async def _pass_files_on(form: _Form, sinks: dict[int, Sink], open_sink: Callable[[str, str], Sink]) -> None:
    while form.waiting:
        number, piece = form.waiting.popleft()
        if number not in sinks:
            sinks[number] = await run_in_threadpool(open_sink, *form.files[number])
        await _pass_on(piece, sinks[number])
    form.waiting_bytes = 0


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    stream, ends_at = request.stream(), anyio.current_time() + MAX_HOURS * 3600
    while (left := ends_at - anyio.current_time()) > 0:
        try:
            with anyio.fail_after(min(STALL_SECONDS, left)):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            if left > STALL_SECONDS:
                raise UploadStalled from error
            break
        yield chunk
    raise UploadStalled(
        f"The upload took longer than {MAX_HOURS:g} hours; nothing was kept.",
        advice="Send it compressed (.gz or .zst), or over a faster line.",
    )


async def _pass_on(buffer: bytearray, sink: Sink) -> None:
    if buffer:
        piece = bytes(buffer)
        buffer.clear()
        await run_in_threadpool(sink.write, piece)


class _FileName(NamedTuple):
    """A file of a form."""

    field: str
    name: str


class _Form:
    """Sorts the parts of a form while it arrives: short text fields here, files' bytes to be passed on."""

    def __init__(self, boundary: bytes, max_files: int) -> None:
        self.fields: dict[str, str] = {}
        self.files: list[_FileName] = []
        self.waiting: deque[tuple[int, bytearray]] = deque()  # which file, and what of it was not yet passed on
        self.waiting_bytes = 0
        self.is_complete = False
        self._max_files = max_files
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._disposition = b""
        self._field_name = ""
        self._field_bytes = bytearray()
        self._is_file = False
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._extend_header_name,
                "on_header_value": self._extend_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._sort_part,
                "on_part_data": self._extend_part,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def _begin_part(self) -> None:
        self._disposition = b""
        self._field_bytes.clear()

    def _extend_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _extend_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if bytes(self._header_name).lower() == b"content-disposition":
            self._disposition = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _sort_part(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field_name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if not self._is_file:
            return
        if len(self.files) == self._max_files:
            raise InvalidRequest(
                "The form holds more than one file; send one file per submission."
                if self._max_files == 1
                else f"The form holds more than {self._max_files} files."
            )
        self.files.append(_FileName(self._field_name, options[b"filename"].decode("utf-8", "replace")))

    def _extend_part(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._extend_file(data[start:end])
            return
        self._field_bytes += data[start:end]
        if len(self._field_bytes) > MAX_FIELD_BYTES:
            raise InvalidRequest(f"A text field of the form is longer than {MAX_FIELD_BYTES} bytes.")

    def _extend_file(self, data: bytes) -> None:
        number = len(self.files) - 1
        if not self.waiting or self.waiting[-1][0] != number:
            self.waiting.append((number, bytearray()))
        self.waiting[-1][1].extend(data)
        self.waiting_bytes += len(data)

    def _end_part(self) -> None:
        if self._is_file:
            return
        if len(self.fields) >= MAX_FIELDS:
            raise InvalidRequest(f"The form has more than {MAX_FIELDS} fields.")
        self.fields[self._field_name] = bytes(self._field_bytes).decode("utf-8", "replace")

    def _end(self) -> None:
        self.is_complete = True
