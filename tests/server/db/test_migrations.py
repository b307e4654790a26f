"""The migrated schema is the one the tables declare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_mock_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from server.db.engine import Database, open_database
from server.db.events import append_event
from server.db.migrate import alembic_config, upgrade
from server.db.schema import metadata
from server.db.tables import Event


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    yield database
    database.close()


def test_migrating_an_empty_database_gives_exactly_the_declared_tables(database: Database) -> None:
    upgrade(database)
    with database.connection(is_writing=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_migrating_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    with database.connection(is_writing=False) as connection:
        assert len(inspect(connection).get_table_names()) == len(metadata.tables) + 1


def test_the_tables_can_be_created_on_postgresql_too() -> None:
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg://", lambda sql, *_, **__: statements.append(str(sql.compile(dialect=engine.dialect)))
    )
    metadata.create_all(engine, checkfirst=False)
    created = "\n".join(statements)
    assert "TIMESTAMP WITH TIME ZONE" in created
    assert created.count("CREATE TABLE") == len(metadata.tables)


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE event SET actor = 'person:2'", "never changed"),
        ("UPDATE event SET detail = '{}', round_id = NULL", "never changed"),
        ("UPDATE event SET at = '2026-02-02', round_id = NULL", "never changed"),
        ("UPDATE event SET round_id = 7", "never changed"),
        ("DELETE FROM event", "never deleted"),
        ("INSERT OR REPLACE INTO event SELECT * FROM event", "never replaced"),
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_what_happened(
    database: Database, statement: str, refusal: str
) -> None:
    upgrade(database)
    with database.write() as session:
        append_event(
            session, at=datetime(2026, 1, 1, tzinfo=UTC), actor="person:1", action="team.joined", object_type="team",
            object_id=1, detail={"by": "link"},
        )  # fmt: skip
    with pytest.raises(IntegrityError, match=refusal), database.write() as session:
        session.connection().execute(text(statement))
    with database.read() as session:
        assert [event.actor for event in session.exec(select(Event))] == ["person:1"]


def test_tokens_from_before_there_were_scopes_go_on_doing_what_they_could(database: Database) -> None:
    config = alembic_config()
    with database.connection(is_writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        connection.execute(
            text(
                "INSERT INTO person (email, name, password_hash, is_organizer, created_at)"
                " VALUES ('a@b.example', 'Ada', '-', 0, '2026-01-01')"
            )
        )
        connection.execute(
            text("INSERT INTO token (person_id, label, secret_hash, created_at) VALUES (1, 'old', 'x', '2026-01-01')")
        )
    upgrade(database)
    with database.connection(is_writing=False) as connection:
        assert connection.execute(text("SELECT scope, made_by_id FROM token")).all() == [("account", None)]
