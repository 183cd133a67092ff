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


def minutes_ahead(day: date, zone: ZoneInfo) -> int:
    """How many minutes the zone is ahead of UTC at the start of `day`."""
    offset = datetime.combine(day, time(), zone).utcoffset()
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
