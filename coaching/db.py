"""The database: its proxy, every model's base, the fields for instants and for what is encrypted.

Raw SQL stands here and in `guard.py`.
"""

import fcntl
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import unquote

from peewee import (
    Database,
    DatabaseError,
    DatabaseProxy,
    Field,
    IntegerField,
    IntegrityError,
    Model,
    OperationalError,
    SqliteDatabase,
    TextField,
)
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase

from coaching.fields import AutoField, Named
from coaching.vault import seal, unseal

database = DatabaseProxy()

# Locked for too long, full, gone, or with no connection left: nothing was written, and it may go in a moment.
UNAVAILABLE = (OperationalError, MaxConnectionsExceeded)
# The same, or what is there is no database any more.
UNREADABLE = (DatabaseError, MaxConnectionsExceeded)

# What the tables refuse: a second of what is unique, or what belongs to a row that is not there.
REFUSED = IntegrityError

# Any number that nothing else locks by.
MIGRATION_LOCK = 7_203_415

# Without 0, 1, i, l, o and u: read aloud and typed on a phone, and no words come out.
CODE_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"


class BaseModel(Model):
    id = AutoField()

    class Meta:
        database = database
        legacy_table_names = False


class UtcDateTimeField(Named, Field):
    """An aware UTC instant: TIMESTAMPTZ on PostgreSQL, fixed-width ISO text (so it sorts) on SQLite."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        value = value.astimezone(UTC)
        return instant_text(value) if is_sqlite() else value

    def python_value(self, value: Any) -> datetime | None:
        if value is None:
            return None
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        return cast(datetime, instant).astimezone(UTC)


class BoundedIntegerField(Named, IntegerField):
    """A number that is reckoned with: a row that holds one out of bounds reads as the nearest one within."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def python_value(self, value: Any) -> int | None:
        return None if value is None else min(max(int(value), self.least), self.most)


class EncryptedTextField(Named, TextField):
    """A text that is sealed in the table (vault.py): no query can look into it or compare it. Empty stays empty."""

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else seal(value)

    def python_value(self, value: str | None) -> str | None:
        return None if value is None else unseal(value)


def instant_text(value: datetime) -> str:
    """The instant as SQLite keeps it: `2027-03-01T05:00:00.000000+00:00`."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def is_sqlite() -> bool:
    """True while the product runs on SQLite rather than PostgreSQL."""
    return isinstance(database.obj, SqliteDatabase)


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time through, on whichever machine; the others wait. For what changes tables."""
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        try:
            yield
        finally:
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))
        return
    # A file beside the database: a lock inside it would be one that the migrations need themselves.
    with open(f"{database.obj.database}.migrating", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def rows(query: Any) -> Iterable[tuple[Any, ...]]:
    """The query's rows as plain tuples, without the cost of models."""
    return cast(Iterable[tuple[Any, ...]], query.tuples())


def open_database(url: str, connections: int = 8) -> Database:
    """The database behind `sqlite:///path` or `postgresql://…`, not yet connected."""
    if url.startswith("sqlite:///"):
        # IMMEDIATE: a check-then-insert queues up instead of failing with "database is locked".
        return SqliteDatabase(
            unquote(url.removeprefix("sqlite:///")),
            lock_type="IMMEDIATE",
            timeout=5,
            pragmas={"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1},
        )
    # psycopg reads the whole address itself, options such as ?host=/socket included.
    pool = PooledPostgresqlDatabase(url, max_connections=connections, stale_timeout=300, timeout=10)
    return cast(Database, pool)


def new_code(length: int = 10) -> str:
    """A random code for addresses and names; 30 letters, about 4.9 bits each."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(length))
