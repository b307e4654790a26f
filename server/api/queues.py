"""A round's queue for its organizers: health, what waits, what went wrong."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from server.api.acts import ActDep, organizer_errors
from server.api.rounds import Slug
from server.db.tables import State, stored_id
from server.routers import api_router
from server.services.round_queues import MAX_UNFINISHED, RoundQueue, queue_of

router = api_router("organizing")


class UnfinishedFacts(BaseModel):
    """A submission that waits, runs or went wrong."""

    submission: int
    team: str
    state: State
    failure: str | None = Field(description="Why it has no score: time-limit, memory-limit, internal-error, ...")
    attempt: int
    created_at: datetime


class QueueFacts(BaseModel):
    """How a round is doing."""

    submissions: int
    teams: int = Field(description="That have sent something; baselines are of none.")
    open: int = Field(description="Submissions that wait or run.")
    troubled: int = Field(
        description="Submissions that could not be scored; `rescore` tries those again that it names."
    )
    unfinished: list[UnfinishedFacts] = Field(description=f"What went wrong first; at most {MAX_UNFINISHED}.")


@router.get("/rounds/{slug}/queue", summary="Read a round's queue", responses=organizer_errors())
def read_queue(slug: Slug, act: ActDep) -> QueueFacts:
    """Health, what waits or runs, and what went wrong."""
    with act.database.read() as session:
        return queue_facts(queue_of(session, act.viewer, slug=slug, now=act.now))


def queue_facts(queue: RoundQueue) -> QueueFacts:
    """The queue as JSON."""
    health = queue.health
    return QueueFacts(
        submissions=health.submissions,
        teams=health.teams,
        open=health.open,
        troubled=health.troubled,
        unfinished=[
            UnfinishedFacts(
                submission=stored_id(submission.id),
                team=team.name,
                state=State(submission.state),
                failure=submission.failure,
                attempt=submission.attempt,
                created_at=submission.accepted_at,
            )
            for submission, team in queue.unfinished
        ],
    )
