"""How long a statement waits for another one's lock, and what may be lost rather than waited for. Foundation."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from coaching import db
from coaching.db import UNAVAILABLE, database, is_sqlite

# What may as well be left undone waits no longer than nobody notices.
PASSING_WAIT_MS = 100
# Any number that nothing else locks by.
MIGRATION_LOCK = 7_203_415


@contextmanager
def in_passing() -> Iterator[None]:
    """What is written in here may as well be lost: the database is not waited for, and no page fails over it."""
    with suppress(*UNAVAILABLE), waiting_at_most(PASSING_WAIT_MS):
        yield


@contextmanager
def waiting_at_most(milliseconds: int) -> Iterator[None]:
    """In here no statement on this thread's connection waits longer for a lock. Not for the inside of a transaction."""
    # Whoever is in a hurry (patience.py) goes on being so.
    usual = longest_wait()
    wait_at_most(min(milliseconds, usual or milliseconds))
    try:
        yield
    finally:
        wait_at_most(usual)


def longest_wait() -> int:
    """So many milliseconds a statement on this thread's connection waits for a lock."""
    asked = "PRAGMA busy_timeout" if is_sqlite() else "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'"
    return int(database.execute_sql(asked).fetchone()[0])


def wait_at_most(milliseconds: int) -> None:
    """On this thread's connection no statement waits longer for a lock; 0 is for ever, on PostgreSQL."""
    name = "PRAGMA busy_timeout" if is_sqlite() else "SET lock_timeout"
    database.execute_sql(f"{name} = {milliseconds}")


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time through, on whichever machine; the others wait. For what changes tables."""
    if not is_sqlite():
        wait_at_most(0)
        database.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        try:
            yield
        finally:
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))
            wait_at_most(round(db.LONGEST_WAIT * 1000))
        return
    # A file beside the database: a lock inside it would be one that the migrations need themselves.
    with open(f"{database.obj.database}.migrating", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
