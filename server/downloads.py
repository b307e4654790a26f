"""Files that are sent back: to be saved, whatever a browser would make of their contents."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from server.services.own_submissions import StoredFile
from server.storage.pieces import pieces_of


def file_answer(stored: StoredFile) -> StreamingResponse:
    """The bytes of a submission, under the name they were sent with."""
    return StreamingResponse(
        pieces_of(stored.file),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}",
            "Content-Length": str(stored.size_bytes),
            "Cache-Control": "private, no-store",
        },
    )


def zip_answer(pieces: Iterator[bytes], *, name: str) -> StreamingResponse:
    """An archive to be saved."""
    return StreamingResponse(
        pieces,
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
