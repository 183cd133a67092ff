"""Times as messages write them. Pure. In an hour that comes twice the offset tells which one is meant."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import is_repeated, offset_label
from coaching.messages.texts.formats import EN, Formats
from coaching.zones import zone_label

HOUR = timedelta(hours=1)
LENGTHS = ((7 * 24 * 60, "week"), (24 * 60, "day"), (60, "hour"), (1, "minute"))


def short_time(instant: datetime, zone: str, formats: Formats = EN) -> str:
    """For a subject: "Tue 9 March, 18:00 Berlin"."""
    day = formats.short_day(instant.astimezone(ZoneInfo(zone)))
    return f"{day}, {clock_time(instant, zone, formats)} {zone_label(zone)}"


def span(starts_at: datetime, ends_at: datetime, zone: str, formats: Formats = EN) -> str:
    """From when to when: "Tuesday 9 March 2027, 18:00 to 19:00 (Berlin)"."""
    day = formats.day(starts_at.astimezone(ZoneInfo(zone)))
    return f"{day}, {clock_span(starts_at, ends_at, zone, formats)} ({zone_label(zone)})"


def clock_span(starts_at: datetime, ends_at: datetime, zone: str, formats: Formats = EN) -> str:
    """Both times of day: "18:00 to 19:00"."""
    return f"{clock_time(starts_at, zone, formats)} to {clock_time(ends_at, zone, formats)}"


def clock_time(instant: datetime, zone: str, formats: Formats = EN) -> str:
    """The time of day: "18:00"."""
    tz = ZoneInfo(zone)
    text = formats.time_of_day(instant.astimezone(tz))
    return f"{text} {offset_label(instant, tz)}" if is_repeated(instant, tz) else text


def time_beside(instant: datetime, other: datetime, zone: str, formats: Formats = EN) -> str:
    """The time of day, with its day where that is not the other's."""
    text = clock_time(instant, zone, formats)
    there = instant.astimezone(ZoneInfo(zone))
    is_same_day = there.date() == other.astimezone(ZoneInfo(zone)).date()
    return text if is_same_day else f"{formats.short_day(there)}, {text}"


def nearness(instant: datetime, now: datetime, zone: str) -> str:
    """How near a time to come is: "in 15 minutes", "in an hour", "today", "tomorrow", "in 3 days"."""
    wait = instant - now
    if wait < HOUR * 1.5:
        return f"in {length(max(1, _rounded(wait)))}"
    tz = ZoneInfo(zone)
    days = (instant.astimezone(tz).date() - now.astimezone(tz).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def length(minutes: int) -> str:
    """A length in words: "a week", "2 days", "an hour", "90 minutes"."""
    unit, name = next((unit, name) for unit, name in LENGTHS if minutes % unit == 0)
    count = minutes // unit
    if count > 1:
        return f"{count} {name}s"
    return f"an {name}" if name == "hour" else f"a {name}"


def lengths_before(reminders: Sequence[int]) -> str:
    """How long before something, the longest first: "a day and an hour before"."""
    *first, last = (length(minutes) for minutes in sorted(set(reminders), reverse=True))
    return f"{', '.join(first)} and {last} before" if first else f"{last} before"


def _rounded(wait: timedelta) -> int:
    """Whole minutes, and an hour for what is nearly one: a reminder goes out some seconds after it is due."""
    minutes = round(wait / timedelta(minutes=1))
    return 60 if 57 <= minutes <= 62 else minutes
