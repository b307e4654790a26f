"""Every route for everybody who may ask: a route that is missing here fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from fastapi.testclient import TestClient

from server.auth.viewer import Viewer
from server.db.tables import Person
from server.services.accounts import add_organizer
from server.services.invitations import invite
from server.services.mail_links import Purpose, new_link
from server.services.tokens import create_token
from server.web.assets import assets
from tests.hostile.routes import Call, every_route
from tests.server.making import organize_all, predictions, write_round
from tests.server.running import API, DURING, PASSWORD, Member, app_of, deployment_of, running_app, sign_up, submit

Statuses = tuple[int, int, int, int]  # anonymous, the team it is about, another team, an organizer

PUBLIC: Statuses = (200, 200, 200, 200)


@dataclass
class World:
    """A server with two teams, an organizer and something of the first team to look at."""

    client: TestClient
    owner: Member
    other: Member
    organizer_headers: Mapping[str, str]
    submission: int
    calls: int = 0
    viewers: tuple[Mapping[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.viewers = ({}, self.owner.headers, self.other.headers, self.organizer_headers)

    def fresh(self, prefix: str) -> str:
        """A name nobody has used."""
        self.calls += 1
        return f"{prefix} {self.calls}"

    def token_of_owner(self) -> int:
        """A token that may be revoked."""
        viewer = Viewer(person_id=1, team_id=self.owner.team_id)
        return create_token(deployment_of(self.client).database, viewer, label="spare", now=DURING).id

    def invitation(self) -> tuple[int, str]:
        """A link into the owners' team that may be used and revoked: its id and secret."""
        viewer = Viewer(person_id=1, team_id=self.owner.team_id)
        made = invite(deployment_of(self.client).database, viewer, team_id=self.owner.team_id, now=DURING)
        return made.id, made.secret

    def mail_link(self, purpose: Purpose) -> str:
        """The secret of a link that was mailed to the owner."""
        with deployment_of(self.client).database.write() as session:
            owner = session.get_one(Person, 1)
            return new_link(session, owner, purpose, now=DURING).rpartition("/")[2]

    def upload(self) -> bytes:
        self.calls += 1
        return predictions(salt=self.calls)

    def sign_up_fields(self) -> dict[str, str]:
        team = self.fresh("Newcomers")
        email = f"{team.replace(' ', '')}@team.example"
        return {"name": "A person", "email": email, "password": PASSWORD, "team": team}

    def multipart(self) -> Call:
        body = (
            b'--x\r\nContent-Disposition: form-data; name="method"\r\n\r\nForm\r\n'
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.txt"\r\n\r\n' + self.upload()
        )
        return Call(path={"slug": "tiny"}, content=body + b"\r\n--x--\r\n")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("matrix")
    settings = {"max_open_submissions": 1000, "max_checks_per_hour": 1000}
    with running_app(folder / "data", write_round(folder / "round"), now=DURING, **settings) as client:
        owner, other = sign_up(client, "Owners"), sign_up(client, "Others")
        assert submit(client, other, predictions(salt=1000)).status_code == 201
        database = deployment_of(client).database
        person = add_organizer(
            database, name="Organizer", email="organizer@team.example", password=PASSWORD, now=DURING
        )
        organize_all(database, person)
        token = create_token(database, Viewer(person_id=person), label="t", now=DURING).secret
        yield World(
            client=client,
            owner=owner,
            other=other,
            organizer_headers={"Authorization": f"Bearer {token}"},
            submission=submit(client, owner).json()["id"],
        )


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


def _log_in(world: World) -> Call:
    return Call(form={"email": world.owner.email, "password": PASSWORD})


