"""A round's folder out of what a form says and the files that came with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from scoring.round_text import round_toml
from scoring.rounds import ROUND_FILE
from server.baselines import BASELINES_FILE
from server.jobs.draft_orders import BASELINES, IMAGE_GROUPS, SYNSET_GROUPS, SentFile

_RULES = "RULES.md"
_SAFE_ENDING = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){0,2}\Z")
_SEVERAL = frozenset({BASELINES, IMAGE_GROUPS})
_PACKED = frozenset({".gz", ".zst", ".zip"})


def write_form_folder(folder: Path, *, texts: Mapping[str, str], files: Mapping[str, tuple[SentFile, ...]]) -> None:
    """Make `folder` with round.toml, baselines.toml and the files they name; the files are moved.

    Args:
        folder: is made.
        texts: by key of round.toml; blank ones stand for none, and `policy.rules` is the text itself.
        files: by key of round.toml.

    Raises:
        FaultyRound: two subgroups are called alike.
    """
    folder.mkdir(mode=0o700)
    table: dict[str, Any] = {"images": {}, "classes": {}, "predictions": {}, "policy": {}, "truth": {}}
    for key, text in texts.items():
        if text.strip() and key != SYNSET_GROUPS:
            _set(table, key, _value(key, text))
    if "rules" in table["policy"]:
        (folder / _RULES).write_text(table["policy"]["rules"], "utf-8")
        table["policy"]["rules"] = _RULES
    placed = {key: _placed(folder, key, sent) for key, sent in files.items()}
    baselines, groups = placed.pop(BASELINES, []), placed.pop(IMAGE_GROUPS, [])
    for key, ((_, name),) in placed.items():
        _set(table, key, name)
    by_synset = [(name, {"under": wnid}) for name, wnid in _synset_groups(texts.get(SYNSET_GROUPS, ""))]
    table["subgroups"] = _subgroups(folder, by_synset + [(called, {"images": name}) for called, name in groups])
    told = {key: value for key, value in table.items() if value != {} or key == "truth"}
    (folder / ROUND_FILE).write_text(round_toml(told), "utf-8")
    if baselines:
        (folder / BASELINES_FILE).write_text("".join(_baseline(*one) for one in baselines), "utf-8")


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    section, _, name = key.rpartition(".")
    (table[section] if section else table)[name] = value


def _value(key: str, text: str) -> str | int:
    """What stands there; what is no count stays a text, which the round's reader then explains."""
    stripped = text.strip()
    if key == "images.count" and stripped.isascii() and stripped.isdigit() and len(stripped) < 20:
        return int(stripped)
    return text.replace("\r\n", "\n") if key == "policy.rules" else stripped


def _placed(folder: Path, key: str, sent: tuple[SentFile, ...]) -> list[tuple[str, str]]:
    """Move the files under a key into the folder: what each is called, and its name there."""
    found = []
    for number, one in enumerate(sent, start=1):
        stem = key.replace(".", "-") + (f"-{number}" if key in _SEVERAL else "")
        name = f"{stem}{_ending(one.name)}"
        one.path.rename(folder / name)
        found.append((_called(one), name))
    return found


def _ending(name: str) -> str:
    """The ending of a sender's file name: it tells archives from tables."""
    found = _SAFE_ENDING.search(name)
    return found[0].lower() if found else ""


def _called(sent: SentFile) -> str:
    """What a file is of, by its name: "ResNet-50" of ResNet-50.txt.gz."""
    path = PurePath(sent.name)
    return PurePath(path.stem).stem if path.suffix.lower() in _PACKED else path.stem


def _synset_groups(text: str) -> Iterator[tuple[str, str]]:
    """(name, WNID) of each line; a WNID alone is its own name."""
    for line in filter(str.strip, text.splitlines()):
        name, _, wnid = line.strip().rpartition(" ")
        yield name.strip() or wnid, wnid


def _subgroups(folder: Path, found: Iterable[tuple[str, dict[str, str]]]) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    for name, group in found:
        if name in groups:
            faults = FaultLog()
            faults.add(
                "subgroup", "two subgroups have one name", advice="give each line and each file a name of its own",
                file=ROUND_FILE, key="subgroups", value=name,
            )  # fmt: skip
            raise FaultyRound(folder, faults.faults)
        groups[name] = group
    return groups


def _baseline(method: str, file: str) -> str:
    return f"[[baselines]]\nfile = {json.dumps(file)}\nmethod = {json.dumps(method, ensure_ascii=False)}\n"
