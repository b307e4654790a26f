"""A round in files: its public half, baselines, boards and all that happened in it. Never its truth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leaderboard.exports import board_csv, board_document, moment_text
from leaderboard.visibility import visible
from scoring.round_text import round_toml
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.baselines import BASELINES_FILE
from server.db.entries import baselines_of_round
from server.db.organizing import events_of_round
from server.db.submissions import submissions_of_round
from server.db.tables import Event, Submission, stored_id
from server.deployment import Deployment
from server.jobs.staged_rounds import STAGED_BASELINES, staged_baselines
from server.services.boards import Boards
from server.services.exported_files import ExportedFile, zip_pieces
from server.services.exported_tables import round_tables
from server.services.organizing import organized_round
from server.services.rounds import RoundFacts, stored_round
from server.storage.public_halves import is_staged

_EVENTS_AT_ONCE = 5_000

# ".txt", ".json.gz": what tells programs and people what is in a file.
_ENDING = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){1,2}\Z")


def export_zip(
    deployment: Deployment, boards: Boards, viewer: Viewer, *, slug: str, has_files: bool, now: datetime
) -> Iterator[bytes]:
    """Everything about a round but its truth, as a zip that is made while it is read.

    Args as `export_files`.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    note_export(deployment, viewer, slug=slug, has_files=has_files, has_truth=False, now=now)
    with deployment.database.read() as session:
        files = [*export_files(session, boards, viewer, deployment=deployment, slug=slug, has_files=has_files, now=now)]
    return zip_pieces(files, deployment.blobs, now=now)


def note_export(
    deployment: Deployment, viewer: Viewer, *, slug: str, has_files: bool, has_truth: bool, now: datetime
) -> None:
    """Append the event of an export; it is part of what is exported then.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    with deployment.database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.EXPORT_ROUND, now=now)
        organized.tell(session, "round.exported", detail={"files": has_files, "truth": has_truth})


def export_files(
    session: Session, boards: Boards, viewer: Viewer, *, deployment: Deployment, slug: str, has_files: bool,
    now: datetime,
) -> Iterator[ExportedFile]:  # fmt: skip
    """Every file of the export, round.toml as it is now.

    Args:
        session, boards, viewer: who exports, and from where.
        deployment: the server.
        slug: of the round.
        has_files: whether the submitted files go along, as they were sent.
        now: at which the boards are shown.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    row = organized_round(session, viewer, slug, action=Action.EXPORT_ROUND, now=now).row
    public_half = deployment.folders.public_half(slug)
    for path in sorted(path for path in public_half.rglob("*") if path.is_file() and not is_staged(path)):
        yield ExportedFile(name=path.relative_to(public_half).as_posix(), content=path.read_bytes())
    facts = stored_round(session, slug)
    yield from _baselines(session, deployment, facts)
    for split in visible(facts, viewer, now).splits:
        board = boards.at(session, slug=slug, viewer=viewer, now=now, split=split).board
        name = "results/board" if facts.policy.public_share is None else f"results/board-{split}"
        yield _text_file(f"{name}.json", json.dumps(board_document(board), indent=2, ensure_ascii=False))
        yield _text_file(f"{name}.csv", board_csv(board))
    yield _text_file("results/round.json", _round_json(facts, row.join_code))
    for name, table in round_tables(session, facts):
        yield _text_file(f"results/{name}.csv", table)
    yield _text_file("results/events.jsonl", "".join(_event_lines(session, facts.id)))
    if has_files:
        for sent in submissions_of_round(session, facts.id):
            yield _sent_file(deployment, sent, folder="submissions")


def _text_file(name: str, text: str) -> ExportedFile:
    return ExportedFile(name=name, content=text.encode())


def _baselines(session: Session, deployment: Deployment, facts: RoundFacts) -> Iterator[ExportedFile]:
    """baselines.toml and its files, so that the round has them wherever it is opened."""
    rows = []
    for entry, sent in baselines_of_round(session, facts.id):
        file = _sent_file(deployment, sent, folder="baselines")
        if file.blob_key:
            yield file
            rows.append(
                _baseline(file, method=entry.method, description=entry.description, scores=entry.expected_scores or {})
            )
    waiting = deployment.folders.rounds / facts.slug / STAGED_BASELINES
    for one in staged_baselines(waiting):  # of a draft
        file = ExportedFile(
            name=f"baselines/{one.file}{_ending(one.file_name)}", content=(waiting / one.file).read_bytes()
        )
        yield file
        rows.append(_baseline(file, method=one.method, description=one.description, scores=one.scores))
    if rows:
        yield _text_file(BASELINES_FILE, "\n".join(f"[[baselines]]\n{row}" for row in rows))


def _baseline(file: ExportedFile, *, method: str, description: str, scores: Mapping[str, float]) -> str:
    known = ", ".join(f"{metric} = {value!r}" for metric, value in scores.items())
    text = round_toml({"file": file.name, "method": method, "description": description})
    return text + (f"scores = {{{known}}}\n" if known else "")


def _sent_file(deployment: Deployment, sent: Submission, *, folder: str) -> ExportedFile:
    """A file as it was sent, named by its submission; a note in its place where the server has lost it."""
    try:
        with deployment.blobs.as_file(sent.blob_key):
            return ExportedFile(name=f"{folder}/{sent.id}{_ending(sent.file_name)}", blob_key=sent.blob_key)
    except FileNotFoundError:
        return _text_file(f"{folder}/{sent.id}-is-missing", "The server's data folder no longer has this file.\n")


def _ending(file_name: str) -> str:
    ending = _ENDING.search(file_name)
    return ending[0] if ending else ""


def _round_json(facts: RoundFacts, join_code: str | None) -> str:
    """What neither round.toml nor a table has room for."""
    return json.dumps({"round": facts.slug, "title": facts.title, "join_code": join_code}, indent=2, ensure_ascii=False)


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
