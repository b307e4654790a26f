"""Rounds as everybody may know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from leaderboard.policy import RuledRound, is_revealed, phase
from leaderboard.visibility import Viewer, is_told_of
from scoring.policies import Policy, policy_of_json
from server.db.participations import rounds_of_team
from server.db.rounds import RoundRow, all_rounds, round_by_slug
from server.db.tables import Round, stored_id
from server.errors import RoundNotFound
from server.services.pauses import KeptDates, kept_of_json
from server.services.quotas import QuotaPolicy

RoundState = Literal["before", "open", "paused", "closed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundFacts:
    """A round, read once."""

    id: int
    slug: str
    title: str
    challenge: str | None  # title of the challenge it belongs to
    challenge_slug: str | None
    task: str
    policy: Policy  # with the texts of the rule book and of the data page
    image_count: int
    class_count: int
    public_digest: str
    truth_id: int | None  # the version the board shows
    truth_digest: str | None  # a secret, of which `told_digest` tells a seal
    truth_seal: str  # a secret as long as that
    split_seed: str | None  # of the public and the private half of the images: a secret until the reveal
    is_paused: bool  # closed, to go on later
    has_reveal_of_pause: bool  # whether its reveal stands far off because it is paused
    kept_dates: KeptDates | None  # that its pause has taken out
    is_draft: bool  # its organizers alone know of it
    created_at: datetime

    def state(self, now: datetime) -> RoundState:
        """As `state_of` has it."""
        return state_of(self.policy, is_paused=self.is_paused, now=now)

    def reveals_at(self, now: datetime) -> datetime | None:
        """When what is held back is shown, if anything is; None: never, or at a close that nobody knows yet."""
        policy = self.policy
        is_unknown = self.has_reveal_of_pause and not is_revealed(policy, now)
        return None if is_unknown else policy.reveals or policy.closes

    def quota(self, now: datetime) -> QuotaPolicy:
        """What decides about one more submission."""
        return QuotaPolicy(
            per_day=self.policy.submissions_per_day,
            per_week=self.policy.submissions_per_week,
            total=self.policy.submissions_total,
            closes=None if self.state(now) == "paused" else self.policy.closes,  # nobody knows yet when
        )


def list_rounds(session: Session, viewer: Viewer, *, challenge_slug: str | None = None) -> list[RoundFacts]:
    """The rounds that are listed for `viewer`, newest first: the public ones and those they have to do with.

    With `challenge_slug`, those of one challenge. Drafts are listed for nobody here: see
    server/services/round_affairs.py.
    """
    own = frozenset() if viewer.team_id is None else rounds_of_team(session, viewer.team_id)
    found = [round_facts(row) for row in all_rounds(session, challenge_slug=challenge_slug) if not row.round.is_draft]
    return [facts for facts in found if is_told_of(facts, viewer, takes_part=facts.id in own, has_address=False)]


def find_round(session: Session, slug: str, viewer: Viewer, *, has_address: bool = True) -> RoundFacts:
    """The round of this short name, if `viewer` may know of it.

    Args:
        session: where it is read.
        slug: the short name.
        viewer: who asks.
        has_address: whether the short name is theirs; not where they gave the number of something in the round.

    Raises:
        RoundNotFound: there is none, or it is a draft, or private and they are not of it; nobody learns which.
    """
    facts = stored_round(session, slug)
    takes_part = viewer.team_id is not None and facts.id in rounds_of_team(session, viewer.team_id)
    if not is_told_of(facts, viewer, takes_part=takes_part, has_address=has_address):
        raise no_such_round(slug)
    return facts


def stored_round(session: Session, slug: str) -> RoundFacts:
    """The round of this short name, whoever asks: for what asks about permission by itself.

    Raises:
        RoundNotFound: there is none.
    """
    row = round_by_slug(session, slug)
    if row is None:
        raise no_such_round(slug)
    return round_facts(row)


def no_such_round(slug: str) -> RoundNotFound:
    """The one answer to who asks for a round that is not there, or not theirs to see."""
    return RoundNotFound(f'There is no round "{slug[:80]}" here.')


def state_of(policy: Policy, *, is_paused: bool, now: datetime) -> RoundState:
    """The phase, where a pause is told from a close; once its results are shown, a round is closed."""
    found = phase(policy, now)
    return "paused" if found == "closed" and is_paused and not is_revealed(policy, now) else found


def policy_of(row: Round) -> Policy:
    """What was decided about the round, of a row of the table."""
    return policy_of_json(row.policy, rules=row.rules, data=row.data)


def ruled(row: Round) -> RuledRound:
    """A row as the rules of visibility know a round."""
    return RuledRound(id=stored_id(row.id), policy=policy_of(row))


def round_facts(row: RoundRow) -> RoundFacts:
    """A row as a value."""
    found, challenge, truth = row
    policy = policy_of(found)
    return RoundFacts(
        id=stored_id(found.id),
        slug=found.slug,
        title=found.title,
        challenge=challenge.title if challenge else None,
        challenge_slug=challenge.slug if challenge else None,
        task=found.task,
        policy=policy,
        image_count=found.image_count,
        class_count=found.class_count,
        public_digest=found.public_digest,
        truth_id=truth.id if truth else None,
        truth_digest=truth.digest if truth else None,
        truth_seal=found.truth_seal,
        split_seed=found.split_seed,
        is_paused=found.is_paused,
        has_reveal_of_pause=found.pause_reveals is not None and found.pause_reveals == policy.reveals,
        kept_dates=kept_of_json(found.pause_keeps),
        is_draft=found.is_draft,
        created_at=found.created_at,
    )
