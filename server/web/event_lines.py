"""What happened in a round, as lines to read: who did what, to what. The export has every event as it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leaderboard.numbers import shown_name
from server.db.event_names import EventNames, person_number
from server.db.tables import Event, stored_id
from server.services.policy_values import KINDS
from server.services.round_affairs import Affairs
from server.web.moments import Moment, moment

# An event's facts in a line; the export has them whole.
MAX_FACTS_CHARACTERS = 200
_DIGEST_CHARACTERS = 12

# What is said of each action, before the object of it. The object of those that end in "the round" is the round.
ACTIONS: Mapping[str, str] = {
    "round.drafted": "made a draft of the round",
    "round.opened": "opened the round",
    "round.forgotten": "deleted the draft of the round",
    "round.exported": "exported everything of the round",
    "policy.changed": "changed the policy of the round",
    "truth.prepared": "prepared a corrected truth for the round",
    "truth.corrected": "corrected the truth of the round",
    "truth.forgotten": "dropped a corrected truth of the round",
    "erratum.retried": "had what failed against the corrected truth scored again in the round",
    "submissions.rescored": "had submissions scored again in the round",
    "announcement.made": "announced something in the round",
    "join-code.renewed": "made a join code for the round",
    "join-code.removed": "removed the join code of the round",
    "roster.replaced": "replaced the roster of the round",
    "rules.accepted": "accepted the rules of the round",
    "question.asked": "asked",
    "question.answered": "answered",
    "organizer.added": "made an organizer of",
    "organizer.removed": "took the round out of the hands of",
    "team.signed-up": "founded",
    "team.joined": "joined",
    "team.left": "left",
    "team.described": "described",
    "invitation.made": "made a link into",
    "invitation.revoked": "ended a link into",
    "participation.asked": "asked to take part, for",
    "participation.admitted": "admitted",
    "participation.refused": "turned away",
    "image.reported": "reported",
    "report.settled": "settled the report of",
    "entry.described": "described",
    "entry.disqualified": "disqualified",
    "entry.appealed": "appealed for",
    "entry.reinstated": "reinstated",
    "appeal.granted": "granted the appeal for",
    "appeal.denied": "denied the appeal for",
    "submission.accepted": "sent",
    "submission.queued": "queued again",
    "submission.scored": "scored",
    "submission.rescored": "scored again",
    "submission.rejected": "refused the file of",
    "submission.failed": "gave up at a limit on",
    "submission.error": "gave up by a fault of its own on",
    "submission.cancelled": "cancelled",
    "submission.downloaded": "read the file of",
    "submission.withdrawn": "withdrew",
    "submission.chosen": "chose for the final ranking",
    "submission.unchosen": "took out of the final ranking",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLine:
    """One thing that happened."""

    id: int
    at: Moment
    who: str
    did: str
    what: str  # "" where `did` says it
    address: str  # of a page about it; "" where there is none
    facts: str


def event_lines(affairs: Affairs, now: datetime) -> tuple[EventLine, ...]:
    """The last events, newest first."""
    return tuple(_line(event, affairs.event_names, now) for event in affairs.events)


def _line(event: Event, names: EventNames, now: datetime) -> EventLine:
    facts = "; ".join(_facts(event.detail))
    return EventLine(
        id=stored_id(event.id),
        at=moment(event.at, now),
        who=_who(event.actor, names),
        did=ACTIONS.get(event.action, event.action.replace(".", " ")),
        what=_what(event, names),
        address=f"/submissions/{event.object_id}" if event.object_type == "submission" else "",
        facts=facts if len(facts) <= MAX_FACTS_CHARACTERS else f"{facts[: MAX_FACTS_CHARACTERS - 1]}…",
    )


def _who(actor: str, names: EventNames) -> str:
    number = person_number(actor)
    if number is not None:
        return shown_name(names.persons.get(number, f"Person {number}"))
    return "A command" if actor == "command" else "The server"


def _what(event: Event, names: EventNames) -> str:
    number = event.object_id
    match event.object_type:
        case "round" | "announcement":
            return ""
        case "person":
            return shown_name(names.persons.get(number, f"person {number}"))
        case "team":
            return shown_name(names.teams.get(number, f"team {number}"))
        case "entry" if number in names.entries:
            return _of_team(*names.entries[number])
        case "submission" if number in names.submissions:
            return f"submission {number}, {_of_team(*names.submissions[number])}"
        case kind:
            return f"{kind} {number}"


def _of_team(method: str, team: str) -> str:
    return f"{shown_name(method)} of {shown_name(team)}"


def _facts(detail: Mapping[str, Any]) -> Iterator[str]:
    """Each fact as "name value"; what was changed, as it was and is."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        yield from (f"{key}: {_shown(key, before.get(key))} → {_shown(key, after.get(key))}" for key in after)
    else:
        yield from (f"{key}: {_shown(key, detail[key])}" for key in ("before", "after") if key in detail)
    for key, value in detail.items():
        if key not in {"before", "after", "slug"}:
            yield f"{key.replace('_', ' ')}: {_shown(key, value)}"


def _shown(key: str, value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_shown(key, item) for item in value) or "none"
        case dict():
            return ", ".join(f"{name} {_shown(name, item)}" for name, item in value.items()) or "none"
        case str() if KINDS.get(key) == "time":
            return f"{value[:16].replace('T', ' ')} UTC"
        case str() if len(value) == 64 and value.isalnum():  # a SHA-256
            return value[:_DIGEST_CHARACTERS]
        case _:
            return str(value)
