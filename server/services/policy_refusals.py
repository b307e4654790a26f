"""Changes of a policy that are refused, since somebody relies on what it says: pure rules, all faults at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leaderboard.exports import moment_text
from leaderboard.policy import is_revealed
from scoring.faults import FaultLog
from scoring.policies import Policy
from scoring.rounds import ROUND_FILE

# What decides who ranks where, beside the metric: it changes only in public once something was sent.
_RANKING_RULES = ("rows", "represents", "finals", "ranking", "tracks")
_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackedEntry:
    """An entry of a team that competes in a track."""

    id: int
    team: str
    method: str
    track: str  # "" for none


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """How many submissions a team has chosen in a track."""

    team: str
    track: str  # "" where the round has none
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What teams have sent and chosen, as far as it binds the policy."""

    entries: Sequence[TrackedEntry]
    choices: Sequence[Choice]


def goes_on_with_note_alone(policy: Policy, now: datetime) -> bool:
    """Whether the teams know the private scores, so that a round to which something was sent needs a public note."""
    return policy.public_share is not None and is_revealed(policy, now)


def refuse_past(before: Policy, after: Policy, *, now: datetime, faults: FaultLog) -> None:
    """A year mistyped would close a round, reveal what it holds back, or freeze its teams as they were, at once."""
    for key, step in (("closes", "close"), ("reveals", "reveal")):
        moment = getattr(after, key)
        if moment is not None and moment != getattr(before, key) and moment < now.replace(microsecond=0):
            faults.add(
                "past", f"{moment_text(moment)} has passed",
                advice=f"check the year; to {step} at once is a step of its own: on the round's page, or `heldout round"
                f" {step}`", file=ROUND_FILE, key=f"policy.{key}",
            )  # fmt: skip
    freeze = after.teams_freeze
    if freeze is not None and freeze != before.teams_freeze and freeze < now.replace(microsecond=0):
        faults.add(
            "past", f"{moment_text(freeze)} has passed: whoever joined a team since would keep it from submitting",
            advice="freeze the teams at a moment to come", file=ROUND_FILE, key="policy.teams_freeze",
        )  # fmt: skip


def refuse_frozen(before: Policy, after: Policy, sent: Sent, *, note: str, now: datetime, faults: FaultLog) -> None:
    """What is as the teams know it once they have sent something."""
    if after.public_share != before.public_share:
        _frozen(
            "public_share", "the split stays as it is once something was submitted", "open a new round instead", faults
        )
    if not note:
        _refuse_unannounced(before, after, now=now, faults=faults)
    if after.tracks != before.tracks:
        _refuse_lost_tracks(after, sent.entries, faults)
    if after.finals < before.finals:
        _refuse_fewer_finals(after, sent.choices, faults)


def refuse_no_reveal(before: Policy, after: Policy, *, note: str, faults: FaultLog) -> None:
    """Without a close there is no reveal: nobody takes it out by mistake."""
    held_back = [
        name
        for is_held_back, name in (
            (after.public_share is not None, "the private scores"),
            (after.is_blind, "the scores"),
            (after.is_anonymous, "the names of the teams"),
        )
        if is_held_back
    ]
    if before.closes is not None and after.closes is None and held_back and not note:
        faults.add(
            "unrevealed", f"without a close the round never shows {' and '.join(held_back)}",
            advice="give another close; or take it out in the policy with a public note that says so",
            file=ROUND_FILE, key="policy.closes",
        )  # fmt: skip


def _refuse_unannounced(before: Policy, after: Policy, *, now: datetime, faults: FaultLog) -> None:
    """What changes with a public note alone."""
    why = "tell the teams why in the note"
    if after.best_by != before.best_by:
        _frozen("best_by", "another metric ranks only with a public note once something was submitted", why, faults)
    for key in _RANKING_RULES:
        if getattr(after, key) != getattr(before, key):
            told = "a rule of the ranking changes only with a public note once something was submitted"
            _frozen(key, told, why, faults)
    if goes_on_with_note_alone(before, now) and not is_revealed(after, now):
        _frozen(
            "closes",
            "the private scores and the seed of the split are known, so a round goes on only with a public note",
            "change the close in the policy, and tell the teams why in its note",
            faults,
        )


def _refuse_lost_tracks(after: Policy, entries: Sequence[TrackedEntry], faults: FaultLog) -> None:
    """Each entry is ranked in its track for good, so the track stays."""
    known = after.tracks or ("",)
    for track in sorted({entry.track for entry in entries} - set(known)):
        lost = [f"{entry.method} of {entry.team} (entry {entry.id})" for entry in entries if entry.track == track]
        where = f'in the track "{track}"' if track else "without a track"
        kept = f'keep "{track}" as it is written' if track else "leave the key out"
        _frozen("tracks", f"there are entries {where}: {_named(lost)}", f"{kept}; others need a new round", faults)


def _refuse_fewer_finals(after: Policy, choices: Sequence[Choice], faults: FaultLog) -> None:
    """What a team has chosen is not taken from it."""
    more = [choice for choice in choices if choice.count > after.finals]
    if more:
        told = [
            f"{choice.team} has chosen {choice.count}{f' in the track {choice.track}' if choice.track else ''}"
            for choice in more
        ]
        least = max(choice.count for choice in more)
        _frozen("finals", _named(told), f"let teams choose at least {least}, or have them take choices back", faults)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


def _frozen(key: str, message: str, advice: str, faults: FaultLog) -> None:
    faults.add("frozen", message, advice=advice, file=ROUND_FILE, key=f"policy.{key}")
