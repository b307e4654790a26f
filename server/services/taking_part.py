"""What teams do in rounds, and the rules about taking part, read in the transaction that relies on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from server.auth.permissions import Action, Object, authorize
from server.auth.viewer import Viewer
from server.db.participation import has_entry, rounds_of_teams
from server.db.tables import Membership, Person, Round, Team, stored_id
from server.db.teams import joining_times, lock_members, memberships_elsewhere
from server.errors import RoundNotFound
from server.people_errors import SecondTeam, TeamsFrozen
from server.services.one_team import Contest, contest_of, person_in_two_teams
from server.services.rounds import RoundFacts, find_round, no_such_round, policy_of, state_of, stored_round
from server.services.team_freeze import is_late, joined_after_freeze


def round_for_team(
    session: Session, viewer: Viewer, slug: str, *, action: Action, has_code: bool = False
) -> RoundFacts:
    """The round, for what the team that `viewer` acts for does in it; its join code opens it, too.

    Raises:
        NotLoggedIn, NoTeam: only teams do it.
        RoundNotFound: there is none, or it is not theirs to know of.
    """
    missing = no_such_round(slug)  # also where nobody is told
    try:
        facts = stored_round(session, slug) if has_code else find_round(session, slug, viewer)
    except RoundNotFound:
        authorize(viewer, action, Object(missing=missing))
        raise
    authorize(viewer, action, Object(missing=missing, round_id=facts.id))
    return facts


def require_one_team(session: Session, *, team_id: int, round_id: int) -> None:
    """Refuse a team's first entry in a round if one of its people is in another team of the same challenge.

    Raises:
        SecondTeam: it names the person, never the other team: that may be anonymous.
    """
    if has_entry(session, round_id=round_id, team_id=team_id):
        return
    people = lock_members(session, team_id)
    _refuse_second_team(session, people, team_id=team_id, contests={_contest(session.get_one(Round, round_id))})


def require_may_join(session: Session, person: Person, *, team_id: int, now: datetime) -> None:
    """Whether a person, whose row is locked, may join a team.

    Raises:
        TeamsFrozen, SecondTeam: they may not.
    """
    rounds = rounds_of_team(session, team_id)
    _refuse_frozen(rounds, is_told=False, now=now)
    _refuse_second_team(session, [person], team_id=team_id, contests={_contest(round_) for round_ in rounds})


def rounds_of_team(session: Session, team_id: int) -> list[Round]:
    """The rounds a team takes part in."""
    return [row.round for row in rounds_of_teams(session, [team_id])]


def require_may_leave(session: Session, *, person_id: int, team_id: int, now: datetime) -> None:
    """Whether a member may leave a team: always where they joined it so late that it cannot submit with them.

    Raises:
        TeamsFrozen: they may not.
    """
    joined_at = session.get_one(Membership, (person_id, team_id)).joined_at
    founded_at = session.get_one(Team, team_id).created_at
    rounds = [
        round_
        for round_ in rounds_of_team(session, team_id)
        if not is_late(joined_at, freeze=policy_of(round_).teams_freeze, founded_at=founded_at)
    ]
    _refuse_frozen(rounds, is_told=True, now=now)


def _refuse_frozen(rounds: Collection[Round], *, is_told: bool, now: datetime) -> None:
    """Refuse to join or leave a team that takes part in these rounds, if one has frozen its teams.

    Args:
        rounds: in which the team takes part.
        is_told: whether who asks may know of them all; else a round is named that is listed for everybody.
        now: the present moment.

    Raises:
        TeamsFrozen: it has, and is not closed yet; a pause is no close.
    """
    for round_ in rounds:
        policy = policy_of(round_)
        state = state_of(policy, is_paused=round_.is_paused, now=now)
        if policy.teams_freeze is not None and policy.teams_freeze <= now and state != "closed":
            if not is_told and policy.listing != "public":
                raise TeamsFrozen
            until = f" It closes at {policy.closes:%Y-%m-%d %H:%M UTC}." if policy.closes else ""
            if state == "paused":
                until = " It is paused."
            raise TeamsFrozen(
                f"Nobody joins or leaves the team any more: {round_.title} has frozen its teams"
                f" at {policy.teams_freeze:%Y-%m-%d %H:%M UTC}.{until}",
                details={"round": round_.slug},
            )


def refuse_changed_team(session: Session, facts: RoundFacts, *, team_id: int) -> None:
    """Refuse a team that somebody joined after the round had frozen its teams.

    Raises:
        TeamsFrozen: it names them.
    """
    freeze, team = facts.policy.teams_freeze, session.get(Team, team_id)
    if freeze is None or team is None:
        return
    late = joined_after_freeze(
        freeze, founded_at=team.created_at, joined=dict(joining_times(session, team_id))
    )  # fmt: skip
    if late:
        raise TeamsFrozen(
            f"{', '.join(late)} joined the team after {facts.title} had frozen its teams at"
            f" {freeze:%Y-%m-%d %H:%M UTC}; with them it cannot submit.",
            advice="Whoever joined since may leave the team, and submit with a team they found alone.",
            details={"round": facts.slug},
        )


def _refuse_second_team(session: Session, people: Collection[Person], *, team_id: int, contests: set[Contest]) -> None:
    names = {stored_id(person.id): person.name for person in people}
    pairs = memberships_elsewhere(session, list(names), team_id=team_id)
    by_team: defaultdict[int, set[Contest]] = defaultdict(set)
    for row in rounds_of_teams(session, {team for _, team in pairs}):
        by_team[row.team_id].add(_contest(row.round))
    elsewhere: defaultdict[int, set[Contest]] = defaultdict(set)
    for person_id, other_team in pairs:
        elsewhere[person_id] |= by_team[other_team]
    person = person_in_two_teams(contests, elsewhere)
    if person is not None:
        raise SecondTeam(
            f"Nobody may be in two teams that take part in one challenge: {names[person]} is in another team"
            " that takes part."
        )


def _contest(round_: Round) -> Contest:
    return contest_of(round_id=stored_id(round_.id), challenge_id=round_.challenge_id)
