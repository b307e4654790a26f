"""A server with both rounds to be spied on, those who spy, and every way they call a route."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import get_args

from fastapi.testclient import TestClient
from sqlmodel import col, select

from leaderboard.visibility import Split
from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.db.organizers import add_round_organizer
from server.db.tables import Entry, Round, stored_id
from server.services.accounts import add_organizer
from server.services.correcting import prepare_erratum
from server.services.disqualifications import disqualify
from server.services.errata import activate_erratum, preview_erratum
from server.services.tokens import create_token
from server.web.assets import assets
from tests.hostile.canary_rounds import (
    BLIND,
    FAULTY,
    FREEZES,
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
    API,
    DURING,
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
from tests.waiting import wait_until

# A team of the masked round, which looks at nothing; its methods are told, but not that they are theirs.
HIDDEN_TEAM, HIDDEN_METHOD = "Concealed Laboratory", "Veiled network"

# Before the board of the masked round comes to a stand.
EARLIER = FREEZES - timedelta(days=1)

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
    "version": ("2", "x"),
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
    hidden: Member
    submission: int  # of the team, in the blind round
    sent: Mapping[str, bytes]  # what the team has sent, by round
    entries: Mapping[str, tuple[int, ...]]  # by round; the first two are of two teams, under their names

    def viewers(self) -> dict[str, Mapping[str, str]]:
        """The team comes last: it withdraws what the others look at."""
        return {
            "anonymous": {},
            "other team": self.other.headers,
            "organizer of another round": self.organizer,
            "team": self.team.headers,
        }


@contextmanager
def spied_world(folder: Path) -> Iterator[World]:
    rounds = (
        write_blind_round(folder / "blind"),
        write_masked_round(folder / "masked"),
        write_round(folder / "elsewhere", slug=ELSEWHERE),
    )
    settings = {"worker_count": 1, "max_checks_per_hour": 1000}
    with running_app(folder / "data", *rounds, now=EARLIER, **settings) as client:
        team, other, hidden = sign_up(client, "Watched"), sign_up(client, "Watching"), sign_up(client, HIDDEN_TEAM)
        sent = {BLIND: found_boxes(), MASKED: guessed_labels(seed=0)}
        submission = scored(client, team, sent[BLIND], slug=BLIND)
        faulty = submit(client, other, FAULTY, slug=BLIND).json()["id"]
        assert finished(client, other, faulty)["state"] == "rejected"
        scored(client, other, GUESS, slug=BLIND)  # so that there are two to compare
        _send_to_masked_round(client, team, other, hidden, first=sent[MASKED])
        _correct(client, folder / "corrected", labels=5, is_shown=True)
        _correct(client, folder / "prepared", labels=9, is_shown=False)
        set_clock(app_of(client), DURING)
        yield World(
            client=client,
            team=team,
            other=other,
            organizer=_organizer_of_another_round(client),
            hidden=hidden,
            submission=submission,
            sent=sent,
            entries={slug: _entries(client, slug) for slug in (BLIND, MASKED)},
        )


def _send_to_masked_round(client: TestClient, team: Member, other: Member, hidden: Member, *, first: bytes) -> None:
    """Under a name and without one, the better; and one that is disqualified."""
    scored(client, team, first, slug=MASKED, method="Net")
    scored(client, other, guessed_labels(seed=1), slug=MASKED, method="Net")
    scored(client, team, guessed_labels(seed=2), slug=MASKED, method="Better net", anonymous="true")
    for seed, method in ((3, HIDDEN_METHOD), (4, f"{HIDDEN_METHOD} again")):
        scored(client, hidden, guessed_labels(seed=seed), slug=MASKED, method=method, anonymous="true")
    last = _entries(client, MASKED)[-1]
    disqualify(deployment_of(client).database, COMMAND, entry_id=last, reason="Too late.", now=EARLIER)


def _correct(client: TestClient, folder: Path, *, labels: int, is_shown: bool) -> None:
    """Have the masked round's truth corrected, and everything scored against that."""
    deployment = deployment_of(client)
    prepare_erratum(deployment, write_masked_round(folder, corrected=labels), note="Labels were wrong.", now=EARLIER)

    def is_waiting() -> bool:
        with deployment.database.read() as session:
            return preview_erratum(session, MASKED, now=EARLIER).waiting > 0

    wait_until(lambda: not is_waiting(), what="the scores against the corrected truth")
    if is_shown:
        with deployment.database.write() as session:
            activate_erratum(session, MASKED, actor="system", now=EARLIER)


