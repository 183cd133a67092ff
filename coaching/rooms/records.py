"""A room's row as the plain record that the plan decides by: which column is which."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from coaching.reading import Column, Part
from coaching.rooms.columns import SpansField
from coaching.rooms.models import Presence, Room
from coaching.rooms.planning.case import RoomRecord
from coaching.rooms.planning.coverage import Span

# What the record calls otherwise than the table; everything else has one name.
_ELSEWHERE: dict[str, Column] = {
    "room_id": Room.id,
    "guild_id": Room.discord_guild_id,
    "channel_id": Room.discord_channel_id,
    "role_id": Room.discord_role_id,
    "is_greeted": (Room.greeting_message_id.is_null(False), bool),
    "is_warned": (Room.warned_at.is_null(False), bool),
    "intends_role": (Room.intent, {"channel": False, "role": True}.__getitem__),
}
RECORD = Part(
    RoomRecord, {field.name: _ELSEWHERE.get(field.name) or getattr(Room, field.name) for field in fields(RoomRecord)}
)


def packed_spans(spans: Iterable[Span]) -> str:
    """Spans as text, to the second."""
    packed: str = Presence.looks.db_value(tuple(spans))
    return packed


def unpacked_spans(value: Any) -> tuple[Span, ...]:
    """Spans as `packed_spans` wrote them, or as the column gives them; none where none were kept."""
    if value is None:
        return ()
    spans: tuple[Span, ...] = SpansField().python_value(value) if isinstance(value, str) else value
    return spans
