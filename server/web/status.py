"""/status: how long the queue is, and whether anybody works on it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.doors import AliveWorkersDep
from server.routers import page_router
from server.services.status import ServerStatus, server_status
from server.web.moments import duration
from server.web.pages import render_page
from server.web.submit import Fact
from server.web.visits import VisitDep
from server.web.wording import counted

router = page_router()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusPage:
    """The server's queue."""

    title: str
    verdict: str
    signal: str  # class of the verdict
    advice: str
    facts: tuple[Fact, ...]


@router.get("/status")
def status_page(visit: VisitDep, alive_workers: AliveWorkersDep) -> Response:
    status = server_status(visit.deployment, alive_workers=alive_workers, now=visit.now)
    verdict, signal, advice = _verdict(status)
    page = StatusPage(
        title="Status",
        verdict=verdict,
        signal=signal,
        advice=advice,
        facts=(
            Fact("Waiting", counted(status.queued, "submission")),
            Fact("Being scored", counted(status.running, "submission")),
            Fact("Longest wait", "–" if status.longest_wait is None else duration(status.longest_wait)),
            Fact("Workers alive", f"{status.alive_workers:,}"),
            Fact("Heldout", status.version),
        ),
    )
    return render_page(visit.request, "status.html", page, viewer=visit.viewer)


def _verdict(status: ServerStatus) -> tuple[str, str, str]:
    if not status.alive_workers:
        return (
            "Nothing is scored at the moment.", "bad",
            "Submissions are taken and kept; they are scored once a worker is there.",
        )  # fmt: skip
    if status.queued:
        wait = counted(status.queued, "submission")
        return (
            f"Scoring, with {wait} in the queue.", "good",
            "Teams with fewer open submissions come first. A submission's page says how many are before it.",
        )  # fmt: skip
    return "Scoring, without a queue.", "good", "A submission sent now begins at once."
