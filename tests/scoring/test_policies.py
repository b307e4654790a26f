from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from scoring.faults import FaultLog
from scoring.policies import (
    MAX_LINES,
    MAX_UNPACKED_BYTES,
    MAX_UPLOAD_BYTES,
    Policy,
    parse_policy,
    policy_json,
    policy_of_json,
    policy_table,
)

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
        datetime(9000, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(8999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),  # the next year in UTC, as it would be kept
        datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=9))),
    ],
)
def test_a_time_without_a_zone_of_another_kind_or_far_away_is_a_fault(key: str, value: object) -> None:
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
@pytest.mark.parametrize("value", [0, -1, 2.5, "2", True, 2**63])
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


WHOLE: dict[str, Any] = {
    "time_zone": "Europe/Paris", "opens": NOON, "closes": NOON + timedelta(days=9), "freezes": NOON + timedelta(days=8),
    "reveals": NOON + timedelta(days=10), "teams_freeze": NOON + timedelta(days=1), "submissions_per_week": 4,
    "finals": 3, "appeal_days": 2, "represents": "finals", "ranking": "categories", "per_class": "never",
    "listing": "private", "admission": "domains", "domains": ["example.edu", "cs.example.org"],
    "tracks": ["provided", "external"], "public_share": 0.25, "blind": True, "anonymous": True, "verify_email": True,
}  # fmt: skip


def test_a_policy_with_everything_in_it_is_read_and_written_again() -> None:
    faults = FaultLog()
    policy = policy_of(faults, **WHOLE)
    assert not faults
    assert (policy.is_blind, policy.is_anonymous, policy.needs_email) == (True, True, True)
    assert policy.tracks == ("provided", "external")
    table = policy_table(policy)
    assert table == {**WHOLE, "best_by": "top5_error"}
    assert policy_of(faults, **table) == policy
    kept = json.loads(json.dumps(policy_json(policy)))
    assert policy_of_json(kept, rules="# Rules", data="# Data") == replace(policy, rules="# Rules", data="# Data")


def test_terms_stand_on_a_data_page() -> None:
    faults = FaultLog()
    table = {"data_terms": True}
    kept = {"metrics": ("top5_error",), "main_metric": "top5_error", "faults": faults}
    policy = parse_policy(table, **kept, texts={"data": "Not for sale."})
    assert not faults
    assert policy.has_data_terms
    assert policy_table(policy) == {"data_terms": True, "best_by": "top5_error"}
    assert policy_of_json(policy_json(policy), data="Not for sale.") == policy
    parse_policy(table, **kept, texts={"data": None})
    assert [fault.key for fault in faults.faults] == ["policy.data_terms"]


def test_what_is_as_by_default_is_not_written() -> None:
    assert policy_table(Policy(best_by="top5_error")) == {"best_by": "top5_error"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("blind", "yes"), ("anonymous", 1), ("verify_email", None.__class__),
        ("public_share", 0), ("public_share", 1.0), ("public_share", "half"), ("public_share", True),
        ("time_zone", "Mars/Phobos"), ("time_zone", "../etc"), ("time_zone", 5), ("time_zone", ""),
        ("tracks", "provided"), ("tracks", ["a", "a"]), ("tracks", [" a"]), ("tracks", [""]), ("tracks", ["a" * 41]),
        ("tracks", [1]), ("tracks", ["a\u202eb"]),
        ("domains", "example.edu"), ("domains", ["Example.EDU"]), ("domains", ["localhost"]), ("domains", [3]),
        ("represents", "worst"), ("per_class", "closed"), ("listing", "hidden"), ("admission", "invited"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_a_fault_and_stands_for_its_default(key: str, value: object) -> None:
    faults = FaultLog()
    policy = policy_of(faults, **{key: value})
    (fault,) = faults.faults
    assert (fault.code, fault.key) == ("policy", f"policy.{key}")
    assert policy == Policy(best_by="top5_error")


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("closes", {"opens": NOON, "closes": NOON}),
        ("reveals", {"reveals": NOON}),
        ("reveals", {"closes": NOON, "reveals": NOON - timedelta(seconds=1)}),
        ("freezes", {"closes": NOON, "freezes": NOON}),
        ("admission", {"admission": "domains"}),
    ],
)
def test_what_contradicts_itself_is_a_fault_of_the_key_to_change(key: str, table: dict[str, Any]) -> None:
    faults = FaultLog()
    policy_of(faults, **table)
    assert [fault.key for fault in faults.faults] == [f"policy.{key}"]


def test_categories_can_be_won_where_classes_have_an_ap_alone() -> None:
    faults = FaultLog()
    parse_policy(
        {"ranking": "categories"},
        metrics=("top5_error",),
        main_metric="top5_error",
        faults=faults,
        has_categories=False,
    )
    assert [fault.key for fault in faults.faults] == ["policy.ranking"]
