"""Which teams of a round have sent files that differ and score the same in every figure: one of them, written anew."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import combinations, islice
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from server.db.tables import Entry, Round, Score, Submission, Team


class SameFigures(NamedTuple):
    """Two teams, and the first file by each that scores so."""

    first_team: str
    second_team: str
    first_submission: int
    second_submission: int


class _Scored(NamedTuple):
    """A submission with what it scored on all images."""

    number: int
    team_id: int
    team: str
    sha256: str
    scores: Mapping[str, float | None]
    counts: Mapping[str, Any]


def same_figures_of(session: Session, round_id: int, *, limit: int) -> list[SameFigures]:
    """Every pair of teams with every scorecard they share, but for the same file; the latest shared first.

    What has everything right or wrong says nothing, and baselines are the organizers' own.
    """
    rows = session.exec(
        select(Submission.id, Submission.team_id, Team.name, Submission.sha256, Score.scores, Score.counts)  # type: ignore[call-overload]  # SQLModel types four columns at most
        .join(Round, col(Round.id) == col(Submission.round_id))
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Team, col(Team.id) == col(Submission.team_id))
        .join(Score, col(Score.submission_id) == col(Submission.id))
        .where(
            Submission.round_id == round_id, Score.truth_id == Round.active_truth_id, Score.split == "all",
            col(Entry.is_baseline).is_(False),
        )
        .order_by(col(Submission.id), col(Score.id))
    )  # fmt: skip
    newest = {row[0]: _Scored(*row) for row in rows}  # of several scorers
    by_card: defaultdict[str, dict[int, _Scored]] = defaultdict(dict)
    for scored in newest.values():
        if not {value for value in scored.scores.values() if value is not None} <= {0.0, 1.0}:
            card = json.dumps([scored.scores, scored.counts], sort_keys=True)
            by_card[card].setdefault(scored.team_id, scored)
    pairs = (pair for card in by_card.values() for pair in islice(_pairs(list(card.values())), limit))
    return [
        SameFigures(first.team, second.team, first.number, second.number)
        for first, second in nlargest(limit, pairs, key=lambda pair: pair[1].number)
    ]


def _pairs(scored: Sequence[_Scored]) -> Iterator[tuple[_Scored, _Scored]]:
    """Those of other files, the latest first; the one that came first before the other."""
    if len({one.sha256 for one in scored}) > 1:
        for second, first in combinations(reversed(scored), 2):
            if first.sha256 != second.sha256:
                yield first, second
