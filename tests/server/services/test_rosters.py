"""Rosters: what a list may be, whom it lets in, and the scores of everybody on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.db.tables import State, Submission
from server.deployment import Deployment
from server.errors import NotLoggedIn, RoundNotFound
from server.organizing_errors import FaultyRoster
from server.services.admission import join
from server.services.boards import compute_board
from server.services.disqualifications import disqualify
from server.services.exported_tables import round_tables
from server.services.rosters import Expected, read_roster, roster_csv, roster_scores, set_roster
from server.services.rounds import stored_round
from tests.server.making import NOW, add_team, predictions, score, send, tiny_deployment
from tests.server.services.organizing import actions, member, organizer, other_organizer, team_of


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    deployment = tiny_deployment(tmp_path / "data", round_admission="approval")
    yield deployment
    deployment.close()


ADA = Expected(name="Ada", email="ada@lab.example")


@pytest.mark.parametrize(
    "text",
    [
        "Ada,ADA@lab.example",
        "\ufeffName;Email\r\nAda ; ada@lab.example;\r\n\r\n",
        "name\temail\tteam\nAda\tada@lab.example\t",
        "name,email,team,top5_error,submissions\nAda,ada@lab.example,,0.25,1\n",
    ],
)
def test_a_list_is_read_as_programs_write_it(text: str) -> None:
    assert read_roster(text) == (ADA,)


def test_a_roster_that_was_exported_is_set_elsewhere_as_it_was(deployment: Deployment) -> None:
    text = '=Ada,+ada@lab.example,@A\n"=1, ""2""",b@lab.example,\n'
    set_roster(deployment.database, COMMAND, slug="tiny", text=text, now=NOW)
    with deployment.database.read() as session:
        exported = dict(round_tables(session, stored_round(session, "tiny")))["roster"]
    assert "'+ada@lab.example" in exported
    assert read_roster(exported) == read_roster(text)
    assert [row.email for row in read_roster(text)] == ["+ada@lab.example", "b@lab.example"]


def test_the_table_of_scores_is_a_roster_too(deployment: Deployment) -> None:
    text = "Ada,ada@lab.example,A\nBob,bob@lab.example,\n"
    set_roster(deployment.database, COMMAND, slug="tiny", text=text, now=NOW)
    with deployment.database.read() as session:
        table = roster_csv(roster_scores(session, COMMAND, slug="tiny", can_verify=True, now=NOW))
    assert read_roster(table) == read_roster(text)


def test_every_wrong_line_is_told_at_once() -> None:
    with pytest.raises(FaultyRoster) as caught:
        read_roster("Ada,ada@lab.example\nAda\nBob,nobody\n\u202e,x@lab.example\nAnn,ada@lab.example\n")
    assert [fault.partition(":")[0] for fault in caught.value.details["faults"]] == [
        "line 2",
        "line 3",
        "line 4",
        "line 5",
    ]


def test_too_many_people_and_no_csv_are_told() -> None:
    with pytest.raises(FaultyRoster, match="more than 2,000"):
        read_roster("".join(f"Ada,ada{number}@lab.example\n" for number in range(2_001)))
    with pytest.raises(FaultyRoster, match="not a CSV"):
        read_roster("Ada," + "a" * 200_000)


def test_whoever_is_expected_is_let_in_with_a_verified_address(deployment: Deployment) -> None:
    boss = organizer(deployment)
    states = {}
    text = "V,verified@lab.example\nU,unverified@lab.example\n"
    assert set_roster(deployment.database, boss, slug="tiny", text=text, now=NOW) == 2
    for name, verified_at in (("Verified", NOW), ("Unverified", None), ("Stranger", NOW)):
        viewer = member(deployment, name, verified_at=verified_at)
        states[name] = join(deployment, viewer, slug="tiny", now=NOW).state
    assert states == {"Verified": "admitted", "Unverified": "asked", "Stranger": "asked"}
    assert "roster.replaced" in actions(deployment)


def test_a_roster_is_its_organizers_own(deployment: Deployment) -> None:
    for viewer, error in ((Viewer(), NotLoggedIn), (other_organizer(deployment), RoundNotFound)):
        with pytest.raises(error):
            set_roster(deployment.database, viewer, slug="tiny", text="", now=NOW)
        with deployment.database.read() as session, pytest.raises(error):
            roster_scores(session, viewer, slug="tiny", can_verify=True, now=NOW)