MATRIX: dict[str, tuple[Callable[[World], Call], Statuses]] = {
    "GET /openapi.json": (_plain, PUBLIC),
    "GET /docs": (_plain, PUBLIC),
    f"GET {API}/rounds": (_plain, PUBLIC),
    f"GET {API}/rounds/{{slug}}": (_round, PUBLIC),
    f"GET {API}/rounds/{{slug}}/board": (_round, PUBLIC),
    f"GET {API}/rounds/{{slug}}/quota": (_round, (401, 200, 200, 403)),
    f"POST {API}/rounds/{{slug}}/submissions": (
        lambda world: Call(path={"slug": "tiny"}, query={"method": "m"}, content=world.upload()),
        (401, 201, 201, 403),
    ),
    f"POST {API}/rounds/{{slug}}/check": (
        lambda world: Call(path={"slug": "tiny"}, content=world.upload()),
        PUBLIC,
    ),
    f"GET {API}/submissions": (_plain, (401, 200, 200, 403)),
    f"GET {API}/submissions/{{submission_id}}": (_submission, (401, 200, 404, 200)),
    f"POST {API}/submissions/{{submission_id}}/withdraw": (_fresh_submission, (401, 200, 404, 403)),
    f"POST {API}/submissions/{{submission_id}}/final": (
        lambda world: Call(path={"submission_id": world.submission}, json={"is_final": True}),
        (401, 409, 404, 403),
    ),
    f"GET {API}/submissions/{{submission_id}}/file": (_submission, (401, 200, 404, 200)),
    f"POST {API}/teams": (lambda world: Call(json=world.sign_up_fields()), (201, 201, 201, 201)),
    f"POST {API}/tokens": (lambda _: Call(json={}), (401, 201, 201, 201)),
    f"DELETE {API}/tokens/{{token_id}}": (
        lambda world: Call(path={"token_id": world.token_of_owner()}),
        (401, 204, 404, 404),
    ),
    "GET /": (_plain, PUBLIC),
    "GET /rounds": (_plain, PUBLIC),
    "GET /rounds/{slug}": (_round, PUBLIC),
    "GET /rounds/{slug}/sample.txt": (_round, PUBLIC),
    "GET /rounds/{slug}/board": (_round, PUBLIC),
    "GET /rounds/{slug}/board.json": (_round, PUBLIC),
    "GET /rounds/{slug}/board.csv": (_round, PUBLIC),
    "GET /rounds/{slug}/submit": (_round, (303, 200, 200, 200)),
    "POST /rounds/{slug}/submit": (lambda world: world.multipart(), (303, 303, 303, 403)),
    "GET /submissions/{submission_id}": (_submission, (303, 200, 404, 200)),
    "POST /submissions/{submission_id}/withdraw": (_fresh_submission, (303, 303, 404, 404)),
    "POST /submissions/{submission_id}/final": (_submission, (303, 409, 404, 404)),
    "GET /submissions/{submission_id}/file": (_submission, (303, 200, 404, 200)),
    "GET /sign-up": (_plain, (200, 303, 303, 303)),
    "POST /sign-up": (lambda world: Call(form=world.sign_up_fields()), (303, 303, 303, 303)),
    "GET /log-in": (_plain, (200, 303, 303, 303)),
    "POST /log-in": (_log_in, (303, 303, 303, 303)),
    "POST /log-out": (_plain, (303, 303, 303, 303)),
    "GET /me": (_plain, (303, 200, 200, 200)),
    "POST /me/tokens": (lambda _: Call(form={"label": "laptop"}), (303, 200, 200, 200)),
    "POST /me/tokens/{token_id}/revoke": (
        lambda world: Call(path={"token_id": world.token_of_owner()}),
        (303, 303, 404, 404),
    ),
    "POST /me/team": (lambda world: Call(form={"team_id": str(world.owner.team_id)}), (303, 422, 422, 422)),
    "GET /teams/{team_id}": (_team, PUBLIC),
    "POST /teams/{team_id}": (_team, (303, 303, 404, 404)),
    "POST /teams/{team_id}/invitations": (_team, (303, 200, 404, 404)),
    "POST /teams/{team_id}/leave": (_team, (303, 409, 404, 404)),
    "POST /invitations/{invitation_id}/revoke": (
        lambda world: Call(path={"invitation_id": world.invitation()[0]}),
        (303, 303, 404, 404),
    ),
    "GET /join/{secret}": (lambda world: Call(path={"secret": world.invitation()[1]}), PUBLIC),
    "POST /join/{secret}": (
        lambda world: Call(path={"secret": world.invitation()[1]}, form=world.sign_up_fields()),
        (303, 303, 409, 303),
    ),
    f"GET {API}/teams/{{team_id}}": (_team, PUBLIC),
    f"POST {API}/teams/{{team_id}}/invitations": (_team, (401, 201, 404, 404)),
    f"DELETE {API}/invitations/{{invitation_id}}": (
        lambda world: Call(path={"invitation_id": world.invitation()[0]}),
        (401, 204, 404, 404),
    ),
    "POST /me/mail": (lambda _: Call(form={"kind": "erratum"}), (303, 303, 303, 303)),
    "POST /me/verification": (_plain, (303, 200, 200, 200)),
    "POST /me/delete": (lambda _: Call(form={"password": "wrong password"}), (303, 401, 401, 401)),
    "GET /me/export.json": (_plain, (303, 200, 200, 200)),
    "GET /forgot": (_plain, PUBLIC),
    "POST /forgot": (lambda world: Call(form={"email": f"{world.fresh('n')}@team.example"}), PUBLIC),
    "GET /reset/{secret}": (lambda world: Call(path={"secret": world.mail_link(Purpose.RESET)}), PUBLIC),
    "POST /reset/{secret}": (
        lambda world: Call(path={"secret": world.mail_link(Purpose.RESET)}, form={"password": PASSWORD}),
        (303, 303, 303, 303),
    ),
    "GET /verify/{secret}": (lambda world: Call(path={"secret": world.mail_link(Purpose.VERIFY)}), PUBLIC),
    "POST /verify/{secret}": (lambda world: Call(path={"secret": world.mail_link(Purpose.VERIFY)}), PUBLIC),
    "GET /mail": (_plain, (404, 404, 404, 404)),  # but in the demo
    "GET /static/{file}": (lambda _: Call(path={"file": assets()["site.css"].file}), PUBLIC),
    "GET /favicon.ico": (_plain, (307, 307, 307, 307)),
}


