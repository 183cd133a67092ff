"""The database: its proxy, every model's base, the fields for instants and for what is encrypted. Foundation."""

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self, cast
from urllib.parse import unquote

import peewee
from peewee import (
    SQL,
    Database,
    DatabaseError,
    DatabaseProxy,
    Expression,
    Field,
    IntegerField,
    IntegrityError,
    Model,
    Node,
    NodeList,
    OperationalError,
    SqliteDatabase,
    TextField,
    fn,
)
from playhouse.pool import MaxConnectionsExceeded

from coaching.fields import AutoField, Named
from coaching.marks import CODE_LETTERS
from coaching.steady_sqlite import SqliteConnection, SteadySqliteDatabase
from coaching.vault import seal, unseal

database = DatabaseProxy()

# Locked for too long, full, gone, or with no connection left: nothing was written, and it may go in a moment.
UNAVAILABLE = (OperationalError, MaxConnectionsExceeded)
# The same, or what is there is no database any more.
UNREADABLE = (DatabaseError, MaxConnectionsExceeded)

# What the tables refuse: a second of what is unique, or what belongs to a row that is not there.
REFUSED = IntegrityError
# So long a statement waits for somebody else's lock, and a connection for the server.
LONGEST_WAIT = 5  # seconds


class BaseModel(Model):
    id = AutoField()

    class Meta:
        database = database
        legacy_table_names = False

    def save(self, force_insert: bool = False, only: Any = None) -> int:
        """Write the row, as peewee does; a new one by a statement whose text is built once for the columns it has."""
        row: Any = self  # the names that peewee keeps for itself
        values = row.__data__.copy()
        row._populate_unsaved_relations(values)
        has_key = values.get("id") is not None
        if (
            only is not None
            or (has_key and not force_insert)
            or any(isinstance(value, Node) for value in values.values())
        ):
            return int(super().save(force_insert, only))
        if not has_key:
            values.pop("id", None)
        sql, fields = insertion(type(self), tuple(values), is_sqlite())
        cursor = database.execute_sql(sql, [field.db_value(values[field.name]) for field in fields])
        self.id = cursor.lastrowid if is_sqlite() else cursor.fetchone()[0]
        row._dirty.clear()
        return 1

    @classmethod
    def add(cls, **values: Any) -> None:
        """Write a new row of which nobody needs the id: within `in_one_go` its answer is not waited for."""
        written: dict[str, Any] = vars(cls(**values))["__data__"]
        sql, fields = insertion(cls, tuple(written), is_sqlite())
        database.execute_sql(without_id(sql), [field.db_value(written[field.name]) for field in fields])

    @classmethod
    def add_unless_there(cls, unique: Field, **values: Any) -> bool:
        """Write a new row; False where there is one with the same value in the `unique` column already.

        Within `in_one_go` that is not known yet, and the answer always True.
        """
        written: dict[str, Any] = vars(cls(**values))["__data__"]
        sql, fields = insertion(cls, tuple(written), is_sqlite())
        sql = f'{without_id(sql)} ON CONFLICT ("{unique.column_name}") DO NOTHING'
        cursor = database.execute_sql(sql, [field.db_value(written[field.name]) for field in fields])
        return bool(cursor.rowcount)


@cache
def insertion(model: type[BaseModel], names: tuple[str, ...], _is_sqlite: bool) -> tuple[str, list[Field]]:
    """The statement that writes a new row with values in these columns, and the columns in its order."""
    sql, _ = model.insert(dict.fromkeys(names)).sql()
    # peewee adds those that have a default: a model that was made with all its columns has them.
    written = {*names, *(field.name for field in model._meta.defaults)}
    return sql, [field for field in model._meta.sorted_fields if field.name in written]


def without_id(insert: str) -> str:
    """The statement without its last part, by which PostgreSQL tells the new row's id."""
    return insert.partition(" RETURNING ")[0]


