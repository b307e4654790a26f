"""Everything the server keeps of one person, for themself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server.auth.permissions import Action, authorize, own_account
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.events import events_by
from server.db.rules_acceptances import acceptances_by
from server.db.submissions import rows_of_team
from server.db.tables import Person, Team, stored_id
from server.db.teams import teams_of_person
from server.db.tokens import tokens_of_person
from server.errors import NotLoggedIn
from server.services.submissions import SubmissionFacts, submission_facts
from server.services.tokens import acting_person

# Far beyond what any team sends; an export is whole.
_ALL = 1_000_000


def export_person(database: Database, viewer: Viewer, *, now: datetime) -> dict[str, Any]:
    """The person, their teams with submissions, tokens' labels, what they accepted and did; times as datetimes.

    A score is told as far as its team may see it at this moment. An API token sees its own team alone.
    """
    authorize(viewer, Action.EXPORT_ACCOUNT, own_account(viewer))
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
            "tokens": [
                {
                    "label": token.label,
                    "scope": token.scope,
                    "created_at": token.created_at,
                    "last_used_at": token.last_used_at,
                }
                for token in tokens_of_person(session, person_id)
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


def _team(session: Session, team: Team, viewer: Viewer, *, now: datetime) -> dict[str, Any]:
    team_id = stored_id(team.id)
    member = replace(viewer, team_id=team_id, team_name=team.name)
    return {
        "id": team_id,
        "name": team.name,
        "affiliation": team.affiliation,
        "abstract": team.abstract,
        "submissions": [
            _submission(submission_facts(session, stored_id(row.submission.id), viewer=member, now=now))
            for row in rows_of_team(session, team_id=team_id, limit=_ALL)
        ],
    }


def _submission(facts: SubmissionFacts) -> dict[str, Any]:
    return {
        "id": facts.id,
        "round": facts.round_slug,
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
    }
