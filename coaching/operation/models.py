"""Tables of the clockwork: its runs, the worker's heartbeat, the demo's clock; and of the doctor."""

from coaching.catalog.models import Guild, Store
from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField, IntegerField, TextField


class Run(BaseModel):
    """One minute of the clockwork: its own run, and whatever ran beside that at an exact time or by hand."""

    minute = UtcDateTimeField(unique=True)
    started_at = UtcDateTimeField()
    due = IntegerField(default=0)
    done = IntegerField(default=0)
    failed = IntegerField(default=0)
    took_ms = IntegerField(null=True)  # while the minute's own run is under way


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


class Forecast(BaseModel):
    """Whether a guild has room for the sessions of the coming days, as far as was last seen."""

    guild = ForeignKeyField(Guild, unique=True, on_delete="CASCADE")
    guild_id: int
    at = UtcDateTimeField(null=True)
    checks = TextField(default="[]")  # JSON, worst first
    next_at = UtcDateTimeField()


class TrialRoom(BaseModel):
    """A channel or role made only to see whether one can be made. The row goes once that is known to be gone."""

    kind = CharField(default="channel")  # channel, role
    code = CharField(unique=True)  # stands in its name
    discord_guild_id = CharField()
    discord_channel_id = CharField(null=True)
    discord_role_id = CharField(null=True)
    intended_at = UtcDateTimeField()


MODELS = [Run, Heartbeat, Turn, Clock, Examination, Forecast, TrialRoom]
