"""The season itself: what sixteen teams and an organizer do in thirty days, and what the public sees every evening."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from scoring.scorecard import SCORER_VERSION
from server.auth.viewer import Viewer
from server.cli.main import main
from server.db.rescorings import due_against
from server.db.tables import Person, State, Submission, stored_id
from server.db.truths import prepared_version
from server.request_log import REQUEST_ID_HEADER
from server.services.accounts import add_organizer, found_team
from server.services.tokens import create_token
from tests.season.rounds import SLUG, STARTS, Rounds, early_version
from tests.server.making import organize_all
from tests.server.running import (
    API,
    PASSWORD,
    Member,
    app_of,
    deployment_of,
    error_of,
    set_clock,
    submit,
)
from tests.waiting import wait_until

DAYS = 30
NOTE = "200 labels were wrong."
REASON = "Trained on the validation set."
REVEALED = STARTS + timedelta(days=DAYS, hours=12)

# What is computed from every label, whichever half it is in, and names the version of the truth.
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b|(?<=\">)[0-9a-f]{12}(?=</code>)")

# The command that shows a correction works by the machine's clock.
_CORRECTED_AT = re.compile(
    r'(?<=<p class="note">)<time[^>]*>[^<]*</time>[^<]*(?=</p><p class="text">)'
    r"|(?<=Before the correction of )\d{4}-\d\d-\d\d \d\d:\d\d UTC"
)

# A number of its own, and the length of a text that is compared by itself.
_OWN_HEADERS = (REQUEST_ID_HEADER.lower(), "content-length")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One scored submission, as the script knows it."""

    id: int
    model: str
    file: Path
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Page:
    """What was answered with 200, but for what two seasons cannot have in common."""

    headers: Mapping[str, str]
    text: str


