"""Headers on every response, whatever made it: pages, JSON, files, errors."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# No other host, nothing inline: a script that slips into a name has nowhere to run and nobody to tell.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

# Sent under HTTPS only: over HTTP browsers ignore it, and a trial server must not lock its host name to HTTPS.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


class SecurityHeaders:
    """Adds the headers. Answers that nobody gave a cache policy are not kept: they may be one viewer's own."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        headers = {**SECURITY_HEADERS, **({"Strict-Transport-Security": STRICT_TRANSPORT_SECURITY} if https else {})}
        # Encoded once: a board is answered in a tenth of a millisecond.
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._names = frozenset(name for name, _ in self._headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [pair for pair in message["headers"] if pair[0] not in self._names]
                if not any(name == b"cache-control" for name, _ in own):
                    own.append((b"cache-control", b"no-store"))
                message = {**message, "headers": own + self._headers}
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
