"""A server in which every text that people give is a payload, put past the checks of the forms."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, SQLModel

from scoring.evaluation import validate
from scoring.rounds import load_public_round
from server.auth.viewer import Viewer
from server.db.events import append_event
from server.db.organizing_tables import Announcement, Appeal, ImageReport, Question
from server.db.people_tables import Mail, Participation, RosterRow
from server.db.tables import (
    Entry,
    Membership,
    Person,
    Score,
    State,
    Submission,
    Team,
    TruthVersion,
    stored_id,
)
from server.deployment import Deployment
from server.services.invitations import invite
from server.services.mail_links import Purpose, new_link
from server.services.rounds import RoundFacts, stored_round
from server.services.tokens import create_token
from server.web.assets import assets
from tests.hostile.payloads import EVERYTHING, PAYLOADS
from tests.server.running import BEFORE, DURING

SLUG = "payloads"

_NAMES = [text for text in PAYLOADS if text.isprintable()]

# Without which these routes show nothing of it.
_QUERIES = {"/compare": "?a=2&b=4", "/check": f"?round={SLUG}", "/organize/{slug}/noise": "?look=true"}

# Pages that show no text of people, and why.
SILENT = {
    "/docs": "tells of the programs' way in",
    "/log-in": "a form for whoever comes",
    "/sign-up": "a form for whoever comes",
    "/forgot": "a form for whoever comes",
    "/reset/{secret}": "names nobody, lest a guessed address tell who is here",
    "/verify/{secret}": "names nobody, lest a guessed address tell who is here",
    "/status": "tells how many wait, not who",
    "/history": "published results alone",
    "/history/{year}": "published results alone",
    "/organize/new": "a form for a new round",
}


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What there is to look at, and the tokens to look with."""

    tokens: dict[str, str]  # by viewer
    submissions: tuple[int, ...]
    entries: tuple[int, ...]
    teams: tuple[int, ...]
    secrets: dict[str, str]  # of links, by what their path begins with


def write_payload_round(folder: Path) -> Path:
    """A classification round of six images; whatever its folder can say is a payload."""
    folder.mkdir(parents=True)
    tracks = [text for text in _NAMES if len(text) <= 40]
    lines = [
        f'slug = "{SLUG}"', f"title = {json.dumps(' '.join(_NAMES))}", f"challenge = {json.dumps(_NAMES[0])}",
        'task = "cls"', "[images]", 'list = "images.txt"', "[classes]", 'table = "classes.csv"', "[policy]",
        'rules = "RULES.md"', 'data = "DATA.md"', 'admission = "approval"', 'per_class = "open"', 'rows = "entry"',
        f"tracks = {json.dumps(tracks)}", "[truth]", 'labels = "truth.txt"',
    ]  # fmt: skip
    (folder / "round.toml").write_text("\n".join(lines) + "\n", "utf-8")
    images = [text for text in _NAMES if not set(text) & set(" \\:")]
    (folder / "images.txt").write_text("".join(f"{images[i % len(images)]}{i} {i}\n" for i in range(1, 7)), "utf-8")
    table = io.StringIO()
    csv.writer(table).writerows([("id", "wnid", "name"), *((i, "", text) for i, text in enumerate(_NAMES, 1))])
    (folder / "classes.csv").write_text(table.getvalue(), "utf-8")
    (folder / "truth.txt").write_text("1\n2\n3\n4\n5\n6\n")
    for name in ("RULES.md", "DATA.md"):
        (folder / name).write_text(EVERYTHING, "utf-8")
    return folder


def fill(deployment: Deployment, *, now: datetime = DURING) -> Filled:
    """Thirty teams with one payload for every name of theirs, and all of them in every longer text."""
    findings = _findings(deployment)
    blobs = [_blob(deployment, text) for text in (*PAYLOADS, *PAYLOADS)]
    with deployment.database.write() as session:
        facts = stored_round(session, SLUG)
        _correct(session, facts)
        teams = [_team(session, facts, place, findings=findings, blobs=blobs) for place in range(len(PAYLOADS))]
        organizer = _stored(
            session,
            Person(
                email="organizer@host.example", name=PAYLOADS[0], password_hash="-", is_organizer=True, is_admin=True,
                email_verified_at=BEFORE, created_at=BEFORE,
            ),
        )  # fmt: skip
    viewers = {
        "organizer": Viewer(person_id=organizer, is_organizer=True, is_admin=True),
        "team": Viewer(person_id=1, team_id=teams[0]),
        "other team": Viewer(person_id=2, team_id=teams[1]),
    }
    tokens = {
        name: create_token(deployment.database, viewer, label=_NAMES[0], now=BEFORE).secret
        for name, viewer in viewers.items()
    }
    secrets = {"join": invite(deployment.database, viewers["team"], team_id=teams[0], now=now).secret}
    with deployment.database.write() as session:
        person = session.get_one(Person, 1)
        for purpose in Purpose:
            secrets[purpose.value] = new_link(session, person, purpose, now=now).rpartition("/")[2]
    numbers = tuple(range(1, len(PAYLOADS) + 1))
    return Filled(tokens=tokens, submissions=(1, 2, 3, 4), entries=numbers, teams=numbers, secrets=secrets)


