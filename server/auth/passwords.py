"""Passwords: kept as Argon2id hashes, compared in the same time whether or not the account exists."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

# Length is what makes a password strong; the upper bound keeps a megabyte from being hashed.
MIN_PASSWORD_CHARACTERS = 10
MAX_PASSWORD_CHARACTERS = 512

# One Argon2id hash takes 64 MiB while it is computed: a flood of log-ins must not take more than this.
MAX_HASHES_AT_ONCE = 2

_hashing = BoundedSemaphore(MAX_HASHES_AT_ONCE)
_hasher = PasswordHash.recommended()


def password_fault(password: str) -> str | None:
    """What is wrong with `password` as a new password, or None."""
    if len(password) < MIN_PASSWORD_CHARACTERS:
        return f"has {len(password)} characters; at least {MIN_PASSWORD_CHARACTERS} are needed"
    if len(password) > MAX_PASSWORD_CHARACTERS:
        return f"has {len(password)} characters; at most {MAX_PASSWORD_CHARACTERS} are taken"
    if len(set(password)) == 1:
        return "is one character repeated"
    return None


def hash_password(password: str) -> str:
    """An Argon2id hash of `password` with its own salt."""
    with _hashing:
        return _hasher.hash(_bytes(password))


def is_right_password(password: str, password_hash: str | None) -> bool:
    """Whether `password` belongs to `password_hash`; None (no such account) takes as long and is False."""
    reference = password_hash if password_hash is not None else _decoy_hash()
    if len(password) > MAX_PASSWORD_CHARACTERS:
        return False
    with _hashing:
        matches = _hasher.verify(_bytes(password), reference)
    return matches and password_hash is not None


def _bytes(password: str) -> bytes:
    """JSON can carry half a character; it is as good as any other in a password."""
    return password.encode("utf-8", "surrogatepass")


@cache
def _decoy_hash() -> str:
    return hash_password("nobody has this password")
