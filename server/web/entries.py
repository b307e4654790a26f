"""/entries/{id}: a row of the board on a page of its own, to be linked and cited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from leaderboard.addresses import comparison_address, entry_address
from leaderboard.board import Row
from leaderboard.curves import curve_figure
from leaderboard.exports import standing_word
from leaderboard.numbers import score_text, shown_name
from scoring.tasks import Metric, find_task
from server.routers import page_router
from server.services.entries import EntryFacts, entry_curve, entry_facts
from server.web.earlier_scores import earlier_facts
from server.web.moments import Moment, moment
from server.web.pages import render_page
from server.web.submit import Fact
from server.web.visits import VisitDep

router = page_router()

# What a class is called comes first; identity columns are no figures.
_NO_FIGURES = ("id", "wnid", "name")


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryLine:
    """A score of the team in this round that a board has shown."""

    method: str
    address: str  # of the entry's page; "" for this entry, and where the board has another row for the team
    score: str
    note: str  # "record", "on the board", "disqualified"
    at: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryPage:
    """One entry."""

    title: str
    round_slug: str
    round_title: str
    team: str
    team_address: str  # "" while it is not named
    standing: str  # its rank, or why it has none
    reason: str  # why it is disqualified
    score: str
    exact: str
    metric: str
    direction: str
    interval: str
    split: str  # of which images the score is; "" where there is only one kind
    compare_address: str  # with the first of its track, or the second; "" where it is alone
    compare_with: str
    figures: tuple[Fact, ...]
    sent: Moment
    description: str
    links: tuple[Fact, ...]
    details_address: str  # where its team says more; "" for others
    citation: str  # but for the day it was sent
    sent_on: str  # that day
    history: tuple[HistoryLine, ...]  # empty while the team is not named, and where this entry is all there is
    facts: tuple[Fact, ...]
    curve: str  # precision over recall, drawn; "" where there is none to show
    class_columns: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]  # name, then a figure for each column


@router.get("/entries/{entry_id}")
def entry_page(
    entry_id: Annotated[int, Path(ge=1, le=2**62)],
    visit: VisitDep,
    slug: Annotated[str, Query(alias="round")] = "",
) -> Response:
    with visit.deployment.database.read() as session:
        facts = entry_facts(session, visit.boards, entry_id, slug=slug, viewer=visit.viewer, now=visit.now)
    curve = entry_curve(visit.deployment, visit.ranked_boards.statistics, facts)
    board, row, metric = facts.board, facts.row, facts.board.metric
    measured = find_task(facts.round.task).metric(facts.round.policy.best_by)
    value = row.scores.get(metric.name)
    columns = _class_columns(facts)
    rival = next((r for r in board.rows if r.rank is not None and r.track == row.track and r.entry != row.entry), None)
    page = EntryPage(
        title=shown_name(row.method),
        round_slug=board.round_slug,
        round_title=facts.round.title,
        team=shown_name(row.team),
        team_address=f"/teams/{row.team_id}" if row.is_named else "",
        standing=_standing(facts),
        reason=shown_name(row.disqualified_for),
        score=score_text(value, metric),
        exact="" if value is None else repr(value),
        metric=metric.label,
        direction=metric.direction,
        interval=_interval(facts, metric),
        split=board.split if facts.round.policy.public_share is not None else "",
        compare_address="" if rival is None else comparison_address(board, row.entry, rival.entry),
        compare_with="" if rival is None else shown_name(rival.method),
        figures=tuple(
            Fact(other.label, score_text(row.scores.get(other.name), other))
            for other in board.metrics
            if other != metric and other.name in row.scores
        )
        + earlier_facts(facts.earlier_scores, measured, of_split=board.split),
        sent=moment(row.submitted_at, visit.now),
        description=facts.description,
        links=tuple(Fact(name.capitalize(), address) for name, address in row.links.items()),
        details_address=f"/entries/{entry_id}/details" if facts.is_own else "",
        citation=_citation(facts, metric),
        sent_on=f"{row.submitted_at:%Y-%m-%d}",
        history=_history(facts, visit.now),
        facts=_file_facts(facts),
        curve="" if curve is None else curve_figure(curve),
        class_columns=tuple(_column_label(facts, column) for column in columns),
        classes=tuple(
            (shown_name(str(figures["name"])), *(_figure(figures.get(column)) for column in columns))
            for figures in facts.per_class
        ),
    )
    return render_page(visit.request, "entry.html", page, viewer=visit.viewer)


def _standing(facts: EntryFacts) -> str:
    row, board = facts.row, facts.board
    if row.rank is None:
        return standing_word(row)
    ranked = sum(other.rank is not None and other.track == row.track for other in board.rows)
    track = f" in the track {row.track}" if row.track else ""
    return f"{row.rank} of {ranked:,}{track}"


def _interval(facts: EntryFacts, metric: Metric) -> str:
    interval = facts.row.interval
    if interval is None:
        return ""
    return f"{score_text(interval.low, metric)} to {score_text(interval.high, metric)}"


def _citation(facts: EntryFacts, metric: Metric) -> str:
    row = facts.row
    score = score_text(row.scores.get(metric.name), metric)
    return f"{shown_name(row.team)}: {shown_name(row.method)}. {facts.round.title}, {metric.label} {score}"


def _history(facts: EntryFacts, now: datetime) -> tuple[HistoryLine, ...]:
    """The team's records and its rows, the latest first: nothing that the board has not shown."""
    board, own = facts.board, facts.row
    if not own.is_named:
        return ()
    metric = find_task(facts.round.task).metric(facts.round.policy.best_by)
    rows = [row for row in board.rows if row.team_id == own.team_id and row.is_named]
    shown = {row.entry for row in rows} - {own.entry}
    found: dict[tuple[datetime, int], tuple[str, float | None, str]] = {
        (row.submitted_at, row.entry): (row.method, row.scores.get(metric.name), _place(row)) for row in rows
    }
    for record in board.records:
        if record.team_id == own.team_id and record.is_named:
            shown_as = found.get((record.at, record.entry))
            note = "record" if shown_as is None else f"record, {shown_as[2]}"
            found[record.at, record.entry] = (record.method, record.value, note)
    lines = tuple(
        HistoryLine(
            method=shown_name(method),
            address=entry_address(board, entry) if entry in shown else "",
            score=score_text(value, metric),
            note=note,
            at=moment(at, now),
        )
        for (at, entry), (method, value, note) in sorted(found.items(), reverse=True)
    )
    return lines if len(lines) > 1 else ()


def _place(row: Row) -> str:
    return "on the board" if row.rank is not None else standing_word(row)


def _file_facts(facts: EntryFacts) -> tuple[Fact, ...]:
    whose = "Submissions of the team" if facts.row.is_named else "Submissions of this row"
    found = [Fact(whose, f"{facts.row.submissions_spent:,}"), Fact("Scorer", facts.scorer_version)]
    if facts.board.truth_digest:
        found.append(Fact("Ground truth", facts.board.truth_digest[:12]))
    if facts.sha256:
        found.append(Fact("SHA-256 of the file", facts.sha256))
    return tuple(found)


def _class_columns(facts: EntryFacts) -> tuple[str, ...]:
    return tuple(key for key in (facts.per_class[0] if facts.per_class else ()) if key not in _NO_FIGURES)


def _column_label(facts: EntryFacts, key: str) -> str:
    """As the board heads the metric, or its mean over the classes."""
    for metric in find_task(facts.round.task).metrics:
        if metric.name in {key, f"mean_{key}"}:
            return f"{metric.label.removeprefix('mean ')} {'↓' if metric.is_lower_better else '↑'}"
    return key.replace("_", " ")


def _figure(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
