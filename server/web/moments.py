"""Moments as people read them: a date with its zone, a deadline with its countdown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """One moment, ready to print."""

    iso: str  # for machines, to the second
    text: str  # "31 December 2026, 23:59 UTC"
    distance: str  # from now: "in 3 days", "2 hours ago"


def moment(at: datetime, now: datetime) -> Moment:
    """`at`, described as seen at `now`."""
    utc = at.astimezone(UTC)
    return Moment(
        iso=utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        text=f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC",
        distance=distance(at, now),
    )


def optional_moment(at: datetime | None, now: datetime) -> Moment | None:
    """As `moment`, for what may have no date."""
    return None if at is None else moment(at, now)


def distance(at: datetime, now: datetime) -> str:
    """How far `at` is from `now`, rounded down: a deadline is never shown later than it is."""
    span = duration(abs(at - now))
    return f"in {span}" if at > now else f"{span} ago"


def duration(span: timedelta) -> str:
    """A span in the unit people would use: days from two days on, else hours and minutes."""
    minutes = int(span.total_seconds()) // 60
    hours, days = minutes // 60, minutes // (24 * 60)
    if days >= 2:
        return f"{days} days"
    if hours >= 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"
