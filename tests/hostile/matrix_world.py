"""The server whose routes are tried by everybody: two teams, organizers, something to act on, and hidden rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi.testclient import TestClient
from sqlmodel import SQLModel, select

from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.organizers import add_round_organizer
from server.db.organizing_tables import Appeal, ImageReport, Question
from server.db.people_tables import Participation
from server.db.tables import Entry, Person, Round, State, Submission, Team
from server.services.invitations import invite
from server.services.mail_links import Purpose, new_link
from server.services.tokens import create_token
from tests.hostile.routes import Call
from tests.server.making import predictions, score
from tests.server.running import DURING, PASSWORD, Member, deployment_of, submit

# anonymous, the team it is about, another team, another organizer, the round's organizer, an admin
Statuses = tuple[int, int, int, int, int, int]

PUBLIC: Statuses = (200, 200, 200, 200, 200, 200)


def organizing(anonymous: int, done: int) -> Statuses:
    """What the round's organizers alone may do, answered so where it is done."""
    return anonymous, 404, 404, 404, done, done


@dataclass(frozen=True, kw_only=True)
class HiddenRound:
    """A round that others may not know of, with one thing of each kind in it."""

    kind: str  # "private", "draft" or "unlisted"
    title: str
    method: str
    numbers: Mapping[str, object]  # by the name that a path has for it


@dataclass
class World:
    """A server with two teams, an organizer and something of the first team to look at."""

    client: TestClient
    owner: Member
    other: Member
    organizers: tuple[Mapping[str, str], ...]  # another one, the round's own, an admin
    submission: int
    scored_entry: int  # one on the board
    other_scored_entry: int  # another one
    database: Database
    hidden: tuple[HiddenRound, ...]  # a third team takes part in them
    calls: int = 0
    viewers: tuple[Mapping[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.viewers = ({}, self.owner.headers, self.other.headers, *self.organizers)

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

    def joining(self) -> dict[str, str]:
        """Joining the owners' team by a link, with what a new person gives."""
        fields = self.sign_up_fields()
        return {"link": self.invitation()[1], **{name: fields[name] for name in ("name", "email", "password")}}

    def mail_link(self, purpose: Purpose) -> str:
        """The secret of a link that was mailed to somebody new."""
        email = f"{self.fresh('mailed').replace(' ', '-')}@team.example"
        number = self.stored(Person(email=email, name="Mailed", password_hash="-", created_at=DURING))
        with self.database.write() as session:
            return new_link(session, session.get_one(Person, number), purpose, now=DURING).rpartition("/")[2]

    def upload(self) -> bytes:
        self.calls += 1
        return predictions(salt=self.calls)

    def stored(self, row: SQLModel) -> int:
        """The id of a new row."""
        with self.database.write() as session:
            session.add(row)
            session.flush()
            return int(row.id)  # type: ignore[attr-defined]

    def entry(self, *, disqualified: bool = False) -> int:
        """An entry of the first team."""
        at, reason = (DURING, "Late.") if disqualified else (None, "")
        return self.stored(
            Entry(
                round_id=1,
                team_id=self.owner.team_id,
                method=self.fresh("Method"),
                created_at=DURING,
                disqualified_at=at,
                disqualified_for=reason,
            )
        )

    def appeal(self) -> int:
        entry = self.entry(disqualified=True)
        return self.stored(Appeal(entry_id=entry, disqualified_at=DURING, text="No!", appealed_at=DURING))

    def question(self) -> int:
        return self.stored(Question(round_id=1, team_id=self.owner.team_id, text="Why?", asked_at=DURING))

    def new_question(self) -> str:
        """The text of one, after every other was answered: only so many may wait."""
        with self.database.write() as session:
            for question in session.exec(select(Question)):
                question.answered_at = DURING
                session.add(question)
        return self.fresh("Why?")

    def report(self) -> int:
        self.calls += 1
        return self.stored(
            ImageReport(
                round_id=1, team_id=self.owner.team_id, image=1000 + self.calls, text="A fox.", reported_at=DURING
            )
        )

    def co_organizer(self) -> int:
        """Somebody who runs the round, too."""
        email = f"{self.fresh('helper').replace(' ', '-')}@host.example"
        person = self.stored(Person(email=email, name="Helper", password_hash="-", created_at=DURING))
        with self.database.write() as session:
            add_round_organizer(session, round_id=1, person_id=person, now=DURING)
        return person

    def asking_team(self) -> int:
        """A team that has asked to take part."""
        name = self.fresh("Asking")
        team = self.stored(Team(name=name, name_key=name, created_at=DURING))
        self.stored(Participation(round_id=1, team_id=team, state="asked", asked_at=DURING))
        return team

    def failed_submission(self) -> int:
        return self.stored(
            Submission(
                entry_id=self.entry(),
                round_id=1,
                team_id=self.owner.team_id,
                state=State.ERROR,
                size_bytes=1,
                blob_key=self.fresh("blob"),
                sha256="0" * 64,
                upload_started_at=DURING,
                accepted_at=DURING,
            )
        )

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


def hidden_round(client: TestClient, team: Member, slug: str, *, kind: str) -> HiddenRound:
    """Have a round that is open become a draft, or private or unlisted, once the team has a score in it."""
    deployment, method = deployment_of(client), f"Net of {slug}"
    number = submit(client, team, slug=slug, method=method).json()["id"]
    score(deployment, number, all=0.5)
    with deployment.database.write() as session:
        round_ = session.exec(select(Round).where(Round.slug == slug)).one()
        round_.is_draft = kind == "draft"
        round_.policy = {**round_.policy, "listing": "public" if round_.is_draft else kind}
        entry = session.get_one(Submission, number).entry_id
        rows = {
            "question_id": Question(round_id=round_.id, team_id=team.team_id, text="Why?", asked_at=DURING),
            "appeal_id": Appeal(entry_id=entry, disqualified_at=DURING, text="No!", appealed_at=DURING),
            "report_id": ImageReport(
                round_id=round_.id, team_id=team.team_id, image=1, text="A fox.", reported_at=DURING
            ),
        }
        session.add_all(rows.values())
        session.flush()
        numbers = {name: row.id for name, row in rows.items()}
        title = round_.title
    return HiddenRound(
        kind=kind,
        title=title,
        method=method,
        numbers={
            "slug": slug, "submission_id": number, "entry_id": entry, "team_id": team.team_id, "person_id": 1,
            **numbers,
        },
    )  # fmt: skip
