"""Times and amounts as messages write them. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import is_repeated, offset_label
from coaching.zones import zone_label


def short_time(instant: datetime, zone: str) -> str:
    """For a subject: "Tue 9 March, 18:00 Berlin". In an hour that comes twice the offset tells which one."""
    return f"{_day(instant, zone, short=True)}, {clock_time(instant, zone)} {zone_label(zone)}"


def span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """From when to when: "Tuesday 9 March 2027, 18:00 to 19:00 (Berlin)"."""
    begins, ends = clock_time(starts_at, zone), clock_time(ends_at, zone)
    there = starts_at.astimezone(ZoneInfo(zone))
    return f"{_day(starts_at, zone)} {there:%Y}, {begins} to {ends} ({zone_label(zone)})"


def clock_time(instant: datetime, zone: str) -> str:
    """The time of day: "18:00"."""
    tz = ZoneInfo(zone)
    there = instant.astimezone(tz)
    return f"{there:%H:%M} {offset_label(instant, tz)}" if is_repeated(instant, tz) else f"{there:%H:%M}"


def _day(instant: datetime, zone: str, *, short: bool = False) -> str:
    there = instant.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%B}" if short else f"{there:%A} {there.day} {there:%B}"
