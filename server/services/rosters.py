"""The roster of a round: whom its organizers expect, as a class at a university; and what each has scored."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leaderboard.board import Row
from leaderboard.exports import defused, moment_text, standing_word, undefused
from server.auth.permissions import Action
from server.auth.viewer import Viewer
from server.db.engine import Database
from server.db.people_tables import RosterRow
from server.db.rosters import replace_roster, roster_of, rostered_teams
from server.errors import InvalidEmail, InvalidName
from server.names import clean_name
from server.organizing_errors import FaultyRoster
from server.services.accounts import clean_email
from server.services.boards import compute_board
from server.services.organizing import organized_round
from server.services.rounds import RoundFacts, stored_round

MAX_ROWS = 2_000
# So many people with names and addresses as long as they may be take less.
MAX_FILE_BYTES = 1 << 20
_SHOWN_FAULTS = 20

_COLUMNS = ("name", "email", "team")
_VERIFIED = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """One line of a roster."""

    name: str
    email: str
    team: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterScore:
    """Somebody expected, with the row of the board that is theirs."""

    expected: Expected
    team: str  # whose row it is; else one that has sent something, or that the list names
    score: float | None  # of that row, by the policy's metric; None without one, and of who is disqualified
    standing: str  # of that row in the competition, in a word; "" without one
    submissions: int
    last_at: datetime | None
    is_verified: bool | None  # the address under which they play; None: nobody has sent anything under it


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """A round with everybody who is expected."""

    facts: RoundFacts
    scores: tuple[RosterScore, ...]


class RosterFile:
    """A CSV on its way in, small enough to be held."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, chunk: bytes) -> None:
        """Take in the next bytes.

        Raises:
            FaultyRoster: there are too many.
        """
        self._content += chunk
        if len(self._content) > MAX_FILE_BYTES:
            self.discard()
            raise FaultyRoster(
                f"The file has more than {MAX_FILE_BYTES:,} bytes.",
                advice=f"Send the CSV itself, with {MAX_ROWS:,} people at most.",
            )

    def discard(self) -> None:
        self._content.clear()

    def text(self) -> str:
        """What it says.

        Raises:
            FaultyRoster: it is no text, or there is none.
        """
        if not self._content:
            raise FaultyRoster("The file is empty.", advice="Choose a CSV with a person a line.")
        try:
            return self._content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FaultyRoster("The file is no text in UTF-8.", advice="Save the list as “CSV UTF-8”.") from error


def read_roster(text: str) -> tuple[Expected, ...]:
    """A CSV of name, e-mail and, if there are any, team, with commas, semicolons or tabs; a header may stand above.

    Columns that the header names behind these, as those of the scores, are left out.

    >>> read_roster("name;email;team\\nAda;Ada@lab.example;A")
    (Expected(name='Ada', email='ada@lab.example', team='A'),)

    Raises:
        FaultyRoster: with every line that is wrong.
    """
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    faults, found = list[str](), dict[str, Expected]()
    used: int | None = None  # columns; None: all
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    try:
        for row in reader:
            cells = [undefused(cell).strip() for cell in row]
            if not any(cells):
                continue
            if not found and (header := _header(cells))[:2] == _COLUMNS[:2]:
                used = len(_COLUMNS) if header == _COLUMNS else None
                continue
            _take(cells[:used], found, faults, line=reader.line_num)
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: this is not a CSV: {error}")
    if len(found) > MAX_ROWS:
        faults.append(f"there are more than {MAX_ROWS:,} people")
    if faults:
        told = "; ".join(faults[:_SHOWN_FAULTS])
        raise FaultyRoster(f"The roster cannot be used as it is. {told}.", details={"faults": faults[:_SHOWN_FAULTS]})
    return tuple(found.values())


def _header(cells: list[str]) -> tuple[str, ...]:
    return tuple(cell.lower().replace("-", "") for cell in cells[: len(_COLUMNS)])


