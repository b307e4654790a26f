"""Queries about the addresses of deleted accounts, of which keyed hashes alone are kept."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from server.db.participation import takes_part
from server.db.people_tables import DepartedAddress, FormerMembership, ServerKey

_PURPOSE = "departed addresses"


def key_of_addresses(session: Session) -> str:
    """The key of the hashes; drawn in the transaction that needs it first."""
    found = session.get(ServerKey, _PURPOSE)
    if found is None:
        found = ServerKey(purpose=_PURPOSE, key=secrets.token_hex(32))
        session.add(found)
        session.flush()
    return found.key


def departed_persons(session: Session) -> Sequence[DepartedAddress]:
    """Every hash that is kept."""
    return session.exec(select(DepartedAddress).order_by(col(DepartedAddress.person_id))).all()


def persons_departed_from(session: Session, address_hash: str) -> Sequence[int]:
    """Who had this address and has deleted the account, the first to go first."""
    return session.exec(
        select(DepartedAddress.person_id)
        .where(DepartedAddress.address_hash == address_hash)
        .order_by(col(DepartedAddress.person_id))
    ).all()


def departed_of_rounds(session: Session, round_ids: Collection[int]) -> frozenset[int]:
    """Whose hash is kept and who has left a team that takes part in one of these rounds."""
    return frozenset(
        session.exec(
            select(DepartedAddress.person_id)
            .join(FormerMembership, col(FormerMembership.person_id) == col(DepartedAddress.person_id))
            .where(takes_part(col(FormerMembership.team_id), round_ids))
        )
    )
