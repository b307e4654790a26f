"""The thread that sends mail: beside the workers, so that no request ever waits for a mail server."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from threading import Event, Thread

from server.db.events import append_event
from server.db.mail import claim_mail, due_mail
from server.db.people_tables import Mail
from server.db.tables import stored_id
from server.deployment import Deployment
from server.errors import DatabaseUnavailable
from server.services.mail import addressed
from server.services.mail_kinds import MailKind
from server.smtp import TIMEOUT_SECONDS, connected, mail_server_of, message

log = logging.getLogger(__name__)

# As many as are handed over by one connection.
BATCH = 50

# A mail server that restarts is back within a minute; one that is broken need not be asked every minute.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)

# Mail servers give up after about as long themselves (RFC 5321: 4 to 5 days); a link in the mail is dead by then.
GIVE_UP_AFTER = timedelta(days=3)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time."""
    doubled: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def utc_now() -> datetime:
    """The clock of a running server."""
    return datetime.now(UTC)


class MailSender:
    """Sends what is due. Without an address of a mail server it does nothing, and mail is only kept."""

    def __init__(self, deployment: Deployment, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Nothing runs before `start()`."""
        self._database = deployment.database
        self._settings = deployment.settings
        self._clock = clock
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Begin to send, where there is somebody to send by."""
        if self._settings.smtp_url is not None:
            self._thread.start()

    def stop(self) -> None:
        """End after the mail at hand; the others stay queued."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(2 * TIMEOUT_SECONDS)

    def send_due(self) -> int:
        """Try what is due once, by one connection; how many mails were sent."""
        if self._settings.smtp_url is None:
            return 0
        with self._database.read() as session:
            due = due_mail(session, now=self._clock(), limit=BATCH)
        if not due:
            return 0
        try:
            with connected(mail_server_of(self._settings.smtp_url)) as client:
                return self._send_all(client, due)
        except OSError as error:  # not the error's text: it may hold an address
            log.warning("the mail server cannot be reached: %s", type(error).__name__)
            for mail in due:
                self._postpone(mail)
            return 0

    def _run(self) -> None:
        while not self._is_over.wait(self._settings.poll_seconds):
            try:
                self.send_due()
            except DatabaseUnavailable:
                log.warning("the database is away; no mail can be sent")
            except Exception:  # whatever it is, the next turn may go well
                log.exception("sending mail broke off")

    def _send_all(self, client: smtplib.SMTP, due: Sequence[Mail]) -> int:
        count = 0
        for mail in due:
            if self._is_over.is_set() or not self._claim(mail):
                continue
            try:
                client.send_message(
                    message(
                        sender=self._settings.mail_from,
                        to=mail.address,
                        subject=mail.subject,
                        body=addressed(mail.body, server=self._settings.address),
                        at=mail.created_at,
                    )
                )
            except (OSError, ValueError, MessageError) as error:
                log.warning("mail %s could not be sent: %s", mail.id, type(error).__name__)
                self._note_failure(mail)
                if _is_lost(error):  # the others are due at once, by another connection
                    break
                continue
            self._note_sent(mail)
            count += 1
        return count

    def _claim(self, mail: Mail) -> bool:
        """Take a try; the next would be after a pause, should this one never end."""
        with self._database.write() as session:
            return claim_mail(session, mail, next_try_at=self._clock() + pause_after(mail.attempts + 1))

    def _postpone(self, mail: Mail) -> None:
        if self._claim(mail):
            self._note_failure(mail)

    def _note_sent(self, mail: Mail) -> None:
        with self._database.write() as session:
            row = session.get(Mail, mail.id)
            if row is not None:
                row.sent_at = self._clock()
                _forget_secret(row)
                session.add(row)

    def _note_failure(self, mail: Mail) -> None:
        """Give up where it has been tried for long enough; else the claim has set the next try already."""
        now = self._clock()
        if now - mail.created_at < GIVE_UP_AFTER:
            return
        log.warning("mail %s is given up", mail.id)
        with self._database.write() as session:
            row = session.get(Mail, mail.id)
            if row is None:
                return
            row.given_up_at = now
            _forget_secret(row)
            session.add(row)
            append_event(
                session, at=now, actor="system", action="mail.given-up", object_type="mail", object_id=stored_id(row.id)
            )


def _is_lost(error: Exception) -> bool:
    """Whether the connection is gone, rather than this one mail refused."""
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError)


def _forget_secret(mail: Mail) -> None:
    """A link that stands for a person is not kept where backups go."""
    if MailKind(mail.kind).holds_secret:
        mail.body = ""
