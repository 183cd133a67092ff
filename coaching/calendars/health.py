"""How an outside calendar fares: how long what was read of it holds, and when it is read again. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

# The machines' clocks may differ by so much. What was read later than that was read before the clock was set back.
CLOCKS_APART = timedelta(minutes=5)
# A new calendar is read within seconds. One that was not after so long waits for a worker that does not run.
FIRST_READING = timedelta(minutes=5)
PACE = timedelta(minutes=12)
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
# Failures in a row after which it is no passing trouble.
MANY = 3
# So far ahead events are worked out: the longest time that a product can be booked ahead, and what passes until the
# calendar is worked out anew.
HORIZON = timedelta(days=400)
LEAST_HORIZON = timedelta(days=370)


# Longer than reading a calendar may take: what a worker that died has claimed is read again after that.
CLAIM = timedelta(seconds=90)
# Nobody waits in front of a page for longer than that.
AWAITED = timedelta(minutes=1)


class Health(StrEnum):
    """How a calendar fares."""

    NEW = "new"  # not read yet
    WELL = "well"
    REMARK = "remark"  # read, but something in it is odd
    FAILING = "failing"  # what was read last still holds
    DEAD = "dead"  # nobody should count on it passing by itself
    BLOCKING = "blocking"  # and because of it no time is offered


def health_of(
    *,
    failures: int,
    fault: str,
    fetched_at: datetime | None,
    known_until: datetime | None,
    stale_after_minutes: int,
    made_at: datetime,
    now: datetime,
) -> Health:
    """How the calendar with these columns fares."""
    if known_until_now(fetched_at, known_until, stale_after_minutes, now) is None:
        is_new = fetched_at is None and not failures and now - made_at < FIRST_READING
        return Health.NEW if is_new else Health.BLOCKING
    if failures:
        return Health.DEAD if failures >= MANY else Health.FAILING
    return Health.REMARK if fault else Health.WELL


def known_until_now(
    fetched_at: datetime | None, known_until: datetime | None, stale_after_minutes: int, now: datetime
) -> datetime | None:
    """Up to when the coach's time is known from what was read; None where that is too old, or nothing was ever read."""
    if fetched_at is None or known_until is None:
        return None
    age = now - fetched_at
    is_fresh = -CLOCKS_APART <= age <= timedelta(minutes=stale_after_minutes)
    return known_until if is_fresh else None


def is_worth_a_message(failures: int, fetched_at: datetime | None, health: Health) -> bool:
    """True when the coach has to hear of the calendar, also without looking here.

    A new one that fails at once is on the page that they have before them.
    """
    return failures >= MANY or (health is Health.BLOCKING and fetched_at is not None)


def is_awaited(next_try_at: datetime, tried_at: datetime | None, now: datetime) -> bool:
    """True while the calendar is about to be read, or is being read: in a moment more is known."""
    is_claimed = tried_at is not None and next_try_at == tried_at + CLAIM and now < next_try_at
    return is_claimed or next_try_at <= now < next_try_at + AWAITED


def pause_after(failures: int, retry_after: timedelta | None = None) -> timedelta:
    """How long a calendar that failed so often in a row is left alone; its server may have told how long."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(max(failures - 1, 0), 10)
    return min(max(pause, retry_after or timedelta()), LONGEST_PAUSE)


def is_to_be_expanded(known_until: datetime | None, now: datetime) -> bool:
    """True when events have to be worked out further ahead, although the calendar may not have changed."""
    return known_until is None or known_until < now + LEAST_HORIZON
