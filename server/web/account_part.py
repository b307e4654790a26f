"""The part of /me about the account itself: address, mail, data, and its end."""

from __future__ import annotations

from dataclasses import dataclass

from server.auth.passwords import MAX_PASSWORD_CHARACTERS
from server.errors import ServerError
from server.services.account_settings import account_facts
from server.services.mail_kinds import OPTIONAL_KINDS
from server.web.fields import Field, filled
from server.web.visits import Visit

_PASSWORD = Field(
    name="password",
    label="Your password, once more",
    kind="password",
    autocomplete="current-password",
    max_characters=MAX_PASSWORD_CHARACTERS,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KindLine:
    """A kind of mail, and whether it is wanted."""

    kind: str
    label: str
    is_wanted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountPart:
    """What somebody decides about their account."""

    email: str
    is_verified: bool
    kinds: tuple[KindLine, ...]
    password: Field


def account_part(visit: Visit, error: ServerError | None) -> AccountPart:
    """The account of the visitor, who is logged in."""
    facts = account_facts(visit.deployment.database, visit.viewer)
    return AccountPart(
        email=facts.email,
        is_verified=facts.email_verified_at is not None,
        kinds=tuple(
            KindLine(kind=kind, label=label, is_wanted=kind not in facts.unwanted_mail)
            for kind, label in OPTIONAL_KINDS.items()
        ),
        password=filled(_PASSWORD, value="", error=error),
    )
