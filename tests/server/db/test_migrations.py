"""The migrated schema is the one the tables declare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import IntegrityError as IntegrityErrorOfDriver

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_mock_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from server.db.engine import Database, open_database
from server.db.events import append_event
from server.db.migrate import alembic_config, newest_revision, upgrade
from server.db.organizing_tables import Rescoring
from server.db.rescorings import next_due
from server.db.schema import metadata
from server.db.tables import Event, Round, Score, Token, TruthVersion
from server.errors import DatabaseNewer


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


def test_the_newest_revision_is_told_as_alembic_would_tell_it() -> None:
    assert newest_revision() == ScriptDirectory.from_config(alembic_config()).get_current_head()


def test_a_database_of_a_newer_version_is_left_alone_and_told(database: Database) -> None:
    upgrade(database)
    with database.connection(is_writing=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match="newer version"):
        upgrade(database)


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
        ("UPDATE event SET round_id = NULL", "never changed"),
        ("DELETE FROM event", "never deleted"),
        ("INSERT OR REPLACE INTO event SELECT * FROM event", "never replaced"),
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_what_happened(
    database: Database, statement: str, refusal: str
) -> None:
    _log_of_rounds(database)
    with pytest.raises(IntegrityError, match=refusal), database.write() as session:
        session.connection().execute(text(statement))
    with database.read() as session:
        events = [(event.actor, event.round_id) for event in session.exec(select(Event).order_by(col(Event.id)))]
    assert events == [("person:1", None), ("person:1", 1), ("person:1", 2)]


def test_events_lose_the_id_of_a_draft_that_goes_and_of_no_other_round(database: Database) -> None:
    _log_of_rounds(database)
    with database.write() as session:
        session.connection().execute(text("UPDATE event SET round_id = NULL WHERE round_id = 2"))
    with pytest.raises(IntegrityError, match="never changed"), database.write() as session:
        session.connection().execute(text("UPDATE event SET round_id = NULL WHERE round_id = 1"))
    with database.read() as session:
        assert [event.round_id for event in session.exec(select(Event).order_by(col(Event.id)))] == [None, 1, None]


def _log_of_rounds(database: Database) -> None:
    """One event of no round, one of round 1, which is open, and one of round 2, a draft."""
    upgrade(database)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with database.write() as session:
        for slug, is_draft in (("open", False), ("draft", True)):
            session.add(
                Round(
                    slug=slug, title="", task="cls", policy={}, image_count=1, class_count=1, public_digest="",
                    is_draft=is_draft, created_at=at,
                )
            )  # fmt: skip
        session.flush()
        for round_id in (None, 1, 2):
            append_event(
                session, at=at, actor="person:1", action="team.joined", object_type="team", object_id=1,
                round_id=round_id, detail={"by": "link"},
            )  # fmt: skip
            session.flush()


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


def test_scores_from_before_intervals_of_metrics_are_made_again_even_those_without_any(database: Database) -> None:
    config = alembic_config()
    with database.connection(is_writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
        for statement in _SCORED_BEFORE.split(";"):
            connection.execute(text(statement))
    upgrade(database)
    with database.read() as session:
        due = next_due(session, scorer_version="1", max_attempts=4)
        assert due is not None and (due[0].id, due[2].id) == (1, 2)
        without_any = next_due(session, scorer_version="1", max_attempts=4, but={(1, 2)})
        assert without_any is not None and (without_any[0].id, without_any[2].id) == (2, 2)
        assert next_due(session, scorer_version="1", max_attempts=4, but={(1, 2), (2, 2)}) is None
        wishes = session.exec(select(Rescoring)).all()
    assert len(wishes) == 2
    assert all(wish.wished_at is not None and wish.wished_at.tzinfo is not None for wish in wishes)


def test_a_truth_may_be_shown_again_and_no_id_of_a_version_is_given_twice(database: Database) -> None:
    config = alembic_config()
    with database.connection(is_writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
        for statement in _SCORED_BEFORE.split(";"):
            connection.execute(text(statement))
        connection.execute(
            text("INSERT INTO truth_version SELECT 7, 1, 3, 'c', '', NULL, created_at FROM truth_version WHERE id = 2")
        )
        connection.execute(text("DELETE FROM truth_version WHERE id = 7"))
    upgrade(database)
    with database.write() as session:
        scored_with = session.exec(select(TruthVersion.digest).join(Score)).all()
        again = TruthVersion(round_id=1, number=3, digest="a", created_at=datetime(2026, 1, 3, tzinfo=UTC))
        session.add(again)
        session.flush()
        assert again.id == 8
    assert scored_with == ["a", "b", "b", "b"]
    for statement in ("DELETE FROM truth_version WHERE id = 1", "UPDATE truth_version SET number = 1 WHERE id = 2"):
        with pytest.raises(IntegrityError), database.write() as session:
            session.connection().execute(text(statement))


def test_a_migration_that_would_leave_a_row_without_what_it_refers_to_changes_nothing(database: Database) -> None:
    upgrade(database)
    orphan = (
        "INSERT INTO token (person_id, scope, label, secret_hash, created_at) VALUES (9, '-', '-', '-', '2026-01-01')"
    )
    with pytest.raises(IntegrityErrorOfDriver, match="a row of token refers to none of person"):
        with database.connection(is_writing=True) as connection:
            connection.execute(text(orphan))
    with database.read() as session:
        assert session.exec(select(Token)).all() == []
    with pytest.raises(IntegrityError), database.write() as session:
        session.connection().execute(text(orphan))


# The truth was corrected once; submission 2 has no interval, as by a metric of which none is known.
_SCORED_BEFORE = """
INSERT INTO round (id, slug, title, task, policy, image_count, class_count, is_draft, public_digest, active_truth_id,
                   truth_seal, is_paused, created_at)
