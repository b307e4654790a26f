"""/rounds/{slug}/board and its twins .json and .csv; its records as a feed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import get_args

from fastapi import Request
from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from leaderboard.board import Board
from leaderboard.exports import board_csv, board_document
from leaderboard.feeds import records_feed
from leaderboard.render import Order, board_orders, board_table
from leaderboard.selection import Selection, read_selection, select
from leaderboard.visibility import Split
from scoring.tasks import find_task
from server.routers import page_router
from server.services.boards import BoardAnswer
from server.web.addresses import shown_address
from server.web.assets import asset_address
from server.web.kept_boards import SeenBoard, kept_boards
from server.web.pages import PRIVATE, render_page
from server.web.visits import Visit, VisitDep
from server.web.wording import empty_board, resolution_note, round_state, rows_rule, spent_note, split_note

router = page_router()


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitLink:
    """Images on which the board can be looked at."""

    split: str
    address: str  # of the same rows there; "" for those it shows


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardPage:
    """A whole board."""

    title: str
    slug: str
    round_title: str
    table: Markup
    can_compare: bool
    is_unlisted: bool  # so that the round is named where its rows are compared
    has_rank_intervals: bool
    resolution: str  # the smallest difference the images tell; "" until it is known
    orders: tuple[Order, ...]  # that the rows can have
    find: str
    since: str
    track: str
    tracks: tuple[str, ...]
    split: str  # of which images the scores are, where the address says so; else ""
    splits: tuple[SplitLink, ...]  # none where there is no choice
    compared_split: str  # whose scores are compared; "" where there is no choice
    all_rows: str  # the address without the filter
    twins: str  # what the address of .json and .csv ends with, so that they tell the same scores
    split_note: str
    row_count: int
    shown_count: int
    is_filtered: bool
    has_ties: bool
    spent_note: str
    empty_board: str
    metric: str
    direction: str
    rows_rule: str
    state: str  # whether the ranking can still change
    truth_digest: str
    truth_short: str
    seal_note: str  # what is said of a digest that is sealed


@router.get("/rounds/{slug}/board")
def board_page(
    slug: str, visit: VisitDep, *, sort: str = "", find: str = "", since: str = "", track: str = "", split: str = ""
) -> Response:
    answer = _answer(slug, visit, split)
    state = round_state(answer.round, answer.board.visibility.phase, visit.now)
    etag = _page_tag(answer, state, visit)
    if is_known(visit.request, etag):
        return not_modified(etag)

    def make() -> bytes:
        selection = read_selection(answer.board, sort=sort, text=find, since=since, track=track, split=split)
        page = _page(answer, state, selection)
        return bytes(render_page(visit.request, "board.html", page, viewer=visit.viewer).body)

    seen = SeenBoard(facts=answer.round, visibility=answer.board.visibility, state=state)
    # that other rounds no longer hold a truth back is nothing that has to be committed
    is_passing = answer.is_provisional or (answer.board.is_truth_sealed and answer.board.visibility.is_revealed)
    lasting = None if is_passing else seen
    return kept_boards(visit.request).page(visit.request, etag=etag, seen=lasting, make=make)


@router.get("/rounds/{slug}/board.json")
def board_json(slug: str, visit: VisitDep, *, split: str = "") -> Response:
    answer = _answer(slug, visit, split)
    if is_known(visit.request, answer.etag):
        return not_modified(answer.etag)
    return JSONResponse(board_document(answer.board), headers=_headers(answer.etag))


@router.get("/rounds/{slug}/board.csv")
def board_as_csv(slug: str, visit: VisitDep, *, split: str = "") -> Response:
    answer = _answer(slug, visit, split)
    if is_known(visit.request, answer.etag):
        return not_modified(answer.etag)
    headers = {"Content-Disposition": f'attachment; filename="{slug}-board.csv"', **_headers(answer.etag)}
    return Response(board_csv(answer.board), media_type="text/csv; charset=utf-8; header=present", headers=headers)


@router.get("/rounds/{slug}/board.atom")
def board_feed(slug: str, visit: VisitDep) -> Response:
    answer = _answer(slug, visit, "")
    if is_known(visit.request, answer.etag):
        return not_modified(answer.etag)
    feed = records_feed(
        answer.board,
        title=f"Records of {answer.round.title}",
        metric=find_task(answer.round.task).metric(answer.round.policy.best_by),
        home=shown_address(visit, f"/rounds/{slug}/board"),
        began=answer.round.policy.opens or answer.round.created_at,
    )
    return Response(feed, media_type="application/atom+xml; charset=utf-8", headers=_headers(answer.etag))


def _answer(slug: str, visit: Visit, split: str) -> BoardAnswer:
    wanted = next((known for known in get_args(Split) if known == split), None)
    with visit.deployment.database.read() as session:
        return visit.ranked_boards.at(
            visit.deployment, session, slug=slug, viewer=visit.viewer, now=visit.now, split=wanted
        )


def is_known(request: Request, etag: str) -> bool:
    """Whether the browser already holds what this tag stands for."""
    sent = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in sent.split(","))


def not_modified(etag: str) -> Response:
    """The answer to who holds it already."""
    return Response(status_code=304, headers=_headers(etag))


def _page_tag(answer: BoardAnswer, state: str, visit: Visit) -> str:
    """Beside the board, the page shows a countdown, who is logged in, and a style that a new release changes."""
    shown = (answer.etag, state, visit.viewer, asset_address("site.css"))
    return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:32]}"'


def _headers(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": PRIVATE, "Vary": "Cookie"}


def _page(answer: BoardAnswer, state: str, selection: Selection) -> BoardPage:
    board = answer.board
    address = f"/rounds/{answer.round.slug}/board"
    can_compare = len(board.rows) > 1
    return BoardPage(
        title=f"Board of {answer.round.title}",
        slug=answer.round.slug,
        round_title=answer.round.title,
        table=board_table(board, selection=selection, address=address, can_compare=can_compare),
        can_compare=can_compare,
        is_unlisted=board.visibility.is_unlisted,
        has_rank_intervals=any(
            row.rank_interval is not None and row.rank_interval.best != row.rank_interval.worst for row in board.rows
        ),
        resolution="" if board.resolvable is None else resolution_note(answer.round, board),
        orders=board_orders(board, selection),
        find=selection.text,
        since="" if selection.since is None else selection.since.isoformat(),
        track=selection.track,
        tracks=board.tracks,
        split=selection.split,
        splits=_split_links(board, selection, address=address),
        compared_split=board.split if len(board.visibility.splits) > 1 else "",
        all_rows=replace(selection, text="", since=None, track="").address(address),
        twins=Selection(split=selection.split).address(""),
        split_note=split_note(answer.round, board),
        row_count=len(board.rows),
        shown_count=len(select(board, selection)),
        is_filtered=not selection.is_everything,
        has_ties=any(row.is_tied for row in board.rows),
        spent_note=spent_note(board),
        empty_board=empty_board(board.visibility),
        metric=board.metric.label,
        direction=board.metric.direction,
        rows_rule=rows_rule(answer.round),
        state=state,
        truth_digest=board.truth_digest or "",
        truth_short=(board.truth_digest or "")[:12],
        seal_note=_seal_note(board),
    )


def _seal_note(board: Board) -> str:
    if not board.is_truth_sealed:
        return ""
    return "still sealed" if board.visibility.is_revealed else "sealed until the reveal"


def _split_links(board: Board, selection: Selection, *, address: str) -> tuple[SplitLink, ...]:
    splits = board.visibility.splits
    return tuple(
        SplitLink(split=split, address="" if split == board.split else replace(selection, split=split).address(address))
        for split in splits if len(splits) > 1
    )  # fmt: skip
