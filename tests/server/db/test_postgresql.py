"""What only a real PostgreSQL can show: that it refuses to change what was appended. Psql speaks to it, no driver."""

from __future__ import annotations

import io
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_mock_engine

from server.db.migrate import alembic_config
from server.db.schema import metadata

_FOLDERS = [path.as_posix() for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
_SEARCHED = os.pathsep.join([os.environ.get("PATH", ""), *_FOLDERS])
_PROGRAMS = {name: shutil.which(name, path=_SEARCHED) for name in ("initdb", "pg_ctl", "psql")}

# It does not run as root; its packages bring a user of this name.
_USER = "postgres" if os.getuid() == 0 else None


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A PostgreSQL of our own, that listens on a socket in its folder alone."""

    folder: Path

    def run(self, program: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        path = _PROGRAMS[program]
        assert path is not None
        return subprocess.run(
            [path, *arguments], input=text, capture_output=True, text=True, check=False, user=_USER, cwd=self.folder,
        )  # fmt: skip

    def sql(self, statements: str) -> subprocess.CompletedProcess[str]:
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-d", "postgres")
        return self.run("psql", *options, text=statements)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    missing = [name for name, path in _PROGRAMS.items() if path is None]
    if missing:
        pytest.skip(f"PostgreSQL is not installed: there is no {', '.join(missing)}")
    if _USER is not None and _USER not in {user.pw_name for user in pwd.getpwall()}:
        pytest.skip(f"PostgreSQL does not run as root, and there is no user {_USER}")
    folder = Path(tempfile.mkdtemp(prefix="heldout-pg-"))  # a socket's path has to be short
    if _USER is not None:
        shutil.chown(folder, _USER)
    made = Cluster(folder=folder)
    try:
        data = str(folder / "data")
        created = made.run("initdb", "-D", data, "-A", "trust", "--no-sync")
        assert created.returncode == 0, created.stderr
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        started = made.run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        assert started.returncode == 0, started.stderr
        try:
            made_schema = made.sql(_schema())
            assert made_schema.returncode == 0, made_schema.stderr
            yield made
        finally:
            made.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _schema() -> str:
    """The tables as they are declared, and on them the revisions that guard events."""
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg://", lambda sql, *_, **__: statements.append(str(sql.compile(dialect=engine.dialect)))
    )
    metadata.create_all(engine, checkfirst=False)
    written = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written})
    with Operations.context(context):
        for revision in ("0008", "0013"):
            ScriptDirectory.from_config(alembic_config()).get_revision(revision).module.upgrade()
    return ";\n".join(statements) + ";\n" + written.getvalue()


# Of a round that is only a number here: in this mode no foreign key is asked.
_EVENT = """
SET session_replication_role = replica;
INSERT INTO event (at, actor, action, object_type, object_id, round_id, detail)
VALUES ('2026-01-01T00:00:00Z', 'person:1', 'team.joined', 'team', 1, 7, '{"by": "link"}');
SET session_replication_role = DEFAULT;
"""
_ALL = "SELECT actor, action, at = '2026-01-01T00:00:00Z', round_id, detail FROM event ORDER BY id"


@pytest.fixture
def appended(cluster: Cluster) -> Cluster:
    """With one event and no other."""
    emptied = "SET session_replication_role = replica; TRUNCATE event; SET session_replication_role = DEFAULT;"
    made = cluster.sql(emptied + _EVENT)
    assert made.returncode == 0, made.stderr
    return cluster


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'person:2'",
        "UPDATE event SET detail = '{}', round_id = NULL",
        "UPDATE event SET at = '2026-02-02', round_id = NULL",
        "UPDATE event SET id = 9, round_id = NULL",
        "UPDATE event SET round_id = 8",
        "UPDATE event SET round_id = NULL",
        "DELETE FROM event",
        "DELETE FROM event WHERE false",
        "TRUNCATE event",
        "INSERT INTO event SELECT * FROM event ON CONFLICT (id) DO UPDATE SET actor = 'person:2'",
    ],
)
def test_postgresql_refuses_to_change_or_delete_what_happened(appended: Cluster, statement: str) -> None:
    before = appended.sql(_ALL).stdout
    refused = appended.sql(statement)
    assert refused.returncode != 0
    assert "events are never changed or deleted" in refused.stderr
    assert appended.sql(_ALL).stdout == before == 'person:1|team.joined|t|7|{"by": "link"}\n'


# With a draft of the number 7.
_DRAFT = """
INSERT INTO round (id, slug, title, task, policy, image_count, class_count, is_draft, public_digest, created_at)
VALUES (7, 'draft', '', 'cls', '{}', 1, 1, true, '', '2026-01-01T00:00:00Z');
"""


def test_on_postgresql_events_are_appended_and_lose_the_id_of_a_draft_that_goes(appended: Cluster) -> None:
    for statement in (_DRAFT, "UPDATE event SET round_id = NULL", "DELETE FROM round"):
        done = appended.sql(statement)
        assert done.returncode == 0, done.stderr
    assert appended.sql(_EVENT).returncode == 0
    assert [line.split("|")[3] for line in appended.sql(_ALL).stdout.splitlines()] == ["", "7"]
