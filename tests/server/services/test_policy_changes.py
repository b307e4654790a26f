"""A round's policy changes in the database and in its round.toml at once, or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from leaderboard.policy import is_revealed
from scoring.rounds import load_public_round
from scoring.splits import seed_commitment
from server.auth.permissions import COMMAND
from server.auth.viewer import ANONYMOUS, Viewer
from server.db.organizing_tables import Announcement
from server.db.tables import Event
from server.deployment import Deployment
from server.errors import NotLoggedIn, RoundClosed, RoundNotFound
from server.organizing_errors import PolicyRefused
from server.services.opening import open_folder
from server.services.pauses import LONGEST_PAUSE
from server.services.policy_changes import change_policy
from server.services.policy_texts import with_text
from server.services.round_folders import export_folder
from server.services.rounds import RoundFacts, stored_round
from server.services.schedules import close_now, extend, open_now, pause, reveal_now
from server.storage.public_halves import folder_digest
from tests.server.making import NOW, add_team, send

DAY = timedelta(days=1)


def _change(deployment: Deployment, note: str = "", **changes: Any) -> RoundFacts:
    return change_policy(deployment, COMMAND, slug="tiny", changes=changes, note=note, now=NOW)


def _facts(deployment: Deployment) -> RoundFacts:
    with deployment.database.read() as session:
        return stored_round(session, "tiny")


def _faults(error: PolicyRefused) -> dict[str, str]:
    return {fault["key"]: fault["message"] for fault in error.details["faults"]}


def test_a_change_reaches_the_database_the_file_and_the_log(deployment: Deployment) -> None:
    before = _facts(deployment)
    after = _change(deployment, submissions_per_day=3, closes=NOW + DAY, rules="# Rules\r\nBe fair.")
    assert (after.policy.submissions_per_day, after.policy.closes) == (3, NOW + DAY)
    assert after.public_digest != before.public_digest
    folder = deployment.folders.public_half("tiny")
    assert after.public_digest == folder_digest(folder)
    assert load_public_round(folder).policy == after.policy
    assert after.policy.rules == "# Rules\nBe fair."
    with deployment.database.read() as session:
        event = session.exec(select(Event).where(Event.action == "policy.changed")).one()
    assert event.actor == "command"
    assert event.detail["before"]["submissions_per_day"] is None
    assert event.detail["after"]["submissions_per_day"] == 3
    assert event.detail["after"]["closes"] == (NOW + DAY).isoformat()


def test_none_takes_a_key_out_and_no_change_is_no_event(deployment: Deployment) -> None:
    _change(deployment, submissions_per_day=3, data="Get it there.")
    after = _change(deployment, submissions_per_day=None, data=None)
    assert (after.policy.submissions_per_day, after.policy.data) == (None, None)
    digest = after.public_digest
    assert _change(deployment, submissions_per_day=None).public_digest == digest
    with deployment.database.read() as session:
        assert len(session.exec(select(Event).where(Event.action == "policy.changed")).all()) == 2


def test_all_faults_come_at_once_and_nothing_changes(deployment: Deployment) -> None:
    before = _facts(deployment)
    with pytest.raises(PolicyRefused) as refused:
        _change(
            deployment, submissions_per_day=0, rows="row", closes="tomorrow", colour="red", rules=" ",
            domains=["UPPER"], opens=NOW.replace(tzinfo=None),
        )  # fmt: skip
    assert set(_faults(refused.value)) == {
        "submissions_per_day", "rows", "closes", "colour", "rules", "domains", "opens",
    }  # fmt: skip
    assert _facts(deployment) == before
    assert folder_digest(deployment.folders.public_half("tiny")) == before.public_digest


def test_the_split_is_drawn_when_it_is_decided_and_stands_once_something_was_sent(deployment: Deployment) -> None:
    facts = _change(deployment, public_share=0.5)
    assert facts.split_seed is not None
    with deployment.database.read() as session:
        event = session.exec(select(Event).where(Event.action == "policy.changed")).one()
    assert event.detail["after"]["split_commitment"] == seed_commitment(facts.split_seed)
    send(deployment, add_team(deployment))
    with pytest.raises(PolicyRefused) as refused:
        _change(deployment, public_share=0.3)
    assert set(_faults(refused.value)) == {"public_share"}


def test_another_metric_needs_a_public_note_once_something_was_sent(deployment: Deployment) -> None:
    assert _change(deployment, best_by="top1_error").policy.best_by == "top1_error"
    send(deployment, add_team(deployment))
    with pytest.raises(PolicyRefused) as refused:
        _change(deployment, best_by="top5_error")
    assert set(_faults(refused.value)) == {"best_by"}
    assert _change(deployment, "The rules always said so.", best_by="top5_error").policy.best_by == "top5_error"
    with deployment.database.read() as session:
        assert [told.text for told in session.exec(select(Announcement))] == ["The rules always said so."]


def test_an_export_is_the_same_round_whatever_became_of_its_texts(deployment: Deployment, tmp_path: Path) -> None:
    def exported(name: str) -> set[str]:
        target = tmp_path / name
        export_folder(deployment, target, slug="tiny", has_truth=True, has_files=False, now=NOW)
        assert not open_folder(deployment, target, now=NOW).is_new
        return {path.name for path in target.iterdir()} - {"round.toml", "classes.csv", "truth-labels.txt", "results"}

    _change(deployment, rules="Be fair.", data="Get it.", data_terms=True)
    assert exported("both") == {"policy-rules.md", "policy-data.md"}
    _change(deployment, rules=None)
    assert exported("one") == {"policy-data.md"}
    _change(deployment, data=None, data_terms=None)
    assert exported("none") == set()


@pytest.mark.parametrize(
    ("key", "text", "section", "files"),
    [
        ("rules", "New.", {"data": "a.md", "rules": "./b.md"}, {"./b.md": b"New."}),
        ("rules", None, {"data": "a.md"}, {"./b.md": None}),
        ("data", "New.", {"data": "a.md", "rules": "./b.md"}, {"a.md": b"New."}),
        ("data", None, {"rules": "./b.md"}, {"a.md": None}),
    ],
)
def test_a_text_stays_in_its_file_and_goes_with_it(
    key: str, text: str | None, section: dict[str, str], files: dict[str, bytes | None]
) -> None:
    assert with_text({"rules": "./b.md", "data": "a.md"}, key, text, table={}) == (section, files)


def test_a_file_that_holds_something_else_besides_is_left_alone() -> None:
    both = {"rules": "TERMS.md", "data": "./TERMS.md"}
    assert with_text(both, "rules", "New.", table={}) == (
        {"data": "./TERMS.md", "rules": "policy-rules.md"}, {"policy-rules.md": b"New."},
    )  # fmt: skip
    assert with_text(both, "data", None, table={}) == ({"rules": "TERMS.md"}, {})
    for part in (
        {"images": {"list": "policy-rules.md"}},
        {"classes": {"table": "policy-rules.md"}},
        {"classes": {"table": "c.csv", "hierarchy": "policy-rules.md"}},
        {"subgroups": {"dogs": {"images": "policy-rules.md"}}},
    ):
        assert with_text({}, "rules", "New.", table=part) == (
            {"rules": "policy-rules2.md"}, {"policy-rules2.md": b"New."},
        )  # fmt: skip
        assert with_text({"rules": "policy-rules.md"}, "rules", None, table=part) == ({}, {})


def test_a_change_that_cannot_be_committed_leaves_the_file_as_it_was(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _change(deployment, data="Get it.").public_digest

    def fail(_folder: Path) -> str:
        raise OSError("the disk is gone")

    monkeypatch.setattr("server.services.policy_changes.folder_digest", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        _change(deployment, rows="entry", rules="New.", data=None)
    assert folder_digest(deployment.folders.public_half("tiny")) == before
    assert _facts(deployment).policy.rows == "team"


def test_only_its_organizers_find_a_round_to_change(deployment: Deployment) -> None:
    for viewer, refusal in ((ANONYMOUS, NotLoggedIn), (Viewer(person_id=1, is_organizer=True), RoundNotFound)):
        with pytest.raises(refusal):
            change_policy(deployment, viewer, slug="tiny", changes={"rows": "entry"}, now=NOW)
    with pytest.raises(RoundNotFound):
        change_policy(deployment, COMMAND, slug="nowhere", changes={}, now=NOW)


def test_a_round_is_opened_closed_extended_and_revealed_in_one_step_each(deployment: Deployment) -> None:
    team = add_team(deployment)
    _change(deployment, opens=NOW + DAY, closes=NOW + 3 * DAY, freezes=NOW + 2 * DAY)
    open_now(deployment, COMMAND, slug="tiny", now=NOW)
    send(deployment, team)
    closed = close_now(deployment, COMMAND, slug="tiny", now=NOW + DAY / 2)
    assert (closed.policy.closes, closed.policy.freezes) == (NOW + DAY / 2, None)
    with pytest.raises(RoundClosed):
        send(deployment, team, now=NOW + DAY)
    with pytest.raises(PolicyRefused, match="closed already"):
        close_now(deployment, COMMAND, slug="tiny", now=NOW + DAY)
    extend(deployment, COMMAND, slug="tiny", closes=NOW + 4 * DAY, now=NOW + DAY)
    send(deployment, team, b"1 2 3 4 5\n" * 6, now=NOW + 2 * DAY)
    with pytest.raises(PolicyRefused):  # what is still open is not revealed
        reveal_now(deployment, COMMAND, slug="tiny", now=NOW + 2 * DAY)
    revealed = reveal_now(deployment, COMMAND, slug="tiny", now=NOW + 5 * DAY)
    assert revealed.policy.reveals == NOW + 5 * DAY


def test_a_round_whose_private_scores_were_shown_goes_on_only_with_a_public_note(deployment: Deployment) -> None:
    _change(deployment, closes=NOW + DAY, public_share=0.5)
    send(deployment, add_team(deployment))
    extend(deployment, COMMAND, slug="tiny", closes=NOW + 2 * DAY, now=NOW)  # nothing was shown yet
    later = {"closes": NOW + 9 * DAY}
    with pytest.raises(PolicyRefused, match="the seed of the split are known"):
        extend(deployment, COMMAND, slug="tiny", closes=later["closes"], now=NOW + 3 * DAY)
    told = change_policy(deployment, COMMAND, slug="tiny", changes=later, note="A power cut.", now=NOW + 3 * DAY)
    assert told.policy.closes == NOW + 9 * DAY


def test_a_pause_reveals_nothing_and_ends_with_a_new_close(deployment: Deployment) -> None:
    team = add_team(deployment)
    _change(deployment, closes=NOW + 3 * DAY, blind=True)
    paused = pause(deployment, COMMAND, slug="tiny", now=NOW).policy
    assert (paused.closes, paused.reveals) == (NOW, NOW + LONGEST_PAUSE)
    assert not is_revealed(paused, NOW + 4 * DAY)  # when it would have closed
    with pytest.raises(RoundClosed, match="is paused since 2026-11-23 12:00 UTC"):
        send(deployment, team)
    with pytest.raises(PolicyRefused, match="paused already"):
        pause(deployment, COMMAND, slug="tiny", now=NOW + DAY)
    assert _facts(deployment).is_paused
    resumed = extend(deployment, COMMAND, slug="tiny", closes=NOW + 5 * DAY, now=NOW + DAY)
    assert (resumed.policy.closes, resumed.policy.reveals, resumed.is_paused) == (NOW + 5 * DAY, None, False)
    send(deployment, team, now=NOW + DAY)
    pause(deployment, COMMAND, slug="tiny", now=NOW + 2 * DAY)
    assert not reveal_now(deployment, COMMAND, slug="tiny", now=NOW + 3 * DAY).is_paused  # it cannot go on as it was


def test_a_new_close_takes_out_the_reveal_that_a_pause_has_set_but_no_other(deployment: Deployment) -> None:
    pause(deployment, COMMAND, slug="tiny", now=NOW)  # of a round without a close
    resumed = extend(deployment, COMMAND, slug="tiny", closes=NOW + 9 * DAY, now=NOW).policy
    assert (resumed.closes, resumed.reveals) == (NOW + 9 * DAY, None)
    pause(deployment, COMMAND, slug="tiny", now=NOW + DAY)
    sooner = extend(deployment, COMMAND, slug="tiny", closes=NOW + 5 * DAY, now=NOW + DAY).policy
    assert sooner.reveals is None
    pause(deployment, COMMAND, slug="tiny", now=NOW + 2 * DAY)
    assert _change(deployment, closes=NOW + 3 * DAY).policy.reveals is None  # by the form of the policy
    _change(deployment, closes=NOW + 5 * DAY, reveals=NOW + 5 * DAY)  # what a pause had set once, now their own
    pause(deployment, COMMAND, slug="tiny", now=NOW + 2 * DAY)
    kept = extend(deployment, COMMAND, slug="tiny", closes=NOW + 4 * DAY, now=NOW + 2 * DAY).policy
    assert kept.reveals == NOW + 5 * DAY


def test_a_date_that_has_passed_is_no_close_and_no_reveal(deployment: Deployment) -> None:
    _change(deployment, closes=NOW + 3 * DAY, reveals=NOW + 5 * DAY, blind=True, public_share=0.5)
    last_year = NOW - 365 * DAY
    with pytest.raises(PolicyRefused, match=r"closes: 2025-11-23T12:00:00Z has passed"):
        extend(deployment, COMMAND, slug="tiny", closes=last_year, now=NOW)
    with pytest.raises(PolicyRefused, match=r"reveals: .* has passed"):
        _change(deployment, closes=NOW + 2 * DAY, reveals=last_year)
    close_now(deployment, COMMAND, slug="tiny", now=NOW + DAY)
    with pytest.raises(PolicyRefused, match=r"reveals: .* has passed"):
        _change(deployment, reveals=last_year)
    revealed = reveal_now(deployment, COMMAND, slug="tiny", now=NOW + 2 * DAY).policy
    assert (revealed.closes, revealed.reveals) == (NOW + DAY, NOW + 2 * DAY)


def test_teams_are_not_frozen_as_they_were(deployment: Deployment) -> None:
    with pytest.raises(PolicyRefused, match=r"teams_freeze: 2026-11-22T12:00:00Z has passed: whoever joined"):
        _change(deployment, teams_freeze=NOW - DAY)
    _change(deployment, teams_freeze=NOW)
    later = {"slug": "tiny", "changes": {"submissions_per_day": 2}, "now": NOW + DAY}
    assert change_policy(deployment, COMMAND, **later).policy.teams_freeze == NOW  # it stays


def test_a_round_without_end_can_pause_too(deployment: Deployment) -> None:
    assert pause(deployment, COMMAND, slug="tiny", now=NOW).policy.reveals == NOW + LONGEST_PAUSE
    assert extend(deployment, COMMAND, slug="tiny", closes=None, now=NOW).policy.reveals is None


def test_the_close_of_a_round_that_holds_something_back_goes_only_with_a_public_note(deployment: Deployment) -> None:
    _change(deployment, closes=NOW + DAY)
    assert extend(deployment, COMMAND, slug="tiny", closes=None, now=NOW).policy.closes is None  # it holds nothing back
    _change(deployment, closes=NOW + DAY, anonymous=True, public_share=0.5)
    with pytest.raises(PolicyRefused) as refusal:
        extend(deployment, COMMAND, slug="tiny", closes=None, now=NOW)
    assert _faults(refusal.value) == {
        "closes": "without a close the round never shows the private scores and the names of the teams"
    }
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    extend(deployment, COMMAND, slug="tiny", closes=NOW + DAY, now=NOW)
    assert _change(deployment, note="It goes on for good.", closes=None).policy.closes is None
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    assert extend(deployment, COMMAND, slug="tiny", closes=None, now=NOW).policy.closes is None  # as it was
