"""Every route with how it is called, and what it answers to whom: a route that is missing here fails a test."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from server.services.mail_links import Purpose
from server.web.assets import assets
from tests.hostile.leavers import bring_back_leavers
from tests.hostile.matrix_world import PUBLIC, Statuses, World, organizing
from tests.hostile.routes import Call
from tests.server.running import API, PASSWORD, submit

_NUMBERS = count(1)


def _round(world: World) -> Call:
    return Call(path={"slug": "tiny"})


def _plain(world: World) -> Call:
    return Call()


def _submission(world: World) -> Call:
    return Call(path={"submission_id": world.submission})


def _fresh_submission(world: World) -> Call:
    """One that still waits, whatever was done to others."""
    return Call(path={"submission_id": submit(world.client, world.owner, world.upload()).json()["id"]})


def _team(world: World) -> Call:
    return Call(path={"team_id": world.owner.team_id})


def _own_team(world: World) -> Call:
    """The owner's, whom an earlier call may have taken out of it."""
    bring_back_leavers(world.database)
    return _team(world)


def _log_in(world: World) -> Call:
    return Call(form={"email": world.owner.email, "password": PASSWORD})


def _act(**form: str) -> Callable[[World], Call]:
    """A form of the round's page for organizers."""
    return lambda _: Call(path={"slug": "tiny"}, form=form)


def _announcement(world: World) -> Call:
    return _act(text=_news())(world)


def _news() -> str:
    """Other words at each call: nothing is announced twice."""
    return f"News {next(_NUMBERS)}."


def _disqualified(world: World) -> Call:
    return Call(path={"entry_id": world.entry(disqualified=True)})


def _reported(world: World) -> Call:
    return Call(path={"slug": "tiny", "report_id": world.report()})


def _co_organizer(world: World) -> Call:
    return Call(path={"slug": "tiny", "person_id": world.co_organizer()})


def _failed(world: World) -> Call:
    return Call(path={"slug": "tiny", "submission_id": world.failed_submission()})


