"""The session cookie: unreadable to scripts, not sent along from other sites, bound to this host."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

SESSION_LIFETIME = timedelta(days=14)


def session_cookie_name(*, secure: bool) -> str:
    """The cookie's name; the `__Host-` prefix makes browsers refuse it over HTTP or from another host."""
    return "__Host-heldout_session" if secure else "heldout_session"


def set_session_cookie(response: Response, *, secret: str, secure: bool) -> None:
    """Have the browser keep a session's secret."""
    response.set_cookie(
        session_cookie_name(secure=secure),
        secret,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response, *, secure: bool) -> None:
    """Have the browser forget the session's secret."""
    response.delete_cookie(session_cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax")