VALUES (1, 'r', 'R', 'cls', '{}', 1, 1, 0, '-', 2, '-', 0, '2026-01-01');
INSERT INTO truth_version (id, round_id, number, digest, note, created_at, activated_at)
VALUES (1, 1, 1, 'a', '', '2026-01-01', '2026-01-01'), (2, 1, 2, 'b', '', '2026-01-02', '2026-01-02');
INSERT INTO team (id, name, name_key, affiliation, abstract, created_at) VALUES (1, 'T', 't', '', '', '2026-01-01');
INSERT INTO entry (id, round_id, team_id, method, track, description, paper_url, code_url, is_anonymous, is_competing,
                   is_baseline, disqualified_for, created_at)
VALUES (1, 1, 1, 'M', '', '', '', '', 0, 1, 0, '', '2026-01-01');
INSERT INTO submission (id, entry_id, round_id, team_id, state, blob_key, file_name, sha256, size_bytes,
                        upload_started_at, accepted_at, attempt, is_final, findings)
VALUES (1, 1, 1, 1, 'scored', 'a', '', '-', 1, '2026-01-01', '2026-01-01', 1, 0, '[]'),
       (2, 1, 1, 1, 'scored', 'b', '', '-', 1, '2026-01-01', '2026-01-01', 1, 0, '[]');
INSERT INTO score (submission_id, truth_id, scorer_version, split, scores, counts, per_class, intervals, created_at)
VALUES (1, 1, '1', 'all', '{}', '{}', '[]', '{"0.95": [0.1, 0.2]}', '2026-01-01'),
       (1, 2, '1', 'all', '{}', '{}', '[]', '{"0.95": [0.1, 0.2]}', '2026-01-02'),
       (1, 2, '1', 'public', '{}', '{}', '[]', '{"0.95": [0.1, 0.2]}', '2026-01-02'),
       (2, 2, '1', 'all', '{}', '{}', '[]', '{}', '2026-01-02')
"""
