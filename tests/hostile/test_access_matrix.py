"""Every route for everybody who may ask: a route that is missing in the matrix fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote

import pytest

from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.tables import Submission
from server.services.accounts import add_organizer
from server.services.tokens import create_token
from tests.hostile.access_matrix import MATRIX
from tests.hostile.matrix_world import World, hidden_round
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

# Rounds that others may not know of; of the unlisted one, who does not have its address.
HIDDEN = {"secluded": "private", "sketched": "draft", "whispered": "unlisted"}

# Parts of a path, and of a query, that name a round, and something in one.
ADDRESSES, NUMBERS = {"slug", "round"}, {"entry_id", "submission_id", "a"}

# Forms that nobody sends who is not logged in, but for those that log in or out.
NEED_A_LOG_IN = [
    route
    for route, (_, answers) in MATRIX.items()
    if route.startswith("POST /") and API not in route and answers[0] in {303, 401}
    and not re.search("log-in|log-out|sign-up|/join/|/reset/", route)
]  # fmt: skip

# What is looked at, and what is done with a round or something in one.
TELLING = [
    route for route in MATRIX if re.match("GET|POST /check", route) or re.search("slug|entry_id|submission_id", route)
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("matrix")
    settings = {"max_open_submissions": 1000, "max_checks_per_hour": 1000}
    rounds = [write_round(folder / slug, slug=slug) for slug in ("tiny", *HIDDEN)]
    with running_app(folder / "data", *rounds, now=DURING, **settings) as client:
        owner, other, rivals = (sign_up(client, team) for team in ("Owners", "Others", "Rivals"))
        database = deployment_of(client).database
        ranked = submit(client, other, predictions(salt=1000)).json()["id"]
        score(deployment_of(client), ranked, all=0.5)
        beside = submit(client, rivals, predictions(salt=1001)).json()["id"]
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
            hidden=tuple(hidden_round(client, rivals, slug, kind=kind) for slug, kind in HIDDEN.items()),
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


@pytest.mark.parametrize("route", TELLING)
def test_a_round_that_is_hidden_is_not_there_for_others(world: World, route: str) -> None:
    call, (anonymous, *_) = MATRIX[route]
    asked = call(world)
    names = asked.path.keys() | asked.query.keys()
    is_naming = bool(names & (ADDRESSES | NUMBERS))
    for hidden in world.hidden:
        if hidden.kind == "unlisted" and names & ADDRESSES:
            continue
        path = {name: hidden.numbers.get(name, value) for name, value in asked.path.items()}
        wanted = {"round": str(hidden.numbers["slug"]), "a": str(hidden.numbers["entry_id"])}
        query = {name: wanted.get(name, value) for name, value in asked.query.items()}
        there = replace(asked, path=path, query=query)
        for headers, refusal in (({}, anonymous if anonymous in {303, 401} else 404), (world.other.headers, 404)):
            answer = there.send(world.client, route, headers)
            world.client.cookies.clear()
            assert not is_naming or answer.status_code == refusal, answer.text
            told = f"{answer.headers} {answer.text}"
            assert hidden.title not in told and hidden.method not in told


@pytest.mark.parametrize("route", NEED_A_LOG_IN)
def test_who_has_to_log_in_before_a_form_is_taken_is_led_back_to_a_page(world: World, route: str) -> None:
    call, _ = MATRIX[route]
    told = call(world).send(world.client, route, {"Accept": "text/html"})
    world.client.cookies.clear()
    pages = re.findall(r'/(?:log-in|sign-up)\?next=([^" ]*)', f"{told.headers.get('location', '')} {told.text}")
    assert pages
    for page in pages:
        assert world.client.get(unquote(page), headers=world.owner.headers).status_code != 405


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
