"""What a team may still send to a round."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from server.api.errors import error_answers
from server.api.rounds import Slug
from server.doors import DeploymentDep, MemberDep, NowDep
from server.errors import InvalidToken, NoTeam, NotLoggedIn, RoundNotFound
from server.routers import api_router
from server.services.quotas import QuotaState
from server.services.rounds import find_round
from server.services.spending import quota_of_team

router = api_router("submissions")


class Quota(BaseModel):
    """What a team has spent in a round, and when it gets more."""

    per_day: int | None = Field(description="Null: no limit.", examples=[2])
    spent_today: int = Field(description="This UTC day.", examples=[1])
    per_week: int | None = Field(description="Null: no limit.", examples=[None])
    spent_this_week: int = Field(description="This week from Monday, UTC.", examples=[4])
    total: int | None = Field(description="Null: no limit.", examples=[30])
    spent_total: int = Field(examples=[11])
    remaining: int | None = Field(description="How many may be sent now; null: no limit.", examples=[1])
    resets_at: datetime | None = Field(
        description="When the day or the week gives places back; null: no more come before the close.",
        examples=["2026-12-02T00:00:00Z"],
    )
    day_resets_at: datetime | None = Field(
        description="When the day's count starts again; null: no limit, or not before the close.",
        examples=["2026-12-02T00:00:00Z"],
    )
    week_resets_at: datetime | None = Field(
        description="When the week's count starts again; null: no limit, or not before the close.", examples=[None]
    )


@router.get(
    "/rounds/{slug}/quota",
    summary="Read your team's quota in a round",
    responses=error_answers(NotLoggedIn, InvalidToken, NoTeam, RoundNotFound),
)
def read_quota(slug: Slug, member: MemberDep, deployment: DeploymentDep, now: NowDep) -> Quota:
    """What is spent, what is left, and when it is renewed."""
    assert member.team_id is not None  # noqa: S101 - a type narrowing
    with deployment.database.read() as session:
        find_round(session, slug, member)
        return quota_facts(quota_of_team(session, slug=slug, team_id=member.team_id, now=now))


def quota_facts(quota: QuotaState) -> Quota:
    """The quota as the API tells it."""
    return Quota.model_validate(quota, from_attributes=True)
