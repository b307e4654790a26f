"""The dates of a round, moved in one step: open, extend, pause, close, reveal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from leaderboard.policy import phase
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.organizing_errors import PolicyRefused
from server.services.organizing import organized_round
from server.services.pauses import closing
from server.services.policy_changes import change_policy
from server.services.rounds import RoundFacts, stored_round


def open_now(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    """Have a round that was to open later take submissions from now on."""
    return change_policy(deployment, viewer, slug=slug, changes={"opens": now.replace(microsecond=0)}, now=now)


def extend(deployment: Deployment, viewer: Viewer, *, slug: str, closes: datetime | None, now: datetime) -> RoundFacts:
    """Have it close later, or not at all; a closed or paused round goes on.

    A reveal that would come before the new close comes with it; after a pause as server/services/pauses.py has it.
    """
    return change_policy(deployment, viewer, slug=slug, changes={"closes": closes}, pause="ends", now=now)


def close_now(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    """Take no more submissions from this moment on; what is held back is revealed as the policy says.

    A paused round is closed for good.

    Raises:
        NotLoggedIn, RoundNotFound, PolicyRefused: not theirs, or closed already.
    """
    facts = _facts(deployment, viewer, slug=slug, now=now)
    if facts.state(now) == "closed":
        raise PolicyRefused("The round is closed already.", advice="Extend it to go on.")
    return change_policy(deployment, viewer, slug=slug, changes=closing(facts.policy, now), pause="ends", now=now)


def pause(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    """Take no more submissions until `extend`, and reveal nothing meanwhile that a close reveals.

    The dates that it takes out are kept: see server/services/pauses.py. A reveal with a date of its own stays as it
    is; the one that the pause has to set goes with the next close.

    Raises:
        NotLoggedIn, RoundNotFound, PolicyRefused: not theirs, or closed or paused already.
    """
    return change_policy(deployment, viewer, slug=slug, changes={}, pause="begins", now=now)


def _facts(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    with deployment.database.read() as session:
        organized_round(session, viewer, slug, action=Action.CHANGE_ROUND, now=now)
        return stored_round(session, slug)


def reveal_now(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    """Show what a closed round has held back: private scores, names, figures per class.

    Raises:
        NotLoggedIn, RoundNotFound, PolicyRefused: not theirs, or not closed yet.
    """
    if phase(_facts(deployment, viewer, slug=slug, now=now).policy, now) != "closed":
        raise PolicyRefused("The round is not closed yet, and only a closed one is revealed.", advice="Close it first.")
    return change_policy(deployment, viewer, slug=slug, changes={"reveals": now.replace(microsecond=0)}, now=now)


class Step(Protocol):
    """What is done to a round's dates at once."""

    def __call__(self, deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts: ...


# What forms and programs call them; to move the close takes a moment, too.
STEPS: Mapping[str, Step] = {"open": open_now, "pause": pause, "close": close_now, "reveal": reveal_now}
