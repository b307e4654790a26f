"""A mail server as HELDOUT_SMTP_URL names it, and messages as it takes them."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

# A mail server answers within seconds; one that hangs must not hold the others up.
TIMEOUT_SECONDS = 10.0

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    is_tls: bool  # from the first byte; otherwise STARTTLS where the server offers it
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server_of(address: str) -> MailServer:
    """smtp://user:password@host:587 or smtps://host, taken apart.

    Raises:
        ValueError: it is neither.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("write it like smtp://user:password@host:587, or smtps:// for TLS from the start")
    is_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if is_tls else 587),
        is_tls=is_tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


@contextmanager
def connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection that is ready to send.

    Raises:
        OSError: there is none; smtplib's own errors are OSErrors too.
    """
    context = _context(server.host)
    if server.is_tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    with client:
        client.ehlo()
        is_secret = server.is_tls or server.host in _LOOPBACK
        if not server.is_tls and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
            is_secret = True
        if server.user:
            if not is_secret:
                raise smtplib.SMTPNotSupportedError("the server offers no TLS; the password is not sent in the open")
            client.login(server.user, server.password)
        yield client


def _context(host: str) -> ssl.SSLContext:
    """TLS to a host that proves who it is; on loopback nobody is in between, and certificates are home-made."""
    context = ssl.create_default_context()
    if host in _LOOPBACK:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def message(*, sender: str, to: str, subject: str, body: str, at: datetime) -> EmailMessage:
    """A plain text mail. The library refuses line breaks in headers, as queueing did before."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = to
    made["Subject"] = subject
    made["Date"] = format_datetime(at)
    made["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].partition("@")[2] or "localhost")
    made["Auto-Submitted"] = "auto-generated"  # no out-of-office answers
    made.set_content(body)
    return made
