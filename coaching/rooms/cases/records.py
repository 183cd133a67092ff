"""A room's row as the plain record that the plan decides by: which column is which. Query."""

from dataclasses import fields

from coaching.reading import Column, Part
from coaching.rooms.models import Room
from coaching.rooms.planning.case import RoomRecord

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
