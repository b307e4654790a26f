"""A pause keeps what was scheduled, and the next close brings it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leaderboard.policy import is_revealed
from scoring.policies import Policy
from server.auth.permissions import COMMAND
from server.deployment import Deployment
from server.organizing_errors import PolicyRefused
from server.services.pauses import KeptDates, kept_at_pause, kept_of_json, next_close, pausing, with_kept_dates
from server.services.policy_changes import change_policy
from server.services.quotas import utc_day
from server.services.rounds import RoundFacts, stored_round
from server.services.schedules import close_now, extend, pause
from server.services.spending import quota_of_team
from tests.server.making import NOW, add_team, send

DAY = timedelta(days=1)
KEPT = KeptDates(closes=NOW + 10 * DAY, freezes=NOW + 8 * DAY)


def _change(deployment: Deployment, note: str = "", now: datetime = NOW, **changes: Any) -> RoundFacts:
    return change_policy(deployment, COMMAND, slug="tiny", changes=changes, note=note, now=now)


def _facts(deployment: Deployment) -> RoundFacts:
    with deployment.database.read() as session:
        return stored_round(session, "tiny")


@pytest.mark.parametrize(
    ("kept", "closes", "days", "freezes"),
    [
        (KEPT, NOW + 10 * DAY, 1, NOW + 8 * DAY),  # as it was
        (KEPT, NOW + 15 * DAY, 1, NOW + 13 * DAY),  # as long before the close
        (KEPT, NOW + 3 * DAY, 2, NOW + 2 * DAY),  # that has passed: at once
        (KEPT, None, 1, NOW + 8 * DAY),  # without a close
        (KeptDates(closes=None, freezes=NOW + 8 * DAY), NOW + 9 * DAY, 1, NOW + 8 * DAY),
        (KeptDates(closes=None, freezes=NOW + 8 * DAY), NOW + 9 * DAY, 8, NOW + 8 * DAY),
        (KeptDates(closes=None, freezes=NOW + 8 * DAY), NOW + 8 * DAY, 1, None),  # closed before it would freeze
        (KeptDates(closes=None, freezes=NOW + 8 * DAY), NOW + 1 * DAY, 1, None),  # closed for good
        (KEPT, NOW + 1 * DAY, 1, None),
        (KEPT, "tomorrow", 1, NOW + 8 * DAY),  # which is refused
        (KEPT, datetime(2026, 12, 24), 1, NOW + 8 * DAY),  # noqa: DTZ001 - refused, too
    ],
)  # fmt: skip
def test_the_board_freezes_as_long_before_the_new_close_as_before_the_old_one(
    kept: KeptDates, closes: object, days: int, freezes: datetime | None
) -> None:
    before = Policy(best_by="top5_error", closes=NOW)
    changes = with_kept_dates({"closes": closes}, before, kept=kept, pause_reveals=None, now=NOW + days * DAY)
    assert changes == {"closes": closes, "freezes": freezes}


@pytest.mark.parametrize(
    ("reveals", "closes", "days", "expected"),
    [
        (NOW + 12 * DAY, NOW + 10 * DAY, 1, {}),  # it stays
        (NOW + 12 * DAY, NOW + 12 * DAY, 1, {}),
        (NOW + 12 * DAY, NOW + 15 * DAY, 1, {"reveals": NOW + 17 * DAY}),  # as long after the close
        (NOW + 9 * DAY, NOW + 15 * DAY, 1, {"reveals": NOW + 15 * DAY}),  # which was moved in the pause
        (NOW + 12 * DAY, NOW + 15 * DAY, 12, {"reveals": None}),  # it has come: no second one
        (NOW + 12 * DAY, "tomorrow", 1, {}),
        (None, NOW + 15 * DAY, 1, {}),
    ],
)
def test_a_reveal_of_its_own_stays_or_comes_as_long_after_the_new_close(
    reveals: datetime | None, closes: object, days: int, expected: dict[str, Any]
) -> None:
    before, kept = (
        Policy(best_by="top5_error", closes=NOW, reveals=reveals),
        KeptDates(closes=NOW + 10 * DAY, freezes=None),
    )
    changes = with_kept_dates({"closes": closes}, before, kept=kept, pause_reveals=None, now=NOW + days * DAY)
    assert changes == {"closes": closes, **expected}
    alone = with_kept_dates({"closes": closes}, before, kept=None, pause_reveals=None, now=NOW)
    assert alone == {"closes": closes}  # without a pause


@pytest.mark.parametrize("closes", [datetime(8999, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
def test_a_reveal_that_would_be_moved_beyond_the_calendar_is_refused(deployment: Deployment, closes: datetime) -> None:
    _change(deployment, opens=NOW - 2 * DAY, closes=NOW + DAY, reveals=datetime(8999, 1, 1, tzinfo=UTC))
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    with pytest.raises(PolicyRefused) as error:
        extend(deployment, COMMAND, slug="tiny", closes=closes, now=NOW)
    assert "reveals: a time lies in the years 1970 to 8999" in error.value.message
    assert _facts(deployment).state(NOW) == "paused"


def test_what_is_named_goes_before_what_was_kept() -> None:
    before = Policy(best_by="top5_error", closes=NOW, reveals=NOW + 365 * DAY)
    named = {"closes": NOW + 5 * DAY, "freezes": None, "reveals": NOW + 6 * DAY}
    assert with_kept_dates(named, before, kept=KEPT, pause_reveals=before.reveals, now=NOW) == named


def test_the_close_to_propose_is_as_it_was_or_leaves_as_much_time_as_was_left() -> None:
    for now, closes in (
        (NOW + DAY, NOW + 10 * DAY),
        (NOW + 10 * DAY, NOW + 20 * DAY),
        (NOW + 30 * DAY, NOW + 40 * DAY),
    ):
        assert next_close(KEPT, paused_at=NOW, now=now) == closes
    assert next_close(KeptDates(closes=None, freezes=None), paused_at=NOW, now=NOW + DAY) is None


def test_dates_are_kept_as_json_and_a_freeze_that_has_come_is_not() -> None:
    assert kept_of_json(KEPT.as_json()) == KEPT
    assert kept_of_json(None) is None
    for freezes, kept in ((NOW - DAY, None), (NOW, NOW), (NOW + DAY, NOW + DAY), (None, None)):
        policy, now = Policy(best_by="top5_error", closes=NOW + 2 * DAY, freezes=freezes), NOW + timedelta(seconds=0.5)
        assert kept_at_pause(policy, now) == KeptDates(closes=NOW + 2 * DAY, freezes=kept)
        assert pausing(policy, now).get("freezes", freezes) == (None if kept else freezes)  # what is kept is taken out


def test_a_pause_keeps_the_close_and_the_freeze_until_the_round_goes_on(deployment: Deployment) -> None:
    _change(deployment, closes=NOW + 10 * DAY, freezes=NOW + 8 * DAY)
    paused = pause(deployment, COMMAND, slug="tiny", now=NOW)
    assert (paused.policy.freezes, paused.kept_dates) == (None, KEPT)
    assert _change(deployment, submissions_per_day=3).kept_dates == KEPT
    assert _change(deployment, closes=NOW).is_paused  # as it is: no new close
    resumed = extend(deployment, COMMAND, slug="tiny", closes=NOW + 15 * DAY, now=NOW + DAY)
    assert (resumed.policy.freezes, resumed.kept_dates, resumed.is_paused) == (NOW + 13 * DAY, None, False)
    pause(deployment, COMMAND, slug="tiny", now=NOW + 2 * DAY)
    by_form = _change(deployment, now=NOW + 3 * DAY, closes=NOW + 9 * DAY)
    assert (by_form.policy.freezes, by_form.policy.reveals) == (NOW + 7 * DAY, None)
    _change(deployment, now=NOW + 3 * DAY, reveals=NOW + 12 * DAY)
    pause(deployment, COMMAND, slug="tiny", now=NOW + 4 * DAY)
    later = extend(deployment, COMMAND, slug="tiny", closes=NOW + 20 * DAY, now=NOW + 4 * DAY).policy
    assert (later.freezes, later.reveals) == (NOW + 18 * DAY, NOW + 23 * DAY)
    pause(deployment, COMMAND, slug="tiny", now=NOW + 5 * DAY)
    endless = extend(deployment, COMMAND, slug="tiny", closes=None, now=NOW + 5 * DAY).policy
    assert (endless.freezes, endless.reveals) == (NOW + 18 * DAY, None)


def test_of_two_who_pause_at_once_the_second_leaves_the_dates_of_the_first(deployment: Deployment) -> None:
    _change(deployment, closes=NOW + 10 * DAY, freezes=NOW + 8 * DAY)
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    with pytest.raises(PolicyRefused, match="The round is paused already"):
        pause(deployment, COMMAND, slug="tiny", now=NOW + timedelta(seconds=1))
    assert _facts(deployment).kept_dates == KEPT


def test_a_round_that_has_not_opened_is_not_paused(deployment: Deployment) -> None:
    _change(deployment, opens=NOW + DAY)
    with pytest.raises(PolicyRefused, match="has not opened yet"):
        pause(deployment, COMMAND, slug="tiny", now=NOW)
    assert _facts(deployment).state(NOW) == "before"


def test_the_dates_of_a_step_are_those_of_the_locked_row(deployment: Deployment) -> None:
    """Nothing that was read before it goes in with them: another organizer may have changed it meanwhile."""
    _change(deployment, closes=NOW + 10 * DAY, freezes=NOW + 8 * DAY, reveals=NOW + 12 * DAY)
    moved = change_policy(
        deployment, COMMAND, slug="tiny", changes={"closes": NOW + 13 * DAY}, pause="ends", now=NOW
    ).policy
    assert (moved.closes, moved.freezes, moved.reveals) == (NOW + 13 * DAY, NOW + 8 * DAY, None)
    paused = change_policy(deployment, COMMAND, slug="tiny", changes={}, pause="begins", now=NOW).policy
    assert (paused.closes, paused.freezes, paused.reveals) == (NOW, None, NOW + 365 * DAY)


def test_a_freeze_that_is_set_in_a_pause_stays(deployment: Deployment) -> None:
    _change(deployment, closes=NOW + 10 * DAY, freezes=NOW + 8 * DAY)
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    _change(deployment, freezes=NOW - DAY)
    assert extend(deployment, COMMAND, slug="tiny", closes=NOW + 15 * DAY, now=NOW).policy.freezes == NOW - DAY


@pytest.mark.parametrize("held_back", [{"public_share": 0.5}, {"blind": True}, {"anonymous": True}])
def test_the_close_of_a_paused_round_goes_only_with_a_public_note(
    deployment: Deployment, held_back: dict[str, Any]
) -> None:
    _change(deployment, closes=NOW + DAY, **held_back)
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    with pytest.raises(PolicyRefused, match="without a close the round never shows"):
        extend(deployment, COMMAND, slug="tiny", closes=None, now=NOW + DAY)
    with pytest.raises(PolicyRefused, match="without a close the round never shows"):
        _change(deployment, closes=None)
    assert _facts(deployment).is_paused
    told = _change(deployment, "It goes on for good.", closes=None)
    assert (told.policy.closes, told.policy.reveals, told.is_paused) == (None, None, False)


@pytest.mark.parametrize("days", [0, 5])
def test_a_paused_round_that_had_a_freeze_and_no_close_gets_a_close(deployment: Deployment, days: int) -> None:
    _change(deployment, freezes=NOW + 8 * DAY)
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    closes = NOW + days * DAY
    closed = (
        close_now(deployment, COMMAND, slug="tiny", now=NOW)
        if days == 0
        else extend(deployment, COMMAND, slug="tiny", closes=closes, now=NOW)
    )
    assert (closed.policy.closes, closed.policy.freezes, closed.is_paused) == (closes, None, False)


@pytest.mark.parametrize("own_reveal", [None, NOW + 20 * DAY])
def test_a_paused_round_is_closed_for_good(deployment: Deployment, own_reveal: datetime | None) -> None:
    _change(deployment, closes=NOW + 10 * DAY, freezes=NOW + 8 * DAY, reveals=own_reveal, blind=True)
    send(deployment, add_team(deployment))
    pause(deployment, COMMAND, slug="tiny", now=NOW)
    closed = close_now(deployment, COMMAND, slug="tiny", now=NOW)
    assert (closed.is_paused, closed.kept_dates, closed.policy.freezes) == (False, None, None)
    assert (closed.policy.closes, closed.policy.reveals) == (NOW, own_reveal)
    assert is_revealed(closed.policy, NOW) is (own_reveal is None)
    with pytest.raises(PolicyRefused, match="closed already"):
        close_now(deployment, COMMAND, slug="tiny", now=NOW + DAY)
    with pytest.raises(PolicyRefused, match="closed already"):
        pause(deployment, COMMAND, slug="tiny", now=NOW + DAY)


def test_places_come_back_in_a_pause_until_the_reveal_has_closed_the_round(deployment: Deployment) -> None:
    _change(deployment, closes=NOW + 3 * DAY, reveals=NOW + 5 * DAY, submissions_per_day=2)
    team_id = add_team(deployment)
    pause(deployment, COMMAND, slug="tiny", now=NOW + DAY)
    with deployment.database.read() as session:
        quotas = [quota_of_team(session, slug="tiny", team_id=team_id, now=NOW + days * DAY) for days in (2, 5)]
    assert [_facts(deployment).state(NOW + days * DAY) for days in (2, 5)] == ["paused", "closed"]
    assert [(quota.resets_at, quota.day_resets_at) for quota in quotas] == [
        (utc_day(NOW + 2 * DAY)[1],) * 2,
        (None, None),
    ]