MATRIX: dict[str, tuple[Callable[[World], Call], Statuses]] = {
    "GET /openapi.json": (_plain, PUBLIC),
    "GET /docs": (_plain, PUBLIC),
    f"GET {API}/rounds": (_plain, PUBLIC),
    f"GET {API}/rounds/{{slug}}": (_round, PUBLIC),
    f"GET {API}/rounds/{{slug}}/board": (_round, PUBLIC),
    f"GET {API}/rounds/{{slug}}/quota": (_round, (401, 200, 200, 403, 403, 403)),
    f"POST {API}/rounds/{{slug}}/submissions": (
        lambda world: Call(path={"slug": "tiny"}, query={"method": "m"}, content=world.upload()),
        (401, 201, 201, 403, 403, 403),
    ),
    f"POST {API}/rounds/{{slug}}/check": (
        lambda world: Call(path={"slug": "tiny"}, content=world.upload()),
        PUBLIC,
    ),
    f"GET {API}/submissions": (_plain, (401, 200, 200, 403, 403, 403)),
    f"GET {API}/submissions/{{submission_id}}": (_submission, (401, 200, 404, 404, 200, 200)),
    f"GET {API}/submissions/{{submission_id}}/events": (_submission, (401, 200, 404, 404, 200, 200)),
    "GET /submissions/{submission_id}/events": (_submission, (401, 200, 404, 404, 200, 200)),
    f"POST {API}/teams": (lambda world: Call(json=world.sign_up_fields()), (201, 201, 201, 201, 201, 201)),
    f"POST {API}/tokens": (lambda _: Call(json={}), (401, 201, 201, 201, 201, 201)),
    f"DELETE {API}/tokens/{{token_id}}": (
        lambda world: Call(path={"token_id": world.token_of_owner()}),
        (401, 204, 404, 404, 404, 404),
    ),
    "GET /": (_plain, PUBLIC),
    "GET /rounds": (_plain, PUBLIC),
    "GET /rounds/{slug}": (_round, PUBLIC),
    "GET /status": (_plain, PUBLIC),
    "GET /history": (_plain, PUBLIC),
    "GET /history/{year}": (lambda _: Call(path={"year": 2012}), PUBLIC),
    "GET /check": (lambda _: Call(query={"round": "tiny"}), PUBLIC),
    "POST /check": (lambda world: Call(query={"round": "tiny"}, content=world.upload()), PUBLIC),
    "GET /rounds/{slug}/sample.txt": (_round, PUBLIC),
    "GET /rounds/{slug}/board": (_round, PUBLIC),
    "GET /rounds/{slug}/board.json": (_round, PUBLIC),
    "GET /rounds/{slug}/board.csv": (_round, PUBLIC),
    "GET /rounds/{slug}/board.atom": (_round, PUBLIC),
    "GET /compare": (
        lambda world: Call(query={"a": str(world.scored_entry), "b": str(world.other_scored_entry)}),
        PUBLIC,
    ),
    "GET /rounds/{slug}/submit": (_round, (303, 200, 200, 200, 200, 200)),
    "POST /rounds/{slug}/submit": (lambda world: world.multipart(), (303, 303, 303, 403, 403, 403)),
    "GET /submissions/{submission_id}": (_submission, (303, 200, 404, 404, 200, 200)),
    "GET /rounds/{slug}/data": (_round, PUBLIC),
    "POST /rounds/{slug}/data": (lambda _: Call(path={"slug": "tiny"}, form={}), (303, 303, 303, 303, 303, 303)),
    f"POST {API}/rounds/{{slug}}/acceptance": (
        lambda _: Call(path={"slug": "tiny"}, json={"rules_digest": ""}),
        (401, 200, 200, 200, 200, 200),
    ),
    "GET /rounds/{slug}/join": (_round, (303, 200, 200, 200, 200, 200)),
    "POST /rounds/{slug}/join": (lambda _: Call(path={"slug": "tiny"}, form={}), (401, 303, 303, 403, 403, 403)),
    "POST /rounds/{slug}/questions": (
        lambda _: Call(path={"slug": "tiny"}, form={"text": "Why?"}),
        (401, 303, 303, 403, 403, 403),
    ),
    "GET /entries/{entry_id}": (lambda world: Call(path={"entry_id": world.scored_entry}), PUBLIC),
    "GET /entries/{entry_id}/appeal": (_disqualified, (303, 200, 404, 404, 404, 404)),
    "POST /entries/{entry_id}/appeal": (
        lambda world: Call(path={"entry_id": world.entry(disqualified=True)}, form={"text": "No!"}),
        (401, 303, 404, 404, 404, 404),
    ),
    "GET /entries/{entry_id}/details": (_disqualified, (303, 200, 404, 404, 404, 404)),
    "POST /entries/{entry_id}/details": (
        lambda world: Call(path={"entry_id": world.entry()}, form={"description": "Deep."}),
        (401, 303, 404, 404, 404, 404),
    ),
    "GET /organize": (_plain, (303, 200, 200, 200, 200, 200)),
    "GET /organize/new": (_plain, (303, 403, 403, 200, 200, 200)),
    "POST /organize/new": (_plain, (401, 403, 403, 422, 422, 422)),
    "GET /organize/{slug}": (_round, organizing(303, 200)),
    "GET /organize/{slug}/roster": (_round, organizing(303, 200)),
    "POST /organize/{slug}/roster": (_act(roster="Ada; ada@lab.example"), organizing(401, 303)),
    "GET /organize/{slug}/roster.csv": (_round, organizing(303, 200)),
    "POST /organize/{slug}/open": (_round, organizing(401, 409)),
    "POST /organize/{slug}/forget": (_round, organizing(401, 409)),
    "GET /organize/{slug}/export.zip": (_round, organizing(303, 200)),
    "GET /organize/{slug}/policy": (_round, organizing(303, 200)),
    "POST /organize/{slug}/policy": (_act(keys="appeal_days", appeal_days="8"), organizing(401, 303)),
    "POST /organize/{slug}/schedule": (_act(act="extend", closes=""), organizing(401, 303)),
    "POST /organize/{slug}/announcements": (_announcement, organizing(401, 303)),
    "POST /organize/{slug}/organizers": (_act(email="another-person@host.example"), organizing(401, 404)),
    "POST /organize/{slug}/organizers/{person_id}/remove": (_co_organizer, organizing(401, 303)),
    "POST /organize/{slug}/join-code": (_act(act="renew"), organizing(401, 303)),
    "POST /organize/{slug}/questions/{question_id}": (
        lambda world: Call(path={"slug": "tiny", "question_id": world.question()}, form={"answer": "So."}),
        organizing(401, 303),
    ),
    "POST /organize/{slug}/entries/disqualify": (
        lambda world: Call(path={"slug": "tiny"}, form={"entry": str(world.entry()), "reason": "Late."}),
        organizing(401, 303),
    ),
    "POST /organize/{slug}/entries/{entry_id}/reinstate": (
        lambda world: Call(path={"slug": "tiny", "entry_id": world.entry(disqualified=True)}),
        organizing(401, 303),
    ),
    "POST /organize/{slug}/appeals/{appeal_id}": (
        lambda world: Call(
            path={"slug": "tiny", "appeal_id": world.appeal()}, form={"answer": "Yes.", "verdict": "grant"}
        ),
        organizing(401, 303),
    ),
    "POST /organize/{slug}/teams": (
        lambda world: Call(path={"slug": "tiny"}, form={"admit": str(world.asking_team())}),
        organizing(401, 303),
    ),
    "POST /organize/{slug}/submissions/{submission_id}/retry": (_failed, organizing(401, 303)),
    "GET /organize/{slug}/errata": (_round, organizing(303, 200)),
    "POST /organize/{slug}/errata": (
        lambda _: Call(path={"slug": "tiny"}, content=b"no archive"),
        organizing(401, 422),
    ),
    "POST /organize/{slug}/errata/show": (_act(note="Mended."), organizing(401, 409)),
    "POST /organize/{slug}/errata/retry": (_act(), organizing(401, 303)),
    "POST /organize/{slug}/errata/forget": (_act(), organizing(401, 409)),
    "POST /organize/{slug}/rescore": (
        lambda world: Call(path={"slug": "tiny"}, form={"submissions": str(world.submission)}),
        organizing(401, 303),
    ),
    f"POST {API}/rounds/{{slug}}/erratum": (
        lambda _: Call(path={"slug": "tiny"}, query={"part": "nothing"}, content=b"x"),
        organizing(401, 422),
    ),
    f"GET {API}/rounds/{{slug}}/erratum": (_round, organizing(401, 409)),
    f"POST {API}/rounds/{{slug}}/erratum/show": (
        lambda _: Call(path={"slug": "tiny"}, json={"note": "Mended."}),
        organizing(401, 409),
    ),
    f"POST {API}/rounds/{{slug}}/erratum/retry": (_round, organizing(401, 200)),
    f"DELETE {API}/rounds/{{slug}}/erratum": (_round, organizing(401, 409)),
    f"POST {API}/rounds/{{slug}}/rescore": (
        lambda world: Call(path={"slug": "tiny"}, json={"submissions": [world.submission]}),
        organizing(401, 200),
    ),
    "GET /organize/{slug}/noise": (lambda _: Call(path={"slug": "tiny"}, query={"look": "true"}), organizing(303, 200)),
    "GET /organize/{slug}/noise/draft.csv": (_round, organizing(303, 200)),
    "POST /organize/{slug}/reports/{report_id}": (_reported, organizing(401, 303)),
    "POST /rounds/{slug}/reports": (
        lambda _: Call(path={"slug": "tiny"}, form={"image": "1", "text": "A fox."}),
        (401, 303, 303, 403, 403, 403),
    ),
    f"POST {API}/rounds/{{slug}}/reports": (
        lambda _: Call(path={"slug": "tiny"}, json={"image": "1", "text": "A fox."}),
        (401, 201, 201, 403, 403, 403),
    ),
    f"POST {API}/rounds/{{slug}}/reports/{{report_id}}/settle": (_reported, organizing(401, 204)),
    f"GET {API}/rounds/{{slug}}/noise": (_round, organizing(401, 200)),
    f"GET {API}/rounds/{{slug}}/noise/draft.csv": (_round, organizing(401, 200)),
    f"GET {API}/rounds/{{slug}}/queue": (_round, organizing(401, 200)),
    f"GET {API}/rounds/{{slug}}/affairs": (_round, organizing(401, 200)),
    f"POST {API}/rounds/{{slug}}/questions": (
        lambda world: Call(path={"slug": "tiny"}, json={"text": world.new_question()}),
        (401, 204, 204, 403, 403, 403),
    ),
    f"POST {API}/rounds/{{slug}}/questions/{{question_id}}/answer": (
        lambda world: Call(path={"slug": "tiny", "question_id": world.question()}, json={"answer": "So."}),
        organizing(401, 204),
    ),
    f"POST {API}/rounds/{{slug}}/appeals/{{appeal_id}}/decision": (
        lambda world: Call(
            path={"slug": "tiny", "appeal_id": world.appeal()}, json={"answer": "Yes.", "is_granted": True}
        ),
        organizing(401, 204),
    ),
    f"PUT {API}/rounds/{{slug}}/teams/{{team_id}}/admission": (
        lambda world: Call(path={"slug": "tiny", "team_id": world.asking_team()}, json={"is_admitted": True}),
        organizing(401, 204),
    ),
    f"PATCH {API}/entries/{{entry_id}}": (
        lambda world: Call(path={"entry_id": world.entry()}, json={"description": "Deep."}),
        (401, 200, 404, 403, 403, 403),
    ),
    f"POST {API}/entries/{{entry_id}}/appeal": (
        lambda world: Call(path={"entry_id": world.entry(disqualified=True)}, json={"text": "No!"}),
        (401, 204, 404, 403, 403, 403),
    ),
    f"PUT {API}/rounds/{{slug}}/roster": (
        lambda _: Call(path={"slug": "tiny"}, json={"csv": "Ada; ada@lab.example"}),
        organizing(401, 200),
    ),
    f"GET {API}/rounds/{{slug}}/roster.csv": (_round, organizing(401, 200)),
    f"GET {API}/rounds/{{slug}}/join-code": (_round, organizing(401, 200)),
    f"POST {API}/rounds/{{slug}}/join-code": (_round, organizing(401, 200)),
    f"DELETE {API}/rounds/{{slug}}/join-code": (_round, organizing(401, 204)),
    f"GET {API}/rounds/{{slug}}/organizers": (_round, organizing(401, 200)),
    f"POST {API}/rounds/{{slug}}/organizers": (
        lambda _: Call(path={"slug": "tiny"}, json={"email": "rivals@team.example"}),
        (401, 404, 404, 404, 201, 201),
    ),
    f"DELETE {API}/rounds/{{slug}}/organizers/{{person_id}}": (_co_organizer, organizing(401, 204)),
    f"PATCH {API}/rounds/{{slug}}/policy": (
        lambda _: Call(path={"slug": "tiny"}, json={"changes": {"appeal_days": 8}}),
        organizing(401, 200),
    ),
    f"POST {API}/rounds": (_plain, (401, 403, 403, 422, 422, 422)),
    f"GET {API}/rounds/{{slug}}/report": (_round, organizing(401, 200)),
    f"POST {API}/rounds/{{slug}}/open": (_round, organizing(401, 409)),
    f"DELETE {API}/rounds/{{slug}}": (_round, organizing(401, 409)),
    f"POST {API}/rounds/{{slug}}/schedule": (
        lambda _: Call(path={"slug": "tiny"}, json={"step": "extend", "closes": None}),
        organizing(401, 200),
    ),
    f"GET {API}/rounds/{{slug}}/export.zip": (_round, organizing(401, 200)),
    f"GET {API}/rounds/{{slug}}/events": (_round, organizing(401, 200)),
    f"POST {API}/rounds/{{slug}}/announcements": (
        lambda _: Call(path={"slug": "tiny"}, json={"text": _news()}),
        organizing(401, 201),
    ),
    f"POST {API}/rounds/{{slug}}/participation": (
        lambda _: Call(path={"slug": "tiny"}, json={}),
        (401, 200, 200, 403, 403, 403),
    ),
    f"PUT {API}/entries/{{entry_id}}/disqualification": (
        lambda world: Call(path={"entry_id": world.entry()}, json={"reason": "Late."}),
        organizing(401, 204),
    ),
    f"DELETE {API}/entries/{{entry_id}}/disqualification": (_disqualified, organizing(401, 204)),
    f"POST {API}/rounds/{{slug}}/submissions/{{submission_id}}/retry": (_failed, organizing(401, 204)),
    f"POST {API}/submissions/{{submission_id}}/withdraw": (_fresh_submission, (401, 200, 404, 403, 403, 403)),
    f"POST {API}/submissions/{{submission_id}}/final": (
        lambda world: Call(path={"submission_id": world.submission}, json={"is_final": True}),
        (401, 409, 404, 403, 403, 403),
    ),
    f"GET {API}/submissions/{{submission_id}}/file": (_submission, (401, 200, 404, 404, 200, 200)),
    "POST /submissions/{submission_id}/withdraw": (_fresh_submission, (303, 303, 404, 404, 404, 404)),
    "POST /submissions/{submission_id}/final": (_submission, (303, 409, 404, 404, 404, 404)),
    "GET /submissions/{submission_id}/file": (_submission, (303, 200, 404, 404, 200, 200)),
    "POST /me/team": (lambda world: Call(form={"team_id": str(world.owner.team_id)}), (303, 422, 422, 422, 422, 422)),
    "GET /teams/{team_id}": (_team, PUBLIC),
    "POST /teams/{team_id}": (_team, (303, 303, 404, 404, 404, 404)),
    "POST /teams/{team_id}/invitations": (_team, (303, 200, 404, 404, 404, 404)),
    "POST /teams/{team_id}/leave": (_own_team, (303, 303, 404, 404, 404, 404)),
    f"POST {API}/teams/{{team_id}}/leave": (_own_team, (401, 204, 404, 404, 404, 404)),
    "POST /me/teams": (lambda world: Call(form={"team": world.fresh("Found")}), (303, 303, 303, 303, 303, 303)),
    f"POST {API}/account/teams": (
        lambda world: Call(json={"team": world.fresh("Found")}),
        (401, 201, 201, 201, 201, 201),
    ),
    "POST /invitations/{invitation_id}/revoke": (
        lambda world: Call(path={"invitation_id": world.invitation()[0]}),
        (303, 303, 404, 404, 404, 404),
    ),
    "GET /join/{secret}": (lambda world: Call(path={"secret": world.invitation()[1]}), PUBLIC),
    "POST /join/{secret}": (
        lambda world: Call(path={"secret": world.invitation()[1]}, form=world.sign_up_fields()),
        (303, 303, 409, 303, 303, 303),
    ),
    f"GET {API}/teams/{{team_id}}": (_team, PUBLIC),
    f"PATCH {API}/teams/{{team_id}}": (
        lambda world: Call(path={"team_id": world.owner.team_id}, json={"abstract": "We look."}),
        (401, 204, 404, 404, 404, 404),
    ),
    f"POST {API}/memberships": (
        lambda world: Call(json=world.joining()),
        (201, 201, 409, 201, 201, 201),
    ),
    f"GET {API}/tokens": (_plain, (401, 200, 200, 200, 200, 200)),
    f"GET {API}/account": (_plain, (401, 200, 200, 200, 200, 200)),
    f"PUT {API}/account/mail": (lambda _: Call(json={"wanted": ["erratum"]}), (401, 200, 200, 200, 200, 200)),
    f"POST {API}/account/verification": (_plain, (401, 204, 204, 204, 204, 204)),
    f"GET {API}/account/export": (_plain, (401, 200, 200, 200, 200, 200)),
    f"POST {API}/account/deletion": (
        lambda _: Call(json={"password": "wrong password"}),
        (401, 401, 401, 401, 401, 401),
    ),
    f"POST {API}/teams/{{team_id}}/invitations": (_team, (401, 201, 404, 404, 404, 404)),
    f"GET {API}/teams/{{team_id}}/invitations": (_team, (401, 200, 404, 404, 404, 404)),
    f"DELETE {API}/invitations/{{invitation_id}}": (
        lambda world: Call(path={"invitation_id": world.invitation()[0]}),
        (401, 204, 404, 404, 404, 404),
    ),
    "POST /me/mail": (lambda _: Call(form={"kind": "erratum"}), (303, 303, 303, 303, 303, 303)),
    "POST /me/verification": (_plain, (303, 200, 200, 200, 200, 200)),
    "POST /me/delete": (lambda _: Call(form={"password": "wrong password"}), (303, 401, 401, 401, 401, 401)),
    "GET /me/export.json": (_plain, (303, 200, 200, 200, 200, 200)),
    "GET /forgot": (_plain, PUBLIC),
    "POST /forgot": (lambda world: Call(form={"email": f"{world.fresh('n')}@team.example"}), PUBLIC),
    "GET /reset/{secret}": (lambda world: Call(path={"secret": world.mail_link(Purpose.RESET)}), PUBLIC),
    "POST /reset/{secret}": (
        lambda world: Call(path={"secret": world.mail_link(Purpose.RESET)}, form={"password": PASSWORD}),
        (303, 303, 303, 303, 303, 303),
    ),
    "GET /verify/{secret}": (lambda world: Call(path={"secret": world.mail_link(Purpose.VERIFY)}), PUBLIC),
    "POST /verify/{secret}": (lambda world: Call(path={"secret": world.mail_link(Purpose.VERIFY)}), PUBLIC),
    "GET /mail": (_plain, (404, 404, 404, 404, 404, 404)),  # but in the demo
    "GET /sign-up": (_plain, (200, 303, 303, 303, 303, 303)),
    "POST /sign-up": (lambda world: Call(form=world.sign_up_fields()), (303, 303, 303, 303, 303, 303)),
    "GET /log-in": (_plain, (200, 303, 303, 303, 303, 303)),
    "POST /log-in": (_log_in, (303, 303, 303, 303, 303, 303)),
    "POST /log-out": (_plain, (303, 303, 303, 303, 303, 303)),
    "GET /me": (_plain, (303, 200, 200, 200, 200, 200)),
    "POST /me/tokens": (lambda _: Call(form={"label": "laptop"}), (303, 200, 200, 200, 200, 200)),
    "POST /me/tokens/{token_id}/revoke": (
        lambda world: Call(path={"token_id": world.token_of_owner()}),
        (303, 303, 404, 404, 404, 404),
    ),
    "GET /static/{file}": (lambda _: Call(path={"file": assets()["site.css"].file}), PUBLIC),
    "GET /favicon.ico": (_plain, (307, 307, 307, 307, 307, 307)),
}
