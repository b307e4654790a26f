"""Entries as the rules see them: plain values, read once from wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leaderboard.intervals import Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredSubmission:
    """One scored file of an entry."""

    id: int
    submitted_at: datetime  # aware; when the file was accepted
    scores: Mapping[str, float | None]  # metric name to exact value; None where it is undefined
    seen_scores: Mapping[str, float | None] | None = None  # those its team saw when it chose; None: the same
    interval: Interval | None = None  # of the policy's `best_by`, at 95 %
    is_final: bool = False  # chosen by its team

    @property
    def chosen_by(self) -> Mapping[str, float | None]:
        """The scores by which the best submission of an entry is told: nobody picks by what stayed hidden."""
        return self.scores if self.seen_scores is None else self.seen_scores


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A team's method in a round."""

    id: int
    team_id: int
    team: str
    method: str
    submissions: tuple[ScoredSubmission, ...]  # those scored with the truth the board shows, and not withdrawn
    spent_at: tuple[datetime, ...]  # when each file was accepted that has used a place of the quota for good
    track: str = ""
    is_anonymous: bool = False
    is_competing: bool = True
    is_baseline: bool = False
    disqualified_for: str = ""  # the public reason; "" where it is not
    links: Mapping[str, str] = field(default_factory=dict)  # "paper", "code": addresses

    @property
    def is_ranked(self) -> bool:
        """Whether it takes a rank."""
        return self.is_competing and not self.is_baseline and not self.disqualified_for
