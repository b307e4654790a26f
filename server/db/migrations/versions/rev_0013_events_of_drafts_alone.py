"""An event loses the id of its round where that is a draft, and of no other: rev_0008 let every round go."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SAME = " AND ".join(f"NEW.{column} = OLD.{column}" for column in ("id", "actor", "action", "object_type", "object_id"))
_LOSES_A_DRAFT = (
    "NEW.round_id IS NULL AND NEW.at = OLD.at AND EXISTS (SELECT 1 FROM round WHERE id = OLD.round_id AND is_draft)"
)

_SQLITE = (
    "DROP TRIGGER event_is_never_changed",
    f"""CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    WHEN NOT ({_LOSES_A_DRAFT} AND NEW.detail = OLD.detail AND {_SAME})
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
)

# A condition of a trigger may not look into another table there: the function does.
_POSTGRESQL = (
    "DROP TRIGGER event_is_never_changed ON event",
    f"""CREATE FUNCTION refuse_change_of_event_but_of_a_draft() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
    IF {_LOSES_A_DRAFT} AND NEW.detail::text = OLD.detail::text AND {_SAME} THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'events are never changed or deleted';
    END $$""",
    """CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event FOR EACH ROW
    EXECUTE FUNCTION refuse_change_of_event_but_of_a_draft()""",
)


def upgrade() -> None:
    """Triggers in the words of either database."""
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
