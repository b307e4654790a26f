"""Queries about API tokens. Only hashes of their secrets are ever looked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from server.db.tables import Person, Team, Token

# Asked with every request of a program: to put the statement together takes longer than to have it answered.
_VALID = (
    select(Token, Person, Team)
    .join(Person, col(Person.id) == col(Token.person_id))
    .outerjoin(Team, col(Team.id) == col(Token.team_id))
    .where(col(Token.secret_hash) == bindparam("secret_hash"), col(Token.revoked_at).is_(None))
)


def valid_token(session: Session, secret_hash: str) -> tuple[Token, Person, Team | None] | None:
    """The unrevoked token with this hash, its person and its team."""
    return session.exec(_VALID, params={"secret_hash": secret_hash}).one_or_none()


def tokens_of_person(session: Session, person_id: int) -> Sequence[Token]:
    """The unrevoked tokens of a person, newest first."""
    return session.exec(
        select(Token)
        .where(Token.person_id == person_id, col(Token.revoked_at).is_(None))
        .order_by(col(Token.id).desc())
    ).all()


def revoke_tokens(session: Session, token_ids: Collection[int], *, now: datetime) -> None:
    """End these tokens."""
    session.exec(update(Token).where(col(Token.id).in_(token_ids)).values(revoked_at=now))
