"""Edits of a text that hypothesis draws, and shrinks where they show a fault."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from tests.hostile.mutations.edits import NUMBERS, SPLINTERS


class Edit(NamedTuple):
    """One replacement: `place` is a share of the file's length, so that edits shrink well."""

    place: float
    removed: int
    inserted: bytes


EDITS = st.lists(
    st.builds(
        Edit,
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 12),
        st.sampled_from((*SPLINTERS, *NUMBERS)) | st.binary(max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def edited(content: bytes, edits: list[Edit]) -> bytes:
    for edit in edits:
        place = int(edit.place * len(content))
        content = content[:place] + edit.inserted + content[place + edit.removed :]
    return content
