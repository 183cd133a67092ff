"""Rows read as plain values: statements whose text is built once, and columns held to what they mean. Foundation.

Building a statement's text and models costs many times what the database needs for the answer. And a model takes what
it finds; here a value that is none raises, so that whoever decides by a row never decides by nonsense.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

import peewee

from coaching.db import BoundedIntegerField, UtcDateTimeField, bound, database, is_sqlite
from coaching.fields import EnumField, PackedField
from coaching.model_rows import row_maker

Made = TypeVar("Made")
Found = TypeVar("Found")
Row = tuple[Any, ...]
Reader = Callable[[Any], Any]
# A column with its own kind's reader, or something that is read otherwise.
Column = peewee.Field | tuple[peewee.Node, Reader]


class NotMeant(ValueError):
    """A column holds what it cannot mean. The message says which one, as `table.column`."""


class _Name(str):
    """Stands among a statement's values for one that is handed in."""


def given(name: str) -> peewee.Value:
    """Stands in a statement for a value that is handed in by this name."""
    return peewee.Value(_Name(name), converter=False)


class Statement:
    """A query whose text never changes, built once for each kind of database and asked with ever other values."""

    def __init__(self, build: Callable[[], peewee.Query]) -> None:
        self._text = cache(lambda _is_sqlite: build().sql())

    def rows(self, **values: Any) -> list[Row]:
        """All rows of the answer; an instant and a list of numbers are handed in as they are."""
        sql, parameters = self._text(is_sqlite())
        rows: list[Row] = database.execute_sql(sql, _filled(parameters, values)).fetchall()
        return rows


class Change(Statement):
    """A statement that changes rows, and whose text never changes."""

    def run(self, **values: Any) -> int:
        """Change them; how many they were comes back."""
        sql, parameters = self._text(is_sqlite())
        return int(database.execute_sql(sql, _filled(parameters, values)).rowcount)


class Selection(Generic[Found]):
    """A select whose text is built once, too; its rows come as models, or as tuples where it says so."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._built = cache(lambda _is_sqlite: _with_text(build()))
        self._makers: dict[bool, Callable[[Row], Found]] = {}

    def all(self, **values: Any) -> list[Found]:
        """All rows, in order."""
        which = is_sqlite()
        query, sql, parameters = self._built(which)
        cursor = database.execute_sql(sql, _filled(parameters, values))
        if make := self._makers.get(which):
            return [make(row) for row in cursor.fetchall()]
        # Which column is whose, peewee works out at the first row; it does not change either.
        wrapper = query._get_cursor_wrapper(cursor)
        rows: list[Found] = list(wrapper)
        if rows:
            self._makers[which] = row_maker(wrapper)
        return rows

    def first(self, **values: Any) -> Found | None:
        """The first row, or None."""
        return next(iter(self.all(**values)), None)


def _with_text(query: Any) -> tuple[Any, str, Sequence[Any]]:
    return (query, *query.sql())


def _filled(parameters: Iterable[Any], values: Mapping[str, Any]) -> list[Any]:
    return [bound(values[value]) if isinstance(value, _Name) else value for value in parameters]


class Columns(Generic[Made]):
    """Neighbouring columns of a row that make one value, by the names under which `make` takes them."""

    def __init__(self, make: Callable[..., Made], columns: Mapping[str, Column]) -> None:
        self.make = make
        self.columns = [column if isinstance(column, peewee.Field) else column[0] for column in columns.values()]
        self.names = list(columns)
        self._readers = [
            reader_of(column) if isinstance(column, peewee.Field) else column[1] for column in columns.values()
        ]

    def read(self, row: Sequence[Any], **more: Any) -> Made:
        """The value, made with `more` beside the columns; NotMeant with a column's name where that holds nonsense."""
        try:
            values = [read(value) for read, value in zip(self._readers, row, strict=True)]
        except Exception as error:
            raise NotMeant(self._culprit(row)) from error
        return self.make(**dict(zip(self.names, values, strict=True)), **more)

    def _culprit(self, row: Sequence[Any]) -> str:
        for read, value, column in zip(self._readers, row, self.columns, strict=True):
            try:
                read(value)
            except Exception:
                return name_of(column)
        return name_of(self.columns[0])


def name_of(column: peewee.Node) -> str:
    """The column as `table.column`."""
    node: Any = column
    while not isinstance(node, peewee.Field):
        node = node.lhs
    return f"{node.model._meta.table_name}.{node.column_name}"


def reader_of(column: peewee.Field) -> Reader:
    """What makes of a stored value what the column means, and raises where it means nothing."""
    read = _reader_of_kind(column)
    return (lambda value: None if value is None else read(value)) if column.null else read


def _reader_of_kind(column: peewee.Field) -> Reader:
    match column:
        case EnumField():
            return column.kind
        case PackedField() | UtcDateTimeField():
            return column.parse
        case BoundedIntegerField():
            return lambda value: column.python_value(number(value))
        case peewee.IntegerField() | peewee.AutoField() | peewee.ForeignKeyField():
            return number
        case peewee.BooleanField():
            return truth
        case _:
            return text


def number(value: Any) -> int:
    """A whole number; SQLite keeps in any column what it is given."""
    if type(value) is not int:
        raise TypeError(value)
    return value


def truth(value: Any) -> bool:
    """Yes or no, which SQLite keeps as 1 and 0."""
    if value not in (0, 1):
        raise TypeError(value)
    return bool(value)


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value
