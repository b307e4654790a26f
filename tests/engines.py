"""Engines that share what they have compiled: the tests open a thousand databases, all for the same few statements.

SQLAlchemy keeps a compiled statement by the engine and by its dialect; compiling took a quarter of the tests' time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine


def create_alike_engine(address: str, **options: Any) -> Engine:
    """`create_engine`; one of SQLite has the dialect and the compiled statements of all others."""
    engine = create_engine(address, **options)
    if engine.dialect.name == "sqlite":
        first = _first_engine()
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


@cache
def _first_engine() -> Engine:
    engine = create_engine("sqlite://", query_cache_size=5_000)
    engine.connect().close()  # the dialect looks around at its first connection
    return engine
