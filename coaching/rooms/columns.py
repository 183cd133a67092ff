"""How plain values about rooms lie in a column: overwrites, Discord's ids, spans of time. Foundation."""

from datetime import UTC, datetime
from typing import Any

from coaching.fields import PackedField, UnreadableTuple
from coaching.guild_parts import Overwrite
from coaching.rooms.planning.coverage import Span


class OverwritesField(PackedField):
    """The overwrites of a channel, as a set."""

    def pack(self, values: Any) -> list[Any]:
        return [[value.target_id, value.is_member, value.allow, value.deny] for value in sorted(values)]

    def unpack(self, entries: list[Any]) -> frozenset[Overwrite]:
        return frozenset(_overwrite(*entry) for entry in entries)


class IdsField(PackedField):
    """Accounts at Discord by their ids, as a set."""

    def unpack(self, entries: list[Any]) -> frozenset[str]:
        if not all(isinstance(entry, str) for entry in entries):
            raise ValueError("no ids")
        return frozenset(entries)


class SpansField(PackedField):
    """Spans of time to the second, in order."""

    unreadable = UnreadableTuple

    def pack(self, values: Any) -> list[Any]:
        return [[int(since.timestamp()), int(until.timestamp())] for since, until in values]

    def unpack(self, entries: list[Any]) -> tuple[Span, ...]:
        return tuple(
            (datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)) for since, until in entries
        )


def _overwrite(target_id: Any, is_member: Any, allow: Any, deny: Any) -> Overwrite:
    if not (isinstance(target_id, str) and type(allow) is int and type(deny) is int):
        raise ValueError("no overwrite")
    return Overwrite(target_id, bool(is_member), allow, deny)
