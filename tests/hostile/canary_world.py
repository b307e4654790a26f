"""A server with both rounds to be spied on, those who spy, and every way they call a route."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import get_args

from fastapi.testclient import TestClient
from sqlmodel import col, select

from leaderboard.visibility import Split
from server.auth.viewer import Viewer
from server.db.organizers import add_round_organizer
from server.db.tables import Entry, Round, stored_id
from server.services.accounts import add_organizer
from server.services.tokens import create_token
from server.web.assets import assets
from tests.hostile.canary_rounds import (
    BLIND,
    FAULTY,
    GUESS,
    MASKED,
    found_boxes,
    guessed_labels,
    write_blind_round,
    write_masked_round,
)
from tests.hostile.routes import Call
from tests.server.making import write_round
from tests.server.running import (
    DURING,
    PASSWORD,
    Member,
    deployment_of,
    finished,
    running_app,
    sign_up,
    submit,
)

# A team of the masked round, which looks at nothing; its method is told, but not that it is theirs.
HIDDEN_TEAM, HIDDEN_METHOD = "Concealed Laboratory", "Veiled network"

# Where the spying organizer runs a round.
ELSEWHERE = "elsewhere"

Query = Mapping[str, str | Sequence[str]]

# What is tried for each parameter of a query, wherever a route has it; `a`, `b` and `entry` name entries.
QUERY_VALUES: Mapping[str, tuple[str, ...]] = {
    "split": (*get_args(Split), "every"),
    "sort": ("-top5_error", "x"),
    "find": (HIDDEN_TEAM[:9],),
    "since": ("2026-11-01", "x"),
    "track": ("x",),
    "round": (BLIND, MASKED, "nowhere"),
    "team": ("1", "3", "x"),
    "asked": ("1", "x"),
    "reported": ("1", "x"),
    "saved": ("true",),
    "team": ("1", "x"),
    "code": ("guessed",),
    "look": ("true",),
    "next": ("//evil",),
    "after": ("0", "x"),
    "method": ("m",),
    "again": ("true", "perhaps"),
    "anyway": ("true",),
    "file_name": ("boxes.csv",),
    "accept_rules": ("x",),
    "description": ("d",),
    "paper": ("https://example.org/",),
    "anonymous": ("true",),
    "not_competing": ("true",),
    "part": ("boxes.csv",),
    "note": ("n",),
    "key": ("k",),
    "files": ("true", "x"),
}


@dataclass(frozen=True, kw_only=True)
class World:
    """A server with the rounds open, and scored submissions."""

    client: TestClient
    team: Member
    other: Member
    organizer: Mapping[str, str]  # of another round
    submission: int  # of the team, in the blind round
    hidden_team: int
    entries: Mapping[str, tuple[int, ...]]  # by round

    def viewers(self) -> dict[str, Mapping[str, str]]:
        return {
            "anonymous": {},
            "team": self.team.headers,
            "other team": self.other.headers,
            "organizer of another round": self.organizer,
        }


@contextmanager
def spied_world(folder: Path) -> Iterator[World]:
    rounds = (
        write_blind_round(folder / "blind"),
        write_masked_round(folder / "masked"),
        write_round(folder / "elsewhere", slug=ELSEWHERE),
    )
    settings = {"worker_count": 1, "max_checks_per_hour": 1000}
    with running_app(folder / "data", *rounds, now=DURING, **settings) as client:
        team, other, hidden = sign_up(client, "Watched"), sign_up(client, "Watching"), sign_up(client, HIDDEN_TEAM)
        sent = _scored(client, team, found_boxes(), slug=BLIND)
        faulty = submit(client, other, FAULTY, slug=BLIND).json()["id"]
        assert finished(client, other, faulty)["state"] == "rejected"
        _scored(client, other, GUESS, slug=BLIND)  # so that there are two to compare
        for seed, (member, method) in enumerate(((team, "Net"), (other, "Net"), (hidden, HIDDEN_METHOD))):
            _scored(client, member, guessed_labels(seed=seed), slug=MASKED, method=method)
        yield World(
            client=client,
            team=team,
            other=other,
            organizer=_organizer_of_another_round(client),
            submission=sent,
            hidden_team=hidden.team_id,
            entries={slug: _entries(client, slug) for slug in (BLIND, MASKED)},
        )


def calls(
    world: World, route: str, queries: frozenset[str], *, slugs: tuple[str, ...], is_thorough: bool
) -> Iterator[Call]:
    """Ways to call a route with every parameter of its query; when thorough, faulty and absurd ones, too."""
    names = re.findall(r"{(\w+)}", route)
    values = _path_values(world) | {"slug": slugs}
    good = [dict(zip(names, path, strict=True)) for path in product(*(values[name] for name in names))]
    if route.startswith("GET "):
        yield from (Call(path=path, query=query) for path in good for query in _queries(world, queries))
    else:
        everything = {name: QUERY_VALUES[name][0] for name in queries}
        yield from (Call(path=path, query=everything, content=GUESS) for path in good)
        others = [{**everything, name: value} for name in sorted(queries) for value in QUERY_VALUES[name][1:]]
        yield from (Call(path=good[0], query=query, content=GUESS) for query in others)
    if is_thorough:
        yield from _faulty_calls(world, route, good[0])


def _faulty_calls(world: World, route: str, good: Mapping[str, object]) -> Iterator[Call]:
    yield from (Call(path={**good, name: value}) for name in good for value in _ABSURD.get(name, ()))
    if not route.startswith("GET "):
        query = {"method": "m", "again": "true"}
        yield Call(path=good, query=query, content=FAULTY)
        yield Call(path=good, json={"email": world.other.email, "password": PASSWORD, "label": "x", "team": "y"})
        yield Call(path=good, form={"email": world.other.email, "password": "wrong password", "method": "m"})


def _path_values(world: World) -> dict[str, tuple[object, ...]]:
    """What there is, of either round where there are two, or might be."""
    return {
        "submission_id": (1, 2, 4),
        "entry_id": (world.entries[BLIND][0], world.entries[MASKED][0], world.entries[MASKED][-1]),
        "year": (2012,),
        "question_id": (1,),
        "appeal_id": (1,),
        "report_id": (1,),
        "person_id": (1,),
        "token_id": (world.other.token_id,),
        "team_id": (world.team.team_id, world.hidden_team),
        "invitation_id": (1,),
        "secret": ("guessed",),
        "file": tuple(asset.file for asset in assets().values()),
    }


_ABSURD: Mapping[str, tuple[object, ...]] = {
    "slug": ("nowhere",),
    "submission_id": (10**30, "x"),
    "entry_id": (10**30,),
    "year": (1900,),
    "person_id": (999,),
    "token_id": (999,),
    "team_id": (999,),
    "invitation_id": (999,),
    "secret": ("x" * 500,),
    "file": ("../../round/boxes.csv", "boxes.csv"),
}


def _queries(world: World, names: frozenset[str]) -> Iterator[Query]:
    """Each parameter with each of its values, the others left out; of two entries, those of either round."""
    compared = [{"a": str(a), "b": str(b)} for a, b, *_ in world.entries.values()] if "a" in names else []
    if "entry" in names:
        yield {"entry": [str(entry) for entry in world.entries[MASKED][:2]]}
    for pair in compared or [{}]:
        yield pair
        for name in sorted(names - {"a", "b", "entry"}):
            yield from ({**pair, name: value} for value in QUERY_VALUES[name])


def _scored(client: TestClient, member: Member, content: bytes, *, slug: str, method: str = "ResNet-50") -> int:
    number: int = submit(client, member, content, slug=slug, method=method).json()["id"]
    assert finished(client, member, number)["state"] == "scored"
    return number


def _entries(client: TestClient, slug: str) -> tuple[int, ...]:
    with deployment_of(client).database.read() as session:
        found = session.exec(select(Entry.id).join(Round).where(Round.slug == slug).order_by(col(Entry.id)))
        return tuple(number for number in found if number is not None)


def _organizer_of_another_round(client: TestClient) -> Mapping[str, str]:
    database = deployment_of(client).database
    person = add_organizer(database, name="Neighbour", email="neighbour@host.example", password=PASSWORD, now=DURING)
    with database.write() as session:
        round_ = session.exec(select(Round).where(Round.slug == ELSEWHERE)).one()
        add_round_organizer(session, round_id=stored_id(round_.id), person_id=person, now=DURING)
    token = create_token(database, Viewer(person_id=person), label="t", now=DURING).secret
    return {"Authorization": f"Bearer {token}"}
