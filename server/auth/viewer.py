"""Who is looking: what every rule about permission and visibility is asked with."""

from __future__ import annotations

from dataclasses import dataclass

from server.auth.tokens import Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """A person with the team they act for, or nobody in particular."""

    person_id: int | None = None
    person_name: str | None = None
    team_id: int | None = None  # the team a submission would be made for; organizers may have none
    team_name: str | None = None
    is_organizer: bool = False  # may make rounds
    is_admin: bool = False  # may do everything
    organized: frozenset[int] = frozenset()  # ids of the rounds that are theirs to run
    token_id: int | None = None  # set when the viewer came with an API token rather than a session
    scope: Scope = Scope.ACCOUNT  # of that token; who logs in by password may do all that is theirs

    def organizes(self, round_id: int) -> bool:
        """Whether the round is theirs to run."""
        return self.is_admin or round_id in self.organized

    @property
    def is_anonymous(self) -> bool:
        return self.person_id is None


ANONYMOUS = Viewer()
