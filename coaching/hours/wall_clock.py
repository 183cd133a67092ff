"""From what a clock on the wall shows to the instant it means. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def instant_of(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the wall clock shows `minute` minutes after midnight of `day`.

    A time the clocks skip means the first real minute after; a time they show twice means the first of the two.
    """
    wall = datetime.combine(day, time()) + minute * MINUTE
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shown_at(first, zone) == wall:
        return first
    return _end_of_gap(wall, zone)


def minutes_ahead_on(day: date, zone: ZoneInfo) -> int:
    """How many minutes the zone is ahead of UTC at the start of `day`."""
    return _offset_of(datetime.combine(day, time(), zone))


def minutes_ahead(instant: datetime, zone: ZoneInfo) -> int:
    """How many minutes the zone is ahead of UTC at `instant`."""
    return _offset_of(instant.astimezone(zone))


def wall_time(instant: datetime, zone: str) -> str:
    """What the wall of a zone shows at `instant`, with its offset: "2027-03-09T15:00+01:00"."""
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def time_of_day(there: datetime, *, has_twelve_hours: bool) -> str:
    """The time on the wall: "18:00" or "6:00 pm"."""
    return f"{there:%I:%M %p}".lstrip("0").lower() if has_twelve_hours else f"{there:%H:%M}"


def is_repeated(instant: datetime, zone: ZoneInfo) -> bool:
    """True when the wall shows the same time at another instant, too: an hour before or after a change back."""
    there = instant.astimezone(zone)
    # In a skipped hour the offsets differ as well, but no instant shows one of those.
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


def offset_label(instant: datetime, zone: ZoneInfo) -> str:
    """What tells two times apart that look the same on the wall: "UTC+2", "UTC−3:30"."""
    ahead = minutes_ahead(instant, zone)
    hours, rest = divmod(abs(ahead), 60)
    return f"UTC{'+' if ahead >= 0 else '−'}{hours}{f':{rest:02d}' if rest else ''}"


def _offset_of(there: datetime) -> int:
    offset = there.utcoffset()
    assert offset is not None
    return offset // MINUTE


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    # Read with the offset after the change a skipped time lies before it, and the other way round.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        if _shown_at(middle, zone) < wall:
            before = middle
        else:
            after = middle
    return after


def _shown_at(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
