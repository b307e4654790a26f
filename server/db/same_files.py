"""Which teams of a round have sent the same bytes: a sign, and no more, that one person plays for two."""

from __future__ import annotations

from collections import defaultdict
from heapq import nlargest
from itertools import combinations, islice
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from server.db.tables import Submission, Team, stored_id


class SameFile(NamedTuple):
    """Two teams, and a file that both have sent."""

    first_team: str
    second_team: str
    first_submission: int  # the first of this file by each
    second_submission: int
    sha256: str


def same_files_of(session: Session, round_id: int, *, limit: int) -> list[SameFile]:
    """Every pair of teams with every file they share, the latest shared first."""
    shared = (
        select(Submission.sha256)
        .where(Submission.round_id == round_id)
        .group_by(Submission.sha256)
        .having(func.count(func.distinct(Submission.team_id)) > 1)
    )
    rows = session.exec(
        select(Submission.id, Submission.team_id, Team.name, Submission.sha256)
        .join(Team, col(Team.id) == col(Submission.team_id))
        .where(Submission.round_id == round_id, col(Submission.sha256).in_(shared))
        .order_by(col(Submission.id))
    )
    senders: defaultdict[str, dict[int, _Sender]] = defaultdict(dict)
    for found, team_id, team, sha256 in rows:
        number = stored_id(found)
        before = senders[sha256].get(team_id)
        senders[sha256][team_id] = _Sender(team_id, team, number if before is None else before.first, number)
    pairs = (
        (sha256, min(pair), max(pair))
        for sha256, teams in senders.items()
        for pair in islice(combinations(sorted(teams.values(), key=lambda sender: -sender.latest), 2), limit)
    )  # of one file the latest first: a thousand teams that send the sample are half a million pairs
    return [
        SameFile(one.team, other.team, one.first, other.first, sha256)
        for sha256, one, other in nlargest(limit, pairs, key=lambda pair: max(pair[1].latest, pair[2].latest))
    ]


class _Sender(NamedTuple):
    """A team, and when it sent one file."""

    team_id: int
    team: str
    first: int  # submission
    latest: int
