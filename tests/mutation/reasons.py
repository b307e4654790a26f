"""Why survivors may survive: survivors.toml, by module, function, statement and mutation, so that lines may move."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.mutants import Mutant

REASONS_FILE = Path(__file__).parent / "survivors.toml"


class Reasons:
    """Each `[[reason]]` names a module, a function and pairs of a statement and a mutation of it.

    A statement that ends with " …" stands for every one that starts so.
    """

    def __init__(self, text: str) -> None:
        self._reasons = {
            (it["module"], it["function"], statement, mutation): str(it["says"])
            for it in tomllib.loads(text).get("reason", [])
            for statement, mutation in it["mutants"]
        }

    @classmethod
    def kept(cls) -> Reasons:
        return cls(REASONS_FILE.read_text("utf-8"))

    def of(self, mutant: Mutant) -> str | None:
        return next((reason for key, reason in self._reasons.items() if _is_of(key, mutant)), None)

    def unneeded(self, module: str, survivors: Sequence[Mutant]) -> list[str]:
        """Those about mutants of this module that do not survive, or are no more."""
        of_module = [key for key in self._reasons if key[0] == module]
        return [" | ".join(key) for key in of_module if not any(_is_of(key, mutant) for mutant in survivors)]


def _is_of(key: tuple[str, str, str, str], mutant: Mutant) -> bool:
    module, function, statement, mutation = key
    if (module, function, mutation) != (mutant.module, mutant.function, mutant.mutation):
        return False
    is_start = statement.endswith("…")
    return mutant.statement.startswith(statement[:-1].rstrip()) if is_start else mutant.statement == statement
