"""Files that are sent back: to be saved, whatever a browser would make of their contents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from server.services.own_submissions import StoredFile

_PIECE_BYTES = 1 << 18


def file_answer(stored: StoredFile) -> StreamingResponse:
    """The bytes of a submission, under the name they were sent with."""
    return StreamingResponse(
        _pieces(stored),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}",
            "Content-Length": str(stored.size_bytes),
            "Cache-Control": "private, no-store",
        },
    )


def _pieces(stored: StoredFile) -> Iterator[bytes]:
    with stored.file as path:
        yield from _pieces_of(path.open("rb"))


def _pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE_BYTES):
            yield piece


def zip_answer(archive: IO[bytes], *, name: str) -> StreamingResponse:
    """An archive to be saved; it is closed at the end."""
    return StreamingResponse(
        _pieces_of(archive),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def csv_answer(text: str, *, name: str) -> Response:
    """A table to be saved."""
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
