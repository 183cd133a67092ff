"""The columns of our tables: peewee's, which write their name into a statement in one go. Foundation.

peewee makes three objects and two contexts for each name; a quarter of the engine's time went there.
"""

from typing import Any, TypeVar, cast

import peewee
from peewee import SCOPE_VALUES

Kind = TypeVar("Kind")


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
