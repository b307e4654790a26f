"""A round in files: its public half, boards, submissions and events. Never its truth."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from sqlmodel import Session, col, select

from leaderboard.exports import board_csv, board_document, defused, moment_text
from leaderboard.visibility import visible
from scoring.tasks import find_task
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.db.image_reports import reports_of_round
from server.db.organizing import events_of_round
from server.db.rules_acceptances import acceptances_of_round
from server.db.scores import ScoredWith, active_scores_of
from server.db.tables import Entry, Event, Submission, Team, stored_id
from server.services.boards import Boards
from server.services.organizing import organized_round
from server.services.rounds import RoundFacts, stored_round
from server.services.rules_acceptance import rules_digest
from server.storage.folders import DataFolders
from server.storage.public_halves import is_staged

# A small export stays in memory; a large one goes to a temporary file.
_MEMORY_BYTES = 8 << 20

_EVENTS_AT_ONCE = 5_000
_SCORES_AT_ONCE = 500

_COLUMNS = (
    "submission", "entry", "team", "method", "track", "state", "file_name", "sha256", "size_bytes", "lines",
    "accepted_at", "finished_at", "withdrawn_at", "is_final", "disqualified_for",
)  # fmt: skip


def export_zip(
    session: Session, boards: Boards, viewer: Viewer, *, slug: str, folders: DataFolders, now: datetime
) -> IO[bytes]:
    """Everything about a round but its truth, as a zip that is read from its start.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    archive = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115 - closed by whoever reads it
    try:
        with zipfile.ZipFile(archive, "w", compression=zipfile.ZIP_DEFLATED) as target:
            for name, content in export_files(session, boards, viewer, slug=slug, folders=folders, now=now):
                target.writestr(name, content)
    except BaseException:
        archive.close()
        raise
    archive.seek(0)
    return archive


def export_files(
    session: Session, boards: Boards, viewer: Viewer, *, slug: str, folders: DataFolders, now: datetime
) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file of the export, round.toml as it is now.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    organized_round(session, viewer, slug, action=Action.EXPORT_ROUND, now=now)
    public_half = folders.public_half(slug)
    for path in sorted(path for path in public_half.rglob("*") if path.is_file() and not is_staged(path)):
        yield path.relative_to(public_half).as_posix(), path.read_bytes()
    facts = stored_round(session, slug)
    for split in visible(facts, viewer, now).splits:
        board = boards.at(session, slug=slug, viewer=viewer, now=now, split=split).board
        name = "results/board" if facts.policy.public_share is None else f"results/board-{split}"
        yield f"{name}.json", json.dumps(board_document(board), indent=2, ensure_ascii=False).encode()
        yield f"{name}.csv", board_csv(board).encode()
    yield "results/submissions.csv", _submissions_csv(session, facts).encode()
    yield "results/rules.csv", _rules_csv(session, facts).encode()
    yield "results/reports.csv", _reports_csv(session, facts).encode()
    yield "results/events.jsonl", "".join(_event_lines(session, facts.id)).encode()


def _submissions_csv(session: Session, facts: RoundFacts) -> str:
    """Every submission with its scores on every split, exact; what a spreadsheet could run is defused."""
    metrics = [metric.name for metric in find_task(facts.task).metrics]
    splits = ("all",) if facts.policy.public_share is None else ("all", "public", "private")
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
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_COLUMNS, *(f"{split}_{name}" for split in splits for name in metrics)])
    for submission, entry, team in rows:
        by_split = scores.get(stored_id(submission.id), {})
        found = [by_split[split].score.scores if split in by_split else {} for split in splits]
        numbers = [values.get(name) for values in found for name in metrics]
        writer.writerow([*_cells(submission, entry, team), *("" if n is None else repr(n) for n in numbers)])
    return text.getvalue()


def _rules_csv(session: Session, facts: RoundFacts) -> str:
    """Who has accepted which version of the rules, and when."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["person", "name", "rules_sha256", "is_in_force", "accepted_at"])
    in_force = rules_digest(facts.policy)
    for acceptance, person in acceptances_of_round(session, facts.id):
        is_in_force = "true" if acceptance.digest == in_force else "false"
        moment = moment_text(acceptance.accepted_at)
        writer.writerow([person.id, defused(person.name), acceptance.digest, is_in_force, moment])
    return text.getvalue()


def _reports_csv(session: Session, facts: RoundFacts) -> str:
    """Images whose truth teams doubt."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["image", "team", "text", "reported_at", "settled_at"])
    for report, team in reports_of_round(session, facts.id):
        settled = "" if report.settled_at is None else moment_text(report.settled_at)
        said = [defused(team.name), defused(report.text)]
        writer.writerow([report.image, *said, moment_text(report.reported_at), settled])
    return text.getvalue()


def _cells(submission: Submission, entry: Entry, team: Team) -> list[Any]:
    moments = (submission.accepted_at, submission.finished_at, submission.withdrawn_at)
    return [
        submission.id, entry.id, defused(team.name), defused(entry.method), defused(entry.track), submission.state,
        defused(submission.file_name), submission.sha256, submission.size_bytes, submission.lines,
        *("" if moment is None else moment_text(moment) for moment in moments),
        "true" if submission.is_final else "", defused(entry.disqualified_for if entry.disqualified_at else ""),
    ]  # fmt: skip


def _event_lines(session: Session, round_id: int) -> Iterator[str]:
    after = 0
    while events := events_of_round(session, round_id, limit=_EVENTS_AT_ONCE, after=after):
        yield from (json.dumps(event_document(event), ensure_ascii=False) + "\n" for event in events)
        after = stored_id(events[-1].id)


def event_document(event: Event) -> dict[str, Any]:
    """One event as JSON."""
    return {
        "id": event.id,
        "at": moment_text(event.at),
        "actor": event.actor,
        "action": event.action,
        "object": {"type": event.object_type, "id": event.object_id},
        "detail": event.detail,
    }
