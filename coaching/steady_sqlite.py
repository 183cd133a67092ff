"""SQLite as a server uses it: connections that are kept, and writers who come one after the other. Foundation."""

import os
import sqlite3
from functools import cached_property
from time import monotonic

from peewee import OperationalError
from playhouse.pool import PooledSqliteDatabase

from coaching.write_queue import WriteQueue

NOTICED_MS = 100  # shorter waits are not worth reckoning with


class SqliteConnection(sqlite3.Connection):
    """A connection that knows which file it was opened to."""

    file: int | None = None


class SteadySqliteDatabase(PooledSqliteDatabase):  # type: ignore[misc]
    """SQLite, whose connections a server keeps for its next request: to open one costs a tenth of a page."""

    # Only where no process is forked any more: SQLite's connections must not be shared. And whoever restores a backup
    # by hand has nobody about.
    keeps_connections = False

    def begin(self, lock_type: str | None = None) -> None:
        """Begin to write, in the order of those who want to."""
        connection, began = self.connection(), monotonic()
        [longest] = connection.execute("PRAGMA busy_timeout").fetchone()
        if not self._queue.enter(longest / 1000):
            raise _locked()
        waited = round((monotonic() - began) * 1000)
        try:
            # Whoever holds the lock without having queued up is waited for no longer, all in all.
            if waited >= NOTICED_MS:
                connection.execute(f"PRAGMA busy_timeout = {max(longest - waited, 1)}")
            super().begin(lock_type)
        except BaseException:
            self._queue.leave()
            raise
        finally:
            if waited >= NOTICED_MS:
                connection.execute(f"PRAGMA busy_timeout = {longest}")

    def commit(self) -> None:
        """What was written holds, and the next one writes."""
        super().commit()
        self._queue.leave()

    def rollback(self) -> None:
        """What was written is gone, and the next one writes."""
        try:
            super().rollback()
        finally:
            self._queue.leave()

    def close_all(self) -> None:
        """Let go of every connection and of the file."""
        super().close_all()
        self._queue.close()

    @cached_property
    def _queue(self) -> WriteQueue:
        return WriteQueue(self.database)

    def _add_conn_hooks(self, conn: SqliteConnection) -> None:
        super()._add_conn_hooks(conn)
        conn.file = self._file()

    def _can_reuse(self, conn: SqliteConnection) -> bool:
        return self.keeps_connections and bool(super()._can_reuse(conn))

    def _is_closed(self, conn: SqliteConnection) -> bool:
        # The name may be another file's since it was opened.
        return conn.file != self._file() or bool(super()._is_closed(conn))

    def _file(self) -> int | None:
        try:
            return os.stat(self.database).st_ino
        except OSError:
            return None


def _locked() -> OperationalError:
    """What SQLite says where nobody gets in for too long."""
    said = sqlite3.OperationalError("database is locked")
    said.sqlite_errorcode, said.sqlite_errorname = sqlite3.SQLITE_BUSY, "SQLITE_BUSY"
    return OperationalError(said)
