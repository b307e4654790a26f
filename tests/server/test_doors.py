"""Every act that a form does can be done by program and by command, too: a form that is missing here fails a test."""

from __future__ import annotations

from typing import NamedTuple

from server.app import create_app
from server.cli.commands import app
from server.settings import Settings
from tests.hostile.routes import every_route
from tests.server.running import API


class Doors(NamedTuple):
    """Where else an act is done; "" with a reason where it is not."""

    api: str
    command: str
    reason: str = ""


_LINK = "a link that was mailed is opened in a browser"
_DRAFT = "`heldout round open` takes the folder, and `heldout round selftest` tries it before: nothing stays a draft"

# What a form is sent to, the API's route without its prefix, and the command without `heldout`.
ACTS: dict[str, Doors] = {
    "/sign-up": Doors("POST /teams", "sign-up"),
    "/log-in": Doors("POST /tokens", "login"),
    "/log-out": Doors("DELETE /tokens/{token_id}", "logout"),
    "/forgot": Doors("", "", _LINK),
    "/reset/{secret}": Doors("", "", _LINK),
    "/verify/{secret}": Doors("", "", _LINK),
    "/me/verification": Doors("POST /account/verification", "account verify"),
    "/me/mail": Doors("PUT /account/mail", "account mail"),
    "/me/delete": Doors("POST /account/deletion", "account delete"),
    "/me/tokens": Doors("POST /tokens", "login"),
    "/me/tokens/{token_id}/revoke": Doors("DELETE /tokens/{token_id}", "account tokens"),
    "/me/teams": Doors("POST /account/teams", "team found"),
    "/me/team": Doors("POST /tokens", "login"),
    "/teams/{team_id}": Doors("PATCH /teams/{team_id}", "team describe"),
    "/teams/{team_id}/invitations": Doors("POST /teams/{team_id}/invitations", "team invite"),
    "/teams/{team_id}/leave": Doors("POST /teams/{team_id}/leave", "team leave"),
    "/invitations/{invitation_id}/revoke": Doors("DELETE /invitations/{invitation_id}", "team invitations"),
    "/join/{secret}": Doors("POST /memberships", "team join"),
    "/rounds/{slug}/join": Doors("POST /rounds/{slug}/participation", "join"),
    "/rounds/{slug}/questions": Doors("POST /rounds/{slug}/questions", "ask"),
    "/rounds/{slug}/reports": Doors("POST /rounds/{slug}/reports", "report"),
    "/rounds/{slug}/data": Doors("POST /rounds/{slug}/acceptance", "accept"),
    "/rounds/{slug}/submit": Doors("POST /rounds/{slug}/submissions", "submit"),
    "/check": Doors("POST /rounds/{slug}/check", "validate"),
    "/submissions/{submission_id}/withdraw": Doors("POST /submissions/{submission_id}/withdraw", "withdraw"),
    "/submissions/{submission_id}/final": Doors("POST /submissions/{submission_id}/final", "choose"),
    "/entries/{entry_id}/details": Doors("PATCH /entries/{entry_id}", "describe"),
    "/entries/{entry_id}/appeal": Doors("POST /entries/{entry_id}/appeal", "appeal"),
    "/organize/new": Doors("POST /rounds", "round open"),
    "/organize/{slug}/open": Doors("POST /rounds/{slug}/open", "", _DRAFT),
    "/organize/{slug}/forget": Doors("DELETE /rounds/{slug}", "", _DRAFT),
    "/organize/{slug}/policy": Doors("PATCH /rounds/{slug}/policy", "round set"),
    "/organize/{slug}/schedule": Doors("POST /rounds/{slug}/schedule", "round extend"),
    "/organize/{slug}/announcements": Doors("POST /rounds/{slug}/announcements", "round announce"),
    "/organize/{slug}/questions/{question_id}": Doors(
        "POST /rounds/{slug}/questions/{question_id}/answer", "round answer"
    ),
    "/organize/{slug}/entries/disqualify": Doors("PUT /entries/{entry_id}/disqualification", "round disqualify"),
    "/organize/{slug}/entries/{entry_id}/reinstate": Doors(
        "DELETE /entries/{entry_id}/disqualification", "round reinstate"
    ),
    "/organize/{slug}/appeals/{appeal_id}": Doors("POST /rounds/{slug}/appeals/{appeal_id}/decision", "round decide"),
    "/organize/{slug}/teams": Doors("PUT /rounds/{slug}/teams/{team_id}/admission", "round admit"),
    "/organize/{slug}/join-code": Doors("POST /rounds/{slug}/join-code", "round join-code"),
    "/organize/{slug}/organizers": Doors("POST /rounds/{slug}/organizers", "round organizers"),
    "/organize/{slug}/organizers/{person_id}/remove": Doors(
        "DELETE /rounds/{slug}/organizers/{person_id}", "round organizers"
    ),
    "/organize/{slug}/roster": Doors("PUT /rounds/{slug}/roster", "round roster"),
    "/organize/{slug}/reports/{report_id}": Doors("POST /rounds/{slug}/reports/{report_id}/settle", "round settle"),
    "/organize/{slug}/submissions/{submission_id}/retry": Doors(
        "POST /rounds/{slug}/submissions/{submission_id}/retry", "round rescore"
    ),
    "/organize/{slug}/rescore": Doors("POST /rounds/{slug}/rescore", "round rescore"),
    "/organize/{slug}/errata": Doors("POST /rounds/{slug}/erratum", "round correction"),
    "/organize/{slug}/errata/show": Doors("POST /rounds/{slug}/erratum/show", "round correction"),
    "/organize/{slug}/errata/retry": Doors("POST /rounds/{slug}/erratum/retry", "round correction"),
    "/organize/{slug}/errata/forget": Doors("DELETE /rounds/{slug}/erratum", "round correction"),
}

