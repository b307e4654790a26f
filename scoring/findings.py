"""What is wrong, or merely odd, about a file: every fault with its place and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "notice"]

# A file that is wrong on every line must not answer with four million findings; twenty of a kind show the pattern.
SHOWN_OF_A_KIND = 20

# Offending values are quoted back; a line of a megabyte is not.
SHOWN_VALUE_CHARACTERS = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault (or one oddity) of one file."""

    code: str  # machine-readable kind, stable across releases: "unknown-image"
    severity: Severity  # an error refuses the file, a notice does not
    message: str  # what is wrong, and what was expected
    advice: str  # how to mend it
    line: int | None = None  # 1-based line of the file, where there is one
    value: str | None = None  # the offending text, shortened
    count: int = 1  # how often this code occurs in the whole file, shown or not

    def as_json(self) -> dict[str, str | int | None]:
        """The finding as JSON shows it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "line": self.line,
            "value": self.value,
            "message": self.message,
            "advice": self.advice,
            "count": self.count,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundFault:
    """One fault of a round's folder, for its organizer."""

    code: str
    file: str  # the file's path within the folder
    message: str
    advice: str
    key: str | None = None  # the key of round.toml that names it: "truth.boxes"
    line: int | None = None
    value: str | None = None
    count: int = 1  # how often this code occurs in this file, shown or not


def shown_value(value: str) -> str:
    """`value` as it may be quoted in a finding: control characters escaped, cut to a readable length."""
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in value[:200])
    return visible if len(visible) <= SHOWN_VALUE_CHARACTERS else visible[: SHOWN_VALUE_CHARACTERS - 1] + "…"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All findings of one file: errors first, in line order, each kind capped but fully counted."""

    findings: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def notices(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "notice")

    def as_json(self) -> list[dict[str, str | int | None]]:
        return [finding.as_json() for finding in self.findings]


class FindingLog:
    """Collects findings while a file is read; `report()` closes it into a frozen Report."""

    def __init__(self) -> None:
        self._shown: dict[str, list[Finding]] = {}
        self._counts: dict[str, int] = {}

    def add(self, finding: Finding) -> None:
        """Count `finding.count` occurrences of its code and show this one while there is room.

        A notice is shown once a file, whatever its count: it describes the file, not a line.
        """
        self._counts[finding.code] = self._counts.get(finding.code, 0) + finding.count
        shown = self._shown.setdefault(finding.code, [])
        if len(shown) < (SHOWN_OF_A_KIND if finding.severity == "error" else 1):
            shown.append(replace(finding, value=None if finding.value is None else shown_value(finding.value)))

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def count_more(self, code: str, count: int) -> None:
        """Count occurrences of `code` that are no longer shown."""
        self._counts[code] = self._counts.get(code, 0) + count

    def wants(self, code: str) -> int:
        """How many more errors of `code` would still be shown."""
        return SHOWN_OF_A_KIND - len(self._shown.get(code, ()))

    def __contains__(self, code: str) -> bool:
        return code in self._counts

    @property
    def has_errors(self) -> bool:
        return any(shown and shown[0].severity == "error" for shown in self._shown.values())

    def report(self) -> Report:
        everything = [
            replace(finding, count=self._counts[code]) for code, shown in self._shown.items() for finding in shown
        ]
        everything.sort(key=lambda f: (f.severity != "error", f.line is None, f.line or 0, f.code))
        return Report(findings=tuple(everything))