@dataclass
class Season:
    """A server while the season runs on it."""

    client: TestClient
    rounds: Rounds
    data: Path
    files: Path  # where the models' predictions are
    folder: Path  # where the other versions are written
    teams: dict[str, Member] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    refused: list[tuple[str, str | None]] = field(
        default_factory=list
    )  # code of the error, and when a place comes back
    withdrawn: list[int] = field(default_factory=list)
    finals: dict[str, int] = field(default_factory=dict)
    evenings: list[dict[str, Page]] = field(default_factory=list)  # each day's public pages, by address
    own_scores: dict[int, Mapping[str, Any]] = field(default_factory=dict)  # as its team sees them on the last day
    now: datetime = STARTS

    def at(self, now: datetime) -> None:
        self.now = now
        set_clock(app_of(self.client), now)

    def send(self, model: str, *, early: int = 0) -> None:
        """Have a team send its model's predictions, or those of a time when it was worse."""
        file = self._file(model, early)
        answer = submit(self.client, self.teams[model], file.read_bytes(), slug=SLUG, method=model)
        if answer.status_code == 429:
            error = error_of(answer)
            self.refused.append((error["code"], error["details"]["resets_at"]))
            return
        assert answer.status_code == 201, answer.text
        number = answer.json()["id"]
        wait_until(lambda: self._state(number) == State.SCORED, what=f"the score of {file.name}")
        self.sent.append(Sent(id=number, model=model, file=file, at=self.now))

    def withdraw(self, model: str) -> None:
        """Have a team withdraw the last submission it made."""
        number = self._last(model)
        answer = self.client.post(f"{API}/submissions/{number}/withdraw", headers=self.teams[model].headers)
        assert answer.status_code == 200, answer.text
        self.withdrawn.append(number)

    def choose(self, model: str, place: int) -> None:
        """Have a team choose its final."""
        number = [sent.id for sent in self.sent if sent.model == model][place]
        answer = self.client.post(
            f"{API}/submissions/{number}/final", json={"is_final": True}, headers=self.teams[model].headers
        )
        assert answer.status_code == 200, answer.text
        self.finals[model] = number

    def disqualify(self, model: str, organizer: Mapping[str, str]) -> None:
        rows = self.client.get(f"{API}/rounds/{SLUG}/board").json()["entries"]
        entry = next(row["entry"] for row in rows if row["method"] == model)
        answer = self.client.put(
            f"{API}/entries/{entry}/disqualification", json={"reason": REASON}, headers=organizer
        )  # fmt: skip
        assert answer.status_code == 204, answer.text

    def prepare_erratum(self) -> None:
        """By command, while the server runs; everything is scored anew."""
        assert main(["round", "erratum", str(self.rounds.corrected), "--note", NOTE, "--data", str(self.data)]) == 0
        wait_until(lambda: self._waiting() == 0, what="the last score against the corrected truth")

    def activate_erratum(self) -> None:
        assert main(["round", "erratum", str(self.rounds.corrected), "--activate", "--data", str(self.data)]) == 0

    def look(self) -> None:
        """Keep what the public sees now, once the ranks that each may truly have are computed behind the scenes."""
        rows = self.document()["entries"]
        pages = [f"/rounds/{SLUG}{page}" for page in ("", "/board", "/board.json", "/board.csv", "/board.atom")]
        if len(self.evenings) % 7 == 6 or len(self.evenings) == DAYS - 1:  # the long way round once a week
            pages += [f"/entries/{row['entry']}" for row in rows]
            pages += [f"/teams/{member.team_id}" for member in self.teams.values()]
            pages += [f"/compare?a={one['entry']}&b={two['entry']}" for one, two in pairwise(rows[:4])]
        self.evenings.append({page: self._page(page) for page in pages})

    def _page(self, address: str) -> Page:
        answer = self.client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        headers = {name: value for name, value in answer.headers.items() if name not in _OWN_HEADERS}
        return Page(headers=headers, text=_comparable(answer.text))

    def document(self, split: str = "public") -> dict[str, Any]:
        """The board as JSON, once its rank intervals are computed."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.client.get(f"/rounds/{SLUG}/board.json", params={"split": split}).json()
            rows = [row for row in found["entries"] if row["rank"]]
            return found if len(rows) < 2 or all(row["rank_interval"] for row in rows) else None

        document = wait_until(look, what="the rank intervals of the board")
        assert document is not None
        return document

    def keep_own_scores(self) -> None:
        for sent in self.sent:
            told = self.client.get(f"{API}/submissions/{sent.id}", headers=self.teams[sent.model].headers).json()
            self.own_scores[sent.id] = {"scores": told["scores"], "findings": told["findings"]}

    def board(self, split: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.document(split)["entries"]
        return rows

    def _file(self, model: str, early: int) -> Path:
        file = self.files / f"{model}.txt.gz"
        if not early:
            return file
        version = self.folder / f"{model}-{early}.txt"
        version.write_bytes(early_version(file, lines=early))
        return version

    def _last(self, model: str) -> int:
        return max(sent.id for sent in self.sent if sent.model == model)

    def _state(self, number: int) -> str:
        with deployment_of(self.client).database.read() as session:
            return session.get_one(Submission, number).state

    def _waiting(self) -> int:
        with deployment_of(self.client).database.read() as session:
            prepared = prepared_version(session, 1)
            assert prepared is not None
            return len(due_against(session, truth_id=stored_id(prepared.id), scorer_version=SCORER_VERSION))


def play(season: Season) -> None:
    """Thirty days, the close and the reveal."""
    models = sorted(path.name.removesuffix(".txt.gz") for path in season.files.glob("*.txt.gz"))
    season.at(STARTS)
    organizer = _organizer(season.client)
    season.teams = {model: _team(season.client, model) for model in models}
    acts = _acts(season, models, organizer)
    for day in range(DAYS):
        for act in acts.get(day, []):
            season.at(STARTS + timedelta(days=day, hours=9))
            act()
        season.at(STARTS + timedelta(days=day, hours=22))
        season.look()
    season.keep_own_scores()
    season.at(REVEALED)
    answer = season.client.post(f"/organize/{SLUG}/schedule", data={"act": "reveal", "sure": "true"}, headers=organizer)
    assert answer.status_code == 303, answer.text


def _acts(season: Season, models: list[str], organizer: Mapping[str, str]) -> Mapping[int, list[Callable[[], None]]]:
    """What happens on which day. Most teams send one file, one a day; days 0, 7, 14 are Mondays."""
    with_a_story = {"alexnet", "resnet50", "vgg16", "resnet152"}
    acts: dict[int, list[Callable[[], None]]] = {}

    def on(day: int, act: Callable[[], None]) -> None:
        acts.setdefault(day, []).append(act)

    for place, model in enumerate(model for model in models if model not in with_a_story):
        on(1 + place, lambda model=model: season.send(model))
    # spends the day, the week, and all there is; then chooses what is not its best
    for day, early in ((0, 20_000), (0, 15_000), (1, 10_000), (2, 5_000), (7, 0), (14, 5_000)):
        on(day, lambda early=early: season.send("alexnet", early=early))
    on(22, lambda: season.choose("alexnet", 1))
    # is represented by what was best in public
    on(10, lambda: season.send("resnet50"))
    on(11, lambda: season.send("resnet50", early=10_000))
    # falls back to its first file
    on(4, lambda: season.send("vgg16", early=10_000))
    on(12, lambda: season.send("vgg16"))
    on(20, lambda: season.withdraw("vgg16"))
    on(20, lambda: season.withdraw("squeezenet1_1"))
    # gets better after the freeze
    on(6, lambda: season.send("resnet152", early=10_000))
    on(26, lambda: season.send("resnet152"))
    on(28, lambda: season.choose("resnet152", 1))
    on(17, season.prepare_erratum)
    on(18, season.activate_erratum)
    on(21, lambda: season.disqualify("senet154", organizer))
    return acts


def _team(client: TestClient, model: str) -> Member:
    """A team of one person, who uses a token alone: hashing sixteen passwords takes longer than scoring all files."""
    database, email = deployment_of(client).database, f"{model}@team.example"
    person = Person(email=email, name=f"Member of {model}", password_hash="", created_at=STARTS)
    made = found_team(database, person, team=f"Team {model}", now=STARTS)
    viewer = Viewer(person_id=made.person_id, team_id=made.team_id)
    token = create_token(database, viewer, label="season", now=STARTS)
    return Member(team_id=made.team_id, token_id=token.id, token=token.secret, email=email)


def _organizer(client: TestClient) -> Mapping[str, str]:
    database = deployment_of(client).database
    person = add_organizer(
        database, name="Organizer", email="organizer@host.example", password=PASSWORD, now=STARTS
    )  # fmt: skip
    organize_all(database, person)
    secret = create_token(database, Viewer(person_id=person), label="season", now=STARTS).secret
    return {"Authorization": f"Bearer {secret}"}


def _comparable(page: str) -> str:
    """A page without what two seasons cannot have in common: the digest of the truth, and the machine's clock."""
    return _CORRECTED_AT.sub("WHEN", _DIGEST.sub("TRUTH", page))