# What pages tell or give away, beside the boards; of those that hold nothing but forms the acts above speak.
READINGS: dict[str, Doors] = {
    "/rounds/{slug}": Doors("GET /rounds/{slug}", "news"),
    "/rounds/{slug}/data": Doors("GET /rounds/{slug}", "data"),
    "/rounds": Doors("GET /rounds", "rounds"),
    "/me": Doors("GET /account", "account show"),
    "/me/export.json": Doors("GET /account/export", "account export"),
    "/submissions/{submission_id}": Doors("GET /submissions/{submission_id}", "submissions"),
    "/submissions/{submission_id}/file": Doors("GET /submissions/{submission_id}/file", "download"),
    "/organize/{slug}": Doors("GET /rounds/{slug}/affairs", "round affairs"),
    "/organize/{slug}/noise": Doors("GET /rounds/{slug}/noise", "round noise"),
    "/organize/{slug}/noise/draft.csv": Doors("GET /rounds/{slug}/noise/draft.csv", "round noise"),
    "/organize/{slug}/errata": Doors("GET /rounds/{slug}/erratum", "round correction"),
    "/organize/{slug}/roster.csv": Doors("GET /rounds/{slug}/roster.csv", "round roster"),
    "/organize/{slug}/export.zip": Doors("GET /rounds/{slug}/export.zip", "round export"),
}


def _commands() -> set[str]:
    groups = {"": app, **{f"{group.name} ": group.typer_instance for group in app.registered_groups}}
    return {
        f"{prefix}{command.name or command.callback.__name__}"
        for prefix, typer_app in groups.items()
        for command in typer_app.registered_commands
        if command.callback is not None
    }


def test_every_form_is_an_act_of_the_table() -> None:
    posts = {route.removeprefix("POST ") for route in every_route(create_app(Settings())) if route.startswith("POST ")}
    assert {path for path in posts if not path.startswith(API)} == set(ACTS)


def test_every_act_has_its_route_and_its_command_or_a_reason_for_none() -> None:
    routes, commands = every_route(create_app(Settings())), _commands()
    for path, doors in (*ACTS.items(), *READINGS.items()):
        method, _, rest = doors.api.partition(" ")
        assert not doors.api or f"{method} {API}{rest}" in routes, path
        assert not doors.command or doors.command in commands, path
        assert bool(doors.reason) == (not doors.api or not doors.command), path
    assert {f"GET {path}" for path in READINGS} <= routes