def test_every_route_is_in_the_matrix(world: World) -> None:
    assert every_route(app_of(world.client)) == set(MATRIX)


@pytest.mark.parametrize("route", MATRIX)
def test_everybody_gets_what_is_theirs(world: World, route: str) -> None:
    call, expected = MATRIX[route]
    multipart = {"Content-Type": "multipart/form-data; boundary=x"} if route == "POST /rounds/{slug}/submit" else {}
    statuses = []
    for headers in world.viewers:
        statuses.append(call(world).send(world.client, route, {**multipart, **headers}).status_code)
        world.client.cookies.clear()
    assert tuple(statuses) == expected


@pytest.mark.parametrize("route", [route for route in MATRIX if not route.startswith("GET ")])
def test_no_unsafe_route_does_anything_for_another_sites_page(world: World, route: str) -> None:
    call, _ = MATRIX[route]
    world.client.post("/log-in", data={"email": world.owner.email, "password": PASSWORD})
    answer = call(world).send(world.client, route, {"Sec-Fetch-Site": "cross-site"})
    world.client.cookies.clear()
    assert answer.status_code == 403


@pytest.mark.parametrize("route", MATRIX)
def test_a_wrong_token_opens_nothing_that_needs_one(world: World, route: str) -> None:
    call, (anonymous, *_) = MATRIX[route]
    answer = call(world).send(world.client, route, {"Authorization": "Bearer hld_wrong"})
    world.client.cookies.clear()
    assert answer.status_code in ({401} if anonymous in {401, 303} and "log" not in route else {401, anonymous})


def test_sessions_of_the_browser_are_worth_as_much_as_tokens(world: World) -> None:
    form = {"email": world.other.email, "password": PASSWORD}
    world.client.post("/log-in", data=form)
    assert world.client.get(f"{API}/submissions/{world.submission}").status_code == 404
    assert world.client.get(f"/submissions/{world.submission}").status_code == 404
    world.client.cookies.clear()


def test_no_organizer_is_made_through_a_form(world: World) -> None:
    fields = {**world.sign_up_fields(), "is_organizer": "true"}
    token = world.client.post(f"{API}/teams", json=fields).json()["token"]
    answer = world.client.get(f"{API}/submissions/{world.submission}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 404
