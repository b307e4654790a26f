"""Pages of boards, kept as the compressed bytes that were sent.

Compressing 500 rows takes long, and unpacking them for who takes none compressed next to nothing. A page is sent again
as long as its tag is the same; to who is not logged in, without any query, as long as nobody has committed anything and
no word about time changes.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TypeVar, cast

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from leaderboard.visibility import Visibility, visible
from server.auth.viewer import ANONYMOUS
from server.errors import DatabaseUnavailable
from server.services.rounds import RoundFacts
from server.web.pages import PRIVATE
from server.web.wording import round_state

# A page of 500 rows takes some 50 kB. Sorted and filtered ones are pages of their own, so anybody can make many.
KEPT_PAGES = 64

# The level that Starlette's own compression has is 9: a third slower, and smaller by a hundredth.
_LEVEL = 6

_K = TypeVar("_K")
_V = TypeVar("_V")

_VERSION = "heldout.database_version"


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenBoard:
    """What decides how a board's page reads, beside the rows."""

    facts: RoundFacts
    visibility: Visibility
    state: str

    def is_so_at(self, now: datetime) -> bool:
        """Whether who is not logged in reads the same at `now`, if nothing was committed."""
        seen = visible(self.facts, ANONYMOUS, now)
        return seen == self.visibility and round_state(self.facts, seen.phase, now) == self.state


@dataclass(kw_only=True, slots=True)
class _Sent:
    """The page last sent from an address."""

    version: int  # of the database, before the page was made
    seen: SeenBoard
    etag: str
    answer: Response  # may be sent to many: it changes nothing of itself
    checked_in: datetime | None = None  # the last second for which it was found to read the same

    def is_so_at(self, now: datetime) -> bool:
        """As of the board; looked at once a second, for that takes a fifth of an answer's time."""
        second = now.replace(microsecond=0)
        if second == self.checked_in:
            return True
        is_so = self.seen.is_so_at(now)
        self.checked_in = second if is_so else None
        return is_so


class KeptBoards:
    """The pages of one running server."""

    def __init__(self) -> None:
        self._by_tag: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._by_address: OrderedDict[tuple[str, bytes], _Sent] = OrderedDict()
        self._lock = Lock()

    def page(self, request: Request, *, etag: str, seen: SeenBoard | None, make: Callable[[], bytes]) -> Response:
        """The page of this tag at the request's address, made where it is not kept.

        Args:
            request, etag: whose answer it is.
            seen: what it depends on; None where it may change without any commit.
            make: makes it.
        """
        query = request.scope["query_string"]
        key = (etag, query)
        body, html = self._find(key), None
        if body is None:
            html = make()
            body = gzip.compress(html, _LEVEL, mtime=0)
            with self._lock:
                _keep(self._by_tag, key, body)
        if not _takes_compressed(request):
            headers = {"ETag": etag, "Cache-Control": PRIVATE, "Vary": "Cookie"}  # what compresses others adds to it
            return Response(html or gzip.decompress(body), media_type="text/html", headers=headers)
        version = request.scope.get(_VERSION)
        if version is not None and seen is not None:
            sent = _Sent(version=version, seen=seen, etag=etag, answer=_answer(etag, body))
            with self._lock:
                _keep(self._by_address, (request.scope["path"], query), sent)
        return _answer(etag, body)

    def sent(self, scope: Scope, *, version: int, now: datetime, known: bytes) -> Response | None:
        """The page that was sent from this address, if it would be the same now; `known` are tags the browser holds."""
        found = self._by_address.get((scope["path"], scope["query_string"]))
        if found is None or found.version != version or not found.is_so_at(now):
            return None
        if known and found.etag.encode() in known:
            return Response(status_code=304, headers={"ETag": found.etag, "Cache-Control": PRIVATE, "Vary": "Cookie"})
        return found.answer

    def __len__(self) -> int:
        return len(self._by_address)

    def _find(self, key: tuple[str, bytes]) -> bytes | None:
        with self._lock:
            body = self._by_tag.get(key)
            if body is not None:
                self._by_tag.move_to_end(key)
            return body


class SentBoards:
    """Answers from what was sent before, in front of everything that looks a request up."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _plain_headers(scope)
        answer = None if headers is None else _answer_again(scope, headers)
        await (answer or self._app)(scope, receive, send)


def kept_boards(request: Request) -> KeptBoards:
    """The pages kept by the server that this request came to."""
    return cast(KeptBoards, request.app.state.kept_boards)


def _plain_headers(scope: Scope) -> dict[bytes, bytes] | None:
    """The headers of somebody who is not logged in and asks for a board's page; None of everybody else."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path = scope["path"]
    if not path.startswith("/rounds/") or not path.endswith("/board"):
        return None
    headers = dict(scope["headers"])
    if b"cookie" in headers or b"authorization" in headers or b"gzip" not in headers.get(b"accept-encoding", b""):
        return None
    return headers


def _answer_again(scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
    state = scope["app"].state
    try:
        version = scope[_VERSION] = state.deployment.database.version()
    except DatabaseUnavailable:
        return None
    if version is None:
        return None
    boards: KeptBoards = state.kept_boards
    return boards.sent(scope, version=version, now=state.clock(), known=headers.get(b"if-none-match", b""))


def _takes_compressed(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _answer(etag: str, body: bytes) -> Response:
    headers = {
        "ETag": etag, "Cache-Control": PRIVATE, "Vary": "Cookie, Accept-Encoding", "Content-Encoding": "gzip",
    }  # fmt: skip
    return Response(body, media_type="text/html", headers=headers)


def _keep(kept: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT_PAGES:
        kept.popitem(last=False)
