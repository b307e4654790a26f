"""The rules of a round and the terms of its data, accepted by each person once for each version, and recorded."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import Session

from scoring.policies import Policy
from server.auth.permissions import Action, authorize, own_account
from server.auth.viewer import Viewer
from server.db.events import append_event
from server.db.people_tables import RulesAcceptance
from server.db.rules_acceptances import has_accepted
from server.db.teams import lock_person
from server.deployment import Deployment
from server.people_errors import RulesNotAccepted
from server.services.rounds import RoundFacts, find_round
from server.services.tokens import acting_person


def rules_digest(policy: Policy) -> str | None:
    """What names the version to be accepted; None where there is nothing to accept.

    sha256 of the rule book; where the data page holds terms, of both digests, with a space between ("" for no rules).
    """
    rules = "" if policy.rules is None else _sha256(policy.rules)
    if policy.has_data_terms and policy.data is not None:
        return _sha256(f"{rules} {_sha256(policy.data)}")
    return rules or None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def accept(deployment: Deployment, viewer: Viewer, *, slug: str, accepted: str, now: datetime) -> str | None:
    """Record that a person accepts the rules and terms of a round before they send anything.

    Args:
        deployment: the server.
        viewer: who accepts.
        slug: of a round that they may know of.
        accepted: the digest of the version that they have read.
        now: the present moment.

    Returns:
        The digest that was accepted now; None where it was accepted before, or there is nothing to accept.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs to accept.
        RulesNotAccepted: another version is in force.
    """
    authorize(viewer, Action.ACCEPT_RULES, own_account(viewer))
    with deployment.database.write() as session:
        facts = find_round(session, slug, viewer)
        lock_person(session, acting_person(viewer))  # twice at once is once
        return accept_rules(session, facts, person_id=viewer.person_id, accepted=accepted, now=now)


def rules_to_accept(session: Session, facts: RoundFacts, *, person_id: int | None) -> str | None:
    """The version of the rules that the person has yet to accept; None where there is nothing to accept."""
    digest = rules_digest(facts.policy)
    if digest is None or person_id is None:
        return None
    return None if has_accepted(session, round_id=facts.id, person_id=person_id, digest=digest) else digest


def accept_rules(
    session: Session, facts: RoundFacts, *, person_id: int | None, accepted: str | None, now: datetime
) -> str | None:
    """Record that a person accepts the rules in force, in the transaction of what they accept them for.

    Args:
        session: the writing transaction.
        facts: the round.
        person_id: who accepts; None for the server's own work, which accepts nothing.
        accepted: the digest of what they have read; None where what they do is the acceptance.
        now: the present moment.

    Returns:
        The digest that was accepted now; None where it was accepted before, or there are no rules.

    Raises:
        RulesNotAccepted: they have accepted no version, or another one.
    """
    due = rules_to_accept(session, facts, person_id=person_id)
    if due is None or person_id is None:
        return None
    if accepted is not None and accepted != due:
        message = "The rules or terms have changed since you read them." if accepted else None
        raise RulesNotAccepted(message, details={"rules_digest": due})
    session.add(RulesAcceptance(round_id=facts.id, person_id=person_id, digest=due, accepted_at=now))
    append_event(
        session, at=now, actor=f"person:{person_id}", action="rules.accepted", object_type="round", object_id=facts.id,
        round_id=facts.id, detail={"rules_digest": due, "by": "request" if accepted is None else "word"},
    )  # fmt: skip
    return due
