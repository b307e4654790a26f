"""/mail: the last mails, in a demo that sends none. Elsewhere there is no such page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fastapi import HTTPException
from starlette.responses import Response

from server.routers import page_router
from server.services.mail import MailFacts, latest_mails
from server.web.moments import Moment, moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep

router = page_router()


class TextLine(NamedTuple):
    """A line of a mail, and where it leads on this server; "" where nowhere."""

    text: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MailLine:
    """One mail."""

    id: int
    address: str
    subject: str
    lines: tuple[TextLine, ...]
    queued: Moment
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MailPage:
    """Mail that a real server would send."""

    title: str
    mails: tuple[MailLine, ...]


@router.get("/mail")
def mail(visit: VisitDep) -> Response:
    settings = visit.deployment.settings
    if not settings.show_mail:
        raise HTTPException(404)
    found = latest_mails(visit.deployment.database, server=settings.address)
    page = MailPage(title="Mail", mails=tuple(_line(one, visit) for one in found))
    headers = {"Cache-Control": "no-store"}
    return render_page(visit.request, "mail.html", page, viewer=visit.viewer, headers=headers)


def _line(facts: MailFacts, visit: Visit) -> MailLine:
    return MailLine(
        id=facts.id,
        address=facts.address,
        subject=facts.subject,
        lines=tuple(_text_line(line, visit.deployment.settings.address) for line in facts.body.splitlines()),
        queued=moment(facts.created_at, visit.now),
        state=_state(facts),
    )


def _text_line(line: str, server: str) -> TextLine:
    is_ours = line.startswith(f"{server}/")
    return TextLine(line, line.removeprefix(server) if is_ours else "")


def _state(facts: MailFacts) -> str:
    if facts.sent_at is not None:
        return "sent"
    if facts.given_up_at is not None:
        return "given up"
    return f"waiting after {facts.attempts} attempts" if facts.attempts else "waiting"
