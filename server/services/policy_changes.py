"""Changing what was decided about a round: every key of [policy] that may still change, all faults at once."""

from __future__ import annotations

import hashlib
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from leaderboard.policy import is_revealed
from scoring.faults import FaultLog
from scoring.policies import POLICY_KEYS, Policy, parse_policy, policy_json, policy_table
from scoring.round_text import public_round_toml
from scoring.rounds import ROUND_FILE
from scoring.splits import seed_commitment
from scoring.tasks import find_task
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.db.organizing import SentEntry, entries_of_round
from server.db.rounds import lock_round
from server.db.submissions import finals_of_round
from server.db.tables import Round, stored_id
from server.deployment import Deployment
from server.organizing_errors import PolicyOvertaken, PolicyRefused
from server.services.announcements import refuse_told_twice, tell_everybody
from server.services.organizing import Organized, organized_round
from server.services.pauses import kept_at_pause, kept_of_json, pausing, with_kept_dates
from server.services.policy_refusals import (
    Choice,
    Sent,
    TrackedEntry,
    refuse_frozen,
    refuse_no_reveal,
    refuse_past,
)
from server.services.policy_texts import TEXTS, with_text
from server.services.policy_values import KINDS, shown_digest, texts_of
from server.services.round_metrics import metrics_in
from server.services.rounds import RoundFacts, policy_of, state_of, stored_round
from server.storage.public_halves import ReplacedFiles, folder_digest
from server.texts import clean_text

