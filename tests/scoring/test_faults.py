from __future__ import annotations

from pathlib import Path

from scoring.errors import FaultyRound
from scoring.faults import FaultLog


def add(log: FaultLog, code: str, file: str, *, line: int | None = None, value: str | None = None) -> None:
    log.add(code, "what", advice="how", file=file, line=line, value=value)


def test_twenty_faults_of_a_kind_and_file_are_kept() -> None:
    log = FaultLog()
    for line in range(30):
        add(log, "a", "one", line=line)
        add(log, "a", "two", line=line)
    assert len(log) == 40
    assert [fault.line for fault in log.faults if fault.file == "two"] == list(range(20))


def test_values_are_quoted_readably() -> None:
    log = FaultLog()
    add(log, "a", "one", value="\0" + "x" * 100)
    add(log, "b", "one")
    first, second = log.faults
    assert first.value is not None
    assert first.value.startswith("\\x00xxx")
    assert len(first.value) == 80
    assert second.value is None


def test_what_only_follows_from_a_fault_already_here_is_left_out() -> None:
    log = FaultLog()
    add(log, "a", "one")
    log.leave_out(frozenset({"a", "b"}))
    for code in "abc":
        add(log, code, "one")
    assert [fault.code for fault in log.faults] == ["a", "c"]


def test_faults_beyond_the_twentieth_of_a_kind_are_counted() -> None:
    log = FaultLog()
    for line in range(1, 900):
        log.add("unknown-class", "what", advice="how", file="labels.txt", line=line)
    log.add("slug", "what", advice="how", file="round.toml")
    assert [fault.count for fault in log.faults] == [899] * 20 + [1]
    assert str(FaultyRound(Path("folder"), log.faults)) == "folder cannot be used as a round: 900 faults"
