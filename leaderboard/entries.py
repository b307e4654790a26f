"""Entries as the rules see them: plain values, read once from wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredSubmission:
    """One scored file of an entry."""

    id: int
    submitted_at: datetime  # aware; when the file was accepted
    scores: Mapping[str, float | None]  # metric name to exact value; None where it is undefined


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A team's method in a round."""

    id: int
    team_id: int
    team: str
    method: str
    submissions: tuple[ScoredSubmission, ...]  # those scored with the truth the board shows
    submissions_spent: int  # places of the quota this entry has used for good
