"""A migration that is killed half-way can be run again: it is one transaction."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from server.db.engine import open_database
from server.db.migrate import upgrade
from server.db.tables import metadata

KILLED_MIGRATION = """
import os, signal, sys
from sqlalchemy import event
from server.db.engine import open_database
from server.db.migrate import upgrade

database = open_database(sys.argv[1])
tables = 0

@event.listens_for(database.engine, "after_cursor_execute")
def kill_at_the_sixth_table(connection, cursor, statement, *rest):
    global tables
    tables += "CREATE TABLE" in statement
    if tables == 6:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade(database)
"""


@pytest.mark.parametrize("times", [1, 2])
def test_a_migration_killed_half_way_leaves_nothing_and_can_be_run_again(tmp_path: Path, times: int) -> None:
    address = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    for _ in range(times):
        killed = subprocess.run([sys.executable, "-c", KILLED_MIGRATION, address], check=False)
        assert killed.returncode == -signal.SIGKILL
    database = open_database(address)
    with database.connection(is_writing=False) as connection:
        assert inspect(connection).get_table_names() == []
    upgrade(database)
    with database.connection(is_writing=False) as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
    database.close()
