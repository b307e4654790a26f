"""A blind round with a private half, its truth made of digits found nowhere else, and all that is said while open.

After the close, the team that the scores belong to does find them: the search can hit.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from server.db.tables import Score
from server.request_log import REQUEST_ID_HEADER
from server.web.assets import assets
from tests.hostile.routes import Call, every_route
from tests.server.running import (
    AFTER,
    API,
    CLOSES,
    DURING,
    OPENS,
    PASSWORD,
    Member,
    app_of,
    deployment_of,
    finished,
    running_app,
    set_clock,
    sign_up,
    submit,
)

# How many objects each class has, and how many of them the team finds: the AP per class is their quotient, and no two
# of them, nor their mean or median, share their digits.
FOUND_OF_ALL = {1: (3, 7), 2: (5, 11), 3: (2, 13), 4: (16, 17)}

# Every corner of the truth is one of these, and nothing else is.
_CORNER = "73105{:02d}.{:04d}"

# A file that the validator has much to say about; what it says must not depend on the truth.
FAULTY = b"1 1 0.5 1 1 5\n0 1 0.5 1 1 5 5\nx y z\n1 99 nan 1 1 5 5\n"

# A valid file without a digit of the truth: whoever sends it may read it again, and that is no hit.
GUESS = b"1 1 0.5 1 1 5 5\n"

_QUERY = {"method": "m", "again": "true"}


def _boxes() -> Iterator[tuple[int, int, tuple[str, str, str, str]]]:
    """(image, class, corners) of every object: one image each."""
    image = 0
    for class_id, (_, objects) in FOUND_OF_ALL.items():
        for _ in range(objects):
            image += 1
            low, high = _CORNER.format(image, 1237), _CORNER.format(image + 40, 4561)
            yield image, class_id, (low, low, high, high)


def _write_round(folder: Path) -> Path:
    folder.mkdir()
    (folder / "round.toml").write_text(
        f"""slug = "canary"
title = "A round to be spied on"
task = "det"
[images]
count = {sum(objects for _, objects in FOUND_OF_ALL.values())}
[classes]
table = "classes.csv"
[policy]
opens = {OPENS.isoformat()}
closes = {CLOSES.isoformat()}
blind = true
public_share = 0.5
[truth]
boxes = "boxes.csv"
"""
    )
    (folder / "classes.csv").write_text("id,wnid,name\n" + "".join(f"{n},,thing {n}\n" for n in FOUND_OF_ALL))
    (folder / "boxes.csv").write_text(
        "".join(f"{image},{class_id},{','.join(corners)}\n" for image, class_id, corners in _boxes())
    )
    return folder


def _predictions() -> bytes:
    """Finds as many objects of each class as FOUND_OF_ALL says, with boxes that are near but not the truth's own."""
    lines, found = [], dict.fromkeys(FOUND_OF_ALL, 0)
    for image, class_id, corners in _boxes():
        if found[class_id] < FOUND_OF_ALL[class_id][0]:
            found[class_id] += 1
            shifted = " ".join(str(round(float(corner) + 1.5)) for corner in corners)
            lines.append(f"{image} {class_id} 0.{99 - image} {shifted}")
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, kw_only=True)
class World:
    """A server with the canary round open, and a scored submission."""

    client: TestClient
    team: Member
    other: Member
    submission: int

    def viewers(self) -> dict[str, Mapping[str, str]]:
        return {"anonymous": {}, "team": self.team.headers, "other team": self.other.headers}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("canary")
    with running_app(
        folder / "data", _write_round(folder / "round"), now=DURING, worker_count=1, max_checks_per_hour=1000
    ) as client:
        team, other = sign_up(client, "Watched"), sign_up(client, "Watching")
        sent = submit(client, team, _predictions(), slug="canary").json()["id"]
        assert finished(client, team, sent)["state"] == "scored"
        faulty = submit(client, other, FAULTY, slug="canary").json()["id"]
        assert finished(client, other, faulty)["state"] == "rejected"
        guess = submit(client, other, GUESS, slug="canary").json()["id"]  # so that there are two to compare
        assert finished(client, other, guess)["state"] == "scored"
        yield World(client=client, team=team, other=other, submission=sent)


@pytest.fixture
def during(world: World) -> World:
    set_clock(app_of(world.client), DURING)
    return world


def _calls(world: World, route: str) -> Iterator[Call]:
    """Good, bad and absurd ways to call a route."""
    values: dict[str, list[object]] = {
        "slug": ["canary", "nowhere"],
        "submission_id": [1, 2, 3, 10**30, "x"],
        "entry_id": [1, 2, 10**30],
        "year": [2012, 1900],
        "question_id": [1],
        "appeal_id": [1],
        "report_id": [1],
        "person_id": [1, 999],
        "token_id": [world.other.token_id, 999],
        "team_id": [world.team.team_id, world.other.team_id, 999],
        "invitation_id": [1, 999],
        "secret": ["guessed", "x" * 500],
        "file": [*(asset.file for asset in assets().values()), "../../round/boxes.csv", "boxes.csv"],
    }
    paths: list[dict[str, object]] = [{}]
    for name in re.findall(r"{(\w+)}", route):
        paths = [{**path, name: value} for path in paths for value in values[name]]
    is_read = route.startswith("GET ")
    for path in paths:  # each address once
        yield Call(path=path) if is_read else Call(path=path, query=_QUERY, content=GUESS)
    if route == "GET /compare":
        yield Call(query={"a": "1", "b": "2", "split": "private"})
    if is_read:
        yield Call(path=paths[0], query={"team": "Watched", "since": "x", "next": "//evil", "again": "perhaps"})
        return
    yield Call(path=paths[0], query=_QUERY, content=FAULTY)
    yield Call(path=paths[0], json={"email": world.other.email, "password": PASSWORD, "label": "x", "team": "y"})
    yield Call(path=paths[0], form={"email": world.other.email, "password": "wrong password", "method": "m"})


