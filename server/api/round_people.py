"""Who is behind a round: those its organizers expect, those its code lets in, and the organizers themselves."""

from __future__ import annotations

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from server.api.acts import ActDep, PersonId, organizer_errors
from server.api.rounds import Slug
from server.downloads import csv_answer
from server.errors import InvalidEmail
from server.organizing_errors import FaultyRoster, PersonNotFound, PersonNotVerified
from server.people_errors import LastOrganizer
from server.routers import api_router
from server.services.admission import join_code_of, join_path, renew_join_code
from server.services.rosters import roster_csv, roster_scores, set_roster
from server.services.round_organizers import CoOrganizer, add_co_organizer, organizers_of, remove_co_organizer

router = api_router("organizing")


class RosterText(BaseModel):
    """Everybody who is expected."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"csv": "name,email,team\nAda,ada@university.example,\n"}}
    )
    csv: str = Field(
        max_length=2_000_000, description="Name, e-mail and perhaps a team a line; the header may be left out."
    )


class RosterSize(BaseModel):
    """How many are expected."""

    people: int = Field(examples=[24])


class JoinCode(BaseModel):
    """What lets a team into a round, whatever its admission says."""

    code: str | None = Field(description="Null: the round has none.", examples=["q1sWkT2b7RyLzJ4u"])
    path: str | None = Field(
        description="Where it is used on this server.", examples=["/rounds/cs101/join?code=q1sWkT2b7RyLzJ4u"]
    )


class OrganizerWish(BaseModel):
    """Who is to run the round, too."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"email": "grace@university.example"}})
    email: str = Field(max_length=500, description="Of their account.")


class OrganizerFacts(BaseModel):
    """Somebody who runs the round."""

    id: int = Field(description="For taking the round out of their hands.")
    name: str
    email: str
    is_verified: bool = Field(description="Whether they have shown that the address is theirs.")


class OrganizerList(BaseModel):
    """Everybody who runs the round, in the order they came; admins may, too."""

    organizers: list[OrganizerFacts]


@router.put("/rounds/{slug}/roster", summary="Replace a round's roster", responses=organizer_errors(FaultyRoster))
def replace_roster(slug: Slug, roster: RosterText, act: ActDep) -> RosterSize:
    """All faults at once, and nothing is changed where there is one. Who is on it is let in with a verified address."""
    return RosterSize(people=set_roster(act.database, act.viewer, slug=slug, text=roster.csv, now=act.now))


@router.get(
    "/rounds/{slug}/roster.csv",
    summary="Read what everybody on a round's roster has scored",
    response_class=Response,
    responses={
        **organizer_errors(),
        200: {"content": {"text/csv": {}}, "description": "Name, e-mail, team, score, submissions, last, verified."},
    },
)
def read_roster(slug: Slug, act: ActDep) -> Response:
    """The best of each one's teams, exact; empty where nothing is scored. Where mail leaves the server, scores stand
    beside verified addresses alone."""
    with act.database.read() as session:
        can_verify = act.deployment.settings.sends_mail
        roster = roster_scores(session, act.viewer, slug=slug, can_verify=can_verify, now=act.now)
    return csv_answer(roster_csv(roster), name=f"{slug}-roster.csv")


@router.get("/rounds/{slug}/join-code", summary="Read a round's join code", responses=organizer_errors())
def read_join_code(slug: Slug, act: ActDep) -> JoinCode:
    """Whoever has it takes part."""
    with act.database.read() as session:
        return _join_code(slug, join_code_of(session, act.viewer, slug=slug, now=act.now))


@router.post("/rounds/{slug}/join-code", summary="Make or replace a round's join code", responses=organizer_errors())
def make_join_code(slug: Slug, act: ActDep) -> JoinCode:
    """The one before opens nothing from now on; teams that came by it stay."""
    return _join_code(slug, renew_join_code(act.deployment, act.viewer, slug=slug, is_wanted=True, now=act.now))


@router.delete(
    "/rounds/{slug}/join-code", status_code=204, summary="Remove a round's join code", responses=organizer_errors()
)
def remove_join_code(slug: Slug, act: ActDep) -> None:
    """It opens nothing from now on; teams that came by it stay."""
    renew_join_code(act.deployment, act.viewer, slug=slug, is_wanted=False, now=act.now)


@router.get("/rounds/{slug}/organizers", summary="List a round's organizers", responses=organizer_errors())
def read_organizers(slug: Slug, act: ActDep) -> OrganizerList:
    """Those who run it together, for each other."""
    with act.database.read() as session:
        found = organizers_of(session, act.viewer, slug=slug, now=act.now)
    return OrganizerList(organizers=[_organizer(one) for one in found])


@router.post(
    "/rounds/{slug}/organizers",
    status_code=201,
    summary="Let another person run a round, too",
    responses=organizer_errors(InvalidEmail, PersonNotFound, PersonNotVerified),
)
def add_organizer(slug: Slug, wish: OrganizerWish, act: ActDep) -> OrganizerFacts:
    """They need an account at a verified address, where this server lets people verify theirs.

    Adding somebody again changes nothing.
    """
    return _organizer(add_co_organizer(act.deployment, act.viewer, slug=slug, email=wish.email, now=act.now))


@router.delete(
    "/rounds/{slug}/organizers/{person_id}",
    status_code=204,
    summary="Take a round out of somebody's hands",
    responses=organizer_errors(PersonNotFound, LastOrganizer),
)
def remove_organizer(slug: Slug, person_id: PersonId, act: ActDep) -> None:
    """Perhaps out of one's own; the only organizer stays."""
    remove_co_organizer(act.database, act.viewer, slug=slug, person_id=person_id, now=act.now)


def _join_code(slug: str, code: str | None) -> JoinCode:
    return JoinCode(code=code, path=None if code is None else join_path(slug, code))


def _organizer(one: CoOrganizer) -> OrganizerFacts:
    return OrganizerFacts.model_validate(one, from_attributes=True)
