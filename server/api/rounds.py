"""Rounds: what there is to take part in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from leaderboard.policy import phase
from scoring.tasks import find_task
from server.api.errors import error_answers
from server.doors import DeploymentDep, NowDep, ViewerDep
from server.errors import RoundNotFound
from server.services.rounds import RoundFacts, find_round, list_rounds
from server.services.rules_acceptance import rules_digest

router = APIRouter(tags=["rounds"])

Slug = Annotated[
    str, Path(max_length=200, examples=["ilsvrc2012-val"], description="The round's short name, unique here.")
]


class MetricFacts(BaseModel):
    """The figure that ranks."""

    name: str = Field(description="Its key among the scores.", examples=["top5_error"])
    label: str = Field(examples=["top-5 error"])
    direction: str = Field(examples=["lower is better"])


class Limits(BaseModel):
    """How much a team may send."""

    submissions_per_day: int | None = Field(description="Per UTC calendar day; null: no limit.", examples=[2])
    submissions_per_week: int | None = Field(description="From Monday, UTC; null: no limit.", examples=[None])
    submissions_total: int | None = Field(description="Over the whole round; null: no limit.", examples=[30])
    max_upload_bytes: int = Field(description="Of one file as sent.", examples=[1_073_741_824])
    max_unpacked_bytes: int = Field(description="Of one file unpacked.", examples=[4_294_967_296])
    max_lines: int = Field(description="Of one file.", examples=[40_000_000])


class RoundSummary(BaseModel):
    """A round, in short."""

    slug: str = Field(examples=["ilsvrc2012-val"])
    title: str = Field(examples=["ILSVRC 2012 classification, validation set"])
    challenge: str | None = Field(description="Rounds of one challenge belong together.", examples=["ILSVRC 2012"])
    task: str = Field(examples=["cls"])
    phase: Literal["before", "open", "closed"] = Field(description="At the moment of the answer.", examples=["open"])
    opens_at: datetime | None = Field(description="Null: open from the beginning.", examples=["2026-12-01T00:00:00Z"])
    closes_at: datetime | None = Field(
        description="Null: open for good. The moment itself is closed.", examples=["2026-12-31T23:59:59Z"]
    )
    metric: MetricFacts


class RoundList(BaseModel):
    """All rounds of this server."""

    rounds: list[RoundSummary]


class FormatFacts(BaseModel):
    """One way to write predictions."""

    name: str = Field(examples=["labels"])
    line: str = Field(description="The grammar of a line.", examples=["<id> <id> <id> <id> <id>"])
    example: str = Field(description="A valid line.", examples=["771 778 794 387 650"])
    note: str


class RoundDetails(RoundSummary):
    """A round, in full."""

    model_config = ConfigDict(json_schema_extra={"title": "RoundDetails"})
    task_sentence: str = Field(description="What a participant is asked to do.")
    images: int = Field(description="How many images there are.", examples=[50_000])
    classes: int = Field(description="How many classes there are.", examples=[1_000])
    rows: Literal["team", "entry"] = Field(description="What a row of the board stands for.")
    limits: Limits
    formats: list[FormatFacts]
    rules: str | None = Field(description="The rule book, in Markdown.")
    rules_digest: str | None = Field(description="sha256 of the rule book: its version.")


@router.get("/rounds", summary="List the rounds", responses=error_answers())
def read_rounds(deployment: DeploymentDep, viewer: ViewerDep, now: NowDep) -> RoundList:
    """Every round: open, past and announced."""
    with deployment.database.read() as session:
        found = list_rounds(session, viewer)
    return RoundList(rounds=[_summary(facts, now) for facts in found])


@router.get("/rounds/{slug}", summary="Read one round", responses=error_answers(RoundNotFound))
def read_round(slug: Slug, *, deployment: DeploymentDep, viewer: ViewerDep, now: NowDep) -> RoundDetails:
    """The round's task, dates, limits, formats and rules."""
    with deployment.database.read() as session:
        facts = find_round(session, slug, viewer)
    task = find_task(facts.task)
    return RoundDetails(
        **_summary(facts, now).model_dump(),
        task_sentence=task.sentence,
        images=facts.image_count,
        classes=facts.class_count,
        rows="entry" if facts.policy.rows == "entry" else "team",
        limits=Limits.model_validate(facts.policy, from_attributes=True),
        formats=[FormatFacts.model_validate(known, from_attributes=True) for known in task.formats],
        rules=facts.policy.rules,
        rules_digest=rules_digest(facts.policy),
    )


def _summary(facts: RoundFacts, now: datetime) -> RoundSummary:
    metric = find_task(facts.task).metric(facts.policy.best_by)
    return RoundSummary(
        slug=facts.slug,
        title=facts.title,
        challenge=facts.challenge,
        task=facts.task,
        phase=phase(facts.policy, now),
        opens_at=facts.policy.opens,
        closes_at=facts.policy.closes,
        metric=MetricFacts(name=metric.name, label=metric.label, direction=metric.direction),
    )
