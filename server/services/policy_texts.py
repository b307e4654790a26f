"""The files of the public half that hold the texts of a policy: its rule book and its data page."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count
from pathlib import PurePosixPath
from typing import Any

# Keys whose values are texts, each in a file.
TEXTS = ("rules", "data")


def with_text(
    section: Mapping[str, Any], key: str, text: str | None, *, table: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, bytes | None]]:
    """([policy] of round.toml, what becomes of which files) once `key` has another text, or none.

    The text stays in the file it is in, unless another part of the round is in it too: that part stays as it is. A file
    that nothing names any more goes, for the round's folder would differ from any that is opened elsewhere.

    Args:
        section: as it is.
        key: of the text.
        text: the new one; None: the key goes.
        table: all of a faultless round.toml.
    """
    rest = {other: value for other, value in section.items() if other != key}
    taken = _files_of({**table, "policy": {other: rest[other] for other in TEXTS if other in rest}})
    own: list[str] = [section[key]] if key in section and PurePosixPath(section[key]) not in taken else []
    if text is None:
        return rest, dict.fromkeys(own)
    wanted = chain(own, (f"policy-{key}{number}.md" for number in chain([""], count(2))))
    name = next(name for name in wanted if PurePosixPath(name) not in taken)
    return {**rest, key: name}, {name: text.encode()}


def _files_of(table: Mapping[str, Any]) -> set[PurePosixPath]:
    """What may be a file's name in the public half."""
    sections = [table.get(name, {}) for name in ("images", "classes", "policy")]
    values = [value for section in (*sections, *table.get("subgroups", {}).values()) for value in section.values()]
    return {PurePosixPath(value) for value in values if isinstance(value, str)}
