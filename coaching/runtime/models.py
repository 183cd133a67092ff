"""Tables of the running site: what its worker did by day and by night, that it lives, leases, the demo's clock."""

from coaching.db import BaseModel, UtcDateTimeField
from coaching.fields import BigIntegerField, CharField, IntegerField


class Run(BaseModel):
    """What was done for rooms in one minute, by the worker and by hand."""

    minute = UtcDateTimeField(unique=True)
    started_at = UtcDateTimeField()
    due = IntegerField(default=0)
    done = IntegerField(default=0)
    failed = IntegerField(default=0)
    took_ms = IntegerField(null=True)  # null: begun by an older version, which never ended it


class RetentionRun(BaseModel):
    """What one rule about old data has deleted, by the product's clock: it is about sessions as well."""

    name = CharField(unique=True)  # of a rule in own_data/retention_mutations.py
    night_at = UtcDateTimeField()  # the last night in which it was followed
    removed = IntegerField(default=0)  # in that night
    total = BigIntegerField(default=0)  # in all nights
    ended_at = UtcDateTimeField(null=True)  # empty while there is more


class Heartbeat(BaseModel):
    name = CharField(unique=True)
    at = UtcDateTimeField()


class Lease(BaseModel):
    """What only one process at a time may do, and until when somebody has claimed it."""

    name = CharField(unique=True)
    claimed_until = UtcDateTimeField()


class Clock(BaseModel):
    """At most one row: how far the demo's clock stands from the machine's."""

    offset_seconds = IntegerField(default=0)


MODELS = [Run, RetentionRun, Heartbeat, Lease, Clock]
