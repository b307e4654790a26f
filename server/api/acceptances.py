"""The rules of a round and the terms of its data, accepted before anything is sent."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from server.api.acts import ActDep, person_errors
from server.api.rounds import Slug
from server.errors import RoundNotFound
from server.people_errors import RulesNotAccepted
from server.routers import api_router
from server.services.rules_acceptance import accept

router = api_router("rounds")

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class Word(BaseModel):
    """That you have read a version of the rules and terms, and accept it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"rules_digest": _DIGEST}})
    rules_digest: str = Field(max_length=200, description="Of the round, as you have read it.")


class Acceptance(BaseModel):
    """What was accepted."""

    model_config = ConfigDict(json_schema_extra={"example": {"rules_accepted": _DIGEST}})
    rules_accepted: str | None = Field(
        description="The version, where this call was your acceptance of it; null: it was accepted before, or there is "
        "nothing to accept."
    )


@router.post(
    "/rounds/{slug}/acceptance",
    summary="Accept the rules of a round and the terms of its data",
    responses=person_errors(RoundNotFound, RulesNotAccepted),
)
def accept_rules(slug: Slug, word: Word, act: ActDep) -> Acceptance:
    """Once for each version, by each person; a submission accepts them, too. The data page tells its addresses then."""
    done = accept(act.deployment, act.viewer, slug=slug, accepted=word.rules_digest, now=act.now)
    return Acceptance(rules_accepted=done)
