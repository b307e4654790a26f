"""Collects what is wrong with a round's folder, so that its organizer sees all of it at once."""

from __future__ import annotations

from dataclasses import replace

from scoring.findings import SHOWN_OF_A_KIND, RoundFault, shown_value


class FaultLog:
    """All faults of one folder, at most twenty of a kind and file."""

    def __init__(self) -> None:
        self._faults: list[RoundFault] = []
        self._counts: dict[tuple[str, str], int] = {}
        self._unjudged: frozenset[str] = frozenset()

    def leave_out(self, codes: frozenset[str]) -> None:
        """From now on, take in no faults of these codes: they would only follow from those already here."""
        self._unjudged = codes

    def add(
        self, code: str, message: str, *, advice: str, file: str,
        key: str | None = None, line: int | None = None, value: str | None = None,
    ) -> None:  # fmt: skip
        if code in self._unjudged:
            return
        count = self._counts[code, file] = self._counts.get((code, file), 0) + 1
        if count <= SHOWN_OF_A_KIND:
            self._faults.append(
                RoundFault(
                    code=code, file=file, message=message, advice=advice, key=key, line=line,
                    value=None if value is None else shown_value(value),
                )
            )  # fmt: skip

    def has(self, code: str, file: str) -> bool:
        """Whether this fault of this file is known."""
        return (code, file) in self._counts

    def __len__(self) -> int:
        return len(self._faults)

    @property
    def faults(self) -> tuple[RoundFault, ...]:
        return tuple(replace(fault, count=self._counts[fault.code, fault.file]) for fault in self._faults)
