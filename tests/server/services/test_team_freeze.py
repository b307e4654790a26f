"""Who joined a team too late for a round, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.services.team_freeze import joined_after_freeze

FREEZE = datetime(2026, 11, 22, tzinfo=UTC)
BEFORE, AFTER = FREEZE - timedelta(days=1), FREEZE + timedelta(days=1)


@pytest.mark.parametrize(
    ("freeze", "founded", "joined", "late"),
    [
        (None, BEFORE, {"Ada": BEFORE, "Bea": AFTER}, []),
        (FREEZE, BEFORE, {"Ada": BEFORE, "Bea": FREEZE - timedelta(seconds=1)}, []),
        (FREEZE, BEFORE, {"Ada": BEFORE, "Bea": FREEZE, "Cid": AFTER}, ["Bea", "Cid"]),
        (FREEZE, AFTER, {"Ada": AFTER}, []),  # who comes late comes alone
        (FREEZE, AFTER, {"Ada": AFTER, "Bea": AFTER + timedelta(hours=1)}, ["Bea"]),
        (FREEZE, BEFORE, {}, []),
    ],
)
def test_who_joins_from_the_freeze_on_is_late(
    freeze: datetime | None, founded: datetime, joined: dict[str, datetime], late: list[str]
) -> None:
    assert joined_after_freeze(freeze, founded_at=founded, joined=joined) == late
