"""Values of [policy] as people and programs write them: in a form, after a command, in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

from scoring.policies import KEYS, Policy

Kind = Literal["time", "count", "share", "choice", "flag", "names", "text", "word"]

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("opens", "closes", "freezes", "reveals", "teams_freeze"), "time"),
    **dict.fromkeys(("submissions_per_day", "submissions_per_week", "submissions_total"), "count"),
    **dict.fromkeys(("max_upload_bytes", "max_unpacked_bytes", "max_lines", "finals", "appeal_days"), "count"),
    **dict.fromkeys(("rows", "represents", "ranking", "per_class", "listing", "admission", "best_by"), "choice"),
    **dict.fromkeys(KEYS, "flag"),
    **dict.fromkeys(("tracks", "domains"), "names"),
    **dict.fromkeys(("rules", "data"), "text"),
    "public_share": "share",
    "time_zone": "word",
}  # fmt: skip


def value_of(policy: Policy, key: str) -> Any:
    """What the policy says under a key of round.toml."""
    return getattr(policy, KEYS.get(key, key))


def text_of(key: str, value: Any) -> str:
    """A value as the field of a form holds it; "" for none."""
    if value is None or value is False:
        return ""
    match KINDS[key]:
        case "time":
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
        case "flag":
            return "true"
        case "names":
            return ", ".join(value)
        case _:
            return str(value)


def value_of_text(key: str, text: str) -> Any:
    """What a field of a form says; what cannot be read stays a text, which the policy's reader then explains."""
    wanted = text.strip()
    if not wanted:
        return None
    match KINDS.get(key):
        case "time":
            return _moment(wanted)
        case "count":
            return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 20 else wanted
        case "share":
            with suppress(ValueError):
                return float(wanted)
        case "flag":
            return {"true": True, "false": False}.get(wanted, wanted)
        case "names":
            return [name.strip() for name in wanted.split(",") if name.strip()]
        case "text":
            return text
    return wanted


def value_of_json(key: str, value: Any) -> Any:
    """What a JSON document says: as round.toml has it, but for moments, which are texts there."""
    return _moment(value, zone=False) if KINDS.get(key) == "time" and isinstance(value, str) else value


def _moment(text: str, *, zone: bool = True) -> datetime | str:
    """A moment; in a form without its zone, which the page says is UTC."""
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if zone and moment.tzinfo is None else moment
    return text
