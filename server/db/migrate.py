"""Brings a database to the present schema, at every start: in one transaction, so that it can be interrupted."""

from __future__ import annotations

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
    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    with database.connection(is_writing=False) as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return  # no need to wait for whoever is writing
    with database.connection(is_writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def alembic_config() -> Config:
    """Where Alembic finds the revisions; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
