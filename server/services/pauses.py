"""A pause of a round: the dates that it takes out are kept, and come back with the next close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from scoring.policies import Policy

# After so long a paused round shows what it holds back, should nobody come back to it.
LONGEST_PAUSE = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptDates:
    """What was still to come when a round was paused."""

    closes: datetime | None
    freezes: datetime | None

    def as_json(self) -> dict[str, str | None]:
        """For the database."""
        return {
            "closes": None if self.closes is None else self.closes.isoformat(),
            "freezes": None if self.freezes is None else self.freezes.isoformat(),
        }


def kept_of_json(document: Mapping[str, str | None] | None) -> KeptDates | None:
    """What `as_json` made a document of; None where no pause has kept anything."""
    if document is None:
        return None
    moments = {key: None if text is None else datetime.fromisoformat(text) for key, text in document.items()}
    return KeptDates(closes=moments["closes"], freezes=moments["freezes"])


def kept_at_pause(policy: Policy, now: datetime) -> KeptDates:
    """The dates that a pause takes out; a freeze that has come already stays in the policy."""
    return KeptDates(closes=policy.closes, freezes=policy.freezes if "freezes" in closing(policy, now) else None)


def closing(policy: Policy, now: datetime) -> dict[str, Any]:
    """What closes a round now; a freeze that was still to come is taken out."""
    moment = now.replace(microsecond=0)
    is_to_come = policy.freezes is not None and policy.freezes >= moment
    return {"closes": moment} | ({"freezes": None} if is_to_come else {})


def pausing(policy: Policy, now: datetime) -> dict[str, Any]:
    """What pauses it: it closes now, and reveals at a date of its own, else after the longest pause."""
    return closing(policy, now) | {"reveals": policy.reveals or now.replace(microsecond=0) + LONGEST_PAUSE}


def next_close(kept: KeptDates, *, paused_at: datetime, now: datetime) -> datetime | None:
    """The close to propose: as it was; where that has passed, after as much time as was left at the pause."""
    if kept.closes is None or kept.closes > now:
        return kept.closes
    return now.replace(microsecond=0) + (kept.closes - paused_at)


def with_kept_dates(
    changes: Mapping[str, Any], before: Policy, *, kept: KeptDates | None, pause_reveals: datetime | None,
    is_step: bool = False, now: datetime,
) -> Mapping[str, Any]:  # fmt: skip
    """The changes that bring a new close, with what a pause has put off; whatever they name themselves goes first.

    The board freezes as long before the new close as it was to freeze before the old one, at once where that has
    passed; a freeze that was set in the pause stays. The reveal that the pause has set ends: the round reveals at its
    close again. One with a date of its own stays, or comes as long after the new close as it was to come after the old
    one; without a pause, or a close, it goes where the close alone is moved (`is_step`).
    """
    again: dict[str, Any] = {}
    closes, own_reveal = changes["closes"], before.reveals
    if own_reveal is not None and own_reveal == pause_reveals:
        again["reveals"] = own_reveal = None
    if own_reveal is not None and _is_moment(closes) and own_reveal < closes and kept is not None:
        again["reveals"] = _reveal_after(closes, kept.closes, own_reveal, now)
    elif own_reveal is not None and is_step and (closes is None or own_reveal < closes):
        again["reveals"] = None
    if kept is not None and kept.freezes is not None and before.freezes is None:
        again["freezes"] = _freeze_before(closes, kept.closes, kept.freezes, now.replace(microsecond=0))
    return {**again, **changes}


def _is_moment(value: object) -> TypeGuard[datetime]:
    """Whether it is one: what else was sent is refused later."""
    return isinstance(value, datetime) and value.tzinfo is not None


def _reveal_after(closes: datetime, old_close: datetime | None, old_reveal: datetime, now: datetime) -> datetime | None:
    """None, at the close, where it has come in the pause."""
    if old_close is None or old_reveal <= now:
        return None
    try:
        return closes + max(old_reveal - old_close, timedelta(0))
    except OverflowError:  # beyond the calendar: refused for its year
        return datetime.max.replace(tzinfo=UTC)


def _freeze_before(closes: object, old_close: datetime | None, old_freeze: datetime, now: datetime) -> datetime | None:
    as_it_was = max(old_freeze, now)  # or at once, where that has passed
    if not _is_moment(closes):
        return as_it_was
    if closes <= now:  # it is closed for good: nothing is left to freeze
        return None
    if old_close is None:
        return as_it_was if as_it_was < closes else None
    return max(closes - (old_close - old_freeze), now)
