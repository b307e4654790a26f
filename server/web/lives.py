"""A submission's life in words: its line of steps, and one sentence for who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.db.tables import State
from server.services.submissions import SubmissionFacts
from server.web.moments import Moment, moment
from server.web.wording import counted, ordinal

Mark = Literal["done", "now", "next", "bad"]

# What a mark says to who does not see its colour and shape.
_SAID: dict[Mark, str] = {"done": "done", "now": "now", "next": "to come", "bad": "stopped here"}

# How each state is called in a list, and the signal beside the word.
STATE_WORDS: dict[State, tuple[str, str]] = {
    State.QUEUED: ("queued", ""),
    State.RUNNING: ("scoring", ""),
    State.SCORED: ("scored", "good"),
    State.REJECTED: ("rejected", "bad"),
    State.FAILED: ("stopped", "bad"),
    State.ERROR: ("server error", "warning"),
    State.CANCELLED: ("cancelled", ""),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a submission's life."""

    name: str
    mark: Mark
    detail: str = ""
    moment: Moment | None = None

    @property
    def said(self) -> str:
        return _SAID[self.mark]


def steps(facts: SubmissionFacts, now: datetime) -> tuple[Step, ...]:
    """Received, queued, checked and scored, and how it ended."""
    received = Step(name="Received", mark="done", moment=moment(facts.created_at, now))
    if facts.state == State.QUEUED:
        place = "" if facts.queue_position is None else f"{ordinal(facts.queue_position)} in line"
        return (
            received,
            Step(name="Queued", mark="now", detail=place),
            Step(name="Checked and scored", mark="next"),
            Step(name="Scored", mark="next"),
        )
    queued = Step(name="Queued", mark="done")
    if facts.state == State.RUNNING:
        attempt = f"attempt {facts.attempt}" if facts.attempt > 1 else ""
        return (
            received,
            queued,
            Step(name="Checking and scoring", mark="now", detail=attempt),
            Step(name="Scored", mark="next"),
        )
    ended = None if facts.finished_at is None else moment(facts.finished_at, now)
    return received, queued, *_ending(facts, ended)


def _ending(facts: SubmissionFacts, ended: Moment | None) -> tuple[Step, Step]:
    match facts.state:
        case State.SCORED:
            lines = "" if facts.lines is None else counted(facts.lines, "line")
            return (
                Step(name="Checked", mark="done", detail=lines),
                Step(name="Scored", mark="done", moment=ended),
            )
        case State.REJECTED:
            return (
                Step(name="Checked", mark="done", detail=fault_count(facts)),
                Step(name="Rejected", mark="bad", moment=ended),
            )
        case State.CANCELLED:
            return Step(name="Not scored", mark="next"), Step(name="Cancelled", mark="bad", moment=ended)
        case _:
            return (
                Step(name="Scoring stopped", mark="bad", detail="quota not charged"),
                Step(name="No score", mark="bad", moment=ended),
            )


def status_sentence(facts: SubmissionFacts, score: str) -> str:
    """Where the submission stands, to be read aloud when it changes."""
    match facts.state:
        case State.QUEUED if facts.queue_position is not None:
            return f"Queued, {ordinal(facts.queue_position)} in line."
        case State.QUEUED:
            return "Queued."
        case State.RUNNING:
            return "Being checked and scored."
        case State.SCORED if facts.is_left_out:
            return "Not scored against the corrected truth yet."
        case State.SCORED if not score:
            return "Scored. The score is shown at the reveal."
        case State.SCORED:
            return f"Scored: {score}."
        case State.REJECTED:
            return f"Rejected: {fault_count(facts)} found."
        case _:
            return f"Ended: {STATE_WORDS[facts.state][0]}."


def fault_count(facts: SubmissionFacts) -> str:
    """How many faults a file has, all counted."""
    counts = {found["code"]: int(found["count"]) for found in facts.findings if found["severity"] == "error"}
    return counted(sum(counts.values()), "fault")
