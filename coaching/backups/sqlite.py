"""SQLite's backups: a copy that can be trusted, made while others write, and one put in the database's place.

Foundation.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from coaching.backups.unfinished import written
from coaching.db import database, open_database
from coaching.errors import Refused

ENDING = "db"
BESIDE = ("-wal", "-shm")  # SQLite's own files beside a database


def back_up(target: Path) -> None:
    """Write the whole database as it is now to `target`, checked, for its owner's eyes only.

    Copying the file by hand loses what still lies in the write-ahead log.
    """
    try:
        with written(target) as unfinished, closing(sqlite3.connect(unfinished)) as copy:
            database.connection().backup(copy)
            if fault := _fault_in(copy):
                raise Refused(f"The copy is damaged, and so may the database be: {fault}.")
    except (OSError, sqlite3.Error) as problem:
        raise Refused(
            f"The backup could not be written to {target}: {getattr(problem, 'strerror', None) or problem}."
        ) from problem


def check(source: Path) -> None:
    """Return if the file is a whole SQLite database; otherwise Refused."""
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            fault = _fault_in(copy)
            copy.execute("SELECT name FROM schema_migration")
    except sqlite3.Error as problem:
        raise Refused(f"{source} cannot be read as a backup of Greenroom: {problem}.") from None
    if fault:
        raise Refused(f"{source} is damaged: {fault}. Take another backup.")


@contextmanager
def copied(source: Path) -> Iterator[Path]:
    """A copy of the backup beside the database, gone after the block unless it was put in its place."""
    copy = Path(f"{database.obj.database}.restoring")
    try:
        _remove(copy)
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
        yield copy
    finally:
        _remove(copy)


@contextmanager
def speaking_to(copy: Path) -> Iterator[None]:
    """Let the product speak to this file inside the block instead of to its database."""
    present = database.obj
    database.initialize(open_database(f"sqlite:///{copy}"))
    try:
        with database.connection_context():
            yield
            # Everything into the one file: it is going to be renamed by itself.
            database.execute_sql("PRAGMA journal_mode = DELETE")
    finally:
        database.initialize(present)


def put_in_place(copy: Path, kept: Path) -> str:
    """Let `copy` be the database and the present one lie at `kept`, damaged or not; what was done comes back."""
    path = Path(database.obj.database)
    is_whole = refuse_company()
    for ending in BESIDE:
        # Left over, they would be read as the newest changes of another database.
        with suppress(FileNotFoundError):
            os.replace(f"{path}{ending}", f"{kept}{ending}")
    if not path.exists():
        os.replace(copy, path)
        return "There was no database before."
    # A second name first: whatever ends this here, there is a database under the old one.
    os.link(path, kept)
    os.replace(copy, path)
    return f"The database before is kept as {kept}{'' if is_whole else ', damaged as it is'}."


def refuse_company() -> bool:
    """Refused while anybody else has the database open; False when it is damaged, so that nobody could say."""
    path = Path(database.obj.database)
    if not path.exists():
        return True
    with closing(sqlite3.connect(path, timeout=2, isolation_level=None)) as alone:
        try:
            # Leaving the write-ahead log takes the database for oneself alone.
            alone.execute("PRAGMA journal_mode = DELETE")
            return _fault_in(alone) is None
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem):
                raise
            raise Refused(
                "Something still uses the database. Stop Greenroom first: web, worker and commands."
            ) from None
        except sqlite3.DatabaseError:
            return False


def _fault_in(copy: sqlite3.Connection) -> str | None:
    faults = [str(row[0]) for row in copy.execute("PRAGMA integrity_check").fetchall()]
    return None if faults == ["ok"] else faults[0]


def _remove(path: Path) -> None:
    for ending in ("", *BESIDE, "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
