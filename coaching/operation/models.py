"""Tables of the clockwork: its runs, the worker's heartbeat, the demo's clock; and of the doctor."""

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from coaching.catalog.models import Store
from coaching.db import BaseModel, UtcDateTimeField


class Run(BaseModel):
    """One tick. The claimed minute makes a second consumer harmless."""

    minute = UtcDateTimeField(unique=True)
    started_at = UtcDateTimeField()
    due = IntegerField(default=0)
    done = IntegerField(default=0)
    failed = IntegerField(default=0)
    took_ms = IntegerField(null=True)


class Heartbeat(BaseModel):
    name = CharField(unique=True)
    at = UtcDateTimeField()


class Turn(BaseModel):
    """What only one process at a time may do, and until when somebody has claimed it."""

    name = CharField(unique=True)
    claimed_until = UtcDateTimeField()


class Clock(BaseModel):
    """At most one row: how far the demo's clock stands from the machine's."""

    offset_seconds = IntegerField(default=0)


class Examination(BaseModel):
    """What was found when a store's Discord server, or without a store the whole site, was last looked at."""

    store = ForeignKeyField(Store, null=True, unique=True, on_delete="CASCADE")
    at = UtcDateTimeField()
    checks = TextField()  # JSON, worst first


class TrialRoom(BaseModel):
    """A channel made only to see whether one can be made. The row goes once the channel is known to be gone."""

    code = CharField(unique=True)  # stands in the channel's name
    discord_guild_id = CharField()
    discord_channel_id = CharField(null=True)
    intended_at = UtcDateTimeField()


MODELS = [Run, Heartbeat, Turn, Clock, Examination, TrialRoom]
