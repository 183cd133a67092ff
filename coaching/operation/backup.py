"""A copy of the database that can be trusted: made by SQLite itself while others go on writing, and checked."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from coaching.db import database, is_sqlite
from coaching.errors import Refused


def back_up(target: Path) -> None:
    """The whole database as it is now lies at `target`, checked, for its owner's eyes only.

    Copying the file by hand loses what still lies in the write-ahead log.
    """
    if not is_sqlite():
        raise Refused("This database is PostgreSQL: back it up with pg_dump.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(unfinished)) as copy:
            database.connection().backup(copy)
            _refuse_unsound(copy)
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as problem:
        raise Refused(f"The backup could not be written to {target}: {problem}.") from problem
    finally:
        with suppress(OSError):  # told above, where it is what stands in the way
            unfinished.unlink(missing_ok=True)


def _refuse_unsound(copy: sqlite3.Connection) -> None:
    found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check").fetchall()]
    if found != ["ok"]:
        raise Refused(f"The copy is damaged, and so may the database be: {found[0]}.")
