"""Corrections of a round's truth: a new version is prepared, everything is scored against it, and then it is shown.

Submissions keep their ids and both scores; a version that was shown once is never removed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from leaderboard.board import Board, Row
from leaderboard.visibility import Split, visible
from scoring.scorecard import SCORER_VERSION
from server.auth.viewer import Viewer
from server.db.events import append_event
from server.db.rescorings import due_against
from server.db.rounds import lock_round, round_by_slug
from server.db.tables import Round, TruthVersion, stored_id
from server.db.truths import prepared_version
from server.errors import ErratumNotReady, ErratumReplaced, RoundNotFound
from server.services.boards import compute_board
from server.services.notices import tell_of_correction
from server.services.rounds import RoundFacts, stored_round
from server.texts import clean_text

MAX_NOTE_CHARACTERS = 2000
_NAMED = 20  # more numbers than anybody reads

# The preview shows what the organizer decides about: everything.
_EVERYTHING = Viewer(is_admin=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """What an erratum does to one row of a board."""

    split: Split  # of which images the board's scores are
    team: str
    method: str
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None
    is_scored: bool  # whether anything of it is, against the corrected truth; else it would leave the board

    @property
    def is_moved(self) -> bool:
        return self.is_scored and self.rank_before != self.rank_after


@dataclass(frozen=True, kw_only=True, slots=True)
class ErratumPreview:
    """A version in preparation, and what showing it would change."""

    number: int
    digest: str
    note: str
    waiting: int  # submissions not scored against it yet, those that could not be included
    moves: tuple[Move, ...]  # every row, in the order they would have; where the round has halves, of both boards


def preview_erratum(session: Session, slug: str, *, now: datetime) -> ErratumPreview:
    """Who would move, as far as everything is scored.

    Raises:
        RoundNotFound: there is no such round.
        ErratumNotReady: no version is in preparation.
    """
    version = _prepared(session, _found(session, slug))
    facts = stored_round(session, slug)
    version_id = stored_id(version.id)
    corrected = replace(facts, truth_id=version_id, truth_digest=version.digest)
    moves: list[Move] = []
    for split in _boards_of(facts, now):
        before, after = (
            compute_board(session, shown, viewer=_EVERYTHING, now=now, split=split) for shown in (facts, corrected)
        )
        moves += _moves(before, after)
    return ErratumPreview(
        number=version.number,
        digest=version.digest,
        note=version.note,
        waiting=len(due_against(session, truth_id=version_id, scorer_version=SCORER_VERSION)),
        moves=tuple(moves),
    )


def activate_erratum(
    session: Session, slug: str, *, note: str = "", number: int | None = None, left_out: Collection[int] = (),
    actor: str, now: datetime,
) -> int:  # fmt: skip
    """Show the version in preparation from now on, in the caller's transaction; its number.

    Args:
        session: the transaction.
        slug: of the round.
        note: public; "" for that which it was prepared with.
        number: of the version that was looked at; None: whichever is in preparation.
        left_out: submissions that need no score against it; the note and the log name those that have none.
        actor: who shows it.
        now: the present moment.

    Raises:
        RoundNotFound: there is no such round.
        ErratumReplaced: another version is in preparation.
        ErratumNotReady: none is, it has no note, or something still waits for its score.
        InvalidText: the note cannot be used.
    """
    found = _found(session, slug)
    lock_round(session, stored_id(found.id))  # nobody forgets the version meanwhile
    version = _prepared(session, found)
    refuse_another(version, number)
    unscored = due_against(session, truth_id=stored_id(version.id), scorer_version=SCORER_VERSION)
    if waiting := unscored.difference(left_out):
        raise ErratumNotReady(
            f"{len(waiting):,} submissions are not scored against the corrected truth yet.",
            advice="Wait until the preview says that none is left; what it could not score can be tried again or left"
            " out.",
        )
    version.note = clean_note(note) or version.note
    if not version.note:
        raise ErratumNotReady("The correction has no public note.", advice="Say in a sentence what was wrong.")
    version.note += _unscored_note(sorted(unscored))
    before = found.active_truth_id
    version.activated_at, found.active_truth_id = now, version.id
    session.add(version)
    session.add(found)
    append_event(
        session, at=now, actor=actor, action="truth.corrected", object_type="round", object_id=stored_id(found.id),
        round_id=found.id, detail={"version": version.number, "digest": version.digest, "before": before}
        | ({"left_out": sorted(unscored)} if unscored else {}),
    )  # fmt: skip
    tell_of_correction(session, found, note=version.note, is_complete=not unscored, now=now)
    return version.number


def clean_note(note: str) -> str:
    """The public note of a correction as it is kept; "" for none yet.

    Raises:
        InvalidText: it is too long, or piles marks on a letter.
    """
    return clean_text(note, field="note", max_characters=MAX_NOTE_CHARACTERS, is_optional=True)


def refuse_another(prepared: TruthVersion, number: int | None) -> None:
    """Refuse to act on a version that took the place of the one that was looked at.

    Raises:
        ErratumReplaced: it did.
    """
    if number not in (None, prepared.number):
        raise ErratumReplaced(f"Version {prepared.number} is in preparation, and not the one that you looked at.")


def _unscored_note(submissions: Sequence[int]) -> str:
    """What the public note adds, so that nothing leaves the board silently."""
    if not submissions:
        return ""
    named = ", ".join(map(str, submissions[:_NAMED]))
    more = f" and {len(submissions) - _NAMED:,} more" if len(submissions) > _NAMED else ""
    what = "submission" if len(submissions) == 1 else "submissions"
    return f"\n\nNot scored against it yet, and off the board until then: {what} {named}{more}."


def _found(session: Session, slug: str) -> Round:
    row = round_by_slug(session, slug)
    if row is None:
        raise RoundNotFound(f'There is no round "{slug[:80]}" here.')
    return row.round


def _prepared(session: Session, found: Round) -> TruthVersion:
    version = prepared_version(session, stored_id(found.id))
    if version is None:
        raise ErratumNotReady(
            "No corrected truth is in preparation.", advice="Prepare one: heldout round erratum FOLDER --note TEXT."
        )
    return version


def _boards_of(facts: RoundFacts, now: datetime) -> tuple[Split, ...]:
    """The halves of the images, if there are any, that by which everybody ranks now first; else all of them."""
    splits = visible(facts, _EVERYTHING, now).splits
    return tuple(split for split in splits if split != "all") or splits


def _moves(before: Board, after: Board) -> tuple[Move, ...]:
    earlier = {_key(row, before): row for row in before.rows}
    kept = {_key(row, after) for row in after.rows}
    leaving = [row for key, row in earlier.items() if key not in kept]
    return (
        *(_move(earlier.get(_key(row, after)), row, before, after) for row in after.rows),
        *(replace(_move(row, row, before, before), rank_after=None, score_after=None, is_scored=False)
          for row in leaving),
    )  # fmt: skip


def _key(row: Row, board: Board) -> tuple[int, str, bool, bool]:
    """What stays a row: the team's in a track, or of its anonymous entries there, or the entry's."""
    is_entry = board.row_per == "entry" or row.rank is None
    return (row.entry if is_entry else row.team_id), row.track, is_entry, row.is_apart


def _move(earlier: Row | None, later: Row, before: Board, after: Board) -> Move:
    return Move(
        split=after.split,
        team=later.team,
        method=later.method,
        rank_before=None if earlier is None else earlier.rank,
        rank_after=later.rank,
        score_before=None if earlier is None else earlier.scores.get(before.metric.name),
        score_after=later.scores.get(after.metric.name),
        is_scored=True,
    )
