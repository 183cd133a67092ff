"""The table of what was found when something was last looked at."""

from typing import Any

from peewee import Expression

from coaching.catalog.models import Guild, Store
from coaching.checks import Check, as_plain, from_plain
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import ForeignKeyField, PackedField, UnreadableTuple


class ChecksField(PackedField):
    """Checks, in order."""

    unreadable = UnreadableTuple

    def pack(self, values: Any) -> list[Any]:
        return as_plain(values)

    def unpack(self, entries: list[Any]) -> tuple[Check, ...]:
        return tuple(from_plain(entries))


class Diagnosis(BaseModel):
    """What was last found at a store's Discord server, ahead of the next days in a guild, or else at the whole site."""

    store = ForeignKeyField(Store, null=True, unique=True, on_delete="CASCADE")
    guild = ForeignKeyField(Guild, null=True, unique=True, on_delete="CASCADE")
    guild_id: int | None
    at = UtcDateTimeField()
    checks = ChecksField()  # worst first
    next_at = UtcDateTimeField(null=True)  # of a guild: when it is looked at again

    @classmethod
    def is_about(cls, subject: Store | Guild | None) -> Expression:
        """The condition of the subject's row; None is the whole site."""
        is_guild = isinstance(subject, Guild)
        store, guild = (None, subject) if is_guild else (subject, None)
        return (cls.store == store) & (cls.guild == guild)


MODELS = [Diagnosis]
