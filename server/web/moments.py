"""Moments as people read them: a date with its zone, a deadline with its countdown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from server.services.time_zones import on_clock

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
    local: str = ""  # "1 January 2027, 00:59 Europe/Paris"; "" where no other zone was asked for


def moment(at: datetime, now: datetime, *, time_zone: str = "UTC") -> Moment:
    """`at`, described as seen at `now`; beside UTC, in the zone of this IANA name, if its clocks go as far."""
    there = None if time_zone == "UTC" else on_clock(at, ZoneInfo(time_zone))
    return Moment(
        iso=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        text=f"{_words(at.astimezone(UTC))} UTC",
        distance=distance(at, now),
        local="" if there is None else f"{_words(there)} {time_zone}",
    )


def optional_moment(at: datetime | None, now: datetime, *, time_zone: str = "UTC") -> Moment | None:
    """As `moment`, for what may have no date."""
    return None if at is None else moment(at, now, time_zone=time_zone)


def _words(there: datetime) -> str:
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}, {there:%H:%M}"


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
