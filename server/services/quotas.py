"""What a team may still send. Pure policy: counts and times come in, a verdict goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from server.db.submissions import RETRY_WINDOW, Spending
from server.errors import QuotaSpent, TooManyOpen, TooManyRejected

_CHECKING = "`heldout validate` checks files without any quota."


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotaPolicy:
    """How much a team may send; None is no limit."""

    per_day: int | None  # submissions to the round on one UTC calendar day
    per_week: int | None = None  # in one week from Monday, UTC
    total: int | None  # submissions to the round
    closes: datetime | None = None  # a place that comes back from then on is none


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamLimits:
    """What protects the server from one team, in all rounds together."""

    max_open: int  # submissions waiting or running at once
    max_rejected: int  # rejected files within an hour


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotaState:
    """A team's quota in one round at one moment."""

    per_day: int | None
    spent_today: int
    per_week: int | None
    spent_this_week: int
    total: int | None
    spent_total: int
    resets_at: datetime | None  # start of the UTC day or week that gives places back; None where none does
    day_resets_at: datetime | None = None  # when the day's count starts again while the round is open, if it has one
    week_resets_at: datetime | None = None

    @property
    def remaining(self) -> int | None:
        """Submissions that can still be sent now; None is no limit."""
        left = [
            max(0, limit - spent)
            for limit, spent in (
                (self.per_day, self.spent_today),
                (self.per_week, self.spent_this_week),
                (self.total, self.spent_total),
            )
            if limit is not None
        ]
        return min(left, default=None)

    def as_json(self) -> dict[str, Any]:
        """The quota in the API's answers."""
        return {
            "per_day": self.per_day,
            "spent_today": self.spent_today,
            "per_week": self.per_week,
            "spent_this_week": self.spent_this_week,
            "total": self.total,
            "spent_total": self.spent_total,
            "remaining": self.remaining,
            "resets_at": _zulu(self.resets_at),
            "day_resets_at": _zulu(self.day_resets_at),
            "week_resets_at": _zulu(self.week_resets_at),
        }


def _zulu(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def utc_day(now: datetime) -> tuple[datetime, datetime]:
    """The UTC calendar day of `now`: its start and that of the next."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def utc_week(now: datetime) -> tuple[datetime, datetime]:
    """The week of `now`, from Monday in UTC: its start and that of the next."""
    today = utc_day(now)[0]
    start = today - timedelta(days=today.weekday())
    return start, start + timedelta(days=7)


def quota_state(policy: QuotaPolicy, spending: Spending, *, now: datetime) -> QuotaState:
    """The quota as the team sees it."""
    return QuotaState(
        per_day=policy.per_day,
        spent_today=spending.today,
        per_week=policy.per_week,
        spent_this_week=spending.this_week,
        total=policy.total,
        spent_total=spending.total,
        resets_at=_before_close(policy, _next_reset(policy, spending, now)),
        day_resets_at=None if policy.per_day is None else _before_close(policy, utc_day(now)[1]),
        week_resets_at=None if policy.per_week is None else _before_close(policy, utc_week(now)[1]),
    )


def _before_close(policy: QuotaPolicy, at: datetime | None) -> datetime | None:
    return None if at is None or (policy.closes is not None and at >= policy.closes) else at


def _next_reset(policy: QuotaPolicy, spending: Spending, now: datetime) -> datetime | None:
    """When the next place comes back: with the day, unless no more are left in the week than today.

    Never, where no more are left in all than now.
    """
    of_day = None if policy.per_day is None else max(0, policy.per_day - spending.today)
    of_week = None if policy.per_week is None else max(0, policy.per_week - spending.this_week)
    now_left = min((left for left in (of_day, of_week) if left is not None), default=0)
    if policy.total is not None and policy.total - spending.total <= now_left:
        return None
    if of_week is not None and (of_day is None or of_week <= of_day):
        return utc_week(now)[1]
    return None if of_day is None else utc_day(now)[1]


def check_quota(policy: QuotaPolicy, limits: TeamLimits, spending: Spending, *, now: datetime) -> None:
    """Let one more submission pass, or say why not.

    Raises:
        QuotaSpent: the day's or the round's submissions are used up.
        TooManyOpen: too many are waiting or running.
        TooManyRejected: too many files were wrong within the hour.
    """
    state = quota_state(policy, spending, now=now)
    if policy.total is not None and spending.total >= policy.total:
        raise QuotaSpent(
            f"Your team has used all {policy.total} of its submissions to this round.",
            advice=_CHECKING,
            details=state.as_json(),
        )
    if policy.per_day is not None and spending.today >= policy.per_day:
        raise QuotaSpent(
            f"Your team has used its {policy.per_day} submissions to this round for today (UTC).",
            advice=_advice(state),
            details=state.as_json(),
            retry_at=state.resets_at,
        )
    if policy.per_week is not None and spending.this_week >= policy.per_week:
        raise QuotaSpent(
            f"Your team has used its {policy.per_week} submissions to this round for this week (UTC, from Monday).",
            advice=_advice(state),
            details=state.as_json(),
            retry_at=state.resets_at,
        )
    if spending.open >= limits.max_open:
        raise TooManyOpen(
            f"Your team has {spending.open} submissions waiting or running; {limits.max_open} are allowed at once.",
            details={"open": spending.open, "max_open": limits.max_open},
            retry_at=now + timedelta(seconds=30),
        )
    if spending.rejected >= limits.max_rejected:
        raise TooManyRejected(
            f"{spending.rejected} of your team's files were rejected within an hour.",
            details={"rejected": spending.rejected, "max_rejected_per_hour": limits.max_rejected},
            retry_at=(spending.oldest_rejected_at or now) + RETRY_WINDOW,
        )


def _advice(state: QuotaState) -> str:
    if state.resets_at is None:
        return f"The round closes before the next reset. {_CHECKING}"
    return f"Wait for the reset on {state.resets_at:%Y-%m-%d %H:%M} UTC. {_CHECKING}"
