"""One small query that answers whether any submission may have moved since it was asked before."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from server.db.tables import OPEN_STATES, Event, Submission


class Pulse(NamedTuple):
    """Changes with everything that moves a submission: what ends or queues one is an event, a claim starts one."""

    last_event: int | None
    open: int  # submissions that wait or run
    started_at: datetime | None  # the latest of them


def pulse(session: Session) -> Pulse:
    """The pulse of this moment."""
    last = session.exec(select(func.max(col(Event.id)))).one()
    count, started = session.exec(
        select(func.count(), func.max(col(Submission.started_at))).where(col(Submission.state).in_(OPEN_STATES))
    ).one()
    return Pulse(last, count, started)
