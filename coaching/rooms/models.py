"""Tables of private Discord rooms: what Discord is known to have, what was meant, and a log of every change."""

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from coaching.booking.models import CoachingSession
from coaching.db import BaseModel, UtcDateTimeField


class Room(BaseModel):
    """What is recorded of one room. The wanted state is never stored: it follows from session, timing and clock.

    Every write raises `version`, and every write names the version it saw: of two that want to change a room, one wins.
    Its instants are the machine's, but for `created_at`: they are about Discord and retries, not about the session.
    """

    coaching_session = ForeignKeyField(CoachingSession, backref="rooms", unique=True, on_delete="RESTRICT")
    code = CharField(unique=True)  # stands in the channel's name, where all of Discord can see it
    mode = CharField(default="members")
    state = CharField(default="absent")  # absent, hidden, open, closed, removed
    thresholds = CharField(default="")  # the session's times by which the state was reached
    version = IntegerField(default=0)
    claimed_until = UtcDateTimeField(null=True)
    discord_guild_id = CharField()
    discord_channel_id = CharField(null=True)
    overwrites = TextField(default="[]")  # JSON, as Discord was last told or seen to have them
    greeting_message_id = CharField(null=True)
    intended_at = UtcDateTimeField(null=True)  # a creation is under way, or in doubt, since
    looked_at = UtcDateTimeField(null=True)  # when the channel in doubt was last looked for in vain
    made_at = UtcDateTimeField(null=True)
    granted_at = UtcDateTimeField(null=True)  # when Discord was last told whom it lets in
    checked_at = UtcDateTimeField(null=True)
    failing_step = CharField(null=True)
    attempts = IntegerField(default=0)
    last_error = TextField(null=True)  # one of coaching.host.Refusal; refusals.explain says it to people
    next_try_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()

    class Meta:
        indexes = ((("state",), False),)


class RoomEvent(BaseModel):
    """One line of a room's log: what, when, why, and what Discord answered."""

    room = ForeignKeyField(Room, backref="events", on_delete="CASCADE")
    at = UtcDateTimeField()
    what = CharField()
    why = CharField(default="")
    status = IntegerField(null=True)
    discord_code = IntegerField(null=True)
    took_ms = IntegerField(null=True)


class Lane(BaseModel):
    """What holds for all rooms of a guild: how long to leave it alone and why, and when to look for strays.

    The name is the guild's id, "<id> upkeep" for what can wait there, or "*" for every guild.
    """

    name = CharField(unique=True)
    stopped_reason = CharField(null=True)
    until = UtcDateTimeField(null=True)
    sweep_due_at = UtcDateTimeField(null=True)


MODELS = [Room, RoomEvent, Lane]
