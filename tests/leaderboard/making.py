"""Entries, policies and viewers for the tests of the board's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from leaderboard.board import Board, Standings, build_board
from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.policy import Policy, Rows, RuledRound
from scoring.tasks import find_task

OPENS = datetime(2026, 3, 1, tzinfo=UTC)
CLOSES = datetime(2026, 4, 1, tzinfo=UTC)
DURING = datetime(2026, 3, 15, 12, tzinfo=UTC)
TOP5 = find_task("cls").metric("top5_error")
MEAN_AP = find_task("det").metric("mean_ap")


@dataclass(frozen=True, kw_only=True)
class Looker:
    """Somebody who looks at a board."""

    team_id: int | None = None
    is_organizer: bool = False

    def organizes(self, round_id: int) -> bool:
        return self.is_organizer


ANYBODY = Looker()


def submission(number: int, value: float | None, *, metric: str = "top5_error", hours: int = 0) -> ScoredSubmission:
    return ScoredSubmission(id=number, submitted_at=DURING + timedelta(hours=hours), scores={metric: value})


def entry(
    number: int,
    *sent: ScoredSubmission,
    team: str = "",
    team_id: int | None = None,
    method: str = "",
    spent: int = 1,
) -> Entry:
    return Entry(
        id=number,
        team_id=number if team_id is None else team_id,
        team=team or f"Team {number if team_id is None else team_id}",
        method=method or f"Method {number}",
        submissions=sent,
        spent_at=tuple(DURING + timedelta(hours=n) for n in range(spent)),
    )


def round_of(*, rows: Rows = "team", best_by: str = "top5_error", **rest: Any) -> RuledRound:
    """A round that opens at OPENS and closes at CLOSES, with whatever else its policy says."""
    return RuledRound(
        id=1, policy=Policy(**{"opens": OPENS, "closes": CLOSES, "rows": rows, "best_by": best_by, **rest})
    )


def board_of(
    *entries: Entry,
    viewer: Looker = ANYBODY,
    now: datetime = DURING,
    task: str = "cls",
    class_scores: Mapping[int, Sequence[float | None]] | None = None,
    **policy: Any,
) -> Board:
    return build_board(
        Standings(entries=entries, class_scores=class_scores or {}),
        round_of(**policy),
        round_slug="digits",
        task=find_task(task),
        truth_digest="a" * 64,
        viewer=viewer,
        now=now,
    )
