from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from scoring.faults import FaultLog
from scoring.policies import MAX_LINES, MAX_UNPACKED_BYTES, MAX_UPLOAD_BYTES, Policy, parse_policy

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def policy_of(faults: FaultLog, **table: Any) -> Policy:
    return parse_policy(table, metrics=("top1_error", "top5_error"), main_metric="top5_error", faults=faults)


def test_an_empty_policy_allows_everything_and_ranks_by_the_main_metric() -> None:
    faults = FaultLog()
    policy = policy_of(faults)
    assert not faults
    assert policy == Policy(best_by="top5_error")
    assert (policy.rows, policy.submissions_per_day, policy.opens, policy.closes) == ("team", None, None, None)
    assert (policy.max_upload_bytes, policy.max_unpacked_bytes) == (MAX_UPLOAD_BYTES, MAX_UNPACKED_BYTES)
    assert policy.max_lines == MAX_LINES


def test_times_are_brought_to_utc() -> None:
    faults = FaultLog()
    plus_two = timezone(timedelta(hours=2))
    policy = policy_of(faults, opens=datetime(2026, 12, 1, 14, tzinfo=plus_two), closes=NOON + timedelta(days=1))
    assert (policy.opens, policy.closes) == (NOON, NOON + timedelta(days=1))
    assert policy.opens is not None
    assert policy.opens.tzinfo is UTC


def test_limits_are_taken_as_they_stand() -> None:
    faults = FaultLog()
    limits = {"submissions_per_day": 2, "submissions_total": 30, "max_upload_bytes": 10, "max_unpacked_bytes": 20,
              "max_lines": 5}  # fmt: skip
    policy = policy_of(faults, **limits)
    assert not faults
    assert {name: getattr(policy, name) for name in limits} == limits


@pytest.mark.parametrize("key", ["opens", "closes"])
@pytest.mark.parametrize(
    "value",
    [
        NOON.replace(tzinfo=None),
        NOON.date(),
        NOON.isoformat(),
        5,
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_a_time_without_a_zone_or_of_another_kind_is_a_fault(key: str, value: object) -> None:
    faults = FaultLog()
    policy = policy_of(faults, **{key: value})
    assert [(fault.code, fault.file, fault.key) for fault in faults.faults] == [
        ("policy", "round.toml", f"policy.{key}")
    ]
    assert getattr(policy, key) is None


@pytest.mark.parametrize("closes", [NOON, NOON - timedelta(seconds=1)])
def test_a_round_cannot_close_before_it_opens(closes: datetime) -> None:
    faults = FaultLog()
    policy_of(faults, opens=NOON, closes=closes)
    assert [fault.key for fault in faults.faults] == ["policy.closes"]


@pytest.mark.parametrize(
    "key", ["submissions_per_day", "submissions_total", "max_upload_bytes", "max_unpacked_bytes", "max_lines"]
)
@pytest.mark.parametrize("value", [0, -1, 2.5, "2", True])
def test_a_limit_that_is_no_positive_whole_number_is_a_fault(key: str, value: object) -> None:
    faults = FaultLog()
    policy = policy_of(faults, **{key: value})
    assert [(fault.key, fault.value) for fault in faults.faults] == [(f"policy.{key}", repr(value))]
    assert getattr(policy, key) == getattr(Policy(best_by="top5_error"), key)


@pytest.mark.parametrize(
    ("key", "value"), [("rows", "method"), ("rows", ["team"]), ("best_by", "mean_ap"), ("best_by", 1)]
)
def test_a_choice_that_is_not_offered_is_answered_with_those_that_are(key: str, value: object) -> None:
    faults = FaultLog()
    policy = policy_of(faults, **{key: value})
    (fault,) = faults.faults
    assert fault.key == f"policy.{key}"
    assert fault.advice == f"choose one of {'team, entry' if key == 'rows' else 'top1_error, top5_error'}"
    assert (policy.rows, policy.best_by) == ("team", "top5_error")


def test_all_faults_of_a_policy_come_at_once() -> None:
    faults = FaultLog()
    policy_of(faults, opens=1, closes=2, rows=3, best_by=4, max_lines=0, submissions_total=-1)
    assert len(faults.faults) == 6
