"""A log in a file, for the processes of one machine: no server, nothing to install."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from .errors import LogRefused, LogUnavailable, not_begun
from .log import StoredSnapshot

T = TypeVar("T")

APPLICATION = 0x72786478  # "rxdx", SQLite's application_id: it tells our files from others
POLL_FIRST, POLL_LAST = 0.002, 0.025  # seconds between two looks for what other processes wrote
BUSY = 5.0  # seconds that a write waits for another process's

_SETUP = (
    f"PRAGMA application_id = {APPLICATION}",
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, entry BLOB NOT NULL)",
    "CREATE TABLE snapshot (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, content BLOB NOT NULL)",
    "CREATE TABLE nodes (node TEXT PRIMARY KEY, at REAL NOT NULL, words BLOB NOT NULL)",
)


class SqliteLog:
    """Keeps the log in a SQLite file, for processes of one machine that can all write there.

    What is appended survives the end of any process. The file must be on a local disk: SQLite's locks do
    not hold on network file systems.

    Args:
        path: of the file; it is made where there is none. Beside it there will be `-wal` and `-shm`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self._database: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode: a file that was replaced is another log
        self._thread: ThreadPoolExecutor | None = None

    # --- the log ---------------------------------------------------------------------------------

    async def append(self, entries: Sequence[bytes]) -> None:
        def insert(database: sqlite3.Connection) -> None:
            if not database.execute("SELECT 1 FROM snapshot").fetchone():
                raise not_begun(repr(self))
            last = _last(database)
            database.executemany("INSERT INTO entries VALUES (?, ?)", enumerate(entries, last + 1))

        await self._write(insert)

    async def read(self, after: int, limit: int, wait: float) -> Sequence[tuple[int, bytes]]:
        def find(database: sqlite3.Connection) -> list[tuple[int, bytes]]:
            query = "SELECT number, entry FROM entries WHERE number > ? ORDER BY number LIMIT ?"
            return database.execute(query, (after, limit)).fetchall()

        deadline, pause = time.monotonic() + wait, POLL_FIRST
        while True:
            found = await self._do(find)
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.5, POLL_LAST)

    async def last(self) -> int:
        return await self._do(_last)

    async def at(self, number: int) -> bytes | None:
        return await self._do(lambda database: _at(database, number))

    # --- the snapshot ----------------------------------------------------------------------------

    async def begin(self, content: bytes) -> bool:
        def insert(database: sqlite3.Connection) -> bool:
            if _last(database) or _snapshot(database):
                return False
            database.execute("INSERT INTO snapshot VALUES (1, 0, ?)", (content,))
            return True

        return await self._write(insert)

    async def snapshot(self) -> StoredSnapshot | None:
        return await self._do(_snapshot)

    async def save_snapshot(self, number: int, entry: bytes, content: bytes, keep: int) -> bool:
        def replace(database: sqlite3.Connection) -> bool:
            later = database.execute("SELECT 1 FROM snapshot WHERE number > ?", (number,)).fetchone()
            if later or _at(database, number) != entry:
                return False
            database.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?)", (number, content))
            database.execute("DELETE FROM entries WHERE number < ?", (number - keep,))
            return True

        return await self._write(replace)

    # --- who is there ----------------------------------------------------------------------------

    async def beat(self, node: str, words: bytes | None, life: float) -> dict[str, bytes]:
        def say(database: sqlite3.Connection) -> dict[str, bytes]:
            now = time.time()
            if words is None:
                database.execute("DELETE FROM nodes WHERE node = ?", (node,))
            else:
                database.execute("INSERT OR REPLACE INTO nodes VALUES (?, ?, ?)", (node, now, words))
            # what is of the future was written before the clock was set back
            database.execute("DELETE FROM nodes WHERE at < ? OR at > ?", (now - life, now + life))
            return dict(database.execute("SELECT node, words FROM nodes").fetchall())

        return await self._write(say)

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.wrap_future(thread.submit(self._disconnect))
            thread.shutdown(wait=False)

    def __repr__(self) -> str:
        return f"SqliteLog({str(self.path)!r})"

    # --- the file --------------------------------------------------------------------------------

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do it in one transaction: all of it, or nothing."""

        return await self._do(lambda database: _transact(database, work))

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._thread is None:  # one thread: SQLite's calls block, and its connections stay in a thread
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="rxdux-sqlite")
        return await asyncio.wrap_future(self._thread.submit(self._in_thread, work))

    def _in_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._connect())
        except sqlite3.OperationalError as error:
            self._disconnect()
            msg = f"{self!r} cannot be used just now: {error}."
            raise LogUnavailable(msg) from error
        except sqlite3.DatabaseError as error:
            self._disconnect()
            msg = f"{self!r} is no log: {error}. Give another path, or move the file away."
            raise LogRefused(msg) from error
        except OSError as error:
            self._disconnect()
            msg = f"{self!r} cannot be used just now: {error.strerror or error}."
            raise LogUnavailable(msg) from error

    def _connect(self) -> sqlite3.Connection:
        if self._database is not None and self._file == self._identity():
            return self._database
        self._disconnect()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=BUSY, isolation_level=None)
        try:
            _transact(database, self._set_up)
            _write_ahead(database)
            database.execute("PRAGMA synchronous = NORMAL")  # a crash of the machine may cost the last entries
        except BaseException:
            database.close()
            raise
        self._database, self._file = database, self._identity()
        return database

    def _set_up(self, database: sqlite3.Connection) -> None:
        [application] = database.execute("PRAGMA application_id").fetchone()
        if application == APPLICATION:
            return
        [tables] = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            msg = f"{self!r} is a database of another application. Give another path."
            raise LogRefused(msg)
        for statement in _SETUP:
            database.execute(statement)

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _disconnect(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            database.close()


def _transact(database: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    database.execute("BEGIN IMMEDIATE")
    try:
        result = work(database)
    except BaseException:
        database.rollback()
        raise
    database.commit()
    return result


def _write_ahead(database: sqlite3.Connection) -> None:
    """Readers and the writer do not wait for each other. Two processes that switch at once: SQLite does not wait here."""
    deadline = time.monotonic() + BUSY
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_LAST)
        else:
            return


def _last(database: sqlite3.Connection) -> int:
    [number] = database.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()
    return number


def _at(database: sqlite3.Connection, number: int) -> bytes | None:
    found = database.execute("SELECT entry FROM entries WHERE number = ?", (number,)).fetchone()
    return None if found is None else found[0]


def _snapshot(database: sqlite3.Connection) -> StoredSnapshot | None:
    found = database.execute("SELECT number, content FROM snapshot").fetchone()
    return None if found is None else StoredSnapshot(*found)
