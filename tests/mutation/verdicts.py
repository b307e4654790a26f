"""What is known of mutants, kept so that a campaign can be broken off and taken up again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation.mutants import Mutant

AT_IMPORT = "its import"  # what kills a mutant that cannot even be loaded


@dataclass(kw_only=True)
class Known:
    """The mutants of one module, each while its function is as it was.

    A killed one stays killed while the test that killed it is there; one that survived stays so while no test that
    was tried on it has changed and none has come to them.
    """

    path: Path
    killers: dict[str, str] = field(default_factory=dict)
    survived: dict[str, str] = field(default_factory=dict)  # a digest of the tests that were tried

    @classmethod
    def of(cls, module: str, *, folder: Path) -> Known:
        known = cls(path=folder / f"{module}.jsonl")
        for line in known.path.read_text("utf-8").splitlines() if known.path.exists() else ():
            name, killer, tests = json.loads(line)
            if killer:
                known.killers[name] = killer
            else:
                known.survived[name] = tests
        return known

    def killer(self, mutant: Mutant, tests: set[str]) -> str | None:
        """The test known to kill it, if it is still there."""
        name = self.killers.get(_name(mutant))
        return name if name in tests or name == AT_IMPORT else None

    def has_survived(self, mutant: Mutant, tests: str) -> bool:
        return self.survived.get(_name(mutant)) == tests

    def remember(self, mutant: Mutant, killer: str | None, tests: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([_name(mutant), killer, tests]) + "\n")


def _name(mutant: Mutant) -> str:
    return " | ".join((mutant.digest, *mutant.key))