class UtcDateTimeField(Named, Field):
    """An aware UTC instant: TIMESTAMPTZ on PostgreSQL, fixed-width ISO text (so it sorts) on SQLite."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        if isinstance(value, UnreadableInstant):
            return value.stored
        value = value.astimezone(UTC)
        return instant_text(value) if is_sqlite() else value

    def python_value(self, value: Any) -> datetime | None:
        if value is None:
            return None
        try:
            return self.parse(value)
        except (ValueError, TypeError, OverflowError):
            return UnreadableInstant.of(value)

    @staticmethod
    def parse(stored: Any) -> datetime:
        """What is stored as an instant; raises where it is none."""
        instant: datetime = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
        # As nearly all are written.
        return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


class UnreadableInstant(datetime):
    """In place of an instant that nobody can read, so that a page with many others can be drawn: long ago.

    Stored again, it is what it was.
    """

    stored: Any

    @classmethod
    def of(cls, stored: Any) -> Self:
        """The one in place of what is stored."""
        instant = cls(1900, 1, 1, tzinfo=UTC)
        instant.stored = stored
        return instant


class BoundedIntegerField(Named, IntegerField):
    """A number that is reckoned with: a row that holds one out of bounds reads as the nearest one within.

    What is no number at all reads as the least.
    """

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def python_value(self, value: Any) -> int | None:
        if value is None:
            return None
        try:
            return min(max(int(value), self.least), self.most)
        except (ValueError, TypeError):
            return self.least


class EncryptedTextField(Named, TextField):
    """A text that is sealed in the table (vault.py): no query can look into it or compare it. Empty stays empty."""

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else seal(value)

    def python_value(self, value: str | None) -> str | None:
        return None if value is None else unseal(value)


def instant_text(value: datetime) -> str:
    """The instant as SQLite keeps it: `2027-03-01T05:00:00.000000+00:00`."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def change_mark() -> object:
    """What is another value as soon as anybody else has written to the database, and cheap to ask for."""
    # https://sqlite.org/pragma.html#pragma_data_version; on PostgreSQL the transactions under way are part of it,
    # those of the server's other databases, too: there it may change with nothing written here.
    asked = "PRAGMA data_version" if is_sqlite() else "SELECT txid_current_snapshot()::text"
    return database.execute_sql(asked).fetchone()[0]


def is_sqlite() -> bool:
    """True while the product runs on SQLite rather than PostgreSQL."""
    return isinstance(database.obj, SqliteDatabase)


def for_one_statement() -> AbstractContextManager[object]:
    """What a lone statement that writes stands in: it is a transaction by itself, but on SQLite it queues up for it.

    Further ways to the server and back cost more than such a statement.
    """
    return database.atomic() if is_sqlite() and not database.in_transaction() else nullcontext()


@contextmanager
def in_one_go() -> Iterator[None]:
    """On PostgreSQL all that is written in here goes on its way at once; what one of them runs into comes at the end.

    For the end of a transaction that others wait for: each way to the server and back would keep them waiting.
    """
    if is_sqlite():
        yield
        return
    with peewee.__exception_wrapper__, database.connection().pipeline():  # type: ignore[attr-defined]  # as each statement has
        yield


def bound(value: Any) -> Any:
    """The value as the driver takes it: an instant, or the numbers or texts that `is_among` looks for."""
    if isinstance(value, datetime):
        return instant_text(value) if is_sqlite() else value
    return json.dumps(value) if isinstance(value, list) and is_sqlite() else value


def is_among(column: Field, values: Node) -> Expression:
    """That the column holds one of the values of a list, which is handed in as one value: the text stays the same."""
    if is_sqlite():
        return column.in_(NodeList((SQL("(SELECT value FROM json_each("), values, SQL("))"))))
    return column == fn.ANY(values)


def rows(query: Any) -> Iterable[tuple[Any, ...]]:
    """The query's rows as plain tuples, without the cost of models."""
    return cast(Iterable[tuple[Any, ...]], query.tuples())


def open_database(url: str, connections: int = 8) -> Database:
    """The database behind `sqlite:///path` or `postgresql://…`, not yet connected."""
    if url.startswith("sqlite:///"):
        # IMMEDIATE: a check-then-insert queues up instead of failing with "database is locked".
        steady = SteadySqliteDatabase(
            unquote(url.removeprefix("sqlite:///")),
            max_connections=0,
            lock_type="IMMEDIATE",
            pragmas={"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1},
            # Kept, it may be another thread's the next time; never two threads' at once.
            check_same_thread=False,
            factory=SqliteConnection,
        )
        steady.timeout = LONGEST_WAIT
        return cast(Database, steady)
    from coaching.steady_postgres import open_postgres  # its driver takes 9 MB, which most sites save

    return cast(Database, open_postgres(url, connections, LONGEST_WAIT))


def keep_connections() -> None:
    """From now on this process, of which no other is forked, keeps its connections to SQLite."""
    if isinstance(database.obj, SteadySqliteDatabase):
        database.obj.keeps_connections = True


def new_code(length: int = 10) -> str:
    """A random code for addresses and names; 30 letters, about 4.9 bits each."""
    # As many bytes at once as nearly always do; those past the last whole round would make some letters likelier.
    count, letters = len(CODE_LETTERS), ""
    while len(letters) < length:
        drawn = secrets.token_bytes(2 * length)
        letters += "".join(CODE_LETTERS[byte % count] for byte in drawn if byte < 256 - 256 % count)
    return letters[:length]
