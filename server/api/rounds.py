"""Rounds: what there is to take part in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from leaderboard.policy import phase
from leaderboard.visibility import visible
from scoring.policies import Admission, Listing, PerClass, Ranking, Represents
from scoring.splits import seed_commitment
from scoring.tasks import find_task
from server.api.errors import error_answers
from server.doors import DeploymentDep, NowDep, ViewerDep
from server.errors import RoundNotFound
from server.routers import api_router
from server.services.announcements import corrections_of, told_of
from server.services.data_pages import data_facts
from server.services.round_formats import formats_of
from server.services.rounds import RoundFacts, find_round, list_rounds
from server.services.rules_acceptance import rules_digest
from server.services.truth_seals import is_truth_told

router = api_router("rounds")

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
    is_paused: bool = Field(description="Closed for now: it goes on with a new close.", examples=[False])
    opens_at: datetime | None = Field(description="Null: open from the beginning.", examples=["2026-12-01T00:00:00Z"])
    closes_at: datetime | None = Field(
        description="Null: open for good. The moment itself is closed.", examples=["2026-12-31T23:59:59Z"]
    )
    metric: MetricFacts
    tracks: list[str] = Field(
        description="A new method names one of them; each is ranked apart. Empty: there are none.", examples=[[]]
    )


class RoundList(BaseModel):
    """All rounds of this server."""

    rounds: list[RoundSummary]


class FormatFacts(BaseModel):
    """One way to write predictions."""

    name: str = Field(examples=["labels"])
    line: str = Field(description="The grammar of a line.", examples=["<id> <id> <id> <id> <id>"])
    example: str = Field(
        description="A line that is valid in this round, or a small file of it; empty where it is no text.",
        examples=["771 778 794 387 650"],
    )
    note: str


class ToldFacts(BaseModel):
    """Something the organizers have told."""

    text: str
    at: datetime


class AnswerFacts(BaseModel):
    """A team's question, which is not named, and its answer."""

    question: str
    answer: str = Field(description="In Markdown.")
    at: datetime = Field(description="When it was answered.")


class RoundDetails(RoundSummary):
    """A round, in full."""

    model_config = ConfigDict(json_schema_extra={"title": "RoundDetails"})
    freezes_at: datetime | None = Field(
        description="From here until the reveal the board shows what was sent before; null: it never stands still."
    )
    is_frozen: bool = Field(description="At the moment of the answer.")
    reveals_at: datetime | None = Field(
        description="When private scores, names and figures per class are shown; null: the round never closes, or is"
        " paused without a date of its own for it."
    )
    is_revealed: bool = Field(description="At the moment of the answer.")
    task_sentence: str = Field(description="What a participant is asked to do.")
    images: int = Field(description="How many images there are.", examples=[50_000])
    classes: int = Field(description="How many classes there are.", examples=[1_000])
    rows: Literal["team", "entry"] = Field(description="What a row of the board stands for.")
    represents: Represents = Field(
        description="Which submission stands for a row: the best, the latest, or chosen ones."
    )
    finals: int | None = Field(description="How many a team may choose, in each track; null where it chooses none.")
    ranking: Ranking = Field(description="By the metric, or by the number of categories won.")
    public_share: float | None = Field(
        description="Of the images, whose scores are shown before the reveal; null: all.", examples=[0.3]
    )
    is_blind: bool = Field(description="No score is shown before the reveal.")
    is_anonymous: bool = Field(description="No team is named before the reveal.")
    per_class: PerClass = Field(description="When figures per class are shown.")
    listing: Listing = Field(description="unlisted: by its address alone; private: to those who joined.")
    admission: Admission = Field(description="Who may submit: any team, those the organizers let in, or by address.")
    domains: list[str] = Field(description="Of the e-mail addresses that are admitted.", examples=[[]])
    needs_verified_email: bool = Field(description="Whether files are taken of verified addresses only.")
    teams_freeze_at: datetime | None = Field(
        description="From here on nobody joins or leaves a team that takes part; null: teams may change to the end."
    )
    appeal_days: int = Field(description="How long a team may appeal against a disqualification.", examples=[7])
    limits: Limits
    formats: list[FormatFacts]
    rules: str | None = Field(description="The rule book, in Markdown.")
    rules_digest: str | None = Field(
        description="The version of what teams accept: sha256 of the rule book; where the data page holds terms, of "
        "both texts' digests with a space between. Null: nothing is to be accepted."
    )
    data: str | None = Field(description="The data page, in Markdown.")
    is_data_withheld: bool = Field(
        description="Whether `data` leaves its addresses out until you accept its terms: `/rounds/{slug}/acceptance`."
    )
    has_data_terms: bool = Field(description="Whether the data page holds terms, accepted as the rules are.")
    split_commitment: str | None = Field(
        description="To the seed that draws the public and the private images: sha256 of `heldout split SEED`, with "
        "one space before the seed and no line end; null where all are public."
    )
    split_seed: str | None = Field(description="The seed itself, from the reveal on.")
    truth_seal: str | None = Field(
        description="What sealed the digest of the ground truth, from the reveal of every round here of that truth on: "
        "the digest told before is the sha256 of `heldout truth`, the seal and the digest, spaces between them."
    )
    announcements: list[ToldFacts] = Field(description="In Markdown, newest first.")
    corrections: list[ToldFacts] = Field(
        description="What was wrong with the ground truth and since when the board shows it corrected, newest first."
    )
    answers: list[AnswerFacts] = Field(description="Of answered questions, newest first.")


