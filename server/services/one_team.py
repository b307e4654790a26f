"""One team per person and challenge: who would be in two."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

# What a team takes part in: a challenge with all its rounds, or a round that belongs to none.
Contest = tuple[str, int]


def contest_of(*, round_id: int, challenge_id: int | None) -> Contest:
    """What a team takes part in by an entry in this round."""
    return ("round", round_id) if challenge_id is None else ("challenge", challenge_id)


def person_in_two_teams(contests: AbstractSet[Contest], elsewhere: Mapping[int, AbstractSet[Contest]]) -> int | None:
    """The first person who would be in two teams of one contest; None where nobody would.

    Args:
        contests: what the team takes part in.
        elsewhere: by person of the team, what the other teams they are in take part in.
    """
    return next((person for person, others in sorted(elsewhere.items()) if contests & others), None)
