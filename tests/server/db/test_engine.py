"""The database as the server uses it: SQLite with the settings that make a count hold until the commit."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, ProgrammingError, StatementError
from sqlmodel import select, text

from server.db.engine import Database, open_database
from server.db.migrate import upgrade
from server.db.tables import Membership, Team
from server.errors import DatabaseUnavailable

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'x.sqlite3'}", wait_seconds=0.2)
    upgrade(database)
    yield database
    database.close()


def team(name: str = "a") -> Team:
    return Team(name=name, name_key=name, created_at=NOW)


def test_a_write_is_kept_and_an_exception_undoes_all_of_it(database: Database) -> None:
    with database.write() as session:
        session.add(team("kept"))
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(team("lost"))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert [row.name for row in session.exec(select(Team))] == ["kept"]


def test_what_a_reader_changes_is_not_kept(database: Database) -> None:
    with database.read() as session:
        session.add(team())
        session.flush()
    with database.read() as session:
        assert session.exec(select(Team)).all() == []


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_every_connection_is_durable_and_checks_references(database: Database, pragma: str, value: object) -> None:
    with database.read() as session:
        assert session.connection().execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_row_that_names_a_missing_row_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Membership(person_id=1, team_id=1, joined_at=NOW))


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    eastern = NOW.astimezone(timezone(timedelta(hours=-5)))
    with database.write() as session:
        session.add(Team(name="a", name_key="a", created_at=eastern))
    with database.read() as session:
        moment = session.exec(select(Team)).one().created_at
    assert moment == NOW
    assert moment.tzinfo is UTC


def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without zone"), database.write() as session:
        session.add(Team(name="a", name_key="a", created_at=NOW.replace(tzinfo=None)))


def test_a_writer_holds_the_lock_from_its_first_moment_and_readers_go_on(database: Database) -> None:
    with database.write() as first:
        with pytest.raises(DatabaseUnavailable), database.write() as second:
            second.exec(select(Team)).all()
        with database.read() as reader:
            assert reader.exec(select(Team)).all() == []
        first.add(team())
    with database.read() as reader:
        assert len(reader.exec(select(Team)).all()) == 1


def test_a_lock_held_by_another_program_is_a_database_that_is_away(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable) as caught, database.write() as session:
        session.add(team())
        session.flush()
    assert "database" in caught.value.message
    other.execute("ROLLBACK")
    other.close()
    with database.write() as session:
        session.add(team())


def test_mistakes_of_ours_are_not_called_an_outage(database: Database) -> None:
    with pytest.raises(ProgrammingError), database.read() as session:
        session.connection().exec_driver_sql("SELECT ?", ())


def test_ids_are_never_given_twice(database: Database) -> None:
    ids = []
    for name in ("a", "b"):
        with database.write() as session:
            row = team(name)
            session.add(row)
            session.flush()
            ids.append(row.id)
            session.delete(row)
    assert ids == [1, 2]


def test_the_version_changes_with_every_commit_and_with_nothing_else(database: Database) -> None:
    seen = [database.version(), database.version()]
    with database.read() as session:
        session.add(team("lost"))
        session.flush()
    time.sleep(0.05)  # longer than the commits of others go unnoticed
    seen.append(database.version())
    assert len(set(seen)) == 1 and seen[0] is not None
    with database.write() as session:
        session.add(team("own"))
    own = database.version()
    assert own not in seen
    other = open_database(str(database.engine.url))
    with other.write() as session:
        session.add(team("another process's"))
    other.close()
    time.sleep(0.05)
    assert database.version() not in (*seen, own)
