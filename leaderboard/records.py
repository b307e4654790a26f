"""Who led when: the scores that were better than all before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.rules import value_of

if TYPE_CHECKING:
    from scoring.tasks import Metric


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A score that was the best of its round when it was sent."""

    entry: int
    team_id: int
    team: str
    is_named: bool  # whether `team` is its name
    method: str
    track: str
    value: float
    at: datetime  # aware; when the file was accepted


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A submission with its entry."""

    entry: Entry
    submission: ScoredSubmission
    value: float


def record_submissions(
    entries: Iterable[Entry], metric: Metric, *, stands: frozenset[int] | None = None
) -> tuple[Sent, ...]:
    """The submissions that were records, in the order they were sent; an equal score is none.

    Args:
        entries: of a round; those that take no rank set no record.
        metric: what is compared, by its exact value.
        stands: ids of the submissions that count; None: all. Where scores stayed hidden until the reveal, nobody led by
            them at their time, and a file that stands for no entry must not look as if it did.
    """
    sent = [
        Sent(entry=entry, submission=submission, value=value)
        for entry in entries
        if entry.is_ranked
        for submission in entry.submissions
        if (stands is None or submission.id in stands) and (value := value_of(submission, metric)) is not None
    ]
    sent.sort(key=lambda one: (one.submission.submitted_at, one.submission.id))
    records: list[Sent] = []
    for one in sent:
        if not records or (one.value < records[-1].value if metric.is_lower_better else one.value > records[-1].value):
            records.append(one)
    return tuple(records)
