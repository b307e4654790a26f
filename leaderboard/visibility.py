"""Who may see what of a round, and when. One pure function; no route and no template reads a policy flag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from leaderboard.policy import Phase, Policy, is_revealed, phase

Split = Literal["all", "public", "private"]


class Viewer(Protocol):
    """Whoever looks: a member of a team, an organizer, or nobody in particular."""

    @property
    def team_id(self) -> int | None: ...

    def organizes(self, round_id: int) -> bool:
        """Whether the round is theirs to run."""
        ...


class SeenRound(Protocol):
    """What decides about a round's visibility."""

    @property
    def id(self) -> int: ...

    @property
    def policy(self) -> Policy: ...


class KnownRound(SeenRound, Protocol):
    """What decides about who may know of a round at all."""

    @property
    def is_draft(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Visibility:
    """What one viewer may see of one round at one moment."""

    phase: Phase
    is_revealed: bool
    scores: bool  # the board's rows, and any entry's scores
    splits: tuple[Split, ...]  # whose scores may be shown, the one that the board ranks by first
    sent_before: datetime | None  # of others, only what was sent before this moment is on the board; None: all
    names: bool  # who is behind entries whose team is not named yet
    per_class: bool  # figures per class, of whatever the viewer may see at all
    own_team_id: int | None  # the team whose submissions the viewer may open
    every_submission: bool  # an organizer may open all of them
    is_unlisted: bool  # found by its address alone, which the addresses of its entries therefore carry

    @property
    def split(self) -> Split:
        """Of which images the board's scores are."""
        return self.splits[0]

    def may_see_submission_of(self, team_id: int) -> bool:
        """Whether a submission of that team may be shown, with its findings, file name and hash."""
        return self.every_submission or (self.own_team_id is not None and team_id == self.own_team_id)


def is_told_of(round_: KnownRound, viewer: Viewer, *, takes_part: bool, has_address: bool) -> bool:
    """Whether `viewer` may know that the round is there.

    Args:
        round_: the round.
        viewer: who looks.
        takes_part: whether their team is in the round.
        has_address: whether they named the round by its short name, rather than something in it by a number that
            anybody can count to.
    """
    if viewer.organizes(round_.id):
        return True
    if round_.is_draft:
        return False
    listing = round_.policy.listing
    return listing == "public" or takes_part or (listing == "unlisted" and has_address)


def visible(round_: SeenRound, viewer: Viewer, now: datetime) -> Visibility:
    """What `viewer` may see of a round at `now`.

    Whatever was computed from private images, or per class on hidden data, waits for the reveal: a hundred submissions
    with per-class feedback recover a whole class of the ground truth. Organizers see everything, and the board by
    default as everybody does, so that they know what is shown.
    """
    policy = round_.policy
    moment, revealed, organizer = phase(policy, now), is_revealed(policy, now), viewer.organizes(round_.id)
    has_begun = moment != "before"
    is_frozen = policy.freezes is not None and now >= policy.freezes and not revealed
    return Visibility(
        phase=moment,
        is_revealed=revealed,
        scores=organizer or (has_begun and (revealed or not policy.is_blind)),
        splits=_splits(policy, is_revealed=revealed, is_organizer=organizer),
        sent_before=policy.freezes if is_frozen else None,
        names=organizer or revealed,
        per_class=organizer or _shows_classes(policy, moment, is_revealed=revealed),
        own_team_id=viewer.team_id,
        every_submission=organizer,
        is_unlisted=policy.listing == "unlisted",
    )


def _splits(policy: Policy, *, is_revealed: bool, is_organizer: bool) -> tuple[Split, ...]:
    if policy.public_share is None:
        return ("all",)
    if is_revealed:
        return "private", "public", "all"
    return ("public", "private", "all") if is_organizer else ("public",)


def _shows_classes(policy: Policy, moment: Phase, *, is_revealed: bool) -> bool:
    if policy.per_class == "never":
        return False
    # "open" is for data that is no secret: where something is held back, it waits all the same
    is_open = policy.per_class == "open" and policy.public_share is None and not policy.is_blind
    return is_revealed or (is_open and moment != "before")
