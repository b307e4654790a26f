"""The API from the other side: calls a Heldout server, and turns what it refuses into exit codes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import httpx2

from server.cli.exits import CommandFailed, Exit

# A server that is restarted is back within these pauses; a repeated upload carries its key, so nothing doubles.
RETRY_PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0)

# An answer may wait for a locked database and the flush of a large file to the disk.
TIMEOUT = httpx2.Timeout(60.0, connect=10.0)

CHUNK_BYTES = 1 << 20

# Refusals that more patience, not another request, turns into a yes.
_CLOSED_CODES = frozenset({"round-closed", "round-not-open-yet"})

# Server trouble that may pass within seconds.
_PASSING_STATUSES = frozenset({502, 503, 504})

Progress = Callable[[int, int | None], None]


# Where the server's advice speaks of its API, and the command has an option for it.
_ADVICE = {"duplicate-file": "Add --again if you mean to send the same file once more."}


class Refused(CommandFailed):
    """The server answered with an error."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        self.status = status
        code = str(error.get("code", ""))
        details: Mapping[str, Any] = error.get("details") or {}
        advice = _ADVICE.get(code) or str(error.get("advice", ""))
        super().__init__(
            str(error.get("message", f"The server answered with status {status}.")),
            advice=advice if code == "quota-spent" else advice + _details_text(details),  # that one tells its reset
            exit_code=_exit_code(status, code),
            code=code,
            details=details,
        )


class Client:
    """One server, with or without a token."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise CommandFailed(
                f"{url!r} is no address of a server.",
                advice="Write it whole, like https://heldout.university.example",
                exit_code=Exit.USAGE,
            )
        self.url = url.rstrip("/")
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._http = httpx2.Client(base_url=self.url, headers=headers, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """The JSON at /api/v1 + `path`."""
        return self._json(lambda: self._http.get(f"/api/v1{path}", params=query))

    def text(self, path: str) -> str:
        """The text at `path`, from the server's root."""
        return self._patiently(lambda: self._http.get(path)).text

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON answer to a small JSON body; {} where there is none. Not repeated: it may not be safe to."""
        try:
            return self._json(lambda: self._http.request(method, f"/api/v1{path}", json=body), pauses=())
        except Refused as error:
            if error.exit_code is Exit.INVALID:  # too large, but no file of predictions
                error.exit_code = Exit.USAGE
            raise

    def download(self, path: str, target: Path) -> None:
        """The bytes at /api/v1 + `path`, as a new file; nothing is left of one that breaks off."""
        with target.open("xb") as stream:
            try:
                for piece in self._pieces(path):
                    stream.write(piece)
            except BaseException:
                target.unlink()
                raise

    def submit(
        self, slug: str, file: Path, *, method: str, key: str, again: bool = False,
        details: Mapping[str, str] | None = None, progress: Progress | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Upload a file, with what is said of its method; safe to repeat with the same key."""
        if not file.is_file():
            raise CommandFailed(
                f"{file} is a stream, and could not be read again after an interruption.",
                advice="Write the predictions into a file, and send that.",
                exit_code=Exit.USAGE,
            )
        said = {name: text for name, text in (details or {}).items() if text}
        query = {"method": method, "file_name": file.name, **({"again": "true"} if again else {}), **said}
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(file.stat().st_size),
            "Idempotency-Key": key,
        }
        return self._json(
            lambda: self._http.post(
                f"/api/v1/rounds/{slug}/submissions", params=query, headers=headers, content=_chunks(file, progress)
            )
        )

    def _pieces(self, path: str) -> Iterator[bytes]:
        try:
            with self._http.stream("GET", f"/api/v1{path}") as answer:
                if answer.is_success:
                    yield from answer.iter_bytes(CHUNK_BYTES)
                else:
                    answer.read()
        except httpx2.TransportError as error:
            raise _unreachable(self.url, error) from error
        if not answer.is_success:
            raise _refused(answer, self.url)

    def _json(
        self, call: Callable[[], httpx2.Response], *, pauses: tuple[float, ...] = RETRY_PAUSES_SECONDS
    ) -> dict[str, Any]:
        answer = self._patiently(call, pauses=pauses)
        if answer.status_code == HTTPStatus.NO_CONTENT:
            return {}
        try:
            document: dict[str, Any] = answer.json()
        except ValueError:
            raise _no_heldout(self.url) from None
        return document

    def _patiently(
        self, call: Callable[[], httpx2.Response], *, pauses: tuple[float, ...] = RETRY_PAUSES_SECONDS
    ) -> httpx2.Response:
        """The first success, or what the last of several tries failed with."""
        for pause in (*pauses, None):
            try:
                answer = call()
            except httpx2.TransportError as error:
                failure: CommandFailed = _unreachable(self.url, error)
            else:
                if answer.is_success:
                    return answer
                failure = _refused(answer, self.url)
                if answer.status_code not in _PASSING_STATUSES:
                    raise failure
            if pause is None:
                raise failure
            time.sleep(pause)
        raise AssertionError  # the last pause is None


def _chunks(file: Path, progress: Progress | None) -> Iterator[bytes]:
    total, sent = file.stat().st_size, 0
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            sent += len(chunk)
            if sent > total:
                raise _changed(file)
            yield chunk
            if progress is not None:
                progress(sent, total)
    if sent < total:
        raise _changed(file)


def _changed(file: Path) -> CommandFailed:
    return CommandFailed(
        f"{file} changed while it was sent.", advice="Send it once it is written to its end.", exit_code=Exit.USAGE
    )


def _refused(answer: httpx2.Response, url: str) -> CommandFailed:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return _no_heldout(url)
    return Refused(answer.status_code, error)


def _unreachable(url: str, error: Exception) -> CommandFailed:
    return CommandFailed(
        f"{url} cannot be reached: {error}",
        advice="Check the address and your connection; nothing was lost, and trying again is safe.",
        exit_code=Exit.SERVER,
    )


def _no_heldout(url: str) -> CommandFailed:
    return CommandFailed(
        f"{url} does not answer like a Heldout server.",
        advice="Check the address; a proxy before the server may have answered in its place.",
        exit_code=Exit.SERVER,
    )


def _exit_code(status: int, code: str) -> Exit:
    if code in _CLOSED_CODES or status == 429:
        return Exit.CLOSED
    if code in {"too-large", "empty-upload", "invalid-predictions"}:
        return Exit.INVALID
    if status in {401, 403}:
        return Exit.NOT_ALLOWED
    return Exit.USAGE if status < 500 else Exit.SERVER


def _details_text(details: Mapping[str, Any]) -> str:
    """The facts of an error that fit into a line."""
    facts = [f"{name}: {value}" for name, value in details.items() if isinstance(value, str | int | float)]
    return f" ({', '.join(facts)})" if facts else ""
