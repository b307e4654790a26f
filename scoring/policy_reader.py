"""Values of [policy], each with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scoring.faults import FaultLog

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")
_MAX_NAME_CHARACTERS = 40
# Of the times: so far within the calendar that the clocks of every zone show them.
_YEARS = range(1970, 9000)
# Of a limit: as many as TOML's whole numbers go to.
_LIMITS = range(1, 2**63)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyReader:
    """Reads one table; whatever it cannot take is a fault, and stands for its default."""

    table: Mapping[str, Any]
    faults: FaultLog

    def wrong(self, key: str, message: str, advice: str) -> None:
        value = self.table.get(key)
        shown = value.isoformat() if isinstance(value, datetime) else repr(value)
        self.faults.add("policy", message, advice=advice, file="round.toml", key=f"policy.{key}", value=shown)

    def time(self, key: str) -> datetime | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime):
            self.wrong(key, "a time with a zone is due here", "write it like 2026-12-01T00:00:00Z, without quotes")
            return None
        if value.tzinfo is None:
            self.wrong(key, "a time needs a zone", "write it like 2026-12-01T00:00:00Z")
            return None
        try:
            moment = value.astimezone(UTC)
        except OverflowError:
            moment = None
        if moment is None or moment.year not in _YEARS:  # of UTC: as it is kept, and read again
            span = f"the years {_YEARS[0]} to {_YEARS[-1]}"
            self.wrong(key, f"a time lies in {span}", f"write one of {span}, or leave the key out for no limit")
            return None
        return moment

    def count(self, key: str) -> int | None:
        value = self.table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value not in _LIMITS):
            self.wrong(key, "a limit is a whole number, at least 1", "leave the key out for no limit")
            return None
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str = "") -> str:
        value = self.table.get(key, default or choices[0])
        if value not in choices:
            self.wrong(key, "this value is not known", "choose one of " + ", ".join(choices))
            return default or choices[0]
        return str(value)

    def flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, "this is a yes or a no", "write true or false, without quotes")
            return False
        return value

    def share(self, key: str) -> float | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
            self.wrong(key, "a share lies between 0 and 1", "write 0.3 for three images of ten")
            return None
        return float(value)

    def time_zone(self, key: str) -> str:
        value = self.table.get(key, "UTC")
        if value == "UTC":
            return "UTC"
        from zoneinfo import ZoneInfo  # few rounds name one

        try:
            ZoneInfo(value)
        except (TypeError, ValueError, OSError, LookupError):
            self.wrong(key, "this time zone is not known", 'name one as in time_zone = "Europe/Paris"')
            return "UTC"
        return str(value)

    def names(self, key: str) -> tuple[str, ...]:
        """Short texts, each once."""
        values = self.table.get(key, [])
        is_right = isinstance(values, list) and all(
            isinstance(value, str) and value.strip() == value and value.isprintable()
            and 0 < len(value) <= _MAX_NAME_CHARACTERS
            for value in values
        )  # fmt: skip
        if not is_right or len(set(values)) != len(values):
            self.wrong(key, "a list of different short names is due here", f'write {key} = ["provided", "external"]')
            return ()
        return tuple(values)

    def domains(self, key: str) -> tuple[str, ...]:
        values = self.table.get(key, [])
        if not isinstance(values, list) or not all(isinstance(v, str) and _DOMAIN.fullmatch(v) for v in values):
            self.wrong(key, "a list of domains in lower case is due here", f'write {key} = ["example.edu"]')
            return ()
        return tuple(values)
