"""The columns of our tables: peewee's, which write their name into a statement in one go. Foundation.

peewee makes three objects and two contexts for each name; a quarter of the engine's time went there.
"""

import json
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar, cast

import peewee
from peewee import SCOPE_VALUES

Kind = TypeVar("Kind")
MILLISECOND = timedelta(milliseconds=1)


class Named:
    """A column that says its name as peewee's own does: bare where values are set, else with its table's alias."""

    column_name: str
    model: Any

    def __sql__(self, ctx: Any) -> Any:
        if ctx.scope == SCOPE_VALUES:
            return ctx.literal(f'"{self.column_name}"')
        table = self.model._meta.table
        return ctx.literal(f'"{ctx.alias_manager[table]}"."{self.column_name}"')


def named(kind: type[Kind]) -> type[Kind]:
    """The same kind of column, as one that is Named."""
    return cast(type[Kind], type(kind.__name__, (Named, kind), {"__doc__": kind.__doc__}))


AutoField = named(peewee.AutoField)
BigIntegerField = named(peewee.BigIntegerField)
BlobField = named(peewee.BlobField)
BooleanField = named(peewee.BooleanField)
CharField = named(peewee.CharField)
DateField = named(peewee.DateField)
ForeignKeyField = named(peewee.ForeignKeyField)
IntegerField = named(peewee.IntegerField)
TextField = named(peewee.TextField)


class MillisecondsField(Named, peewee.IntegerField):
    """A span of time."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else round(value / MILLISECOND)

    def python_value(self, value: Any) -> Any:
        return None if value is None else value * MILLISECOND


class EnumField(Named, peewee.CharField):
    """One of a few words. What is none of them comes back as it stands; `kind` itself refuses it."""

    def __init__(self, kind: type[StrEnum], **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def python_value(self, value: Any) -> Any:
        try:
            return None if value is None else self.kind(value)
        except ValueError:
            return value


class UnreadableSet(frozenset[Any]):
    """In place of values that nobody can read: none. Stored again, it is what it was."""

    stored = ""


class UnreadableTuple(tuple[Any, ...]):
    """The same, where the values have an order."""

    stored = ""


class PackedField(Named, peewee.TextField):
    """Plain values in one column, as JSON. A subclass says how one lies in it, and what all of them are."""

    unreadable: type[UnreadableSet | UnreadableTuple] = UnreadableSet

    def pack(self, values: Any) -> list[Any]:
        """The values as JSON has them, in an order that does not depend on chance."""
        return sorted(values)

    def unpack(self, entries: list[Any]) -> Any:
        """What was packed."""
        return frozenset(entries)

    def parse(self, stored: Any) -> Any:
        """What the text means; raises where it means nothing."""
        entries = json.loads(stored)
        if not isinstance(entries, list):
            raise ValueError("no list")
        return self.unpack(entries)

    def db_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, UnreadableSet | UnreadableTuple):
            return value.stored
        return json.dumps(self.pack(value))

    def python_value(self, value: Any) -> Any:
        try:
            return None if value is None else self.parse(value)
        except (ValueError, TypeError, OverflowError):
            placeholder = self.unreadable()
            placeholder.stored = value
            return placeholder


class MinutesField(PackedField):
    """A few lengths in minutes, in their order."""

    unreadable = UnreadableTuple

    def pack(self, values: Any) -> list[Any]:
        return list(values)

    def unpack(self, entries: list[Any]) -> Any:
        return tuple(int(entry) for entry in entries)
