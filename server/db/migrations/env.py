"""What Alembic runs: the revisions, on the connection and in the transaction of server/db/migrate.py."""

from __future__ import annotations

from alembic import context

from server.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # True of SQLite too, now that its driver no longer commits by itself (server/db/engine.py)
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