def _take(cells: list[str], found: dict[str, Expected], faults: list[str], *, line: int) -> None:
    if len(cells) not in {2, 3}:
        faults.append(f"line {line}: name, e-mail and perhaps a team are due, not {len(cells)} cells")
        return
    try:
        name = clean_name(cells[0], field="name")
        team = clean_name(cells[2], field="team") if cells[2:] and cells[2] else ""
        email = clean_email(cells[1])
    except (InvalidName, InvalidEmail) as error:
        faults.append(f"line {line}: {error.message.rstrip('.')}")
        return
    if email in found:
        faults.append(f"line {line}: {email} stands there twice")
    found[email] = Expected(name=name, email=email, team=team)


def set_roster(database: Database, viewer: Viewer, *, slug: str, text: str, now: datetime) -> int:
    """Have the people of a CSV be expected in the round, and nobody else; how many they are.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs to change.
        FaultyRoster: with every line that is wrong; nothing is changed.
    """
    with database.write() as session:
        organized = organized_round(session, viewer, slug, action=Action.CHANGE_ROUND, now=now)
        rows = read_roster(text)
        replace_roster(
            session,
            organized.round_id,
            [
                RosterRow(round_id=organized.round_id, name=row.name, email=row.email, team=row.team)
                for row in rows
            ],
        )  # fmt: skip
        organized.tell(session, "roster.replaced", detail={"people": len(rows)})
    return len(rows)


def roster_scores(session: Session, viewer: Viewer, *, slug: str, can_verify: bool, now: datetime) -> Roster:
    """Everybody expected, with their score on the board as its organizers see it now.

    Anybody may sign up with any address, so a score is somebody's only if the address is verified. Where
    `can_verify` is false, because no mail leaves the server, nobody can do so, and what is not verified is marked.

    Raises:
        NotLoggedIn, RoundNotFound: it is not theirs.
    """
    organized_round(session, viewer, slug, action=Action.ORGANIZE_ROUND, now=now)
    facts = stored_round(session, slug)
    return Roster(facts=facts, scores=tuple(_scores(session, facts, viewer, can_verify=can_verify, now=now)))


def _scores(
    session: Session, facts: RoundFacts, viewer: Viewer, *, can_verify: bool, now: datetime
) -> Iterator[RosterScore]:
    rows = sorted(compute_board(session, facts, viewer=viewer, now=now).rows, key=_precedence)
    teams = rostered_teams(session, facts.id)
    for person in roster_of(session, facts.id):
        claimed = [team for team in teams if team.email == person.email]
        own = {team.team_id: team for team in claimed if team.is_verified or not can_verify}
        row = next((row for row in rows if row.team_id in own), None)
        chosen = next(iter(own.values()), None) if row is None else own[row.team_id]
        yield RosterScore(
            expected=Expected(name=person.name, email=person.email, team=person.team),
            team=person.team if chosen is None else chosen.team,
            score=None if row is None or row.disqualified_for else row.scores.get(facts.policy.best_by),
            standing="" if row is None else standing_word(row),
            submissions=sum(team.submissions for team in own.values()),
            last_at=max((team.last_at for team in own.values()), default=None),
            is_verified=claimed[0].is_verified if claimed else None,
        )


def _precedence(row: Row) -> tuple[bool, bool]:
    """Of somebody's rows the best one with a rank counts, else one out of competition, else a disqualified one."""
    return row.rank is None, bool(row.disqualified_for)


def roster_csv(roster: Roster) -> str:
    """The scores as RFC 4180 has it: exact values, empty where there is none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(
        ["name", "email", "team", roster.facts.policy.best_by, "submissions", "last_submitted_at", "verified",
         "standing"]
    )  # fmt: skip
    for score in roster.scores:
        writer.writerow([
            defused(score.expected.name), defused(score.expected.email), defused(score.team),
            "" if score.score is None else repr(score.score), score.submissions,
            "" if score.last_at is None else moment_text(score.last_at), _VERIFIED[score.is_verified],
            score.standing,
        ])  # fmt: skip
    return text.getvalue()
