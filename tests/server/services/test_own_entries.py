"""What a team says of a method after it was sent: taken back, emptied, and told after the close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.tables import Event
from server.deployment import Deployment
from server.errors import InvalidDetail, NotLoggedIn, NotPossible, ServerError
from server.organizing_errors import EntryNotFound
from server.services.boards import Boards
from server.services.disqualifications import disqualify
from server.services.entry_details import EntryDetails, read_details
from server.services.own_entries import OwnEntry, describe_entry, entry_to_describe
from server.services.receiving import begin_upload
from server.services.schedules import pause
from tests.server.making import NOW, predictions, score, send, tiny_deployment
from tests.server.services.organizing import actions, member, organizer, team_of

CLOSES = NOW + timedelta(days=1)
AFTER = CLOSES + timedelta(days=1)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    opened = tiny_deployment(tmp_path / "data", round_closes=CLOSES)
    yield opened
    opened.close()


@pytest.fixture
def team(deployment: Deployment) -> Viewer:
    """A team whose entry 1 is scored."""
    viewer = member(deployment)
    score(deployment, send(deployment, team_of(viewer)).id, all=0.5)
    return viewer


def _say(deployment: Deployment, viewer: Viewer, *, after: bool = False, **fields: str) -> OwnEntry:
    now = AFTER if after else NOW
    return describe_entry(deployment.database, viewer, entry_id=1, details=read_details(fields), now=now)


def test_what_was_said_is_taken_back_and_emptied_and_the_board_follows(deployment: Deployment, team: Viewer) -> None:
    boards = Boards()

    def row() -> tuple[str, int | None, dict[str, str]]:
        with deployment.database.read() as session:
            (found,) = boards.at(session, slug="tiny", viewer=ANONYMOUS, now=NOW).board.rows
        return found.team, found.rank, dict(found.links)

    _say(deployment, team, description="Deep.", paper="https://a.example/p", anonymous="true", not_competing="true")
    assert row()[0] != "Vision Lab" and row()[1] is None
    said = _say(deployment, team, description="", anonymous="false", not_competing="false")
    assert (said.description, said.paper_url, said.is_anonymous, said.is_competing) == (
        "", "https://a.example/p", False, True,
    )  # fmt: skip
    assert row() == ("Vision Lab", 1, {"paper": "https://a.example/p"})
    assert _say(deployment, team, paper="").paper_url == ""
    assert actions(deployment)[-3:] == ["entry.described"] * 3
    assert describe_entry(deployment.database, team, entry_id=1, details=EntryDetails(), now=NOW).description == ""
    assert actions(deployment).count("entry.described") == 3  # nothing was said


def test_after_the_close_the_texts_may_change_and_the_ranking_may_not(deployment: Deployment, team: Viewer) -> None:
    said = _say(deployment, team, after=True, description="The paper is out.", code="https://a.example/c")
    assert (said.description, said.code_url, said.is_open) == ("The paper is out.", "https://a.example/c", False)
    for change in ({"anonymous": "true"}, {"not_competing": "true"}):
        with pytest.raises(NotPossible, match="settled"):
            _say(deployment, team, after=True, **change)
    assert _say(deployment, team, after=True, not_competing="false").is_competing  # as it was
    with pytest.raises(InvalidDetail, match="address of the paper"):
        _say(deployment, team, paper="javascript:alert(1)")


def test_in_a_pause_the_ranking_waits_until_the_round_goes_on(deployment: Deployment, team: Viewer) -> None:
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    with pytest.raises(NotPossible, match="paused"):
        _say(deployment, team, anonymous="true")
    assert _say(deployment, team, description="Deep.").description == "Deep."


def test_the_name_of_a_disqualified_entry_stays_at_its_public_reason(deployment: Deployment, team: Viewer) -> None:
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Trained on test.", now=NOW)
    for change in ({"anonymous": "true"}, {"not_competing": "true"}):
        with pytest.raises(NotPossible, match="disqualified"):
            _say(deployment, team, **change)
        upload = begin_upload(deployment, slug="tiny", team_id=team_of(team), person_id=None, now=NOW)
        upload.write(predictions(salt=1))
        with pytest.raises(NotPossible, match="disqualified"):  # nor does another file change it
            upload.finish(method="ResNet-50", details=read_details(change), now=NOW)
    said = _say(deployment, team, description="It was not.", anonymous="false", not_competing="false")
    assert (said.description, said.is_open) == ("It was not.", False)


def test_the_event_tells_how_the_method_stood_before_and_stands(deployment: Deployment, team: Viewer) -> None:
    _say(deployment, team, anonymous="true")
    with deployment.database.read() as session:
        event = session.exec(select(Event).where(Event.action == "entry.described")).one()
    assert event.detail == {
        "before": {"anonymous": False, "competing": True},
        "after": {"anonymous": True, "competing": True},
    }


def test_nobody_but_its_team_describes_a_method(deployment: Deployment, team: Viewer) -> None:
    refusals: list[tuple[Viewer, type[ServerError]]] = [
        (ANONYMOUS, NotLoggedIn),
        (member(deployment, "Others"), EntryNotFound),
        (organizer(deployment), EntryNotFound),
        (COMMAND, EntryNotFound),
    ]
    for viewer, refusal in refusals:
        with pytest.raises(refusal):
            _say(deployment, viewer, description="Not ours.")
        with deployment.database.read() as session, pytest.raises(refusal):
            entry_to_describe(session, viewer, 1, now=NOW)
