"""Dates as the clocks of a time zone show them, and the moments they mean."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class SkippedTime(Exception):
    """Clocks that are put forward never show this time."""

    def __init__(self, *, before: datetime, after: datetime) -> None:
        super().__init__(before, after)
        self.before, self.after = before, after  # times on either side that they do show


def find_zone(name: str) -> ZoneInfo | None:
    """The zone of this IANA name; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none, or no name: whoever reads the policy refuses that."""
    return find_zone(name.strip()) or ZoneInfo("UTC")


@cache
def zone_names() -> tuple[str, ...]:
    """The names that people choose from: UTC, then those of places."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def shown_on(moment: datetime, zone: ZoneInfo) -> str:
    """What the zone's clocks show, as the field of a form holds it; those of UTC, where theirs end."""
    return f"{on_clock(moment, zone) or moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def on_clock(moment: datetime, zone: tzinfo) -> datetime | None:
    """The moment in this zone; None beyond the calendar, where a round of before its years were bounded may close."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return None


def moment_of(clock: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the zone's clocks show this; of two, where they are put back, the first.

    Raises:
        SkippedTime: they never do.
        OverflowError: it lies beyond the calendar.
    """
    moment = clock.replace(tzinfo=zone).astimezone(UTC)
    shown = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    if shown != clock:
        raise SkippedTime(before=clock - (shown - clock), after=shown)
    return moment
