"""Queries about images whose truth a team doubts."""

from __future__ import annotations

from typing import NamedTuple

from sqlmodel import Session, col, func, select

from server.db.organizing_tables import ImageReport
from server.db.tables import Team


class ReportRow(NamedTuple):
    """A report with the team it is of."""

    report: ImageReport
    team: Team


def report_of(session: Session, *, round_id: int, team_id: int, image: int) -> ImageReport | None:
    """What the team has said of this image."""
    return session.exec(
        select(ImageReport).where(
            ImageReport.round_id == round_id, ImageReport.team_id == team_id, ImageReport.image == image
        )
    ).first()


def open_report_count(session: Session, *, round_id: int, team_id: int) -> int:
    """How many reports of the team nobody has settled."""
    return session.exec(
        select(func.count()).where(
            ImageReport.round_id == round_id, ImageReport.team_id == team_id, col(ImageReport.settled_at).is_(None)
        )
    ).one()


def reports_of_round(session: Session, round_id: int) -> list[ReportRow]:
    """Every report, those that nobody has settled first, then by image."""
    rows = session.exec(
        select(ImageReport, Team)
        .join(Team, col(Team.id) == col(ImageReport.team_id))
        .where(ImageReport.round_id == round_id)
        .order_by(col(ImageReport.settled_at).is_not(None), col(ImageReport.image), col(ImageReport.id))
    )
    return [ReportRow(*row) for row in rows]
