"""How long a sign-in lives, and for how long it counts as fresh. Pure."""

from datetime import datetime, timedelta

LONGEST = timedelta(days=60)
LONGEST_IDLE = timedelta(days=14)
LONGEST_FOR_ADMINS = timedelta(hours=12)
FRESH = timedelta(minutes=10)
# Written down this seldom, or every page view would be a write.
SEEN_STEP = timedelta(minutes=15)
# Kept for the person to look at, then forgotten.
KEPT_AFTER_END = timedelta(days=30)


def ends_at(made_at: datetime, is_admin: bool) -> datetime:
    """When a sign-in ends, however often it is used."""
    return made_at + (LONGEST_FOR_ADMINS if is_admin else LONGEST)


def is_alive(made_at: datetime, seen_at: datetime, ends: datetime, is_admin: bool, now: datetime) -> bool:
    """True while the sign-in counts."""
    # A person may have become an admin since; then the shorter life holds at once.
    return now < min(ends, ends_at(made_at, is_admin)) and now < seen_at + LONGEST_IDLE


def is_fresh(verified_at: datetime, now: datetime) -> bool:
    """True shortly after the person was verified."""
    return now < verified_at + FRESH