def test_the_scores_of_a_roster_are_those_of_each_ones_team(tmp_path: Path) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    boss = organizer(deployment)
    sender, _ = member(deployment, "Sender", verified_at=NOW), member(deployment, "Idle")
    for salt, error in ((1, 0.5), (2, 0.25)):
        sent = send(deployment, team_of(sender), predictions(salt=salt))
        score(deployment, sent.id, all=error)
    rejected = send(deployment, team_of(sender), b"1\n" * 6)
    with deployment.database.write() as session:
        session.get_one(Submission, rejected.id).state = State.REJECTED
    score(deployment, send(deployment, add_team(deployment, "Not listed")).id, all=0.0)
    text = '=Formula(1),sender@lab.example,Listed\n"Idle, One",idle@lab.example,Planned\nNo One,none@lab.example\n'
    set_roster(deployment.database, boss, slug="tiny", text=text, now=NOW)
    with deployment.database.read() as session:
        lines = roster_csv(roster_scores(session, boss, slug="tiny", can_verify=True, now=NOW)).splitlines()
    deployment.close()
    assert lines == [
        "name,email,team,top5_error,submissions,last_submitted_at,verified,standing",
        "'=Formula(1),sender@lab.example,Sender,0.25,2,2026-11-23T12:00:00Z,yes,ranked",
        '"Idle, One",idle@lab.example,Planned,,0,,,',
        "No One,none@lab.example,,,0,,,",
    ]


def test_a_score_of_the_roster_is_that_of_the_row_on_the_board(tmp_path: Path) -> None:
    deployment = tiny_deployment(
        tmp_path / "data", round_represents="latest", round_public_share=0.5, round_closes=NOW + timedelta(hours=1)
    )
    boss = organizer(deployment)
    latest, cheat, both = (member(deployment, name, verified_at=NOW) for name in ("Latest", "Cheat", "Both"))
    sent = {}
    for name, viewer, salt, private in (
        ("early", latest, 1, 0.1), ("late", latest, 2, 0.5),
        ("copied", cheat, 3, 0.0),
        ("copied too", both, 4, 0.0), ("own", both, 5, 0.3),
    ):  # fmt: skip
        method = name if viewer is both else "Net"
        sent[name] = send(deployment, team_of(viewer), predictions(salt=salt), method=method)
        score(deployment, sent[name].id, all=private, public=0.4, private=private)
    for name in ("copied", "copied too"):
        with deployment.database.read() as session:
            entry_id = session.get_one(Submission, sent[name].id).entry_id
        disqualify(deployment.database, boss, entry_id=entry_id, reason="Copied.", now=NOW)
    people = "Latest,latest@lab.example\nCheat,cheat@lab.example\nBoth,both@lab.example"
    set_roster(deployment.database, boss, slug="tiny", text=people, now=NOW)
    with deployment.database.read() as session:
        found = roster_scores(session, boss, slug="tiny", can_verify=True, now=NOW + timedelta(hours=2))
        board = compute_board(session, found.facts, viewer=boss, now=NOW + timedelta(hours=2))
    deployment.close()
    assert [(row.team, row.rank, row.scores["top5_error"]) for row in board.rows] == [
        ("Both", 1, 0.3), ("Latest", 2, 0.5), ("Cheat", None, 0.0), ("Both", None, 0.0),
    ]  # fmt: skip
    assert [(one.team, one.score, one.standing) for one in found.scores] == [
        ("Latest", 0.5, "ranked"), ("Cheat", None, "disqualified"), ("Both", 0.3, "ranked"),
    ]  # fmt: skip


@pytest.mark.parametrize(("can_verify", "line"), [
    (True, "Mate,mate@lab.example,,,0,,no,"),
    (False, "Mate,mate@lab.example,Mate,0.25,1,2026-11-23T12:00:00Z,no,ranked"),
])  # fmt: skip
def test_who_plays_under_an_address_that_nobody_verified_is_not_whom_the_roster_expects(
    tmp_path: Path, can_verify: bool, line: str
) -> None:
    deployment = tiny_deployment(tmp_path / "data")
    boss, impostor = organizer(deployment), member(deployment, "Mate")
    score(deployment, send(deployment, team_of(impostor)).id, all=0.25)
    set_roster(deployment.database, boss, slug="tiny", text="Mate,mate@lab.example", now=NOW)
    with deployment.database.read() as session:
        table = roster_csv(roster_scores(session, boss, slug="tiny", can_verify=can_verify, now=NOW))
    deployment.close()
    assert table.splitlines()[1] == line
