"""A mail server on loopback that speaks as much SMTP as it takes to be sent mail; what it got is kept."""

from __future__ import annotations

import base64
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

# Of mail.example, until 2126, vouched for by itself alone.
_CERTIFICATE = Path(__file__).with_name("self_signed.pem")


@dataclass
class Mailbox:
    """What arrived, and how the server behaves."""

    port: int = 0
    refuses: set[str] = field(default_factory=set)  # recipients
    hangs_up_at: set[str] = field(default_factory=set)  # recipients at whom the line goes dead
    offers_tls: bool = False
    tls_count: int = 0  # connections that were made secret
    log_ins: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        return [str(message["To"]) for message in self.messages]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, box: Mailbox) -> None:
        self.box = box
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 mail.example")
        while line := self.rfile.readline():
            verb = line.decode().partition(":")[0].split(maxsplit=1)[0].upper()
            if not self._answer(verb, line.decode().strip()):
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the secret one; the server closes the one it was made of

    def _answer(self, verb: str, line: str) -> bool:
        """Whether the line stays open."""
        match verb:
            case "EHLO":
                offer = "250-STARTTLS\r\n" if self.server.box.offers_tls else ""
                self._say(f"250-mail.example\r\n{offer}250-AUTH PLAIN\r\n250 8BITMIME")
            case "STARTTLS":
                self._say("220 go on")
                return self._is_made_secret()
            case "AUTH":
                self.server.box.log_ins.append(base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode())
                self._say("235 welcome")
            case "RCPT":
                return self._take_recipient(line.partition("<")[2].partition(">")[0])
            case "DATA":
                self._say("354 go on")
                self.server.box.messages.append(self._message())
                self._say("250 taken")
            case _:
                self._say("221 bye" if verb == "QUIT" else "250 fine")
        return verb != "QUIT"

    def _is_made_secret(self) -> bool:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(_CERTIFICATE)
        try:
            self.request = context.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:  # the client does not believe it
            return False
        self.server.box.tls_count += 1
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
        return True

    def _take_recipient(self, recipient: str) -> bool:
        if recipient in self.server.box.hangs_up_at:
            return False
        self._say("550 no such person" if recipient in self.server.box.refuses else "250 fine")
        return True

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    """A running mail server."""
    box = Mailbox()
    with _Server(box) as server:
        box.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
