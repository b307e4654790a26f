"""Faults in the truth: images that teams report, and those where strong entries agree against it."""

from __future__ import annotations

from datetime import datetime

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from server.api.acts import ActDep, ListedId, Made, TeamActDep, organizer_errors, team_errors
from server.api.rounds import Slug
from server.db.tables import stored_id
from server.downloads import csv_answer
from server.errors import RoundNotFound, ServerBusy
from server.jobs.suspicion_orders import Suspicions
from server.organizing_errors import InvalidText, ReportNotFound, TooManyReports, UnknownImage
from server.routers import api_router
from server.services.image_reports import report_image, settle_report
from server.services.suspicions import Noise, find_suspicions, noise_of

router = api_router("organizing")


class Doubt(BaseModel):
    """What is wrong with an image's truth."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"image": "17", "text": "It is a fox."}})
    image: str = Field(max_length=500, description="Its index, or its name.")
    text: str = Field(max_length=5_000, description="What is wrong.")


class ReportFacts(BaseModel):
    """A team's report."""

    id: int
    image: int = Field(description="Its index.")
    team: str
    text: str
    reported_at: datetime
    settled_at: datetime | None


class DoubtfulFacts(BaseModel):
    """An image where strong entries agree against the truth."""

    image: int = Field(description="Its index.")
    split: str = Field(description="public, private, or all where the round has no halves.")
    present: str = Field(description="Ids of classes, as the truth has them.")
    suggested: str = Field(description="The id of the class that the entries see.")
    agreeing: int = Field(description="How many of them.")


class NoiseFacts(BaseModel):
    """Where the truth may be wrong."""

    reports: list[ReportFacts]
    entries: int = Field(description="Strong entries that were compared with the truth.")
    images: list[DoubtfulFacts] = Field(description="Those that most entries agree about first.")


@router.post(
    "/rounds/{slug}/reports",
    status_code=201,
    summary="Report an image whose truth is wrong",
    responses=team_errors(RoundNotFound, UnknownImage, InvalidText, TooManyReports),
)
def report_doubt(slug: Slug, doubt: Doubt, act: TeamActDep) -> Made:
    """For the organizers; of the same image again, it takes the place of the first."""
    return Made(id=report_image(act.deployment, act.viewer, slug=slug, image=doubt.image, text=doubt.text, now=act.now))


@router.post(
    "/rounds/{slug}/reports/{report_id}/settle",
    status_code=204,
    summary="Settle a report",
    responses=organizer_errors(ReportNotFound),
)
def settle_doubt(slug: Slug, report_id: ListedId, act: ActDep) -> None:
    """It no longer waits, and stays out of the draft."""
    settle_report(act.deployment, act.viewer, slug=slug, report_id=report_id, now=act.now)


@router.get(
    "/rounds/{slug}/noise", summary="List images whose truth is doubtful", responses=organizer_errors(ServerBusy)
)
def read_noise(slug: Slug, act: ActDep) -> NoiseFacts:
    """Those that teams report, and those where the ten best rows of the board agree against the truth."""
    noise = noise_of(act.deployment, act.viewer, slug=slug, now=act.now)
    suspicions, entries = find_suspicions(act.deployment, act.viewer, slug=slug, now=act.now)
    return noise_facts(noise, suspicions, entries)


def noise_facts(noise: Noise, suspicions: Suspicions, entries: int) -> NoiseFacts:
    """What is known of faults in the truth, for programs."""
    return NoiseFacts(
        reports=[
            ReportFacts(
                id=stored_id(row.report.id),
                image=row.report.image,
                team=row.team.name,
                text=row.report.text,
                reported_at=row.report.reported_at,
                settled_at=row.report.settled_at,
            )
            for row in noise.reports
        ],
        entries=entries,
        images=[DoubtfulFacts.model_validate(image, from_attributes=True) for image in suspicions.images],
    )


@router.get(
    "/rounds/{slug}/noise/draft.csv",
    summary="Draft an erratum",
    response_class=Response,
    responses={
        **organizer_errors(ServerBusy),
        200: {"content": {"text/csv": {}}, "description": "Doubtful and reported images; edit it, then send it."},
    },
)
def read_draft(slug: Slug, act: ActDep) -> Response:
    """Edited, it is sent to `POST /rounds/{slug}/erratum?part=changes`."""
    suspicions, _ = find_suspicions(act.deployment, act.viewer, slug=slug, now=act.now)
    return csv_answer(suspicions.draft, name=f"{slug}-erratum-draft.csv")
