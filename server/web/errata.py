"""/organize/{slug}/errata: a corrected truth is sent, everything is scored against it, and then it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from leaderboard.numbers import score_text, shown_name
from scoring.tasks import Metric, find_task
from server.errors import ErratumNotReady, ErratumReplaced, InvalidRequest, RoundNotFound, ServerError, status_of
from server.jobs.erratum_orders import CHANGES, WHOLE
from server.organizing_errors import FaultyTruth, InvalidText
from server.routers import page_router
from server.services.errata import Move
from server.services.erratum_uploads import begin_erratum, truth_parts
from server.services.organized_errata import ErratumAffairs, errata_of, forget_erratum, show_erratum
from server.services.rescoring_wishes import rescore, retry_erratum
from server.uploads import discarding, take_file
from server.web.fields import Problem, problem_of
from server.web.moments import Moment, moment
from server.web.pages import render_page
from server.web.visits import Visit, VisitDep, first_to, go_to
from server.web.wording import counted

router = page_router("/organize/{slug}")

Text = Annotated[str, Form()]
Ticked = Annotated[bool, Form()]
Version = Annotated[int, Form(ge=0, le=2**62)]  # its number; 0: none, which is never in preparation

# More rows of a board than a preview needs; the API has all.
MAX_MOVES = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class PartChoice:
    """What a file may be."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionLine:
    """A version that is, or once was, on the board."""

    number: int
    note: str
    shown: Moment
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveLine:
    """What the correction does to a row of the board."""

    team: str
    method: str
    rank_before: str
    rank_after: str
    score_before: str
    score_after: str
    is_moved: bool
    is_leaving: bool  # for want of a score


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedBoard:
    """What the correction does to the board of some images."""

    images: str  # which: "public"; "" for all
    moves: tuple[MoveLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultLine:
    """One fault of the files that were sent."""

    place: str
    message: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The version in preparation."""

    number: int
    note: str
    waiting: int  # for their score; not those that could not be scored
    given_up: str  # how many could not be scored: "2 submissions"; "" for none
    scored: int  # against it already
    total: int
    moved: str  # how many change their rank: "3 rows"
    boards: tuple[MovedBoard, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureLine:
    """A submission that could not be scored again."""

    submission: int
    team: str
    method: str
    failure: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFields:
    """What was said of a file that was refused; the browser keeps no file."""

    part: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrataPage:
    """Corrections of one round's truth."""

    title: str
    slug: str
    round_title: str
    parts: tuple[PartChoice, ...]
    metric: str
    versions: tuple[VersionLine, ...]
    prepared: Prepared | None
    failures: tuple[FailureLine, ...]
    problem: Problem | None
    faults: tuple[FaultLine, ...]
    sent: SentFields


@router.get("/errata")
def errata_page(slug: str, visit: VisitDep) -> Response:
    if visit.viewer.is_anonymous:
        return first_to("/log-in", visit)
    return _page(slug, visit)


@router.post("/errata")
async def erratum_sent(slug: str, visit: VisitDep) -> Response:
    upload = await run_in_threadpool(begin_erratum, visit.deployment, visit.viewer, slug=slug, now=visit.now)
    said = SentFields()
    try:
        async with discarding(upload):
            sent = await take_file(visit.request, upload)
            said = SentFields(part=sent.fields.get("part", WHOLE), note=sent.fields.get("note", ""))
            await run_in_threadpool(
                upload.finish, part=said.part, file_name=sent.file_name, note=said.note, now=visit.now
            )
    except RoundNotFound:
        raise
    except ServerError as error:
        return await run_in_threadpool(_page, slug, visit, error=error, sent=said)
    return go_to(f"/organize/{slug}/errata")


@router.post("/errata/show")
def correction_shown(
    slug: str, visit: VisitDep, *, version: Version = 0, note: Text = "", without_failures: Ticked = False
) -> Response:  # fmt: skip
    try:
        show_erratum(
            visit.deployment, visit.viewer, slug=slug, note=note, number=version, leaves_failures=without_failures,
            now=visit.now,
        )  # fmt: skip
    except (ErratumNotReady, ErratumReplaced, InvalidText) as error:
        return _page(slug, visit, error=error, note=note)
    return go_to(f"/organize/{slug}/errata")


@router.post("/errata/retry")
def failures_retried(slug: str, visit: VisitDep) -> Response:
    retry_erratum(visit.deployment, visit.viewer, slug=slug, now=visit.now)
    return go_to(f"/organize/{slug}/errata")


@router.post("/errata/forget")
def correction_forgotten(slug: str, visit: VisitDep, *, version: Version = 0) -> Response:
    try:
        forget_erratum(visit.deployment.database, visit.viewer, slug=slug, number=version, now=visit.now)
    except (ErratumNotReady, ErratumReplaced) as error:
        return _page(slug, visit, error=error)
    return go_to(f"/organize/{slug}/errata")


@router.post("/rescore")
def rescoring_wanted(slug: str, visit: VisitDep, *, submissions: Text = "") -> Response:
    wanted = submissions.replace(",", " ").split()
    if any(not (word.isascii() and word.isdigit() and len(word) < 19) for word in wanted):
        raise InvalidRequest("These are no numbers of submissions.", advice="Write them like 41, 43; or none, for all.")
    ids = [int(word) for word in wanted] or None
    rescore(visit.deployment, visit.viewer, slug=slug, submission_ids=ids, now=visit.now)
    return go_to(f"/organize/{slug}#queue")


def _page(
    slug: str, visit: Visit, *, error: ServerError | None = None, note: str | None = None,
    sent: SentFields | None = None,
) -> Response:  # fmt: skip
    """The page; after a refusal, with what its sender had written: the note of what was to be shown, or sent."""
    attempts = visit.deployment.settings.max_attempts
    with visit.deployment.database.read() as session:
        affairs = errata_of(session, visit.viewer, slug=slug, max_attempts=attempts, now=visit.now)
    faults = error.details["faults"] if isinstance(error, FaultyTruth) else ()
    metric = find_task(affairs.facts.task).metric(affairs.facts.policy.best_by)
    page = ErrataPage(
        title="Corrections of the truth",
        slug=slug,
        round_title=affairs.facts.title,
        parts=_parts(affairs),
        metric=metric.label,
        versions=_versions(affairs, visit.now),
        prepared=_prepared(affairs, metric, note=note),
        failures=_failures(affairs),
        problem=problem_of(error),
        faults=tuple(_fault(fault) for fault in faults),
        sent=sent or SentFields(note="" if affairs.preview else note or ""),  # for the one that takes its place
    )
    status = 200 if error is None else status_of(error)
    return render_page(visit.request, "organize_errata.html", page, viewer=visit.viewer, status=status)


def _parts(affairs: ErratumAffairs) -> tuple[PartChoice, ...]:
    return (
        PartChoice(value=WHOLE, label="An archive: the round's folder, or files of its truth"),
        *(PartChoice(value=key, label=f"The file of {key} alone") for key in truth_parts(affairs.facts)),
        PartChoice(value=CHANGES, label="A list of changes: the edited draft (CSV)"),
    )


def _versions(affairs: ErratumAffairs, now: datetime) -> tuple[VersionLine, ...]:
    return tuple(
        VersionLine(
            number=one.number, note=one.note, shown=moment(one.activated_at or one.created_at, now), digest=one.digest
        )
        for one in reversed(affairs.shown)
    )


def _prepared(affairs: ErratumAffairs, metric: Metric, *, note: str | None) -> Prepared | None:
    found = affairs.preview
    if found is None:
        return None
    return Prepared(
        number=found.number,
        note=found.note if note is None else note,
        waiting=found.waiting - len(affairs.given_up),
        given_up=counted(len(affairs.given_up), "submission") if affairs.given_up else "",
        scored=affairs.scored - found.waiting,
        total=affairs.scored,
        moved=counted(sum(move.is_moved for move in found.moves), "row"),
        boards=tuple(_boards(found.moves, metric)),
    )


def _boards(moves: Sequence[Move], metric: Metric) -> Iterator[MovedBoard]:
    for split in dict.fromkeys(move.split for move in moves):
        lines = [_line(move, metric) for move in moves if move.split == split]
        yield MovedBoard(images="" if split == "all" else split, moves=tuple(lines[:MAX_MOVES]))


def _line(move: Move, metric: Metric) -> MoveLine:
    ranks = ["" if rank is None else str(rank) for rank in (move.rank_before, move.rank_after)]
    return MoveLine(
        team=shown_name(move.team),
        method=shown_name(move.method),
        rank_before=ranks[0],
        rank_after=ranks[1],
        score_before=score_text(move.score_before, metric),
        score_after=score_text(move.score_after, metric),
        is_moved=move.is_moved,
        is_leaving=not move.is_scored,
    )


def _failures(affairs: ErratumAffairs) -> tuple[FailureLine, ...]:
    return tuple(
        FailureLine(
            submission=one.submission_id, team=shown_name(one.team), method=shown_name(one.method), failure=one.failure
        )
        for one in affairs.failures
    )  # fmt: skip


def _fault(fault: dict[str, Any]) -> FaultLine:
    line = "" if fault["line"] is None else f", line {fault['line']:,}"
    value = "" if fault["value"] is None else f": {fault['value']}"
    more = f" ({fault['count']:,} like this)" if fault["count"] > 1 else ""
    return FaultLine(place=f"{fault['file']}{line}{value}", message=f"{fault['message']}{more}", advice=fault["advice"])
