"""Values of [policy] as people and programs write them: in a form, after a command, in JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from scoring.faults import FaultLog
from scoring.policies import KEYS, Policy
from scoring.rounds import ROUND_FILE
from server.services.time_zones import SkippedTime, moment_of, shown_on, zone_or_utc

Kind = Literal["time", "count", "share", "choice", "flag", "names", "text", "zone"]

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("opens", "closes", "freezes", "reveals", "teams_freeze"), "time"),
    **dict.fromkeys(("submissions_per_day", "submissions_per_week", "submissions_total"), "count"),
    **dict.fromkeys(("max_upload_bytes", "max_unpacked_bytes", "max_lines", "finals", "appeal_days"), "count"),
    **dict.fromkeys(("rows", "represents", "ranking", "per_class", "listing", "admission", "best_by"), "choice"),
    **dict.fromkeys(KEYS, "flag"),
    **dict.fromkeys(("tracks", "domains"), "names"),
    **dict.fromkeys(("rules", "data"), "text"),
    "public_share": "share",
    "time_zone": "zone",
}  # fmt: skip


_DIGEST_CHARACTERS = 16  # 64 bits: they tell a handful of texts apart


def value_of(policy: Policy, key: str) -> Any:
    """What the policy says under a key of round.toml."""
    return getattr(policy, KEYS.get(key, key))


def text_of(key: str, value: Any, *, zone: ZoneInfo) -> str:
    """A value as the field of a form holds it, a moment as the clocks of `zone` show it; "" for none."""
    if value is None or value is False:
        return ""
    match KINDS[key]:
        case "time":
            return shown_on(value, zone)
        case "flag":
            return "true"
        case "names":
            return ", ".join(value)
        case _:
            return str(value)


def texts_of(policy: Policy) -> dict[str, str]:
    """Every key as its field holds it, on the clocks of the policy's own zone; lines end as forms are read."""
    zone = zone_or_utc(policy.time_zone)
    return {key: text_of(key, value_of(policy, key), zone=zone).replace("\r\n", "\n") for key in KINDS}


def shown_digest(text: str) -> str:
    """Tells what a field held, for a form to send along: a rule book would double it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]


def value_of_text(key: str, text: str, *, zone: ZoneInfo, faults: FaultLog) -> Any:
    """What a field of a form says; what cannot be read stays a text, which the policy's reader then explains.

    Args:
        key: of the policy.
        text: as it was typed.
        zone: whose clocks the moments are read from.
        faults: takes in a time that those clocks skip.
    """
    wanted = text.strip()
    if not wanted:
        return None
    match KINDS.get(key):
        case "time":
            return _moment_on_clock(key, wanted, zone=zone, faults=faults)
        case "count":
            return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 20 else wanted
        case "share":
            with suppress(ValueError):
                return float(wanted)
        case "flag":
            return {"true": True, "false": False}.get(wanted, wanted)
        case "names":
            return names_of_text(wanted)
        case "text":
            return text
    return wanted


def names_of_text(text: str) -> list[str]:
    """Names with commas between."""
    return [name.strip() for name in text.split(",") if name.strip()]


def value_of_json(key: str, value: Any) -> Any:
    """What a JSON document says: as round.toml has it, but for moments, which are texts there."""
    return _moment(value) if KINDS.get(key) == "time" and isinstance(value, str) else value


def _moment(text: str) -> datetime | str:
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(text)
    return text


def _moment_on_clock(key: str, text: str, *, zone: ZoneInfo, faults: FaultLog) -> datetime | str | None:
    clock = _moment(text)
    if isinstance(clock, str) or clock.tzinfo is not None:
        return clock
    try:
        return moment_of(clock, zone)
    except OverflowError:  # as far out, and refused for its year
        return clock.replace(tzinfo=UTC)
    except SkippedTime as skip:
        faults.add(
            "skipped-time", f"the clocks of {zone.key} skip {clock:%Y-%m-%d %H:%M}, when they are put forward",
            advice=f"write {skip.before:%Y-%m-%d %H:%M} or {skip.after:%Y-%m-%d %H:%M}", file=ROUND_FILE,
            key=f"policy.{key}",
        )  # fmt: skip
        return None
