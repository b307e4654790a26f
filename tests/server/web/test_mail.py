"""/mail, in a demo and elsewhere."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from server.db.tables import Person
from server.services.mail import SERVER, SHOWN_MAILS, queue_mail
from server.services.mail_kinds import MailKind
from tests.server.making import write_round
from tests.server.running import DURING, deployment_of
from tests.server.web.browsing import browser, sign_up_by_form, text_of

PAYLOAD = "<script>alert(1)</script>"


def test_only_a_demo_shows_mail(tmp_path: Path) -> None:
    with browser(tmp_path / "data", write_round(tmp_path / "round")) as client:
        assert client.get("/mail").status_code == 404


def test_the_last_fifty_mails_are_shown_with_links_of_this_server_alone(tmp_path: Path) -> None:
    settings = {"show_mail": True, "public_url": "https://host.example"}
    with browser(tmp_path / "data", write_round(tmp_path / "round"), **settings) as client:
        assert "Mails will stand here" in text_of(client, "/mail")
        sign_up_by_form(client)
        with deployment_of(client).database.write() as session:
            person = session.exec(select(Person)).one()
            for number in range(SHOWN_MAILS + 1):
                queue_mail(
                    session,
                    person,
                    kind=MailKind.ERRATUM,
                    subject=f"Mail {number} {PAYLOAD}",
                    body=f"{PAYLOAD}\n{SERVER}/rounds/tiny\nhttps://evil.example/",
                    now=DURING,
                )
        page = text_of(client, "/mail")
        assert page.count("<section") == SHOWN_MAILS
        assert "Mail 50 " in page and "Mail 0 " not in page
        assert PAYLOAD not in page
        assert '<a href="/rounds/tiny">https://host.example/rounds/tiny</a>' in page
        assert 'href="https://evil' not in page
