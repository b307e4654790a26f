"""Brings a database to the present schema, at every start: in one transaction, so that it can be interrupted."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.db.engine import Database

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(database: Database) -> None:
    """Apply the revisions that are missing.

    Raises:
        DatabaseUnavailable: the database cannot be reached or is locked.
    """
    with database.connection(is_writing=False) as connection:
        if MigrationContext.configure(connection).get_current_revision() == _head():
            return  # no need to wait for whoever is writing
    config = alembic_config()
    with database.connection(is_writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def _head() -> str | None:
    """The newest revision; Alembic loads every revision there is to tell it."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def alembic_config() -> Config:
    """Where Alembic finds the revisions; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
