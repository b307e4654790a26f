"""What teams rely on once they have sent something changes in public, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from scoring.faults import FaultLog
from scoring.policies import Policy
from server.auth.permissions import COMMAND
from server.db.organizing_tables import Announcement
from server.db.tables import Submission
from server.deployment import Deployment
from server.organizing_errors import PolicyRefused
from server.services.entry_details import EntryDetails
from server.services.policy_changes import change_policy
from server.services.policy_refusals import Choice, Sent, TrackedEntry, refuse_frozen
from server.services.receiving import begin_upload
from server.services.rounds import RoundFacts
from tests.server.making import NOW, add_team, predictions, score, send

DAY = timedelta(days=1)
BEFORE = Policy(best_by="top5_error", tracks=("a", "b"), finals=3, closes=NOW + DAY)
RULES: dict[str, Any] = {
    "rows": "entry", "represents": "latest", "finals": 4, "ranking": "categories", "tracks": ("a", "b", "c"),
    "best_by": "top1_error",
}  # fmt: skip


def _change(deployment: Deployment, note: str = "", **changes: Any) -> RoundFacts:
    return change_policy(deployment, COMMAND, slug="tiny", changes=changes, note=note, now=NOW)


def _refused(deployment: Deployment, note: str = "", **changes: Any) -> dict[str, str]:
    with pytest.raises(PolicyRefused) as refusal:
        _change(deployment, note, **changes)
    return {fault["key"]: fault["message"] for fault in refusal.value.details["faults"]}


@pytest.mark.parametrize("key", RULES)
@pytest.mark.parametrize("is_over", [False, True])
def test_no_rule_of_the_ranking_changes_without_a_note_even_after_the_reveal(key: str, is_over: bool) -> None:
    after = Policy(**{**{name: getattr(BEFORE, name) for name in ("best_by", "tracks", "finals", "closes")},
                      key: RULES[key]})  # fmt: skip
    now = NOW + 2 * DAY if is_over else NOW
    for note, expected in (("", [f"policy.{key}"]), ("We erred.", [])):
        faults = FaultLog()
        refuse_frozen(BEFORE, after, Sent(entries=(), choices=()), note=note, now=now, faults=faults)
        assert [fault.key for fault in faults.faults] == expected


def test_the_rules_of_a_ranking_are_free_until_something_is_sent_and_then_told_of(deployment: Deployment) -> None:
    rules = {"rows": "entry", "represents": "latest", "finals": 4, "tracks": ["a", "b"]}
    _change(deployment, **rules)
    _change(deployment, rows=None, represents=None, finals=None, tracks=None)
    send(deployment, add_team(deployment))
    assert set(_refused(deployment, rows="entry", represents="finals", finals=4)) == {"rows", "represents", "finals"}
    assert _change(deployment, "By method, as promised.", rows="entry").policy.rows == "entry"
    with deployment.database.read() as session:
        assert [told.text for told in session.exec(select(Announcement))] == ["By method, as promised."]


def test_a_track_with_entries_stays_and_they_are_named(deployment: Deployment) -> None:
    _change(deployment, tracks=["a", "b"])
    for number in range(1, 8):
        team = add_team(deployment, f"Team {number}")
        upload = begin_upload(deployment, slug="tiny", team_id=team, person_id=None, now=NOW)
        upload.write(predictions(salt=number))
        upload.finish(method=f"Net {number}", now=NOW, details=EntryDetails(track="b"))
    for tracks in (["a"], ["a", "B"], None):  # taken out, renamed, all gone
        told = _refused(deployment, "So it is.", tracks=tracks)["tracks"]
        assert told.startswith('there are entries in the track "b": Net 1 of Team 1 (entry 1), Net 2 of')
        assert told.endswith("Net 5 of Team 5 (entry 5) and 2 more")
    assert _change(deployment, "One more.", tracks=["c", "b"]).policy.tracks == ("c", "b")  # `a` was empty


def test_entries_without_a_track_are_put_into_none(deployment: Deployment) -> None:
    send(deployment, add_team(deployment))
    told = _refused(deployment, "Tracks!", tracks=["a"])
    assert told == {"tracks": "there are entries without a track: ResNet-50 of Vision Lab (entry 1)"}


def test_teams_keep_as_many_choices_as_they_have_made(deployment: Deployment) -> None:
    _change(deployment, represents="finals", finals=3)
    for name, count in (("Many", 3), ("Few", 1)):
        team = add_team(deployment, name)
        for salt in range(count):
            number = send(deployment, team, predictions(salt=salt), method=name).id
            score(deployment, number, all=0.5)
            with deployment.database.write() as session:
                session.get_one(Submission, number).is_final = True
    assert _refused(deployment, "Fewer.", finals=2) == {"finals": "Many has chosen 3"}
    assert _refused(deployment, "Fewer.", finals=None) == {"finals": "Many has chosen 3"}  # the default: 2
    assert _change(deployment, "More.", finals=4).policy.finals == 4
    assert _change(deployment, "Again.", finals=3).policy.finals == 3


def test_many_teams_that_have_chosen_more_are_counted(deployment: Deployment) -> None:
    choices = [Choice(team=f"Team {n}", track="a" if n else "", count=3) for n in range(7)]
    faults = FaultLog()
    after = Policy(best_by="top5_error", tracks=("a", "b"), finals=2, closes=NOW + DAY)
    entry = TrackedEntry(id=1, team="Team 0", method="Net", track="a")
    refuse_frozen(BEFORE, after, Sent(entries=[entry], choices=choices), note="Fewer.", now=NOW, faults=faults)
    (fault,) = faults.faults
    assert fault.message.startswith("Team 0 has chosen 3, Team 1 has chosen 3 in the track a, ")
    assert fault.message.endswith(" and 2 more")
    assert "at least 3" in (fault.advice or "")
