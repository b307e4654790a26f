"""The team freeze of a round: who was in a team by then submits with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


def is_late(joined_at: datetime, *, freeze: datetime | None, founded_at: datetime) -> bool:
    """Whether somebody joined a team from the freeze on; its founder never did."""
    return freeze is not None and joined_at >= freeze and joined_at > founded_at


def joined_after_freeze(freeze: datetime | None, *, founded_at: datetime, joined: Mapping[str, datetime]) -> list[str]:
    """Who joined a team from the freeze on; while anybody did, the team cannot submit to the round.

    Leaving does no harm: what was sent counts for whoever leaves. A team that is founded later has its founder alone.

    Args:
        freeze: of the round; None where it has none.
        founded_at: of the team.
        joined: by person, when they joined; the founder did when the team was founded.
    """
    return [person for person, at in joined.items() if is_late(at, freeze=freeze, founded_at=founded_at)]
