"""Who takes part in a round: by join code, roster, the organizers' word or an institution's address; or anybody."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Session

from server.auth.permissions import Action, actor_of
from server.auth.viewer import Viewer
from server.db.events import append_event
from server.db.participations import ADMITTED, ASKED, REFUSED, has_entries, participation_of, rounds_of_team
from server.db.people_tables import Participation
from server.db.rosters import is_on_roster
from server.db.rounds import round_by_slug
from server.db.submissions import lock_team
from server.db.tables import Person
from server.deployment import Deployment
from server.organizing_errors import (
    DomainNotAdmitted,
    NotAdmitted,
    ParticipationNotFound,
    TeamHasSubmitted,
    WrongJoinCode,
)
from server.people_errors import EmailNotVerified
from server.services.notices import tell_of_admission
from server.services.organizing import organized_round
from server.services.rounds import RoundFacts, find_round, no_such_round, round_facts
from server.services.taking_part import refuse_changed_team, round_for_team
from server.services.tokens import acting_person, acting_team
from server.texts import clean_text

MAX_MESSAGE_CHARACTERS = 1_000

# 96 bits: nobody guesses it, and it still fits on a slide.
_CODE_BYTES = 12


def is_open_to_all(facts: RoundFacts) -> bool:
    """Whether every team may send something, without asking."""
    return facts.policy.admission == "open" and facts.policy.listing != "private"


def may_submit(session: Session, facts: RoundFacts, *, team_id: int) -> bool:
    """Whether the team may send something, as far as admission goes; one that has sent something may.

    One that was turned away may not, also where the round has been opened to all since.
    """
    if facts.is_draft:
        return False
    is_in = facts.id in rounds_of_team(session, team_id)
    return is_in or (is_open_to_all(facts) and not is_turned_away(session, facts, team_id=team_id))


def is_turned_away(session: Session, facts: RoundFacts, *, team_id: int) -> bool:
    """Whether the organizers have refused the team."""
    known = participation_of(session, round_id=facts.id, team_id=team_id)
    return known is not None and known.state == REFUSED


def require_admitted(session: Session, facts: RoundFacts, *, team_id: int) -> None:
    """Let a team pass that takes part.

    Raises:
        RoundNotFound: it does not, and the round is private.
        NotAdmitted: it does not.
    """
    if may_submit(session, facts, team_id=team_id):
        return
    if facts.is_draft or facts.policy.listing == "private":
        raise no_such_round(facts.slug)
    if is_turned_away(session, facts, team_id=team_id):
        raise turned_away()
    raise NotAdmitted


def turned_away() -> NotAdmitted:
    """What a team is told that the organizers have refused."""
    return NotAdmitted("The organizers have turned your team away.", advice="Write to them.")


def is_code_of(session: Session, slug: str, code: str) -> bool:
    """Whether this is the round's join code, which lets in whoever has it."""
    row = round_by_slug(session, slug)
    expected = None if row is None or row.round.is_draft else row.round.join_code
    given = code.strip().encode("utf-8", "surrogatepass")
    return expected is not None and secrets.compare_digest(expected.encode(), given)


def round_to_join(session: Session, slug: str, viewer: Viewer, *, code: str) -> RoundFacts:
    """The round, for who may know of it, by its join code if not otherwise.

    Raises:
        RoundNotFound: there is none, or it is private and the code is not its own.
    """
    row = round_by_slug(session, slug)
    if row is not None and is_code_of(session, slug, code):
        return round_facts(row)
    return find_round(session, slug, viewer)


