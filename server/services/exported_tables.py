"""What the database knows of a round, as tables for whoever takes it elsewhere: CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from leaderboard.exports import defused, moment_text
from scoring.tasks import find_task
from server.db.image_reports import reports_of_round
from server.db.organizing import announcements_of, appeals_of_round, questions_of
from server.db.participations import participations_of_round
from server.db.rosters import roster_of
from server.db.rules_acceptances import acceptances_of_round
from server.db.scores import ScoredWith, active_scores_of, shown_scores_of_round
from server.db.tables import Entry, Submission, Team, stored_id
from server.db.truths import versions_of
from server.services.rounds import RoundFacts
from server.services.rules_acceptance import rules_digest

Cell = str | int | float | bool | datetime | None
Rows = Iterator[Sequence[Cell]]  # the header first

_SCORES_AT_ONCE = 500


def round_tables(session: Session, facts: RoundFacts) -> Iterator[tuple[str, str]]:
    """(name, CSV) of every table."""
    for name, rows in (
        ("submissions", _submissions(session, facts)),
        ("scores", _scores(session, facts)),
        ("corrections", _corrections(session, facts.id)),
        ("rules", _rules(session, facts)),
        ("announcements", _announcements(session, facts.id)),
        ("questions", _questions(session, facts.id)),
        ("appeals", _appeals(session, facts.id)),
        ("teams", _teams(session, facts.id)),
        ("roster", _roster(session, facts.id)),
        ("reports", _reports(session, facts.id)),
    ):
        yield name, _csv(rows)


def _csv(rows: Iterable[Sequence[Cell]]) -> str:
    """As RFC 4180 has it: exact values, moments in UTC, nothing where there is none, and every formula defused."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return moment_text(cell)
        case str():
            return defused(cell)
        case _:
            return repr(cell)


def _submissions(session: Session, facts: RoundFacts) -> Rows:
    """Every submission with its scores on every split."""
    metrics = [metric.name for metric in find_task(facts.task).metrics]
    splits = ("all",) if facts.policy.public_share is None else ("all", "public", "private")
    yield (
        "submission", "entry", "team", "method", "track", "state", "file_name", "sha256", "size_bytes", "lines",
        "accepted_at", "finished_at", "withdrawn_at", "is_final", "disqualified_for",
        *(f"{split}_{name}" for split in splits for name in metrics),
    )  # fmt: skip
    rows = session.exec(
        select(Submission, Entry, Team)
        .join(Entry, col(Entry.id) == col(Submission.entry_id))
        .join(Team, col(Team.id) == col(Submission.team_id))
        .where(Submission.round_id == facts.id)
        .order_by(col(Submission.id))
    ).all()
    scores: dict[int, dict[str, ScoredWith]] = {}
    for start in range(0, len(rows), _SCORES_AT_ONCE):
        scores |= active_scores_of(session, [row[0] for row in rows[start : start + _SCORES_AT_ONCE]])
    for sent, entry, team in rows:
        by_split = scores.get(stored_id(sent.id), {})
        found = [by_split[split].score.scores if split in by_split else {} for split in splits]
        yield (
            sent.id, entry.id, team.name, entry.method, entry.track, sent.state, sent.file_name, sent.sha256,
            sent.size_bytes, sent.lines, sent.accepted_at, sent.finished_at, sent.withdrawn_at, sent.is_final or None,
            entry.disqualified_for if entry.disqualified_at else "",
            *(values.get(name) for values in found for name in metrics),
        )  # fmt: skip


def _scores(session: Session, facts: RoundFacts) -> Rows:
    """Every score there ever was, earlier truths and scorers included."""
    metrics = [metric.name for metric in find_task(facts.task).metrics]
    yield "submission", "version", "scorer", "split", "scored_at", *metrics
    for row in shown_scores_of_round(session, facts.id):
        values = (row.scores.get(name) for name in metrics)
        yield row.submission_id, row.version, row.scorer_version, row.split, row.scored_at, *values


def _corrections(session: Session, round_id: int) -> Rows:
    """The versions of the truth that were shown, the first one first, with their public notes."""
    yield "version", "digest", "note", "shown_at"
    for version in versions_of(session, round_id):
        if version.activated_at is not None:
            yield version.number, version.digest, version.note, version.activated_at


def _rules(session: Session, facts: RoundFacts) -> Rows:
    """Who has accepted which version of the rules, and when."""
    yield "person", "name", "rules_sha256", "is_in_force", "accepted_at"
    in_force = rules_digest(facts.policy)
    for given, person in acceptances_of_round(session, facts.id):
        yield person.id, person.name, given.digest, given.digest == in_force, given.accepted_at


def _announcements(session: Session, round_id: int) -> Rows:
    """The latest first, in Markdown."""
    yield "announced_at", "text"
    for made in announcements_of(session, round_id):
        yield made.announced_at, made.text


def _questions(session: Session, round_id: int) -> Rows:
    """With their answers; those without first."""
    yield "question", "team", "text", "asked_at", "answer", "answered_at"
    for question, team in questions_of(session, round_id):
        yield question.id, team.name, question.text, question.asked_at, question.answer, question.answered_at


def _appeals(session: Session, round_id: int) -> Rows:
    """Against disqualifications, with what was decided; those undecided first."""
    yield (
        "appeal", "entry", "method", "disqualified_at", "text", "appealed_at", "is_granted", "answer", "decided_at"
    )  # fmt: skip
    for made, entry in appeals_of_round(session, round_id):
        yield (
            made.id, entry.id, entry.method, made.disqualified_at, made.text, made.appealed_at, made.is_granted,
            made.answer, made.decided_at,
        )  # fmt: skip


def _teams(session: Session, round_id: int) -> Rows:
    """The teams that have asked to take part, or were let in, where not everybody may."""
    yield "team", "name", "state", "message", "asked_at", "decided_at"
    for asked, team in participations_of_round(session, round_id):
        yield team.id, team.name, asked.state, asked.message, asked.asked_at, asked.decided_at


def _roster(session: Session, round_id: int) -> Rows:
    """Who is expected, as a roster is set."""
    yield "name", "email", "team"
    for row in roster_of(session, round_id):
        yield row.name, row.email, row.team


def _reports(session: Session, round_id: int) -> Rows:
    """Images whose truth teams doubt."""
    yield "image", "team", "text", "reported_at", "settled_at"
    for report, team in reports_of_round(session, round_id):
        yield report.image, team.name, report.text, report.reported_at, report.settled_at
