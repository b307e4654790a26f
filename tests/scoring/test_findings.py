from __future__ import annotations

import pickle

import pytest

from scoring.errors import FaultyRound, HeldoutError
from scoring.findings import SHOWN_OF_A_KIND, Finding, FindingLog, RoundFault, Severity, shown_value


def finding(
    code: str = "odd",
    *,
    severity: Severity = "error",
    line: int | None = None,
    value: str | None = None,
    count: int = 1,
) -> Finding:
    return Finding(
        code=code, severity=severity, message="what", advice="how", line=line, value=value, count=count
    )  # fmt: skip


def test_a_log_without_findings_reports_a_valid_file() -> None:
    report = FindingLog().report()
    assert report.is_valid
    assert (report.errors, report.notices, report.as_json()) == ((), (), [])


def test_a_notice_refuses_nothing_and_an_error_does() -> None:
    log = FindingLog()
    log.add(finding("notice", severity="notice"))
    assert not log.has_errors
    assert log.report().is_valid
    log.add(finding("error"))
    assert log.has_errors
    report = log.report()
    assert not report.is_valid
    assert [f.code for f in report.errors] == ["error"]
    assert [f.code for f in report.notices] == ["notice"]


def test_twenty_errors_of_a_kind_are_shown_and_all_are_counted() -> None:
    log = FindingLog()
    for line in range(1, 51):
        log.add(finding("a", line=line))
    log.add(finding("b", line=7))
    log.count_more("a", 1000)
    findings = log.report().findings
    shown = [f for f in findings if f.code == "a"]
    assert [f.line for f in shown] == list(range(1, SHOWN_OF_A_KIND + 1))
    assert {f.count for f in shown} == {1050}
    assert [f.count for f in findings if f.code == "b"] == [1]
    assert (log.wants("a"), log.wants("b"), log.wants("c")) == (0, SHOWN_OF_A_KIND - 1, SHOWN_OF_A_KIND)


def test_a_notice_is_shown_once_and_its_counts_add_up() -> None:
    log = FindingLog()
    log.extend([finding("n", severity="notice", count=3, line=2), finding("n", severity="notice", count=4, line=9)])
    (only,) = log.report().findings
    assert (only.line, only.count) == (2, 7)
    assert "n" in log
    assert "m" not in log


def test_errors_come_first_in_order_of_line_and_those_of_the_whole_file_last() -> None:
    log = FindingLog()
    log.add(finding("n", severity="notice", line=1))
    log.add(finding("whole"))
    log.add(finding("z", line=3))
    log.add(finding("a", line=3))
    log.add(finding("b", line=2))
    assert [f.code for f in log.report().findings] == ["b", "a", "z", "whole", "n"]


def test_a_finding_as_json_has_the_keys_that_others_rely_on() -> None:
    document = finding("c", line=4, value="x", count=2).as_json()
    assert document == {
        "code": "c", "severity": "error", "line": 4, "value": "x", "message": "what", "advice": "how", "count": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "plain"),
        ("a\0b\x1b[31m\n", "a\\x00b\\x1b[31m\\n"),
        ("\u202egnp", "\\u202egnp"),
        ("\u200b", "\\u200b"),
        ("é ٣", "é ٣"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        ("x" * 1_000_000, "x" * 79 + "…"),
        ("\0" * 100, "\\x00" * 19 + "\\x0" + "…"),
    ],
)
def test_a_value_is_quoted_back_readably_and_shortly(value: str, shown: str) -> None:
    assert shown_value(value) == shown
    log = FindingLog()
    log.add(finding(value=value))
    assert log.report().findings[0].value == shown


def test_findings_and_reports_travel_between_processes() -> None:
    log = FindingLog()
    log.add(finding("c", line=4, value="x"))
    report = log.report()
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301  # our own bytes


def test_exceptions_carry_what_they_are_about(tmp_path: object) -> None:
    fault = RoundFault(code="slug", file="round.toml", message="what", advice="how")
    faulty = FaultyRound(tmp_path, (fault,))  # type: ignore[arg-type]
    assert isinstance(faulty, HeldoutError)
    assert (faulty.folder, faulty.faults) == (tmp_path, (fault,))
    assert str(faulty) == f"{tmp_path} cannot be used as a round: 1 fault"