def _crawl(world: World, headers: Mapping[str, str]) -> Iterator[tuple[str, Response]]:
    # Revoking and logging out come last: what they destroy is needed by the others.
    for route in sorted(
        every_route(app_of(world.client)),
        key=lambda route: ("revoke" in route, "DELETE" in route, "leave" in route, route),
    ):
        for call in _calls(world, route):
            yield route, call.send(world.client, route, headers)
            world.client.cookies.clear()


def _said(answer: Response) -> str:
    """The numbers in headers and body, but for the request's id: its random digits spell a token in one of 50,000."""
    said = "\n".join((*(f"{name}: {value}" for name, value in answer.headers.items()), answer.text))
    return _numbers(said.replace(answer.headers[REQUEST_ID_HEADER], ""))


def _numbers(text: str) -> str:
    """What tokens are made of: searching all of the text for hundreds of them took most of the time."""
    return " ".join(re.findall(r"[0-9.]{4,}", text))


def _truth_tokens() -> set[str]:
    """The corners, with and without their fraction, as they might be printed."""
    corners = {corner for _, _, four in _boxes() for corner in four}
    return corners | {corner.partition(".")[0] for corner in corners} | {"73105"}


def _private_tokens(world: World) -> set[str]:
    """Every figure in the database, of all, public and private images, as a page or a program could print it."""
    with deployment_of(world.client).database.read() as session:
        cards = session.exec(select(Score)).all()
    per_class = {
        split: [figure["ap"] for card in cards if card.split == split for figure in card.per_class if figure["ap"]]
        for split in ("all", "public", "private")
    }
    assert {round(figure, 12) for figure in per_class["all"]} == {
        round(found / objects, 12) for found, objects in FOUND_OF_ALL.values()
    }
    assert per_class["public"] and per_class["private"]
    figures = [*chain(*per_class.values()), *chain(*(card.scores.values() for card in cards))]
    telling = [figure for figure in figures if figure and round(1000 * figure, 6) % 1]  # 0.5 stands in many places
    return {form for figure in telling for form in (f"{figure:.6f}"[2:], f"{figure:.4f}", f"{100 * figure:.2f}")}


def test_nothing_of_the_truth_and_no_figure_leaves_an_open_blind_round(
    during: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = _truth_tokens() | _private_tokens(during)
    search = re.compile("|".join(re.escape(token) for token in sorted(tokens)))
    seen, ids = set[int](), set[str]()
    for viewer, headers in during.viewers().items():
        for route, answer in _crawl(during, headers):
            is_own_file = viewer == "team" and route.endswith("/file")  # what it has sent itself
            hit = None if is_own_file else search.search(_said(answer))
            assert hit is None, f"{viewer} reads {hit[0]} at {route}"
            seen.add(answer.status_code)
            ids.add(answer.headers[REQUEST_ID_HEADER])
    assert {200, 201, 303, 401, 404, 422} <= seen
    logged = re.sub(r"\b[0-9a-f]{16}\b", lambda word: "" if word[0] in ids else word[0], caplog.text)
    assert len(ids) > 1000 and search.search(_numbers(logged)) is None


def test_what_is_checked_says_the_same_whatever_the_truth_is(during: World, tmp_path: Path) -> None:
    other_truth = _write_round(tmp_path / "round")
    boxes = other_truth / "boxes.csv"
    boxes.write_text(boxes.read_text().replace("73105", "12"))
    check = f"{API}/rounds/canary/check"
    with running_app(tmp_path / "data", other_truth, now=DURING) as client:
        said = client.post(check, content=FAULTY).text
    assert during.client.post(check, content=FAULTY).text == said


def test_after_the_close_the_team_finds_its_figures_and_nobody_finds_the_truth(world: World) -> None:
    set_clock(app_of(world.client), AFTER)
    truth = re.compile("|".join(re.escape(token) for token in sorted(_truth_tokens())))
    private = re.compile("|".join(re.escape(token) for token in sorted(_private_tokens(world))))
    # A call for each viewer is enough: what the routes do was crawled above.
    address = f"{API}/submissions/{world.submission}"
    own = _said(world.client.get(address, headers=world.team.headers))
    assert private.search(own)
    assert not truth.search(own)
    foreign = _said(world.client.get(address, headers=world.other.headers))
    assert not private.search(foreign)
