"""How an outside calendar fares: how long what was read of it holds, and when it is read again. Pure."""

from datetime import datetime, timedelta

# The machines' clocks may differ by so much. What was read later than that was read before the clock was set back.
CLOCKS_APART = timedelta(minutes=5)


def known_until_now(
    fetched_at: datetime | None, known_until: datetime | None, stale_after_minutes: int, now: datetime
) -> datetime | None:
    """Up to when the coach's time is known from what was read; None where that is too old, or nothing was ever read."""
    if fetched_at is None or known_until is None:
        return None
    age = now - fetched_at
    is_fresh = -CLOCKS_APART <= age <= timedelta(minutes=stale_after_minutes)
    return known_until if is_fresh else None
