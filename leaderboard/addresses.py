"""Addresses of pages about entries. What an unlisted round holds is found by who knows the round's short name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from leaderboard.board import Board


def entry_address(board: Board, entry: int) -> str:
    """Of the page of an entry of this board."""
    return _with_query(f"/entries/{entry}", _key_of(board))


def comparison_address(board: Board, first: int, second: int) -> str:
    """Of the page that compares two entries of this board."""
    return _with_query("/compare", {"a": str(first), "b": str(second)} | _key_of(board))


def _key_of(board: Board) -> dict[str, str]:
    return {"round": board.round_slug} if board.visibility.is_unlisted else {}


def _with_query(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
