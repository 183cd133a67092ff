"""Tables of private Discord rooms: what Discord is known to have, what was meant, and a log of every change."""

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from coaching.booking.models import CoachingSession
from coaching.db import BaseModel, UtcDateTimeField


class Room(BaseModel):
    """What is recorded of one room. The wanted state is never stored: it follows from session, timing and clock."""

    coaching_session = ForeignKeyField(CoachingSession, backref="rooms", unique=True, on_delete="RESTRICT")
    code = CharField(unique=True)  # stands in the channel's name, where all of Discord can see it
    mode = CharField(default="members")
    state = CharField(default="absent")  # absent, hidden, open, closed, removed
    discord_guild_id = CharField()
    discord_channel_id = CharField(null=True)
    intended_at = UtcDateTimeField(null=True)  # a creation is under way or in doubt since
    made_at = UtcDateTimeField(null=True)
    granted = TextField(default="[]")  # JSON list of Discord user ids that can enter
    greeting_message_id = CharField(null=True)
    checked_at = UtcDateTimeField(null=True)
    claim = CharField(null=True)
    claimed_until = UtcDateTimeField(null=True)
    attempts = IntegerField(default=0)
    last_error = TextField(null=True)
    next_try_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()

    class Meta:
        indexes = ((("state", "next_try_at"), False),)


class RoomEvent(BaseModel):
    """One line of a room's log: what, when, why, and what Discord answered."""

    room = ForeignKeyField(Room, backref="events", on_delete="CASCADE")
    at = UtcDateTimeField()
    what = CharField()
    why = CharField(default="")
    status = IntegerField(null=True)
    discord_code = IntegerField(null=True)
    took_ms = IntegerField(null=True)


class GuildLane(BaseModel):
    """A guild whose rooms wait: told to by Discord, or stopped after a refusal."""

    discord_guild_id = CharField(unique=True)
    stopped_reason = TextField(null=True)
    until = UtcDateTimeField(null=True)


MODELS = [Room, RoomEvent, GuildLane]
