"""Mail leaves by a real mail server, whatever the weather."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlmodel import select

from server.db.people_tables import Mail
from server.db.tables import Event, Person
from server.deployment import Deployment
from server.mail_sender import GIVE_UP_AFTER, LONGEST_PAUSE, MailSender, pause_after
from server.people_errors import UnsafeMail
from server.services.mail import SERVER, latest_mails, queue_mail
from server.services.mail_kinds import MailKind
from server.settings import Settings
from server.smtp import MailServer, connected, mail_server_of, message
from tests.server.making import NOW, quick_deployment, quick_settings
from tests.server.smtp_server import Mailbox, smtp_server
from tests.waiting import wait_until

NOBODY_LISTENS = "smtp://127.0.0.1:1"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with smtp_server() as box:
        yield box


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _open(data: Path, smtp_url: str | None) -> Deployment:
    return quick_deployment(
        quick_settings(data, smtp_url=smtp_url, mail_from="Heldout <h@host.example>", public_url="https://host.example")
    )


def _queue(
    deployment: Deployment, name: str = "ada", *, kind: MailKind = MailKind.ERRATUM, subject: str = "A subject"
) -> int:
    with deployment.database.write() as session:
        person = session.exec(select(Person).where(Person.name == name)).first()
        if person is None:
            person = Person(email=f"{name}@team.example", name=name, password_hash="x", created_at=NOW)
            session.add(person)
            session.flush()
        body = f"Größe: see\n{SERVER}/rounds/tiny\n.\nafter a dot"
        mail = queue_mail(session, person, kind=kind, subject=subject, body=body, now=NOW)
        assert mail is not None
        session.flush()
        assert mail.id is not None
        return mail.id


def _mail(deployment: Deployment, number: int) -> Mail:
    with deployment.database.read() as session:
        return session.get_one(Mail, number)


def _sender(deployment: Deployment, now: datetime = NOW) -> MailSender:
    return MailSender(deployment, clock=lambda: now)


def test_a_queued_mail_arrives_once_as_it_was_written(data: Path, box: Mailbox) -> None:
    deployment = _open(data, box.url)
    number = _queue(deployment)
    assert _sender(deployment).send_due() == 1
    assert _sender(deployment).send_due() == 0
    (arrived,) = box.messages
    assert (arrived["To"], arrived["From"], arrived["Subject"]) == (
        "ada@team.example",
        "Heldout <h@host.example>",
        "A subject",
    )
    assert arrived["Auto-Submitted"] == "auto-generated"
    text = arrived.get_content().replace("\r\n", "\n")
    assert "Größe: see\nhttps://host.example/rounds/tiny\n.\nafter a dot" in text
    assert "https://host.example/me#mail" in text  # how to get fewer of them
    assert _mail(deployment, number).sent_at == NOW
    deployment.close()


def test_a_mail_server_that_is_down_is_asked_again_after_growing_pauses(data: Path, box: Mailbox) -> None:
    deployment = _open(data, NOBODY_LISTENS)
    number, now = _queue(deployment), NOW
    pauses = []
    for _ in range(4):
        assert _sender(deployment, now).send_due() == 0
        due = _mail(deployment, number).next_try_at
        assert _sender(deployment, due - timedelta(seconds=1)).send_due() == 0
        pauses.append((due - now) / timedelta(minutes=1))
        now = due
    assert pauses == [1, 2, 4, 8]
    deployment.close()
    deployment = _open(data, box.url)  # it is back
    assert _sender(deployment, now).send_due() == 1
    deployment.close()


def test_pauses_grow_up_to_six_hours() -> None:
    assert [pause_after(n) for n in (9, 10, 1000)] == [timedelta(minutes=256), LONGEST_PAUSE, LONGEST_PAUSE]


def test_after_three_days_a_mail_is_given_up_and_an_event_tells_it(data: Path) -> None:
    deployment = _open(data, NOBODY_LISTENS)
    number = _queue(deployment, kind=MailKind.RESET)
    _sender(deployment, NOW + GIVE_UP_AFTER - timedelta(seconds=1)).send_due()
    assert _mail(deployment, number).given_up_at is None
    late = NOW + GIVE_UP_AFTER + LONGEST_PAUSE
    _sender(deployment, late).send_due()
    assert (_mail(deployment, number).given_up_at, _mail(deployment, number).body) == (late, "")
    assert _sender(deployment, late + LONGEST_PAUSE).send_due() == 0
    with deployment.database.read() as session:
        assert session.exec(select(Event.action)).all() == ["mail.given-up"]
    deployment.close()


def test_one_refused_recipient_does_not_hold_up_the_others(
    data: Path, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    deployment = _open(data, box.url)
    box.refuses.add("ada@team.example")
    refused, _ = _queue(deployment, "ada"), _queue(deployment, "grace")
    with caplog.at_level(logging.WARNING):
        assert _sender(deployment).send_due() == 1
    assert box.recipients == ["grace@team.example"]
    assert _mail(deployment, refused).attempts == 1
    assert "could not be sent" in caplog.text and "ada@" not in caplog.text
    deployment.close()


def test_a_connection_that_breaks_costs_one_try_of_one_mail(data: Path, box: Mailbox) -> None:
    deployment = _open(data, box.url)
    box.hangs_up_at.add("ada@team.example")
    lost, next_ = _queue(deployment, "ada"), _queue(deployment, "grace")
    assert _sender(deployment).send_due() == 0
    assert (_mail(deployment, lost).attempts, _mail(deployment, next_).attempts) == (1, 0)
    assert _sender(deployment).send_due() == 1
    assert box.recipients == ["grace@team.example"]
    deployment.close()


def test_the_link_in_a_mail_is_not_kept_once_it_is_sent(data: Path, box: Mailbox) -> None:
    deployment = _open(data, box.url)
    number = _queue(deployment, kind=MailKind.RESET)
    _sender(deployment).send_due()
    assert "/rounds/tiny" in box.messages[0].get_content()
    assert _mail(deployment, number).body == ""
    deployment.close()


def test_without_a_mail_server_mail_is_kept(data: Path) -> None:
    deployment = _open(data, None)
    _queue(deployment)
    sender = _sender(deployment)
    sender.start()
    assert sender.send_due() == 0
    sender.stop()
    (kept,) = latest_mails(deployment.database, server="https://host.example")
    assert kept.sent_at is None and kept.attempts == 0 and "https://host.example/rounds/tiny" in kept.body
    deployment.close()


def test_the_thread_sends_what_is_queued_while_it_runs(data: Path, box: Mailbox) -> None:
    deployment = _open(data, box.url)
    sender = _sender(deployment)
    sender.start()
    _queue(deployment)
    wait_until(lambda: box.messages, what="the mail")
    sender.stop()
    deployment.close()


@pytest.mark.parametrize("subject", ["a\r\nBcc: everybody@team.example", "a\nb", "a\rb", "a\u2028b", "a\x00b"])
def test_a_line_break_in_a_header_is_refused_when_the_mail_is_queued(data: Path, subject: str) -> None:
    deployment = _open(data, None)
    with pytest.raises(UnsafeMail):
        _queue(deployment, subject=subject)
    assert latest_mails(deployment.database, server="") == []
    deployment.close()


@pytest.mark.parametrize("text", ["a\r\nBcc: everybody@team.example", "a\nb"])
def test_a_line_break_in_a_header_is_refused_when_the_mail_is_sent_too(text: str) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        message(sender="h@host.example", to="a@team.example", subject=text, body="", at=NOW)
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        message(sender="h@host.example", to=text, subject="s", body="", at=NOW)


def test_who_does_not_want_a_kind_gets_none_of_it_but_always_gets_links(data: Path) -> None:
    deployment = _open(data, None)
    with deployment.database.write() as session:
        person = Person(
            email="a@team.example", name="Ada", password_hash="x", created_at=NOW, unwanted_mail=["erratum"]
        )
        session.add(person)
        session.flush()
        assert queue_mail(session, person, kind=MailKind.ERRATUM, subject="s", body="b", now=NOW) is None
        assert queue_mail(session, person, kind=MailKind.DEADLINE, subject="s", body="b", now=NOW) is not None
    deployment.close()


def test_an_address_of_a_mail_server_is_taken_apart() -> None:
    assert mail_server_of("smtp://me%40x:p%3Aw@host.example") == MailServer(
        host="host.example", port=587, is_tls=False, user="me@x", password="p:w"
    )
    assert mail_server_of("smtps://host.example") == MailServer(host="host.example", port=465, is_tls=True)
    assert "secret" not in repr(mail_server_of("smtp://me:secret@host.example"))


@pytest.mark.parametrize("changes", [{"smtp_url": "http://host"}, {"smtp_url": "smtp:"}, {"mail_from": "nobody"}])
def test_settings_that_cannot_work_are_refused_at_once(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="write it like"):
        Settings(**changes)  # type: ignore[arg-type]


def test_a_password_is_sent_where_nobody_listens_in_alone(box: Mailbox) -> None:
    with connected(mail_server_of(f"smtp://me:secret@127.0.0.1:{box.port}")):
        pass
    assert box.log_ins == ["\x00me\x00secret"]
    open_air = MailServer(host="127.1", port=box.port, is_tls=False, user="me", password="secret")  # not known as ours
    with pytest.raises(smtplib.SMTPNotSupportedError), connected(open_air):
        pass
    assert len(box.log_ins) == 1


def test_a_home_made_certificate_is_believed_on_loopback_alone(data: Path, box: Mailbox) -> None:
    box.offers_tls = True
    deployment = _open(data, box.url.replace("//", "//me:secret@"))
    _queue(deployment)
    assert _sender(deployment).send_due() == 1
    deployment.close()
    assert box.recipients == ["ada@team.example"]
    assert (box.tls_count, box.log_ins) == (1, ["\x00me\x00secret"])
    elsewhere = MailServer(host="127.1", port=box.port, is_tls=False, user="me", password="secret")  # not known as ours
    with pytest.raises(ssl.SSLCertVerificationError), connected(elsewhere):
        pass
    assert len(box.log_ins) == 1
