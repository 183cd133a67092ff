"""Why the database takes nothing just now, by what its driver raised. Foundation."""

import sqlite3
import sys
from typing import Any

from playhouse.pool import MaxConnectionsExceeded

# What SQLite says when it is not the statement that is wrong, but file, disk or lock: https://sqlite.org/rescode.html
TROUBLE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


def is_full(error: object) -> bool:
    """True when there is no room left on the disk that the database lies on."""
    trouble = trouble_of(error) or ""
    return "disk is full" in trouble or "No space left" in trouble or "disk I/O error" in trouble


def trouble_of(error: object) -> str | None:
    """Why the database takes nothing now, in one line; None when the exception is about something else.

    Also of what the queue's own driver raises. A statement that is wrong is no trouble of the database.
    """
    if isinstance(error, MaxConnectionsExceeded):
        return "no connection is free"
    error = getattr(error, "orig", error)  # the driver's own, as peewee hands it on
    code = getattr(error, "sqlite_errorcode", None)
    is_trouble = code & 0xFF in TROUBLE_CODES if code is not None else _is_from_postgres(error)
    if not is_trouble:
        return None
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    name = getattr(error, "sqlite_errorname", "")
    # The plain kinds say nothing more than the sentence.
    return f"{reason} ({name})" if name.count("_") > 1 else reason


def _is_from_postgres(error: object) -> bool:
    # Where nobody has loaded the driver, nothing has come from it.
    driver: Any = sys.modules.get("psycopg")
    return driver is not None and isinstance(error, driver.OperationalError)
