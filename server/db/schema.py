"""All tables together, for migrations."""

from __future__ import annotations

from server.db import organizing_tables, people_tables
from server.db.tables import metadata

__all__ = ["metadata", "organizing_tables", "people_tables"]