PauseStep = Literal["begins", "ends"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """The policy as it would be."""

    table: dict[str, Any]  # round.toml, parsed
    texts: dict[str, str | None]  # of the rule book and the data page
    files: dict[str, bytes | None]  # to be written, by name; None: to be removed
    policy: Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wish:
    """What an organizer asked for."""

    changes: Mapping[str, Any]
    note: str
    pause: PauseStep | None
    relied_on: Mapping[str, str]


def change_policy(
    deployment: Deployment, viewer: Viewer, *, slug: str, changes: Mapping[str, Any], note: str = "",
    pause: PauseStep | None = None, relied_on: Mapping[str, str] | None = None, now: datetime,
) -> RoundFacts:  # fmt: skip
    """Change some keys of a round's policy, in the database and in its round.toml.

    Args:
        deployment: the server.
        viewer: who changes it.
        slug: of the round.
        changes: new values by key, as round.toml has them; None takes a key out. Of `rules` and `data`, the text.
        note: told to everybody as an announcement, by mail, too.
        pause: begins, with the dates of one, so that the next close brings back what it takes out; or ends, as the
            round's close is moved. Without either, a new close ends it, too.
        relied_on: by key, `shown_digest` of what whoever asks has seen and goes by.
        now: the present moment.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs to change.
        PolicyRefused: with every fault, or a pause begins where nothing is open; nothing is changed.
        PolicyOvertaken: somebody else has changed meanwhile what they go by.
        AnnouncedAlready: there is only a note, and it was told some minutes ago.
    """
    files = ReplacedFiles(deployment.folders.public_half(slug))
    try:
        with deployment.database.write() as session:
            organized = organized_round(session, viewer, slug, action=Action.CHANGE_ROUND, now=now)
            lock_round(session, organized.round_id)
            wished = _Wish(changes=changes, note=note.strip(), pause=pause, relied_on=relied_on or {})
            _change(session, organized, deployment, files=files, wished=wished)
    except BaseException:
        files.put_back()
        raise
    with deployment.database.read() as session:
        return stored_round(session, slug)


def _change(
    session: Session, organized: Organized, deployment: Deployment, *, files: ReplacedFiles, wished: _Wish
) -> None:
    row, before, note = organized.row, policy_of(organized.row), wished.note
    if wished.pause == "begins":
        _refuse_pause(row, before, organized.now)
    goes_on, changes = _going_on(row, before, wished, organized.now)
    folder, faults = deployment.folders.public_half(row.slug), FaultLog()
    draft = _draft(row, tomllib.loads((folder / ROUND_FILE).read_text("utf-8")), changes, faults)
    _refuse_overtaken(before, draft.policy, wished)
    _refuse(session, organized, draft.policy, note=note, faults=faults)
    told = _difference(before, draft.policy)
    if note:
        words = clean_text(note, field="note")
        if not told:
            refuse_told_twice(session, organized, words)
        tell_everybody(session, organized, words)
    if not (told or note or (goes_on and row.is_paused)):
        return
    changed = draft.files | {ROUND_FILE: public_round_toml(draft.table).encode()}
    for name, content in sorted(changed.items(), key=lambda file: file[1] is None):
        files.put(name, content)  # what goes does so last: whoever reads meanwhile finds what round.toml names
    row.policy, row.rules, row.data = policy_json(draft.policy), draft.texts["rules"], draft.texts["data"]
    row.public_digest = folder_digest(folder)
    if draft.policy.reveals != before.reveals:
        row.pause_reveals = draft.policy.reveals if wished.pause == "begins" else None
    if wished.pause == "begins":
        row.is_paused, row.pause_keeps = True, kept_at_pause(before, organized.now).as_json()
    elif goes_on or is_revealed(draft.policy, organized.now):
        row.is_paused, row.pause_keeps = False, None
    if draft.policy.public_share is not None and row.split_seed is None:
        row.split_seed = secrets.token_hex(16)
        told["after"] = {**told.get("after", {}), "split_commitment": seed_commitment(row.split_seed)}
    session.add(row)
    organized.tell(session, "policy.changed", detail={**told, **({"note": note} if note else {})})


def _refuse_pause(row: Round, before: Policy, now: datetime) -> None:
    """Refuse one of what is not open: a second would overwrite the dates that the first keeps. Of the locked row."""
    state = state_of(before, is_paused=row.is_paused, now=now)
    if state == "before":
        raise PolicyRefused("The round has not opened yet.", advice="Have it open later: `opens` in its policy.")
    if state in {"paused", "closed"}:
        raise PolicyRefused(f"The round is {state} already.", advice="Extend it to go on.")


def _going_on(row: Round, before: Policy, wished: _Wish, now: datetime) -> tuple[bool, Mapping[str, Any]]:
    """Whether a pause would end, and what is to change then; of the locked row, whatever anybody has seen before."""
    changes = wished.changes
    if wished.pause == "begins":
        return False, {**pausing(before, now), **changes}
    is_new_close = "closes" in changes and changes["closes"] != before.closes
    if not (is_new_close or wished.pause == "ends"):
        return False, changes
    kept = kept_of_json(row.pause_keeps)
    return True, with_kept_dates(
        changes, before, kept=kept, pause_reveals=row.pause_reveals, is_step=wished.pause == "ends", now=now
    )


def _refuse_overtaken(before: Policy, after: Policy, wished: _Wish) -> None:
    """Refuse to undo what somebody else has changed; that two want the same is no fault."""
    now, wanted = texts_of(before), texts_of(after)
    overtaken = [
        key
        for key, digest in wished.relied_on.items()
        if digest != shown_digest(now[key]) and not (key in wished.changes and wanted[key] == now[key])
    ]
    if overtaken:
        faults = [
            _overtaken(key, now=now[key], wanted=wanted[key] if key in wished.changes else None) for key in overtaken
        ]
        raise PolicyOvertaken(details={"faults": faults})


def _overtaken(key: str, *, now: str, wanted: str | None) -> dict[str, str | None]:
    message = "somebody else has changed this meanwhile"
    if KINDS[key] != "text":
        message += f": it says {now or 'nothing'} now"
        message += "" if wanted is None else f", and you mean {wanted or 'nothing'}"
    return {"key": key, "message": message, "advice": "save again what you still mean", "now": now, "yours": wanted}


def _refuse(session: Session, organized: Organized, after: Policy, *, note: str, faults: FaultLog) -> None:
    before, kept, now = policy_of(organized.row), kept_of_json(organized.row.pause_keeps), organized.now
    refuse_past(before, after, now=now, faults=faults)
    scheduled = before if kept is None else replace(before, closes=kept.closes)  # not the pause's own moment
    refuse_no_reveal(scheduled, after, note=note, faults=faults)
    sent = entries_of_round(session, organized.round_id)
    if sent:
        bound = Sent(entries=_tracked(sent), choices=_choices(session, organized.round_id))
        refuse_frozen(before, after, bound, note=note, now=now, faults=faults)
    if faults:
        raise refused(faults)


def _tracked(sent: Sequence[SentEntry]) -> list[TrackedEntry]:
    """The teams' own entries; baselines are in no track, and beside each."""
    return [
        TrackedEntry(id=stored_id(entry.id), team=team.name, method=entry.method, track=entry.track)
        for entry, team, _ in sent
        if not entry.is_baseline
    ]


def _choices(session: Session, round_id: int) -> list[Choice]:
    return [Choice(team=team, track=track, count=count) for team, track, count in finals_of_round(session, round_id)]


def refused(faults: FaultLog) -> PolicyRefused:
    """The faults as one error, for whoever reads no more of it; its details name each key."""
    told = [
        {"key": (fault.key or "").removeprefix("policy."), "message": fault.message, "advice": fault.advice}
        for fault in faults.faults
    ]
    text, advice = ("; ".join(f"{fault['key']}: {fault[part]}" for fault in told) for part in ("message", "advice"))
    return PolicyRefused(
        f"The round's policy cannot be changed like this. {text}.",
        advice=f"{advice}. Nothing was changed.",
        details={"faults": told},
    )


def _draft(row: Round, table: dict[str, Any], changes: Mapping[str, Any], faults: FaultLog) -> _Draft:
    named = table.get("policy", {})
    section = policy_table(policy_of(row)) | {key: named[key] for key in TEXTS if key in named}
    texts, files = {"rules": row.rules, "data": row.data}, dict[str, bytes | None]()
    for key, value in changes.items():
        if key not in POLICY_KEYS:
            faults.add(
                "unknown-key", "this key is not known", advice=f"known here: {', '.join(POLICY_KEYS)}",
                file=ROUND_FILE, key=f"policy.{key.encode('ascii', 'backslashreplace').decode()}",
            )  # fmt: skip
        elif key in TEXTS:
            texts[key] = None if value is None else _text(key, value, faults)
            section, written = with_text(section, key, texts[key], table=table)
            files |= written
        elif value is None:
            section.pop(key, None)
        else:
            section[key] = value
    task = find_task(row.task)
    policy = parse_policy(
        section,
        metrics=tuple(metric.name for metric in metrics_in(table, task=row.task)),
        main_metric=task.main_metric,
        faults=faults,
        has_categories=task.category_metric is not None,
        texts=texts,
    )
    return _Draft(table={**table, "policy": section}, texts=texts, files=files, policy=policy)


def _text(key: str, value: Any, faults: FaultLog) -> str:
    text = value.replace("\r\n", "\n") if isinstance(value, str) else ""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = ""
    if not text.strip():
        faults.add(
            "text", "a text is due here", advice="write Markdown, or take the key out", file=ROUND_FILE,
            key=f"policy.{key}",
        )  # fmt: skip
    return text


def _difference(before: Policy, after: Policy) -> dict[str, Any]:
    """What changed, before and after; of the texts, their sha256."""
    old, new = (policy_json(policy) | _text_digests(policy) for policy in (before, after))
    changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    if not changed:
        return {}
    return {"before": {key: old.get(key) for key in changed}, "after": {key: new.get(key) for key in changed}}


def _text_digests(policy: Policy) -> dict[str, str]:
    texts = {"rules": policy.rules, "data": policy.data}
    return {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items() if text is not None}