@router.get("/rounds", summary="List the rounds", responses=error_answers())
def read_rounds(deployment: DeploymentDep, viewer: ViewerDep, now: NowDep) -> RoundList:
    """Every round: open, past and announced."""
    with deployment.database.read() as session:
        found = list_rounds(session, viewer)
    return RoundList(rounds=[_summary(facts, now) for facts in found])


@router.get("/rounds/{slug}", summary="Read one round", responses=error_answers(RoundNotFound))
def read_round(slug: Slug, *, deployment: DeploymentDep, viewer: ViewerDep, now: NowDep) -> RoundDetails:
    """The round's task, dates, limits, formats and rules, and what its organizers have told."""
    with deployment.database.read() as session:
        facts = find_round(session, slug, viewer)
        announced, answered = told_of(session, facts.id)
        corrected = corrections_of(session, facts.id)
        told_data = data_facts(session, facts, viewer)
        seen = visible(facts, viewer, now)
        is_told = is_truth_told(session, facts.id, seen, now)
    task, policy = find_task(facts.task), facts.policy
    return RoundDetails(
        **_summary(facts, now).model_dump(),
        freezes_at=policy.freezes,
        is_frozen=seen.sent_before is not None,
        reveals_at=facts.reveals_at(now),
        is_revealed=seen.is_revealed,
        task_sentence=task.sentence,
        images=facts.image_count,
        classes=facts.class_count,
        rows="entry" if policy.rows == "entry" else "team",
        represents=policy.represents,
        finals=policy.finals if policy.represents == "finals" else None,
        ranking=policy.ranking,
        public_share=policy.public_share,
        is_blind=policy.is_blind,
        is_anonymous=policy.is_anonymous,
        per_class=policy.per_class,
        listing=policy.listing,
        admission=policy.admission,
        domains=list(policy.domains),
        needs_verified_email=policy.needs_email,
        teams_freeze_at=policy.teams_freeze,
        appeal_days=policy.appeal_days,
        limits=Limits.model_validate(policy, from_attributes=True),
        formats=[
            FormatFacts.model_validate(known, from_attributes=True) for known in formats_of(facts, deployment.folders)
        ],
        rules=policy.rules,
        rules_digest=rules_digest(policy),
        data=told_data.text,
        is_data_withheld=told_data.is_withheld,
        has_data_terms=policy.has_data_terms,
        split_commitment=None if facts.split_seed is None else seed_commitment(facts.split_seed),
        split_seed=facts.split_seed if seen.is_revealed else None,
        truth_seal=facts.truth_seal if is_told else None,
        announcements=[ToldFacts.model_validate(one, from_attributes=True) for one in announced],
        corrections=[ToldFacts.model_validate(one, from_attributes=True) for one in corrected],
        answers=[AnswerFacts.model_validate(one, from_attributes=True) for one in answered],
    )


def _summary(facts: RoundFacts, now: datetime) -> RoundSummary:
    metric = find_task(facts.task).metric(facts.policy.best_by)
    return RoundSummary(
        slug=facts.slug,
        title=facts.title,
        challenge=facts.challenge,
        task=facts.task,
        phase=phase(facts.policy, now),
        is_paused=facts.state(now) == "paused",
        opens_at=facts.policy.opens,
        closes_at=facts.policy.closes,
        metric=MetricFacts(name=metric.name, label=metric.label, direction=metric.direction),
        tracks=list(facts.policy.tracks),
    )
