"""Undoing what a call of a crawl has done to those who call: whoever is made to leave their team comes back."""

from __future__ import annotations

from sqlmodel import col, select, update

from server.db.engine import Database
from server.db.people_tables import FormerMembership
from server.db.tables import Membership, Token
from tests.server.running import DURING


def bring_back_leavers(database: Database) -> None:
    """Have everybody in the teams that they have left, with the tokens for them."""
    with database.write() as session:
        for left in session.exec(select(FormerMembership)).all():
            session.merge(Membership(person_id=left.person_id, team_id=left.team_id, joined_at=DURING))
            tokens = update(Token).where(col(Token.person_id) == left.person_id, col(Token.team_id) == left.team_id)
            session.exec(tokens.values(revoked_at=None))
            session.delete(left)
