"""Tables of the clockwork: its runs, the worker's heartbeat, the demo's clock."""

from peewee import CharField, IntegerField

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


MODELS = [Run, Heartbeat, Turn, Clock]