def join(
    deployment: Deployment, viewer: Viewer, *, slug: str, code: str = "", message: str = "", now: datetime
) -> Participation:
    """Have the viewer's team take part, or ask for it where the organizers decide; once is enough.

    Raises:
        NotLoggedIn, NoTeam: only teams take part.
        RoundNotFound: there is none, or it is private and the code is not its own.
        WrongJoinCode, DomainNotAdmitted, NotAdmitted: not so.
        TeamsFrozen: somebody joined the team after the round had frozen its teams.
    """
    with deployment.database.write() as session:
        has_code = is_code_of(session, slug, code)
        facts = round_for_team(session, viewer, slug, action=Action.TAKE_PART, has_code=has_code)
        team_id = acting_team(viewer)
        message = clean_text(message, field="message", max_characters=MAX_MESSAGE_CHARACTERS) if message.strip() else ""
        if code.strip() and not has_code:
            raise WrongJoinCode
        known = participation_of(session, round_id=facts.id, team_id=team_id)
        if known is not None and known.state == REFUSED:
            raise turned_away()
        if known is not None and (known.state == ADMITTED or not has_code):
            return known
        refuse_changed_team(session, facts, team_id=team_id)
        state = ADMITTED if has_code else _state(session, facts, acting_person(viewer))
        made = known or Participation(round_id=facts.id, team_id=team_id, message=message, asked_at=now)
        made.state, made.decided_at = state, None if state == ASKED else now
        session.add(made)
        append_event(
            session, at=now, actor=actor_of(viewer), action=f"participation.{state}", object_type="team",
            object_id=team_id, round_id=facts.id,
            detail={"by": "join code" if has_code else facts.policy.admission},
        )  # fmt: skip
        return made


def decide_admission(
    deployment: Deployment, viewer: Viewer, *, slug: str, team_id: int, is_admitted: bool, now: datetime
) -> None:
    """Let a team in that has asked, or turn it away; either may be changed later.

    Raises:
        NotLoggedIn, RoundNotFound, ParticipationNotFound: there is nothing of theirs to decide.
        TeamHasSubmitted: it is too late to turn it away.
    """
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.DECIDE_ADMISSION, now=now)
        known = participation_of(session, round_id=organized.round_id, team_id=team_id)
        if known is None:
            raise ParticipationNotFound
        lock_team(session, team_id)  # as whoever takes a file of it in
        if not is_admitted and has_entries(session, round_id=organized.round_id, team_id=team_id):
            raise TeamHasSubmitted
        state = ADMITTED if is_admitted else REFUSED
        if known.state != state:
            tell_of_admission(session, organized.row, team_id=team_id, is_admitted=is_admitted, now=now)
        known.state, known.decided_at = state, now
        session.add(known)
        organized.tell(session, f"participation.{known.state}", object_type="team", object_id=team_id)


def join_code_of(session: Session, viewer: Viewer, *, slug: str, now: datetime) -> str | None:
    """The round's join code; None where it has none.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    return organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now).row.join_code


def join_path(slug: str, code: str) -> str:
    """Where a team goes in by the code on this server."""
    return f"/rounds/{slug}/join?code={code}"


def renew_join_code(deployment: Deployment, viewer: Viewer, *, slug: str, is_wanted: bool, now: datetime) -> str | None:
    """Give the round a new join code, or none; the old one opens nothing from now on.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs to change.
    """
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.CHANGE_ROUND, now=now)
        organized.row.join_code = secrets.token_urlsafe(_CODE_BYTES) if is_wanted else None
        session.add(organized.row)
        organized.tell(session, "join-code.renewed" if is_wanted else "join-code.removed")
        return organized.row.join_code


def _state(session: Session, facts: RoundFacts, person_id: int) -> str:
    """What becomes of a wish to take part that no code supports."""
    person = session.get_one(Person, person_id)
    if person.email_verified_at is not None and is_on_roster(session, round_id=facts.id, email=person.email):
        return ADMITTED  # an address that nobody has verified proves nothing
    match facts.policy.admission:
        case "approval":
            return ASKED
        case "domains":
            _require_domain(person, facts.policy.domains)
    return ADMITTED


def _require_domain(person: Person, domains: tuple[str, ...]) -> None:
    """An address that nobody has verified proves nothing."""
    domain = person.email.rpartition("@")[2]
    if not any(domain == known or domain.endswith(f".{known}") for known in domains):
        raise DomainNotAdmitted(
            f"Only who has an e-mail address of {', '.join(domains)} takes part, and yours is of none of them.",
            details={"domains": list(domains)},
        )
    if person.email_verified_at is None:
        raise DomainNotAdmitted(
            "Your e-mail address is of an institution that takes part, but it is not verified yet.",
            advice=f"{EmailNotVerified.advice} Then ask again.",
        )
