"""The quota as a table: what was spent, and what that means now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from server.db.submissions import Spending
from server.errors import QuotaSpent, ServerError, TooManyOpen, TooManyRejected
from server.services.quotas import QuotaPolicy, QuotaState, TeamLimits, check_quota, quota_state, utc_day, utc_week

NOW = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
LIMITS = TeamLimits(max_open=5, max_rejected=30)


def spent(*, today: int = 0, week: int = 0, total: int = 0, is_open: int = 0, rejected: int = 0) -> Spending:
    oldest = NOW - timedelta(minutes=50) if rejected else None
    return Spending(
        today=today, this_week=week, total=total, open=is_open, rejected=rejected, oldest_rejected_at=oldest
    )


def refusal(policy: QuotaPolicy, spending: Spending) -> ServerError | None:
    try:
        check_quota(policy, LIMITS, spending, now=NOW)
    except ServerError as error:
        return error
    return None


def test_the_day_of_the_quota_is_the_utc_calendar_day() -> None:
    assert utc_day(NOW) == (datetime(2026, 11, 23, tzinfo=UTC), MIDNIGHT)
    assert utc_day(MIDNIGHT) == (MIDNIGHT, MIDNIGHT + timedelta(days=1))
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert utc_day(tokyo) == utc_day(NOW)


@pytest.mark.parametrize(
    ("per_day", "total", "today", "in_all", "remaining", "resets"),
    [
        (None, None, 7, 70, None, None),
        (2, None, 0, 9, 2, MIDNIGHT),
        (2, None, 2, 9, 0, MIDNIGHT),
        (2, None, 5, 9, 0, MIDNIGHT),  # a clock set back may have let more in on what is today now
        (None, 30, 3, 29, 1, None),
        (2, 30, 1, 28, 1, MIDNIGHT),
        (2, 30, 1, 30, 0, None),  # nothing comes back at midnight when all is spent
        (2, 30, 0, 29, 1, None),  # nor when no more is left in all than now
    ],
)
def test_what_remains_is_the_tighter_of_both_limits(
    per_day: int | None, total: int | None, today: int, in_all: int, remaining: int | None, resets: datetime | None
) -> None:
    state = quota_state(QuotaPolicy(per_day=per_day, total=total), spent(today=today, total=in_all), now=NOW)
    assert state.remaining == remaining
    assert state.resets_at == resets


NEXT_MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def test_the_week_of_the_quota_begins_on_monday_in_utc() -> None:
    assert utc_week(NOW) == (datetime(2026, 11, 23, tzinfo=UTC), NEXT_MONDAY)
    assert utc_week(NEXT_MONDAY - timedelta(microseconds=1)) == utc_week(NOW)
    assert utc_week(NEXT_MONDAY)[0] == NEXT_MONDAY


@pytest.mark.parametrize(
    ("per_day", "today", "week", "remaining", "resets"),
    [
        (None, 1, 1, 1, NEXT_MONDAY),
        (None, 0, 2, 0, NEXT_MONDAY),
        (1, 1, 1, 0, MIDNIGHT),
        (1, 0, 2, 0, NEXT_MONDAY),  # midnight gives nothing back in a week that is used up
        (3, 1, 1, 1, NEXT_MONDAY),  # nor in one that has less left than the day
    ],
)
def test_two_a_week_come_back_with_the_week(
    per_day: int | None, today: int, week: int, remaining: int, resets: datetime
) -> None:
    policy = QuotaPolicy(per_day=per_day, per_week=2, total=None)
    spending = spent(today=today, week=week, total=week)
    state = quota_state(policy, spending, now=NOW)
    assert (state.remaining, state.resets_at) == (remaining, resets)
    assert (state.day_resets_at, state.week_resets_at) == (MIDNIGHT if per_day else None, NEXT_MONDAY)
    error = refusal(policy, spending)
    assert (error is None) == (remaining > 0)
    assert error is None or error.retry_at == resets


def test_no_place_comes_back_once_the_round_is_closed() -> None:
    policy = QuotaPolicy(per_day=2, per_week=3, total=None, closes=NEXT_MONDAY)
    spending = spent(today=1, week=3, total=3)
    state = quota_state(policy, spending, now=NOW)
    assert (state.resets_at, state.day_resets_at, state.week_resets_at) == (None, MIDNIGHT, None)
    error = refusal(policy, spending)
    assert error is not None
    assert error.retry_at is None
    assert "closes before the next reset" in error.advice_given
    later = QuotaPolicy(per_day=2, per_week=3, total=None, closes=NEXT_MONDAY + timedelta(seconds=1))
    assert quota_state(later, spending, now=NOW).resets_at == NEXT_MONDAY


def test_a_team_with_places_left_may_send() -> None:
    policy = QuotaPolicy(per_day=2, total=30)
    assert refusal(policy, spent(today=1, total=29, is_open=4, rejected=29)) is None
    assert refusal(QuotaPolicy(per_day=None, total=None), spent(today=900, total=900)) is None


def test_a_spent_day_is_refused_until_the_next_one_begins() -> None:
    error = refusal(QuotaPolicy(per_day=2, total=30), spent(today=2, total=2))
    assert isinstance(error, QuotaSpent)
    assert error.retry_at == MIDNIGHT
    assert error.details["resets_at"] == "2026-11-24T00:00:00Z"


def test_a_spent_round_is_refused_for_good() -> None:
    error = refusal(QuotaPolicy(per_day=2, total=30), spent(today=2, total=30))
    assert isinstance(error, QuotaSpent)
    assert error.retry_at is None
    assert error.details["remaining"] == 0


def test_too_many_at_once_are_refused_with_the_reason() -> None:
    policy = QuotaPolicy(per_day=None, total=None)
    assert isinstance(refusal(policy, spent(is_open=5)), TooManyOpen)
    error = refusal(policy, spent(rejected=30))
    assert isinstance(error, TooManyRejected)
    assert error.retry_at == NOW + timedelta(minutes=10)


def test_the_quota_in_json_has_no_reset_where_none_comes() -> None:
    state = QuotaState(
        per_day=None, spent_today=1, per_week=None, spent_this_week=1, total=None, spent_total=2, resets_at=None
    )
    assert state.as_json() == {
        "per_day": None, "spent_today": 1, "per_week": None, "spent_this_week": 1, "total": None, "spent_total": 2,
        "remaining": None, "resets_at": None, "day_resets_at": None, "week_resets_at": None,
    }  # fmt: skip