def calls(world: World, route: str, queries: frozenset[str], *, slugs: tuple[str, ...], viewer: str) -> Iterator[Call]:
    """Ways to call a route with every parameter of its query: anonymous and the team try all values, others one each.

    The team alone sends faulty and absurd calls: whoever sends them reads the same about them.
    """
    names = re.findall(r"{(\w+)}", route)
    paths = _paths(_path_values(world) | {"slug": slugs}, names)
    is_curious = viewer in {"anonymous", "team"}
    values = {name: some if is_curious else some[:1] for name, some in QUERY_VALUES.items()}
    if route.startswith("GET "):
        yield from (Call(path=path, query=query) for path in paths for query in _queries(world, queries, values))
    else:
        everything = {name: values[name][0] for name in queries}
        yield from (Call(path=path, query=everything, content=GUESS) for path in paths)
        others = [{**everything, name: value} for name in sorted(queries) for value in values[name][1:]]
        yield from (Call(path=paths[0], query=query, content=GUESS) for query in others)
    if viewer == "team":
        yield from _faulty_calls(world, route, paths[0])
        yield from _repeated_calls(world, route)


def _paths(values: Mapping[str, Sequence[object]], names: Sequence[str]) -> list[Mapping[str, object]]:
    """Every value of each part of a path: the first of all, the second of all, and on, the shorter ones again."""
    count = max((len(values[name]) for name in names), default=1)
    return [{name: values[name][place % len(values[name])] for name in names} for place in range(count)]


def _faulty_calls(world: World, route: str, good: Mapping[str, object]) -> Iterator[Call]:
    yield from (Call(path={**good, name: value}) for name in good for value in _ABSURD.get(name, ()))
    if not route.startswith("GET "):
        query = {"method": "m", "again": "true"}
        yield Call(path=good, query=query, content=FAULTY)
        yield Call(path=good, json={"email": world.other.email, "password": PASSWORD, "label": "x", "team": "y"})
        yield Call(path=good, form={"email": world.other.email, "password": "wrong password", "method": "m"})


def _repeated_calls(world: World, route: str) -> Iterator[Call]:
    """What the team has sent before, which is refused with a word about what became of it."""
    for slug, content in world.sent.items():
        if route == f"POST {API}/rounds/{{slug}}/submissions":
            yield Call(path={"slug": slug}, query={"method": "m"}, content=content)
        elif route == "POST /rounds/{slug}/submit":
            yield Call(path={"slug": slug}, form={"method": "m"}, file=content)


def _path_values(world: World) -> dict[str, tuple[object, ...]]:
    """What there is, first of the blind round, then of the masked one; or might be."""
    return {
        "submission_id": (1, 4, 2),
        "entry_id": (world.entries[BLIND][0], *(world.entries[MASKED][place] for place in (0, -1, -2))),
        "year": (2012,),
        "question_id": (1,),
        "appeal_id": (1,),
        "report_id": (1,),
        "person_id": (1,),
        "token_id": (world.other.token_id,),
        "team_id": (world.team.team_id, world.hidden.team_id),
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


def _queries(world: World, names: frozenset[str], values: Mapping[str, tuple[str, ...]]) -> Iterator[Query]:
    """Each parameter with each of its values, the others left out; of two entries, those of either round."""
    compared = [{"a": str(a), "b": str(b)} for a, b, *_ in world.entries.values()] if "a" in names else []
    if "entry" in names:
        yield {"entry": [str(entry) for entry in world.entries[MASKED][:2]]}
    for pair in compared or [{}]:
        yield pair
        for name in sorted(names - {"a", "b", "entry"}):
            yield from ({**pair, name: value} for value in values[name])


def scored(client: TestClient, member: Member, content: bytes, *, slug: str, **query: str) -> int:
    """The number of a submission that was sent and scored."""
    number: int = submit(client, member, content, slug=slug, **query).json()["id"]
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
