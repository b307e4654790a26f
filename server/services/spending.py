"""A team's quota in a round, from what its rows say."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from server.db.submissions import Spending, spending_of
from server.services.quotas import QuotaState, TeamLimits, check_quota, quota_state, utc_day, utc_week
from server.services.rounds import RoundFacts, stored_round
from server.settings import Settings


def quota_of_team(session: Session, *, slug: str, team_id: int, now: datetime) -> QuotaState:
    """What the team has spent in the round, and what is left.

    Raises:
        RoundNotFound: there is no such round.
    """
    return read_quota(session, stored_round(session, slug), team_id=team_id, now=now)


def read_quota(session: Session, round_: RoundFacts, *, team_id: int, now: datetime) -> QuotaState:
    """What the team has spent in the round, and what is left."""
    spending = _spending(session, round_, team_id=team_id, now=now)
    return quota_state(round_.quota(now), spending, now=now)


def require_place(session: Session, round_: RoundFacts, *, team_id: int, settings: Settings, now: datetime) -> None:
    """Let one more submission pass. Final only in the transaction that holds the team's lock.

    Raises:
        QuotaSpent, TooManyOpen, TooManyRejected: there is no place for it.
    """
    spending = _spending(session, round_, team_id=team_id, now=now)
    limits = TeamLimits(max_open=settings.max_open_submissions, max_rejected=settings.max_rejected_per_hour)
    check_quota(round_.quota(now), limits, spending, now=now)


def _spending(session: Session, round_: RoundFacts, *, team_id: int, now: datetime) -> Spending:
    return spending_of(session, team_id=team_id, round_id=round_.id, day=utc_day(now), week=utc_week(now), now=now)
