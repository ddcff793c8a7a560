"""What the processes of a server share, and what outlives them (the socket `Store`): a small database in a file of the server's."""

import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging import getLogger
from pathlib import Path

from zconnect.errors import Unavailable
from zconnect.messages import error, warning

logger = getLogger(__name__)

UNUSABLE = error(
    "ZCON0872E",
    "The file {file}, in which the server keeps what its processes share and what it must not forget, cannot be used: {reason}.",
    "Free space, or give the user who runs the server the right to write there.",
)
DAMAGED = warning(
    "ZCON0873W",
    "The file {file} was damaged and is begun anew; tokens that may be used once and were used may be used again until they end.",
    "See why: a disk that fails, or a machine that lost its power.",
)

_TABLE = """
CREATE TABLE IF NOT EXISTS kept (space TEXT, key BLOB, value BLOB NOT NULL, until REAL NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID
"""
_PUT = """
INSERT INTO kept VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET value = excluded.value, until = excluded.until WHERE kept.until <= ?5
"""
_REPLACE = "UPDATE kept SET value = ?3, until = ?4 WHERE space = ?1 AND key = ?2 AND value = ?5"
_READ = "SELECT value FROM kept WHERE space = ? AND key = ? AND until > ?"
_COUNT = "SELECT count(*) FROM kept WHERE space = ? AND until > ?"

_MODE = 0o600  # nobody else's business
_SWEEP = 60.0  # seconds between two looks for what has ended
_WAIT = 2.0  # seconds for another process to end its writing, which takes microseconds


class Store:
    """An open database; without a file one of this process alone. Times are seconds since the epoch.

    `since` is when the server was started, `secret` is known to its processes alone and ends with them. What is written is safe
    from the death of any process at once; a machine that loses its power may lose the last seconds.
    """

    def __init__(self, file: Path | None = None, since: float = 0.0, secret: bytes = b"") -> None:
        self.since = since or time.time()
        self.secret = secret or secrets.token_bytes(32)
        self._file = file
        self._opened: sqlite3.Connection | None = None
        self._next_sweep = 0.0

    def replace(self, space: str, key: bytes, before: bytes | None, value: bytes, until: float, now: float) -> bool:
        """Put a value in the place of the one before, None for none; False where another was there or faster.

        Raises `Unavailable`."""
        if now >= self._next_sweep:
            self._next_sweep = now + _SWEEP
            self._run("DELETE FROM kept WHERE until <= ?", now)
        if before is None:
            return self._run(_PUT, space, key, value, until, now).rowcount > 0
        return self._run(_REPLACE, space, key, value, until, before).rowcount > 0

    def read(self, space: str, key: bytes, now: float) -> bytes | None:
        """The value of a key that has not ended; raises `Unavailable`."""
        found = self._run(_READ, space, key, now).fetchone()
        return found[0] if found else None

    def count(self, space: str, now: float) -> int:
        """How many keys there are; raises `Unavailable`."""
        return int(self._run(_COUNT, space, now).fetchone()[0])

    def close(self) -> None:
        """Close it; it is opened again by the next use."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            return (self._opened or self._database()).execute(statement, values)
        except (sqlite3.Error, OSError) as cause:
            self.close()
            raise Unavailable(UNUSABLE(file=self._file, reason=cause)) from cause

    def _database(self) -> sqlite3.Connection:
        if self._file is None:
            self._opened = self._connected()
            return self._opened
        self._file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        # SQLite waits for no other process where it makes the journal of a database, and two may not begin it anew.
        with _alone_in(self._file.parent):
            try:
                self._opened = self._connected()
            except sqlite3.DatabaseError as cause:
                if isinstance(cause, sqlite3.OperationalError):
                    raise
                self._begin_anew(self._file)
                self._opened = self._connected()
        return self._opened

    def _connected(self) -> sqlite3.Connection:
        if self._file is not None:
            os.close(os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _MODE))
        database = sqlite3.connect(self._file or ":memory:", timeout=_WAIT, isolation_level=None)
        try:
            # Without synchronous writing no request waits for a disk.
            database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; {_TABLE}")
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _begin_anew(self, file: Path) -> None:
        for part in (file, *(file.with_name(file.name + more) for more in ("-wal", "-shm"))):
            part.unlink(missing_ok=True)
        DAMAGED.log(logger, file=file)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Have the processes that come here do it one after another; raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a network file system has no locks of folders
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
