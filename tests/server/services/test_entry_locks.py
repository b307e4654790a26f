"""Who acts on an entry while somebody else does: PostgreSQL lets two write at once, so each waits and then looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Update
from sqlmodel import update

from server.auth.permissions import COMMAND
from server.auth.viewer import Viewer
from server.db.organizing_tables import Appeal
from server.db.tables import Entry
from server.deployment import Deployment
from server.errors import NotPossible, ServerError
from server.organizing_errors import AlreadyDisqualified, AppealDecided, NotDisqualified
from server.services.disqualifications import appeal, decide_appeal, disqualify, reinstate
from server.services.entry_details import read_details
from server.services.own_entries import describe_entry
from server.services.own_submissions import withdraw
from server.services.receiving import begin_upload
from tests.server.making import NOW, predictions, score, send
from tests.server.services.organizing import committed_meanwhile, member, team_of

Act = Callable[[Deployment, Viewer], Any]

DISQUALIFIED = update(Entry).values(disqualified_at=NOW, disqualified_for="Late.")
REINSTATED = update(Entry).values(disqualified_at=None, disqualified_for="")
DECIDED = update(Appeal).values(decided_at=NOW, is_granted=False, answer="No.")


@pytest.fixture
def team(deployment: Deployment) -> Viewer:
    """A team whose entry 1 is scored."""
    viewer = member(deployment)
    score(deployment, send(deployment, team_of(viewer)).id, all=0.5)
    return viewer


def _describe(deployment: Deployment, team: Viewer) -> None:
    describe_entry(deployment.database, team, entry_id=1, details=read_details({"anonymous": "true"}), now=NOW)


def _send_again(deployment: Deployment, team: Viewer) -> None:
    upload = begin_upload(deployment, slug="tiny", team_id=team_of(team), person_id=None, now=NOW)
    upload.write(predictions(salt=1))
    upload.finish(method="ResNet-50", details=read_details({"anonymous": "true"}), now=NOW)


def _withdraw(deployment: Deployment, team: Viewer) -> None:
    withdraw(deployment, team, 1, now=NOW)


def _disqualify(deployment: Deployment, _: Viewer) -> None:
    disqualify(deployment.database, COMMAND, entry_id=1, reason="Trained on test.", now=NOW)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (_describe, NotPossible),
        (_send_again, NotPossible),
        (_withdraw, NotPossible),
        (_disqualify, AlreadyDisqualified),
    ],
)
def test_an_entry_that_is_disqualified_meanwhile_keeps_its_name_its_row_and_its_reason(
    deployment: Deployment, team: Viewer, act: Act, refusal: type[ServerError]
) -> None:
    with committed_meanwhile(DISQUALIFIED), pytest.raises(refusal):
        act(deployment, team)


def _reinstate(deployment: Deployment, _: Viewer) -> None:
    reinstate(deployment.database, COMMAND, entry_id=1, now=NOW)


def _appeal(deployment: Deployment, team: Viewer) -> None:
    appeal(deployment.database, team, entry_id=1, text="No!", now=NOW)


def _deny(deployment: Deployment, _: Viewer) -> None:
    decide_appeal(deployment.database, COMMAND, appeal_id=1, is_granted=False, answer="Yes.", now=NOW)


@pytest.mark.parametrize(
    ("act", "change", "refusal"),
    [
        (_reinstate, REINSTATED, NotDisqualified),
        (_appeal, REINSTATED, NotDisqualified),
        (_deny, DECIDED, AppealDecided),
    ],
)
def test_what_is_decided_of_a_disqualification_meanwhile_is_not_decided_twice(
    deployment: Deployment, team: Viewer, act: Act, change: Update, refusal: type[ServerError]
) -> None:
    _disqualify(deployment, team)
    if act is _deny:
        _appeal(deployment, team)
    with committed_meanwhile(change), pytest.raises(refusal):
        act(deployment, team)
