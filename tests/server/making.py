"""Small rounds, teams and prediction files for tests of the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from server.db.engine import Database
from server.db.events import append_event
from server.db.organizers import add_round_organizer
from server.db.rounds import all_rounds
from server.db.tables import Round, Score, State, Submission, Team, stored_id
from server.deployment import Deployment, open_deployment
from server.services.opening import open_folder
from server.services.receiving import Receipt, receive
from server.settings import DATABASE_FILE, Settings
from server.storage.folders import DataFolders

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

IMAGE_COUNT = 6
CLASS_COUNT = 7


# For servers that live as long as a file of tests. Whoever sends something wakes a worker; looking every 0.2 s whether
# somebody else did, and whose lease ran out, is a twentieth of all that such a file takes.
CALM: Mapping[str, Any] = {"worker_count": 0, "renew_seconds": 2.0, "reaper_seconds": 2.0, "poll_seconds": 1.0}


def quick_settings(data: Path, **changes: Any) -> Settings:
    """Settings that wait as little as a test can bear."""
    return Settings(
        **{
            "data": data,
            "worker_count": 1,
            "database_wait_seconds": 2.0,
            "lease_seconds": 30.0,
            "renew_seconds": 0.2,
            "reaper_seconds": 0.2,
            "poll_seconds": 0.2,
            "retry_seconds": 0.0,
            "child_time_seconds": 60.0,
            "stream_seconds": 0.5,
            **changes,
        }
    )


def quick_deployment(settings: Settings) -> Deployment:
    """`open_deployment`, where a new database is a copy: the migrations take half the time of a small test."""
    path = settings.data / DATABASE_FILE
    if settings.database_url is None and not path.exists():
        DataFolders(root=settings.data.resolve()).create()
        path.write_bytes(_migrated())
    return open_deployment(settings)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        open_deployment(quick_settings(Path(folder))).close()
        return (Path(folder) / DATABASE_FILE).read_bytes()


def tiny_deployment(data: Path, **changes: Any) -> Deployment:
    """A server's parts with one open round `tiny`; `round_*` changes go to its policy, the rest to the settings."""
    policy = {key.removeprefix("round_"): changes.pop(key) for key in list(changes) if key.startswith("round_")}
    deployment = quick_deployment(quick_settings(data, **changes))
    open_folder(deployment, write_round(data.parent / "round-folder", **policy), now=NOW)
    return deployment


def write_round(
    folder: Path, *, slug: str = "tiny", labels: tuple[int, ...] = (1, 2, 3, 4, 5, 6), **policy: Any
) -> Path:
    """A classification round of six images and seven classes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'slug = "{slug}"', f'title = "Round {slug}"', 'challenge = "Tests"', 'task = "cls"']
    lines += ["[images]", f"count = {IMAGE_COUNT}", "[classes]", 'table = "classes.csv"', "[policy]"]
    lines += [f"{key} = {_toml(value)}" for key, value in policy.items()]
    lines += ["[truth]", 'labels = "truth.txt"']
    (folder / "round.toml").write_text("\n".join(lines) + "\n")
    (folder / "classes.csv").write_text(
        "id,wnid,name\n" + "".join(f"{i},,class {i}\n" for i in range(1, CLASS_COUNT + 1))
    )
    (folder / "truth.txt").write_text("".join(f"{label}\n" for label in labels))
    return folder


def predictions(*, right: int = IMAGE_COUNT, salt: int = 0) -> bytes:
    """A valid file whose first `right` first guesses are right; the others' five guesses are all wrong.

    `salt` changes the bytes, not the scores.
    """
    lines = []
    for image in range(1, IMAGE_COUNT + 1):
        others = [label for label in range(1, CLASS_COUNT + 1) if label != image]
        lines.append(" ".join(str(label) for label in ([image, *others[:4]] if image <= right else others[:5])))
    return ("\n".join(lines) + "\n" * (salt + 1)).encode()


def add_team(deployment: Deployment, name: str = "Vision Lab") -> int:
    """A team; its id."""
    with deployment.database.write() as session:
        team = Team(name=name, name_key=name.casefold(), created_at=NOW)
        session.add(team)
        session.flush()
        assert team.id is not None
        return team.id


def send(deployment: Deployment, team_id: int, content: bytes | None = None, **changes: Any) -> Receipt:
    """Submit a file, perfect predictions unless told otherwise."""
    wishes: dict[str, Any] = {"slug": "tiny", "person_id": None, "method": "ResNet-50", "now": NOW, **changes}
    return receive(deployment, [predictions() if content is None else content], team_id=team_id, **wishes)


def _toml(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def organize_all(database: Database, person_id: int) -> None:
    """Make a person an organizer of every round there is."""
    with database.write() as session:
        for row in all_rounds(session):
            add_round_organizer(session, round_id=stored_id(row.round.id), person_id=person_id, now=NOW)


def score(deployment: Deployment, submission_id: int, **top5_errors: float) -> None:
    """Let a submission be scored: its top-5 error on each split, against the active truth."""
    with deployment.database.write() as session:
        submission = session.get_one(Submission, submission_id)
        found = session.get_one(Round, submission.round_id)
        submission.state, submission.finished_at = State.SCORED, NOW
        session.add(submission)
        for split, error in top5_errors.items():
            session.add(
                Score(
                    submission_id=submission_id, truth_id=found.active_truth_id, scorer_version="1", split=split,
                    scores={"top5_error": error}, counts={}, per_class=[], created_at=NOW,
                )
            )  # fmt: skip
        append_event(
            session, at=NOW, actor="worker:test", action="submission.scored", object_type="submission",
            object_id=submission_id, round_id=submission.round_id,
        )  # fmt: skip
