"""Which teams of a round have sent the same bytes: a sign, and no more, that one person plays for two."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from server.db.tables import Submission, Team


class SameFile(NamedTuple):
    """Two teams, and a file that both have sent."""

    first_team: str
    second_team: str
    first_submission: int  # the first of this file by each
    second_submission: int
    sha256: str


def same_files_of(session: Session, round_id: int, *, limit: int) -> list[SameFile]:
    """Every pair of teams with every file they share, the latest shared first."""
    first, second = aliased(Submission), aliased(Submission)
    first_team, second_team = aliased(Team), aliased(Team)
    latest = func.max(col(second.id))
    rows = session.exec(
        select(first_team.name, second_team.name, func.min(first.id), func.min(second.id), first.sha256)  # type: ignore[call-overload]  # SQLModel types four columns at most
        .join(second, col(second.sha256) == col(first.sha256))
        .join(first_team, col(first_team.id) == col(first.team_id))
        .join(second_team, col(second_team.id) == col(second.team_id))
        .where(first.round_id == round_id, second.round_id == round_id, col(first.team_id) < col(second.team_id))
        .group_by(col(first_team.id), col(first_team.name), col(second_team.id), col(second_team.name), first.sha256)
        .order_by(latest.desc())
        .limit(limit)
    )
    return [SameFile(*row) for row in rows]
