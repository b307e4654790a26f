"""Everything the server keeps of one person, for themself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server.auth.permissions import Action, actor_of, authorize, own_account
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import append_event, events_by
from server.db.former_memberships import teams_left_by
from server.db.personal import (
    announcements_by,
    appeals_of_team,
    entries_of_team,
    mail_to,
    participations_of_team,
    questions_of_team,
    reports_of_team,
    rosters_naming,
    sessions_of,
)
from server.db.rules_acceptances import acceptances_by
from server.db.submissions import rows_of_team
from server.db.tables import Entry, Person, Team, Token, stored_id
from server.db.teams import teams_of_person
from server.db.tokens import tokens_of_person
from server.errors import NotLoggedIn
from server.services.submissions import SubmissionFacts, submission_facts
from server.services.tokens import acting_person

# Far beyond what any team sends; an export is whole.
_ALL = 1_000_000


def export_person(database: Database, viewer: Viewer, *, now: datetime) -> dict[str, Any]:
    """The person, their teams with all these have sent and said, what they accepted and did; times as datetimes.

    A score is told as far as its team may see it at this moment. An API token sees its own team alone. Left out are
    secrets, and what a mail says, for it may hold a link that sets a new password. Who is expected under an address,
    and which teams it had left before this account, which takes them over, is told to who reads its mail.
    """
    authorize(viewer, Action.EXPORT_ACCOUNT, own_account(viewer))
    _note_export(database, viewer, now=now)
    with database.read() as session:
        person = session.get(Person, acting_person(viewer))
        if person is None:
            raise NotLoggedIn
        person_id = stored_id(person.id)
        teams = [
            team for team in teams_of_person(session, person_id) if viewer.token_id is None or viewer.team_id == team.id
        ]
        return {
            "exported_at": now,
            "person": {
                "id": person_id,
                "name": person.name,
                "email": person.email,
                "email_verified_at": person.email_verified_at,
                "unwanted_mail": person.unwanted_mail,
                "created_at": person.created_at,
            },
            "teams": [_team(session, team, viewer, now=now) for team in teams],
            "teams_left": [
                {"id": team.id, "name": team.name, "left_at": left_at}
                for team, left_at in teams_left_by(session, person_id)
                if person.email_verified_at or left_at > person.created_at
            ],
            "tokens": [_token(token) for token in tokens_of_person(session, person_id)],
            "sessions": [
                {"created_at": one.created_at, "expires_at": one.expires_at} for one in sessions_of(session, person_id)
            ],
            "mail": [
                {"kind": mail.kind, "subject": mail.subject, "created_at": mail.created_at, "sent_at": mail.sent_at}
                for mail in mail_to(session, person_id)
            ],
            "expected_in": [
                {"round": slug, "name": row.name, "team": row.team}
                for row, slug in (rosters_naming(session, person.email) if person.email_verified_at else ())
            ],
            "announcements": [
                {"round": slug, "text": made.text, "announced_at": made.announced_at}
                for made, slug in announcements_by(session, person_id)
            ],
            "rules_accepted": [
                {"round": slug, "rules_sha256": given.digest, "accepted_at": given.accepted_at}
                for given, slug in acceptances_by(session, person_id)
            ],
            "events": [
                {"at": event.at, "action": event.action, "object": f"{event.object_type}:{event.object_id}"}
                for event in events_by(session, actor=f"person:{person_id}")
            ],
        }


def _note_export(database: Database, viewer: Viewer, *, now: datetime) -> None:
    with database.write() as session:
        append_event(
            session, at=now, actor=actor_of(viewer), action="account.exported", object_type="person",
            object_id=acting_person(viewer),
        )  # fmt: skip


def _token(token: Token) -> dict[str, Any]:
    return {
        "label": token.label,
        "scope": token.scope,
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
    }


def _team(session: Session, team: Team, viewer: Viewer, *, now: datetime) -> dict[str, Any]:
    team_id = stored_id(team.id)
    member = replace(viewer, team_id=team_id, team_name=team.name)
    return {
        "id": team_id,
        "name": team.name,
        "affiliation": team.affiliation,
        "abstract": team.abstract,
        "entries": [_entry(entry, slug) for entry, slug in entries_of_team(session, team_id)],
        **_words(session, team_id),
        "submissions": [
            _submission(submission_facts(session, stored_id(row.submission.id), viewer=member, now=now))
            for row in rows_of_team(session, team_id=team_id, limit=_ALL)
        ],
    }


def _entry(entry: Entry, slug: str) -> dict[str, Any]:
    return {
        "id": entry.id,
        "round": slug,
        "method": entry.method,
        "track": entry.track,
        "description": entry.description,
        "paper": entry.paper_url,
        "code": entry.code_url,
        "is_anonymous": entry.is_anonymous,
        "is_competing": entry.is_competing,
        "withdrawn_at": entry.withdrawn_at,
        "disqualified_at": entry.disqualified_at,
        "disqualified_for": entry.disqualified_for if entry.disqualified_at else "",
        "created_at": entry.created_at,
    }


def _words(session: Session, team_id: int) -> dict[str, Any]:
    """What the team has told organizers, and what they answered."""
    return {
        "asked_to_join": [
            {"round": slug, "message": one.message, "state": one.state, "asked_at": one.asked_at}
            for one, slug in participations_of_team(session, team_id)
        ],
        "questions": [
            {"round": slug, "text": one.text, "asked_at": one.asked_at, "answer": one.answer}
            for one, slug in questions_of_team(session, team_id)
        ],
        "reports": [
            {"round": slug, "image": one.image, "text": one.text, "reported_at": one.reported_at}
            for one, slug in reports_of_team(session, team_id)
        ],
        "appeals": [
            {
                "round": slug, "entry": one.entry_id, "text": one.text, "appealed_at": one.appealed_at,
                "is_granted": one.is_granted, "answer": one.answer,
            }
            for one, slug in appeals_of_team(session, team_id)
        ],
    }  # fmt: skip


def _submission(facts: SubmissionFacts) -> dict[str, Any]:
    return {
        "id": facts.id,
        "round": facts.round_slug,
        "entry": facts.entry_id,
        "method": facts.method,
        "state": facts.state,
        "file_name": facts.file_name,
        "sha256": facts.sha256,
        "size_bytes": facts.size_bytes,
        "created_at": facts.created_at,
        "finished_at": facts.finished_at,
        "withdrawn_at": facts.withdrawn_at,
        "is_final": facts.is_final,
        "failure": None if facts.failure is None else facts.failure.code,
        "findings": facts.findings,
        "scores": facts.scores_by_split,
        "truth_digest": facts.truth_digest,
        "earlier_scores": [
            {"version": one.version, "truth_digest": one.truth_digest, "scores": one.by_split}
            for one in facts.earlier_scores
        ],
    }
