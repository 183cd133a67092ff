"""Tables of the running site: what its worker did, that it lives, what only one may do, the demo's clock."""

from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import CharField, IntegerField


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


class Lease(BaseModel):
    """What only one process at a time may do, and until when somebody has claimed it."""

    name = CharField(unique=True)
    claimed_until = UtcDateTimeField()

    class Meta:
        table_name = "turn"


class Clock(BaseModel):
    """At most one row: how far the demo's clock stands from the machine's."""

    offset_seconds = IntegerField(default=0)


MODELS = [Run, Heartbeat, Lease, Clock]
