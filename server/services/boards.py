"""The board of a round for a viewer and a moment, computed from scores and kept until something happens."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from leaderboard.board import Board, Standings, build_board
from leaderboard.entries import Entry, ScoredSubmission
from leaderboard.intervals import interval_of
from leaderboard.visibility import Split, Viewer, visible
from scoring.tasks import find_task
from server.db.standings import EntryRow, class_rows, entry_rows, events_mark, scored_rows
from server.services.newest import Newest
from server.services.rounds import RoundFacts, find_round
from server.services.truth_seals import is_truth_told, told_digest

# Boards that stay in memory. A board of 500 rows takes about half a megabyte; a server has a few dozen rounds.
KEPT_BOARDS = 64

SHOWN_LEVEL = 0.95  # of the intervals on boards


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardAnswer:
    """A board, its round, and the tag that changes whenever its viewer would see something else."""

    round: RoundFacts
    board: Board
    etag: str  # quoted, as the header has it
    is_provisional: bool = False  # whether more will be known of it without anything happening in the round


class Boards:
    """The boards of one running server."""

    def __init__(self) -> None:
        self._kept: Newest[Board] = Newest(limit=KEPT_BOARDS)

    def at(
        self, session: Session, *, slug: str, viewer: Viewer, now: datetime, split: Split | None = None,
        has_address: bool = True,
    ) -> BoardAnswer:  # fmt: skip
        """The board of a round as `viewer` may see it at `now`; of another split, where they may see that.

        Where the short name is not what they gave, `has_address` is False: see `find_round`.

        Raises:
            RoundNotFound: there is no such round, or it is not theirs to see.
        """
        facts = find_round(session, slug, viewer, has_address=has_address)
        seen = visible(facts, viewer, now)
        shown = split if split in seen.splits else seen.split
        # Viewers with the same rights share a board; a phase that ends needs no event.
        is_told = is_truth_told(session, facts.id, seen, now)
        own = None if seen.names else seen.own_team_id  # beside `names`: as a key, True would be the first team's 1
        rights = (shown, seen.scores, seen.is_revealed, seen.sent_before, seen.names, own, is_told)
        place = (facts.id, rights)
        state = repr((facts.policy, facts.truth_id, facts.truth_seal, events_mark(session, round_id=facts.id)))
        board = self._kept.find(place, state)
        if board is None:
            board = compute_board(session, facts, viewer=viewer, now=now, split=shown)
            self._kept.keep(place, state, board)
        tag = hashlib.sha256(repr((place, state, seen)).encode()).hexdigest()[:32]
        return BoardAnswer(round=facts, board=replace(board, visibility=seen), etag=f'"{tag}"')

    def __len__(self) -> int:
        return len(self._kept)


def compute_board(
    session: Session, facts: RoundFacts, *, viewer: Viewer, now: datetime, split: Split | None = None
) -> Board:
    """The board from the rows alone; of the split that the viewer sees first, unless told otherwise."""
    seen = visible(facts, viewer, now)
    split = split or seen.split
    seen_split: Split = "public" if facts.policy.public_share is not None else split
    rows = [] if facts.truth_id is None else scored_rows(session, truth_id=facts.truth_id, splits={split, seen_split})
    seen_scores = {row.submission_id: row.scores for row in rows if row.split == seen_split}
    sent: defaultdict[int, list[ScoredSubmission]] = defaultdict(list)
    for row in rows:
        if row.split == split:
            sent[row.entry_id].append(
                ScoredSubmission(
                    id=row.submission_id,
                    submitted_at=row.submitted_at,
                    scores=row.scores,
                    seen_scores=seen_scores.get(row.submission_id),
                    interval=interval_of(row.intervals.get(facts.policy.best_by, {}), level=SHOWN_LEVEL),
                    is_final=row.is_final,
                )
            )
    found = entry_rows(session, round_id=facts.id)
    is_told, digest = is_truth_told(session, facts.id, seen, now), facts.truth_digest
    return build_board(
        Standings(
            entries=[_entry(row, sent[row.id]) for row in found],
            class_scores=_class_scores(session, facts, split=split),
        ),
        facts,
        round_slug=facts.slug,
        task=find_task(facts.task),
        truth_digest=None if digest is None else told_digest(digest, facts.truth_seal, is_told=is_told),
        is_truth_sealed=not is_told,
        viewer=viewer,
        now=now,
        split=split,
    )


def _entry(row: EntryRow, sent: list[ScoredSubmission]) -> Entry:
    links = {"paper": row.paper_url, "code": row.code_url}
    return Entry(
        id=row.id,
        team_id=row.team_id,
        team=row.team,
        method=row.method,
        submissions=tuple(sent),
        spent_at=row.scored_at,
        track=row.track,
        is_anonymous=row.is_anonymous,
        is_competing=row.is_competing,
        is_baseline=row.is_baseline,
        disqualified_for=row.disqualified_for if row.disqualified_at else "",
        links={name: address for name, address in links.items() if address},
    )


def _class_scores(session: Session, facts: RoundFacts, *, split: Split) -> dict[int, list[float | None]]:
    """What decides who wins a category; read only where a board ranks so."""
    figure = find_task(facts.task).category_metric
    if facts.policy.ranking != "categories" or figure is None or facts.truth_id is None:
        return {}
    rows = class_rows(session, truth_id=facts.truth_id, split=split)
    return {number: [row[figure] for row in classes] for number, classes in rows.items()}
