"""The organizers' baselines: sent as the round opens, shown out of competition."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from server.db.events import append_event
from server.db.tables import Entry, Round, State, Submission, Team, stored_id
from server.db.teams import members_of_team, team_of_name_key
from server.deployment import Deployment
from server.jobs.staged_rounds import STAGED_BASELINES, StagedBaseline, staged_baselines
from server.names import name_key
from server.storage.blobs import StoredBlob

_COPY_BYTES = 1 << 20


def submit_baselines(deployment: Deployment, session: Session, row: Round, *, actor: str, now: datetime) -> int:
    """Queue the baselines that lie beside the halves of a round; how many there were."""
    folder = _folder(deployment, row.slug)
    baselines = staged_baselines(folder)
    if not baselines:
        return 0
    team_id = _team_without_members(session, row.slug, now=now)
    for baseline in baselines:
        blob = _keep(deployment, folder / baseline.file)
        _add(session, row, baseline, blob, team_id=team_id, actor=actor, now=now)
    return len(baselines)


def drop_baseline_files(deployment: Deployment, slug: str) -> None:
    """Remove what has been submitted."""
    shutil.rmtree(_folder(deployment, slug), ignore_errors=True)


def _folder(deployment: Deployment, slug: str) -> Path:
    return deployment.folders.rounds / slug / STAGED_BASELINES


def _keep(deployment: Deployment, path: Path) -> StoredBlob:
    incoming = deployment.blobs.receive()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_COPY_BYTES):
                incoming.write(chunk)
        return incoming.commit()
    finally:
        incoming.discard()


def _add(
    session: Session, row: Round, baseline: StagedBaseline, blob: StoredBlob, *, team_id: int, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    round_id = stored_id(row.id)
    entry = Entry(
        round_id=round_id,
        team_id=team_id,
        method=baseline.method,
        description=baseline.description,
        is_competing=False,
        is_baseline=True,
        expected_scores=baseline.scores,
        created_at=now,
    )
    session.add(entry)
    session.flush()
    submission = Submission(
        entry_id=stored_id(entry.id),
        round_id=round_id,
        team_id=team_id,
        state=State.QUEUED,
        blob_key=blob.key,
        file_name=baseline.file_name,
        sha256=blob.sha256,
        size_bytes=blob.size_bytes,
        upload_started_at=now,
        accepted_at=now,
    )
    session.add(submission)
    session.flush()
    append_event(
        session, at=now, actor=actor, action="submission.accepted", object_type="submission",
        object_id=stored_id(submission.id), round_id=round_id,
        detail={"sha256": blob.sha256, "size_bytes": blob.size_bytes, "baseline": baseline.method},
    )  # fmt: skip


def _team_without_members(session: Session, slug: str, *, now: datetime) -> int:
    """The team that baselines are of. One that people are in would be theirs, so another is made."""
    number = 1
    while True:
        name = f"Baselines of {slug}" + (f" ({number})" if number > 1 else "")
        known = team_of_name_key(session, name_key(name))
        if known is None:
            made = Team(name=name, name_key=name_key(name), created_at=now)
            session.add(made)
            session.flush()
            return stored_id(made.id)
        if not members_of_team(session, stored_id(known.id)):
            return stored_id(known.id)
        number += 1
