"""/organize/{slug}/noise: doubtful images, reported or found, and the draft of an erratum; how teams report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Path
from starlette.responses import Response

from leaderboard.numbers import shown_name
from server.db.tables import stored_id
from server.downloads import csv_answer
from server.jobs.suspicion_orders import DoubtfulImage
from server.routers import page_router
from server.services.image_reports import report_image, settle_report
from server.services.suspicions import find_suspicions, noise_of
from server.web.moments import Moment, moment
from server.web.pages import render_page
from server.web.visits import VisitDep, first_to, go_to
from server.web.wording import counted

router = page_router()

Text = Annotated[str, Form()]

# A page stays a page; the draft has all.
MAX_SHOWN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLine:
    """One report."""

    id: int
    image: int
    team: str
    text: str
    reported: Moment
    is_settled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NoisePage:
    """What is known of faults in the truth of a round."""

    title: str
    slug: str
    round_title: str
    reports: tuple[ReportLine, ...]
    has_looked: bool
    is_known_kind: bool
    entries: int  # that were asked
    doubtful: tuple[DoubtfulImage, ...]
    found: str  # how many: "2 images, of 5 entries asked"


@router.get("/organize/{slug}/noise")
def noise_page(slug: str, visit: VisitDep, look: str = "") -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    noise = noise_of(visit.deployment, visit.viewer, slug=slug, now=visit.now)
    suspicions, entries = None, 0
    if look:
        suspicions, entries = find_suspicions(visit.deployment, visit.viewer, slug=slug, now=visit.now)
    page = NoisePage(
        title="Doubtful images",
        slug=slug,
        round_title=noise.facts.title,
        reports=tuple(
            ReportLine(
                id=stored_id(row.report.id),
                image=row.report.image,
                team=shown_name(row.team.name),
                text=row.report.text,
                reported=moment(row.report.reported_at, visit.now),
                is_settled=row.report.settled_at is not None,
            )
            for row in noise.reports
        ),
        has_looked=suspicions is not None,
        is_known_kind=suspicions is None or suspicions.is_known_kind,
        entries=entries,
        doubtful=() if suspicions is None else tuple(suspicions.images[:MAX_SHOWN]),
        found=f"{counted(len(suspicions.images), 'image')}, of {counted(entries, 'entry')} asked" if suspicions else "",
    )
    return render_page(visit.request, "organize_noise.html", page, viewer=visit.viewer)


@router.get("/organize/{slug}/noise/draft.csv")
def draft(slug: str, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    suspicions, _ = find_suspicions(visit.deployment, visit.viewer, slug=slug, now=visit.now)
    return csv_answer(suspicions.draft, name=f"{slug}-erratum-draft.csv")


@router.post("/organize/{slug}/reports/{report_id}")
def report_settled(slug: str, report_id: Annotated[int, Path(ge=1, le=2**62)], visit: VisitDep) -> Response:
    settle_report(visit.deployment, visit.viewer, slug=slug, report_id=report_id, now=visit.now)
    return go_to(f"/organize/{slug}/noise")


@router.post("/rounds/{slug}/reports")
def report_sent(slug: str, visit: VisitDep, *, image: Text = "", text: Text = "") -> Response:
    report_image(visit.deployment, visit.viewer, slug=slug, image=image, text=text, now=visit.now)
    return go_to(f"/rounds/{slug}?reported=true#report")
