"""Brings a database to the present schema, at every start: in one transaction, so that it can be interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from server.db.engine import Database
from server.errors import DatabaseNewer

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(database: Database) -> None:
    """Apply the revisions that are missing.

    Raises:
        DatabaseUnavailable: the database cannot be reached or is locked.
        DatabaseNewer: it has revisions that are not known here.
    """
    newest = newest_revision()
    with database.connection(is_writing=False) as connection:
        revision = _revision_of(connection)
    if revision == newest:
        return  # no need to wait for whoever is writing, nor for Alembic: a quarter of a second to load
    if revision is not None and revision > newest:
        raise DatabaseNewer
    from alembic import command

    config = alembic_config()
    with database.connection(is_writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision_of(connection: Connection) -> str | None:
    """What Alembic has written down of the database; None where it never was."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newest_revision() -> str:
    """By the names of the files, rev_0001_first_schema.py and so on."""
    return max(path.name for path in MIGRATIONS.glob("versions/rev_*.py")).split("_")[1]


def alembic_config() -> Config:
    """Where Alembic finds the revisions; there is no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
