"""What open rounds hold back, made of digits and names found nowhere else, and all that is said meanwhile.

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
from httpx2 import Response
from sqlmodel import col, select

from server.db.tables import Round, Score, Submission, TruthVersion
from server.request_log import REQUEST_ID_HEADER
from tests.hostile.canary_figures import decimals_in, per_class, printed, scores_and_intervals
from tests.hostile.canary_rounds import (
    BLIND,
    CORNER_DIGITS,
    FAULTY,
    FOUND_OF_ALL,
    FREEZES,
    MASKED,
    guessed_labels,
    write_blind_round,
)
from tests.hostile.canary_world import (
    ELSEWHERE,
    HIDDEN_METHOD,
    HIDDEN_TEAM,
    World,
    calls,
    scored,
    spied_world,
)
from tests.hostile.leavers import bring_back_leavers
from tests.hostile.routes import every_route, queries
from tests.server.running import AFTER, API, DURING, app_of, deployment_of, running_app, set_clock

# A corner of the truth, with or without its fraction.
_CORNER = re.compile(rf"{CORNER_DIGITS}\d\d")

_TEAM_PAGES = {"GET /teams/{team_id}", f"GET {API}/teams/{{team_id}}"}

# These tell of no round, and are full of numbers of their own.
_TIMELESS = ("/docs", "/openapi.json", "/history", "/history/2012")


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What nobody may read while the rounds are open."""

    figures: frozenset[str]
    words: frozenset[str]  # what halves are drawn from, and what names and seals a truth, cut as pages cut it
    team: int  # whose name no page tells, but its own

    def hit_in(self, route: str, answer: Response) -> str | None:
        """The first of them that an answer tells."""
        # The random digits of a request's id might spell anything.
        said = "\n".join((*(f"{name}: {value}" for name, value in answer.headers.items()), answer.text))
        return self.hit(said.replace(answer.headers[REQUEST_ID_HEADER], "")) or self._name_in(route, said)

    def hit(self, said: str) -> str | None:
        corner = _CORNER.search(said)
        word = corner[0] if corner else next((word for word in self.words if word in said), None)
        return word or min(self.figures & decimals_in(said), default=None)

    def _name_in(self, route: str, said: str) -> str | None:
        """The hidden team where it stands beside its entry: anybody may open the page of a team."""
        names = (
            (HIDDEN_METHOD,)
            if route in _TEAM_PAGES
            else (HIDDEN_TEAM, f'/teams/{self.team}"', f'"team_id":{self.team},')
        )
        return next((name for name in names if name in said), None)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with spied_world(tmp_path_factory.mktemp("canary")) as world:
        yield world


@pytest.fixture
def during(world: World) -> World:
    set_clock(app_of(world.client), DURING)
    return world


def _crawl(world: World, viewer: str, headers: Mapping[str, str]) -> Iterator[tuple[str, Response]]:
    app = app_of(world.client)
    declared = queries(app)
    slugs = (BLIND, MASKED, ELSEWHERE) if viewer.startswith("organizer") else (BLIND, MASKED)
    # Revoking and logging out come last: what they destroy is needed by the others.
    for route in sorted(
        every_route(app), key=lambda route: ("revoke" in route, "DELETE" in route, "leave" in route, route)
    ):
        for call in calls(world, route, declared.get(route, frozenset()), slugs=slugs, viewer=viewer):
            yield route, call.send(world.client, route, headers)
            world.client.cookies.clear()


def _cards(world: World, slug: str) -> list[Score]:
    """Every score of a round, of every split and against every version of its truth."""
    with deployment_of(world.client).database.read() as session:
        return list(session.exec(select(Score).join(Submission).join(Round).where(Round.slug == slug)).all())


def _told_cards(world: World) -> list[Score]:
    """The scores of the masked round that its board shows or showed: public, sent before it froze, of a shown truth."""
    with deployment_of(world.client).database.read() as session:
        return list(
            session.exec(
                select(Score)
                .join(Submission)
                .join(Round)
                .join(TruthVersion, col(TruthVersion.id) == col(Score.truth_id))
                .where(Round.slug == MASKED, Score.split == "public", Submission.accepted_at < FREEZES)
                .where(col(TruthVersion.activated_at).is_not(None))
            ).all()
        )


def _secret_words(world: World) -> Iterator[str]:
    with deployment_of(world.client).database.read() as session:
        for round_ in session.exec(select(Round).where(col(Round.slug).in_((BLIND, MASKED)))):
            yield round_.split_seed or ""
            yield round_.truth_seal[:12]
            versions = session.exec(select(TruthVersion).where(TruthVersion.round_id == round_.id))
            yield from (version.digest[:12] for version in versions)


