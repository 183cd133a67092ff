"""When a refund is asked for, asked about again, and looked for before it is asked for once more. Pure."""

from datetime import datetime, timedelta

# Outlives a call, and ends before the next of the worker's minutes: what was cut off waits for that, and no longer.
# Where two ask all the same, both do so with the same key.
CLAIMED_FOR = timedelta(seconds=50)
# A provider may forget an idempotency key after a day: until then the same call can be repeated without harm.
KEY_LASTS = timedelta(hours=23)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_PENDING_PAUSE = timedelta(hours=12)
# What was made in the provider's own pages just before the last reading may not have been listed yet.
READ_OVERLAP = timedelta(hours=1)
WAITS_FOR_RESTORE = timedelta(minutes=1)
# A refund that has succeeded can fail days later, when a bank does not take it: then it is asked about once more.
LOOKED_AT_AGAIN = (timedelta(days=1), timedelta(days=4), timedelta(days=10), timedelta(days=30))


def pause(tries: int, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait after so many tries: a minute, then each time twice as long."""
    return min(timedelta(minutes=2 ** min(max(tries - 1, 0), 12)), longest)


def is_key_forgotten(asked_at: datetime, now: datetime) -> bool:
    """True where asking once more with the same key could make a second refund, or give an old failure again."""
    return now - asked_at >= KEY_LASTS


def next_look_at(succeeded_at: datetime, now: datetime) -> datetime | None:
    """When to ask again about one that has succeeded; None once it is final."""
    return next((at for wait in LOOKED_AT_AGAIN if (at := succeeded_at + wait) > now), None)


def call_key(payment_key: str, refund_key: str, asked_at: datetime) -> str:
    """What makes the call have its effect once, however often it is repeated since it was first meant at `asked_at`."""
    return f"refund:{payment_key}:{refund_key}:{asked_at.isoformat()}"