def addresses(route: str, filled: Filled) -> Iterator[str]:
    """Every address of a route that shows something of the world."""
    route += _QUERIES.get(route, "")
    values: dict[str, list[object]] = {
        "slug": [SLUG],
        "submission_id": [*filled.submissions],
        "entry_id": [*filled.entries],
        "team_id": [*filled.teams],
        "secret": [filled.secrets.get(route.split("/")[1], "")],
        "year": [2012],
        "file": [asset.file for asset in assets().values()],
    }
    paths = [route]
    for name in re.findall(r"{(\w+)}", route):
        paths = [path.replace(f"{{{name}}}", str(value)) for path in paths for value in values[name]]
    yield from paths


def _team(
    session: Session, facts: RoundFacts, place: int, *, findings: list[dict[str, object]], blobs: list[str]
) -> int:
    """A team of one person with a scored and a refused file, and with much to say; its id."""
    text = PAYLOADS[place]
    person = _stored(session, Person(email=f"p{place}@team.example", name=text, password_hash="-", created_at=BEFORE))
    team = _stored(
        session, Team(name=text, name_key=str(place), affiliation=text, abstract=EVERYTHING, created_at=BEFORE)
    )
    session.add(Membership(person_id=person, team_id=team, joined_at=BEFORE))
    address = f"https://example.org/?{''.join(text.split())}"
    is_disqualified = place % 2 == 0
    entry = _stored(
        session,
        Entry(
            round_id=facts.id, team_id=team, method=text, track=text, description=EVERYTHING, paper_url=address,
            code_url=address, created_at=BEFORE, disqualified_at=DURING if is_disqualified else None,
            disqualified_for=text if is_disqualified else "",
        ),
    )  # fmt: skip
    for state, told in ((State.SCORED, []), (State.REJECTED, findings)):
        number = _stored(
            session,
            Submission(
                entry_id=entry, round_id=facts.id, team_id=team, person_id=person, state=state, file_name=text,
                blob_key=blobs.pop(), sha256="0" * 64, size_bytes=1, upload_started_at=DURING,
                accepted_at=DURING, finished_at=DURING, findings=told, idempotency_key=f"{text}{state}",
            ),
        )  # fmt: skip
        if state == State.SCORED:
            session.add(_score(facts, number))
    _say(session, facts, team=team, person=person, text=text)
    if is_disqualified:
        is_decided = place % 4 == 0
        session.add(
            Appeal(
                entry_id=entry, disqualified_at=DURING, person_id=person, text=EVERYTHING, appealed_at=DURING,
                answer=EVERYTHING if is_decided else "", is_granted=False if is_decided else None,
                decided_at=DURING if is_decided else None,
            )
        )  # fmt: skip
    return team


def _say(session: Session, facts: RoundFacts, *, team: int, person: int, text: str) -> None:
    """Everything that a team or an organizer can say about a round."""
    known = {"round_id": facts.id, "team_id": team}
    state = "admitted" if team == 1 else "asked"
    session.add_all(
        [
            Question(**known, person_id=person, text=EVERYTHING, asked_at=DURING),
            Question(
                **known, person_id=person, text=EVERYTHING, asked_at=DURING, answer=EVERYTHING, answered_at=DURING
            ),
            Announcement(round_id=facts.id, person_id=person, text=EVERYTHING, announced_at=DURING),
            Participation(**known, state=state, message=EVERYTHING, asked_at=DURING),
            ImageReport(**known, image=1, text=EVERYTHING, reported_at=DURING),
            RosterRow(round_id=facts.id, email=f"roster{team}@team.example", name=text, team=text),
            Mail(
                person_id=person, address=f"{text}@team.example", kind="announcement", subject=text, body=EVERYTHING,
                created_at=DURING, next_try_at=DURING + timedelta(days=999),
            ),
        ]
    )  # fmt: skip
    append_event(
        session, at=DURING, actor=text, action=text, object_type=text, object_id=1, round_id=facts.id,
        detail={"reason": text},
    )  # fmt: skip


def _correct(session: Session, facts: RoundFacts) -> None:
    """One correction that was shown, and one in preparation; children still read the truth that is there."""
    known = {"round_id": facts.id, "note": EVERYTHING, "created_at": BEFORE}
    session.add(TruthVersion(**known, number=2, digest="2" * 64, activated_at=BEFORE))
    session.add(TruthVersion(**known, number=3, digest="3" * 64))


def _score(facts: RoundFacts, submission: int) -> Score:
    classes = [
        {"id": i, "wnid": "", "name": text, "images": 1, "top1_error": 0.5, "top5_error": 0.5}
        for i, text in enumerate(_NAMES, 1)
    ]
    scores = {f"top{k}_error": 0.5 for k in range(1, 6)}
    return Score(
        submission_id=submission, truth_id=facts.truth_id, scorer_version="1", scores=scores, counts={},
        per_class=classes, created_at=DURING,
    )  # fmt: skip


def _blob(deployment: Deployment, text: str) -> str:
    """A stored file; its key."""
    incoming = deployment.blobs.receive()
    incoming.write(text.encode())
    return incoming.commit().key


def _findings(deployment: Deployment) -> list[dict[str, object]]:
    """What the validator says of a file whose every token is a payload."""
    file = deployment.folders.work / "payloads.txt"
    file.write_text("".join(f"{''.join(text.split())}\n" for text in PAYLOADS), "utf-8")
    found: list[dict[str, object]] = validate(
        load_public_round(deployment.folders.public_half(SLUG)), file
    ).report.as_json()
    file.unlink()
    return found


def _stored(session: Session, row: SQLModel) -> int:
    session.add(row)
    session.flush()
    return stored_id(row.id)  # type: ignore[attr-defined]
