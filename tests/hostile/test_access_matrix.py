"""Every route for everybody who may ask: a route that is missing in the matrix fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.tables import Submission
from server.services.accounts import add_organizer
from server.services.tokens import create_token
from tests.hostile.access_matrix import MATRIX
from tests.hostile.matrix_world import World
from tests.hostile.routes import every_route
from tests.server.making import organize_all, predictions, score, write_round
from tests.server.running import API, DURING, PASSWORD, app_of, deployment_of, running_app, sign_up, submit

# What a token of the scope `submit` is for, and what needs no token at all.
OF_TOKENS_THAT_SUBMIT = {
    "POST /rounds/{slug}/submit", "POST /rounds/{slug}/submissions", "POST /rounds/{slug}/data",
    "POST /rounds/{slug}/acceptance", "POST /tokens", "POST /me/tokens",
    "POST /check", "POST /rounds/{slug}/check", "POST /teams", "POST /sign-up", "POST /log-in", "POST /log-out",
    "POST /forgot", "POST /reset/{secret}", "POST /verify/{secret}",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("matrix")
    settings = {"max_open_submissions": 1000, "max_checks_per_hour": 1000}
    with running_app(folder / "data", write_round(folder / "round"), now=DURING, **settings) as client:
        owner, other = sign_up(client, "Owners"), sign_up(client, "Others")
        database = deployment_of(client).database
        ranked = submit(client, other, predictions(salt=1000)).json()["id"]
        score(deployment_of(client), ranked, all=0.5)
        beside = submit(client, sign_up(client, "Rivals"), predictions(salt=1001)).json()["id"]
        score(deployment_of(client), beside, all=0.25)
        with database.read() as session:
            scored = [session.get_one(Submission, number).entry_id for number in (ranked, beside)]
        organizers = tuple(_organizer(database, name) for name in ("another", "own", "admin"))
        yield World(
            client=client,
            owner=owner,
            other=other,
            organizers=organizers,
            database=database,
            submission=submit(client, owner).json()["id"],
            scored_entry=scored[0],
            other_scored_entry=scored[1],
        )


def _organizer(database: Database, name: str) -> Mapping[str, str]:
    """An organizer's token: of no round, of the round, or of everything."""
    email = f"{name}@host.example"
    person = add_organizer(
        database, name=name, email=email, password=PASSWORD, is_admin=name == "admin", now=DURING
    )  # fmt: skip
    if name == "own":
        organize_all(database, person)
    token = create_token(database, Viewer(person_id=person), label="t", now=DURING).secret
    return {"Authorization": f"Bearer {token}"}


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


@pytest.mark.parametrize("route", [route for route in MATRIX if not route.startswith("GET ")])
def test_a_token_that_submits_does_nothing_else_of_what_its_person_may(world: World, route: str) -> None:
    call, (_, by_owner, _, *by_organizers) = MATRIX[route]
    emails = [world.owner.email, *(f"{name}@host.example" for name in ("another", "own", "admin"))]
    email = next(
        (email for email, status in zip(emails, (by_owner, *by_organizers), strict=True) if status < 400), None
    )
    if email is None:
        return  # nobody's account-wide token does it in the matrix
    made = world.client.post(f"{API}/tokens", json={"email": email, "password": PASSWORD, "scope": "submit"}).json()
    multipart = {"Content-Type": "multipart/form-data; boundary=x"} if route == "POST /rounds/{slug}/submit" else {}
    answer = call(world).send(world.client, route, {**multipart, "Authorization": f"Bearer {made['token']}"})
    world.client.cookies.clear()
    if route.replace(API, "") in OF_TOKENS_THAT_SUBMIT:
        assert answer.status_code < 400
    elif "/tokens/" in route:  # itself and what it has made alone
        assert answer.status_code == 404
    else:
        assert answer.status_code == 403 and "reads and submits for its team, and does nothing else" in answer.text


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
