"""What a round's data page tells whom: where it holds terms, its addresses go to who has accepted them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlmodel import Session

from server.auth.viewer import Viewer
from server.services.rounds import RoundFacts
from server.services.rules_acceptance import rules_to_accept

WITHHELD = "(an address, told once the terms are accepted)"

# What stays leads within this server, or to a person.
_STAYS = r"(?!/(?!/)|#|mailto:)"
_TARGET = re.compile(rf"(?<=\]\()\s*(?:<(?:[^<>\\\n]|\\.)*>|{_STAYS}(?:[^()\s]|\([^()\s]*\))+)")
_REFERENCE = re.compile(rf"(?m)^( {{0,3}}\[[^\]\n]+\]:)\s*{_STAYS}\S+")
# Once per word, and bounded: anybody may ask for the page, and a long word must not take quadratic time.
_HOST = r"(?<![\w.-])[.-]*+(?:[\w-]++\.++)+[a-z]{2,63}(?::\d{1,5})?/"
_ADDRESS = re.compile(
    rf"<?(?:[a-z][a-z0-9+.-]{{0,20}}://|\bwww\.|{_HOST})[^\s<>`]*[^\s<>`.,;:!?)\]\"'*_]>?", re.IGNORECASE
)

ACCEPT_ADDRESS = "#accept"


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFacts:
    """The data page as one viewer may read it."""

    round: RoundFacts
    text: str | None  # Markdown; None where there is no page
    is_withheld: bool  # whether addresses are left out until its terms are accepted
    rules_digest: str | None  # what the viewer has yet to accept for them; None also for who is not logged in


def data_facts(session: Session, facts: RoundFacts, viewer: Viewer) -> DataFacts:
    """The page of a round that the viewer may know of, as far as they have accepted its terms."""
    text = facts.policy.data
    due = rules_to_accept(session, facts, person_id=viewer.person_id) if facts.policy.has_data_terms else None
    is_withheld = (
        text is not None
        and facts.policy.has_data_terms
        and not viewer.organizes(facts.id)
        and (viewer.person_id is None or due is not None)
    )
    return DataFacts(
        round=facts,
        text=without_addresses(text) if text is not None and is_withheld else text,
        is_withheld=is_withheld,
        rules_digest=due if is_withheld else None,
    )


def without_addresses(text: str) -> str:
    """Markdown without the addresses that lead elsewhere; its links lead to where the terms are accepted."""
    text = _TARGET.sub(ACCEPT_ADDRESS, text)
    text = _REFERENCE.sub(rf"\1 {ACCEPT_ADDRESS}", text)
    return _ADDRESS.sub(WITHHELD, text)
