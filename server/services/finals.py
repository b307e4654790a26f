"""The submissions that a team has chosen to stand for it at the reveal, and how many it may choose."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from scoring.policies import Policy
from server.db.submissions import SubmissionRow, finals_of_team
from server.services.rounds import policy_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Finals:
    """What a team has chosen in a round, of one track where it has tracks: each is ranked apart."""

    track: str  # "" where the round has none
    may_choose: int
    chosen: tuple[int, ...]  # submissions

    @property
    def is_full(self) -> bool:
        return len(self.chosen) >= self.may_choose


def chosen_beside(session: Session, row: SubmissionRow) -> Finals | None:
    """What its team has chosen in the round and track of a submission; None where nothing is to be chosen."""
    policy: Policy = policy_of(row.round)
    if policy.represents != "finals":
        return None
    submission, track = row.submission, row.entry.track
    chosen = finals_of_team(session, round_id=submission.round_id, team_id=submission.team_id, track=track)
    return Finals(track=track, may_choose=policy.finals, chosen=tuple(chosen))
