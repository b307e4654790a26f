"""What keeps somebody from submitting to a round, told before they choose a file, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leaderboard.policy import phase
from server.auth.viewer import Viewer
from server.people_errors import EmailNotVerified, TeamsFrozen
from server.services.admission import is_turned_away, may_submit
from server.services.quotas import QuotaState
from server.services.rounds import RoundFacts
from server.services.taking_part import refuse_changed_team
from server.services.verification import must_verify
from server.web.wording import TURNED_AWAY, quota_more


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """Why there is nothing to fill in now, and a page that helps."""

    text: str
    address: str = ""
    link: str = ""


def obstacle(
    session: Session, facts: RoundFacts, viewer: Viewer, *, quota: QuotaState | None, now: datetime
) -> Obstacle | None:
    """What keeps the viewer from submitting now; None where nothing does."""
    if viewer.team_id is None or quota is None:
        text = (
            "Your account belongs to no team, and only teams submit. Found one on your page, or follow an invitation."
        )
        return Obstacle(text=text, address="/me#found", link="Found a team")
    if not may_submit(session, facts, team_id=viewer.team_id):
        if is_turned_away(session, facts, team_id=viewer.team_id):
            return Obstacle(text=TURNED_AWAY)
        text = "Only teams that are admitted submit to this round."
        return Obstacle(text=text, address=f"/rounds/{facts.slug}/join", link="Ask to take part")
    return (
        _of_dates(facts, now)
        or _of_address(session, facts, viewer)
        or _of_freeze(session, facts, viewer.team_id)
        or _of_quota(quota, now)
    )


def address_note(session: Session, facts: RoundFacts, viewer: Viewer, now: datetime) -> Obstacle | None:
    """What whoever would submit has to do about their e-mail address; None where it is done, or not asked for."""
    if not facts.policy.needs_email or phase(facts.policy, now) == "closed":
        return None
    if viewer.is_anonymous:
        return Obstacle(
            text="Files are taken of verified e-mail addresses only: once you have signed up, follow the link that is"
            " mailed to you."
        )
    return _of_address(session, facts, viewer)


def _of_dates(facts: RoundFacts, now: datetime) -> Obstacle | None:
    match facts.state(now):
        case "before":
            text = "The round has not opened yet. Check your file meanwhile with `heldout validate`."
        case "paused":
            text = "The round is paused: nothing can be sent until its organizers go on."
        case "closed":
            text = "The round is closed. Its board stays readable."
        case _:
            return None
    return Obstacle(text=text)


def _of_address(session: Session, facts: RoundFacts, viewer: Viewer) -> Obstacle | None:
    if not must_verify(session, facts.policy, person_id=viewer.person_id):
        return None
    text = f"{EmailNotVerified.__doc__} Open the link in the mail that verifies it, or have one sent."
    return Obstacle(text=text, address="/me#mail", link="Verify the address")


def _of_freeze(session: Session, facts: RoundFacts, team_id: int) -> Obstacle | None:
    try:
        refuse_changed_team(session, facts, team_id=team_id)
    except TeamsFrozen as error:
        return Obstacle(text=f"{error.message} {error.advice_given}", address=f"/teams/{team_id}", link="The team")
    return None


def _of_quota(quota: QuotaState, now: datetime) -> Obstacle | None:
    if quota.remaining != 0:
        return None
    text = f"Your team has used its submissions.{quota_more(quota, now)}"
    return Obstacle(text=f"{text} `heldout validate` checks files without any quota.")
