"""Secrets that stand for a person: API tokens and session ids. Kept hashed, shown once."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

# The prefix lets secret scanners, and people, recognise a leaked token.
TOKEN_PREFIX = "hld_"  # noqa: S105 - a prefix, not a secret

# 32 bytes of randomness cannot be guessed, so a fast hash is enough to keep them by.
SECRET_BYTES = 32


class Scope(StrEnum):
    """How far an API token goes."""

    SUBMIT = "submit"  # reads what its team may see, and submits for it
    ACCOUNT = "account"  # all that the person may do

    def covers(self, other: Scope) -> bool:
        """Whether whoever has this one may hand out the other."""
        return self is Scope.ACCOUNT or other is Scope.SUBMIT


def new_token_secret() -> str:
    """A fresh API token, as its owner sees it once."""
    return TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def new_session_secret() -> str:
    """A fresh session id, as the browser's cookie holds it."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """What the database keeps of a secret; equal secrets have equal hashes."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def bearer_secret(authorization: str | None) -> str | None:
    """The secret of an `Authorization: Bearer ...` header; None when no bearer token is sent.

    Other schemes are somebody else's: a proxy that guards the whole site with Basic has no say here.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None
