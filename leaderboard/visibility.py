"""Who may see what of a round, and when. One pure function; no route and no template reads a policy flag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from leaderboard.policy import Phase, RoundPolicy, phase


class Viewer(Protocol):
    """Whoever looks: a member of a team, an organizer, or nobody in particular."""

    @property
    def team_id(self) -> int | None: ...

    @property
    def is_organizer(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Visibility:
    """What one viewer may see of one round at one moment."""

    phase: Phase
    scores: bool  # the board's rows, and any entry's scores
    per_class: bool  # figures per class, of whatever the viewer may see at all
    own_team_id: int | None  # the team whose submissions the viewer may open
    every_submission: bool  # an organizer may open all of them

    def may_see_submission_of(self, team_id: int) -> bool:
        """Whether a submission of that team may be shown, with its findings, file name and hash."""
        return self.every_submission or (self.own_team_id is not None and team_id == self.own_team_id)


def visible(policy: RoundPolicy, viewer: Viewer, now: datetime) -> Visibility:
    """What `viewer` may see of a round with this policy at `now`.

    Figures per class on hidden data wait for the close: a hundred submissions with per-class feedback
    recover a whole class of the ground truth.
    """
    moment = phase(policy, now)
    return Visibility(
        phase=moment,
        scores=viewer.is_organizer or moment != "before",
        per_class=viewer.is_organizer or moment == "closed",
        own_team_id=viewer.team_id,
        every_submission=viewer.is_organizer,
    )
