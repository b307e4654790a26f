"""The baselines of a round's folder: prediction files that are on its board from the start, out of competition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from scoring.toml_tables import read_toml
from server.errors import InvalidName
from server.names import clean_name
from server.organizing_errors import InvalidText
from server.texts import clean_text

BASELINES_FILE = "baselines.toml"

MAX_BASELINES = 50
MAX_METHOD_CHARACTERS = 200
MAX_DESCRIPTION_CHARACTERS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """One of them."""

    method: str
    description: str
    path: Path
    file_name: str  # as the folder calls it
    scores: Mapping[str, float]  # what it is known to score, by metric


def read_baselines(folder: Path, *, metrics: tuple[str, ...]) -> tuple[Baseline, ...]:
    """What baselines.toml names; nothing where there is none.

    Args:
        folder: the round's.
        metrics: those that the round's task measures.

    Raises:
        FaultyRound: with all faults of the file.
    """
    if not (folder / BASELINES_FILE).exists():
        return ()
    faults = FaultLog()
    reader = _Reader(folder, metrics, faults)
    found = reader.read()
    if faults:
        raise FaultyRound(folder, faults.faults)
    return found


class _Reader:
    def __init__(self, folder: Path, metrics: tuple[str, ...], faults: FaultLog) -> None:
        self._folder = folder
        self._metrics = metrics
        self._faults = faults

    def read(self) -> tuple[Baseline, ...]:
        try:
            table = read_toml((self._folder / BASELINES_FILE).read_text("utf-8-sig"))
        except (OSError, ValueError) as error:
            self._wrong("toml", f"this is not TOML: {error}", "mend the named place")
            return ()
        rows = table.get("baselines", [])
        if set(table) - {"baselines"} or not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            self._wrong("baselines", "a list of tables is due here", "write [[baselines]] on a line, its keys below")
            return ()
        if len(rows) > MAX_BASELINES:
            self._wrong("baselines", f"there are more than {MAX_BASELINES} baselines", "keep the telling ones")
        found = tuple(self._baseline(row, f"baselines.{place}") for place, row in enumerate(rows, start=1))
        if len({baseline.method for baseline in found}) != len(found):
            self._wrong("baselines", "two baselines have one method", "give each a method of its own")
        return found

    def _baseline(self, row: Mapping[str, Any], key: str) -> Baseline:
        known = {"file", "method", "description", "scores"}
        for unknown in sorted(set(row) - known):
            self._wrong("unknown-key", "this key is not known", f"known here: {', '.join(sorted(known))}",
                        key=f"{key}.{unknown}")  # fmt: skip
        texts = {"method": "", "description": ""}
        try:
            texts["method"] = clean_name(
                _text(row, "method"), field="method", max_characters=MAX_METHOD_CHARACTERS
            )  # fmt: skip
            texts["description"] = clean_text(
                _text(row, "description"), field="description", max_characters=MAX_DESCRIPTION_CHARACTERS,
                is_optional=True,
            )  # fmt: skip
        except (InvalidName, InvalidText) as error:
            self._wrong("baselines", error.message, error.advice_given, key=key)
        return Baseline(
            **texts,
            path=self._path(row.get("file"), key=f"{key}.file"),
            file_name=PurePosixPath(_text(row, "file")).name,
            scores=self._scores(row.get("scores", {}), key=f"{key}.scores"),
        )

    def _path(self, name: object, *, key: str) -> Path:
        path = self._folder / str(name)
        if not isinstance(name, str) or not path.is_file():
            self._wrong("file-missing", "this file cannot be read", "put it into the folder, or mend its name", key=key)
        elif not path.resolve().is_relative_to(self._folder.resolve()):
            self._wrong("file-outside", "this path leaves the round's folder", "put the file into it", key=key)
        return path

    def _scores(self, scores: object, *, key: str) -> dict[str, float]:
        if not isinstance(scores, dict) or not all(
            isinstance(value, int | float) and not isinstance(value, bool) for value in scores.values()
        ):
            self._wrong("baselines", "scores by metric are due here", "write scores = {top5_error = 0.163}", key=key)
            return {}
        for unknown in sorted(set(scores) - set(self._metrics)):
            self._wrong("unknown-key", "the task has no such metric", f"choose one of {', '.join(self._metrics)}",
                        key=f"{key}.{unknown}")  # fmt: skip
        return {metric: float(value) for metric, value in scores.items()}

    def _wrong(self, code: str, message: str, advice: str, *, key: str = "baselines") -> None:
        self._faults.add(code, message, advice=advice, file=BASELINES_FILE, key=key)


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    return value if isinstance(value, str) else ""
