"""One database, two ways in: `read()` and `write()`. Each is one transaction.

SQLite as it comes lets a quota of 60 pass 159 concurrent submissions: its driver begins transactions late,
after the first read. Here the driver begins none by itself, and `write()` takes the write lock before it reads.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from server.errors import DatabaseUnavailable

# More than the threads a server ever runs at once (40 requests, some workers): they wait for locks, not seats.
POOL_SIZE = 16
POOL_OVERFLOW = 64

# How long what others than this process commit may go unnoticed by `version`: asking takes a fifth of an answer's time.
_UNNOTICED_SECONDS = 0.02

_WRITES = "heldout_writes"


class Database:
    """A database with sessions for reading and for writing."""

    def __init__(self, engine: Engine, *, wait_seconds: float) -> None:
        self.engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})
        self._wait_seconds = wait_seconds
        self._turn = Lock()
        self._watch = Lock()
        self._watcher: PoolProxiedConnection | None = None
        self._version, self._ask_at = 0, 0.0

    @property
    def is_embedded(self) -> bool:
        """Whether it is a file of our own data folder, which no other server uses."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session over one consistent view of the data. What is changed in it is not kept.

        Raises:
            DatabaseUnavailable: the database is away.
        """
        with _translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits at the end of the block, all or nothing.

        On SQLite it holds the only write lock from the start, so what it reads stays true until it commits.

        Raises:
            DatabaseUnavailable: the database is away, full, or locked for longer than the wait.
        """
        with _translated(), self._in_turn(), Session(self._writer, expire_on_commit=False) as session:
            session.connection()  # a session begins with its first statement; the lock is due now
            yield session
            session.commit()
            self._notice()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One writer of this process at a time, where the database takes no more.

        SQLite's own waiting polls, and under 200 concurrent uploads one in ten was never lucky within its wait.
        """
        if not self.is_embedded:
            yield
            return
        if not self._turn.acquire(timeout=self._wait_seconds):
            raise DatabaseUnavailable
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def connection(self, *, is_writing: bool) -> Iterator[Connection]:
        """A bare connection in one transaction, for migrations; committed at the end of the block.

        One that writes may leave rows that refer to nothing meanwhile, where the database cannot change a table but by
        making it anew; at the end there must be none.

        Raises:
            DatabaseUnavailable: the database is away, full, or locked for longer than the wait.
        """
        turn = self._in_turn() if is_writing else nullcontext()
        engine = self._writer if is_writing else self.engine
        with _translated(), turn, engine.connect() as connection, _referring_late(connection, is_writing=is_writing):
            yield connection
        self._notice()

    def version(self) -> int | None:
        """A number that changes whenever anybody, in any process, has committed something; None where there is none.

        Commits of this process change it at once, those of others within 20 ms. Takes some microseconds, and waits for
        nobody: SQLite tells it to each connection of commits by others, and this one never writes.

        Raises:
            DatabaseUnavailable: the database is away.
        """
        if not self.is_embedded:
            return None
        with self._watch:
            now = time.monotonic()
            if now >= self._ask_at:
                self._version, self._ask_at = self._asked(), now + _UNNOTICED_SECONDS
            return self._version

    def _asked(self) -> int:
        if self._watcher is None:
            with _translated():
                self._watcher = self.engine.raw_connection()
        driver = self._watcher.driver_connection
        assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - a type narrowing
        try:
            version: int = driver.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            raise DatabaseUnavailable from error
        return version

    def _notice(self) -> None:
        """Let `version` ask again: this process has committed something."""
        with self._watch:
            self._ask_at = 0.0

    def close(self) -> None:
        """Give all connections back."""
        with self._watch:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        self.engine.dispose()


def open_database(address: str, *, wait_seconds: float = 5.0) -> Database:
    """The database at an SQLAlchemy address; nothing is connected or created yet."""
    if not address.startswith("sqlite"):
        engine = create_engine(address, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, pool_pre_ping=True)
        return Database(engine, wait_seconds=wait_seconds)
    engine = create_engine(
        address, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, connect_args={"timeout": wait_seconds}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, wait_seconds=wait_seconds)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing; `_begin_sqlite` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")  # readers go on while somebody writes
    cursor.execute("PRAGMA synchronous = FULL")  # a commit that was answered survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _referring_late(connection: Connection, *, is_writing: bool) -> Iterator[None]:
    """One transaction; SQLite looks at its foreign keys at the end, which it cannot be told within a transaction."""
    driver = connection.connection.driver_connection
    if not is_writing or not isinstance(driver, sqlite3.Connection):
        with connection.begin():
            yield
        return
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.begin():
            yield
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if lost is not None:
                raise sqlite3.IntegrityError(f"a row of {lost[0]} refers to none of {lost[2]}; nothing was changed")
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def _translated() -> Iterator[None]:
    """A database that is away, full or locked becomes our one error for it; programming errors stay."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise DatabaseUnavailable from error
    except DatabaseError as error:
        if getattr(error, "connection_invalidated", False):
            raise DatabaseUnavailable from error
        raise
