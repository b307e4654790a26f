"""The dates of a round, moved in one step: open, extend, close, reveal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leaderboard.policy import phase
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.deployment import Deployment
from server.organizing_errors import PolicyRefused
from server.services.organizing import organized_round
from server.services.policy_changes import change_policy
from server.services.rounds import RoundFacts, policy_of


def open_now(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    """Have a round that was to open later take submissions from now on."""
    return change_policy(deployment, viewer, slug=slug, changes={"opens": now.replace(microsecond=0)}, now=now)


def extend(deployment: Deployment, viewer: Viewer, *, slug: str, closes: datetime | None, now: datetime) -> RoundFacts:
    """Have it close later, or not at all; a closed round goes on, which is how a pause ends."""
    return change_policy(deployment, viewer, slug=slug, changes={"closes": closes}, now=now)


def close_now(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    """Take no more submissions from this moment on; a freeze that was still to come is taken out."""
    with deployment.database.read() as session:
        organized = organized_round(session, viewer, slug, action=Action.CHANGE_ROUND, now=now)
        policy = policy_of(organized.row)
    if phase(policy, now) == "closed":
        raise PolicyRefused("The round is closed already.", advice="Extend it to go on.")
    moment = now.replace(microsecond=0)
    changes: dict[str, Any] = {"closes": moment}
    if policy.freezes is not None and policy.freezes >= moment:
        changes["freezes"] = None
    return change_policy(deployment, viewer, slug=slug, changes=changes, now=now)


def reveal_now(deployment: Deployment, viewer: Viewer, *, slug: str, now: datetime) -> RoundFacts:
    """Show what a closed round has held back: private scores, names, figures per class."""
    return change_policy(deployment, viewer, slug=slug, changes={"reveals": now.replace(microsecond=0)}, now=now)
