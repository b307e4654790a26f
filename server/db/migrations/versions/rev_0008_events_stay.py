"""Events are appended and never changed: the database itself refuses. They lose the id of a draft that goes, alone."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SAME = " AND ".join(f"NEW.{column} = OLD.{column}" for column in ("id", "actor", "action", "object_type", "object_id"))

_SQLITE = (
    f"""CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    WHEN NOT (NEW.round_id IS NULL AND NEW.at = OLD.at AND NEW.detail = OLD.detail AND {_SAME})
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
    """CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
    """CREATE TRIGGER event_is_never_replaced BEFORE INSERT ON event
    WHEN EXISTS (SELECT 1 FROM event WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'events are never replaced'); END""",  # INSERT OR REPLACE asks no other trigger
)

_POSTGRESQL = (
    """CREATE FUNCTION refuse_change_of_event() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'events are never changed or deleted'; END $$""",
    f"""CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event FOR EACH ROW
    WHEN (NOT (NEW.round_id IS NULL AND NEW.at = OLD.at AND NEW.detail::text = OLD.detail::text AND {_SAME}))
    EXECUTE FUNCTION refuse_change_of_event()""",
    """CREATE TRIGGER event_is_never_deleted BEFORE DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_event()""",
)


def upgrade() -> None:
    """Triggers in the words of either database."""
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
