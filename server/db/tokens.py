"""Queries about API tokens. Only hashes of their secrets are ever looked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select, update

from server.db.tables import Person, Team, Token


def valid_token(session: Session, secret_hash: str) -> tuple[Token, Person, Team | None] | None:
    """The unrevoked token with this hash, its person and its team."""
    return session.exec(
        select(Token, Person, Team)
        .join(Person, col(Person.id) == col(Token.person_id))
        .outerjoin(Team, col(Team.id) == col(Token.team_id))
        .where(Token.secret_hash == secret_hash, col(Token.revoked_at).is_(None))
    ).one_or_none()


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