def _secrets(world: World) -> Secrets:
    """Every figure of the blind round; of the other one all but what is shown and of all classes."""
    blind, masked, shown = _cards(world, BLIND), _cards(world, MASKED), _told_cards(world)
    assert {round(figure, 12) for card in blind if card.split == "all" for figure in per_class(card) if figure} == {
        round(found / objects, 12) for found, objects in FOUND_OF_ALL.values()
    }
    told = printed(chain(*map(scores_and_intervals, shown)))
    ids = {card.id for card in shown}
    held_back = [card for card in masked if card.id not in ids]
    figures = [*chain(*map(per_class, blind + masked)), *chain(*map(scores_and_intervals, held_back + blind))]
    ranking = printed(card.scores["top5_error"] or 0.0 for card in held_back)
    examples = set().union(*(decimals_in(world.client.get(path).text) for path in _TIMELESS))
    secret, words = frozenset(printed(figures) - told - examples), frozenset(_secret_words(world))
    assert len(ranking & secret) > 50 and len(words) == 8 and all(words)
    return Secrets(figures=secret, words=words, team=world.hidden.team_id)


def test_nothing_held_back_leaves_an_open_round(during: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    late = guessed_labels(seed=5)  # after the freeze, so that nobody else sees any figure of it
    scored(during.client, during.hidden, late, slug=MASKED, method=HIDDEN_METHOD)
    secrets = _secrets(during)
    rows = during.client.get(f"/rounds/{MASKED}/board.json").json()["entries"]
    teams = ("Watched", "Watching", *["Anonymous team"] * 3)  # the better of the first team takes no row from its other
    assert {row["entry"]: row["team"] for row in rows} == dict(zip(during.entries[MASKED], teams, strict=True))
    seen, ids = set[int](), set[str]()
    for viewer, headers in during.viewers().items():
        for route, answer in _crawl(during, viewer, headers):
            is_own_file = viewer == "team" and route.endswith("/file")  # what it has sent itself
            hit = None if is_own_file else secrets.hit_in(route, answer)
            assert hit is None, f"{viewer} reads {hit} at {answer.request.method} {answer.request.url}"
            seen.add(answer.status_code)
            ids.add(answer.headers[REQUEST_ID_HEADER])
        bring_back_leavers(deployment_of(during.client).database)
    assert {200, 201, 303, 401, 404, 422} <= seen and 500 not in seen
    logged = re.sub(r"\b[0-9a-f]{16}\b", lambda word: "" if word[0] in ids else word[0], caplog.text)
    assert len(ids) > 1000
    assert secrets.hit(logged) is None


def test_what_is_checked_says_the_same_whatever_the_truth_is(during: World, tmp_path: Path) -> None:
    other_truth = write_blind_round(tmp_path / "round")
    boxes = other_truth / "boxes.csv"
    boxes.write_text(boxes.read_text().replace(CORNER_DIGITS, "12"))
    check = f"{API}/rounds/{BLIND}/check"
    with running_app(tmp_path / "data", other_truth, now=DURING) as client:
        said = client.post(check, content=FAULTY).text
    assert during.client.post(check, content=FAULTY).text == said


def test_an_open_round_shows_its_public_scores(during: World) -> None:
    public = printed(card.scores["top5_error"] or 0.0 for card in _told_cards(during))
    for path in ("", "/board", "/board.json", "/board.csv"):
        assert public & decimals_in(during.client.get(f"/rounds/{MASKED}{path}").text), path


def test_after_the_close_the_team_finds_its_figures_and_nobody_finds_the_truth(world: World) -> None:
    secrets = _secrets(world)
    set_clock(app_of(world.client), AFTER)
    # A call for each viewer is enough: what the routes do was crawled above.
    address = f"{API}/submissions/{world.submission}"
    own = world.client.get(address, headers=world.team.headers)
    assert own.status_code == 200, own.text
    assert secrets.figures & decimals_in(own.text), own.text
    assert not _CORNER.search(own.text)
    assert secrets.hit(world.client.get(address, headers=world.other.headers).text) is None


def test_after_the_close_everybody_finds_private_scores_and_names(world: World) -> None:
    secrets = _secrets(world)
    set_clock(app_of(world.client), AFTER)
    for path in ("/board", "/board.json", "/board.csv"):
        told = world.client.get(f"/rounds/{MASKED}{path}").text
        assert secrets.figures & decimals_in(told) and HIDDEN_TEAM in told, path
