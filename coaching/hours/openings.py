"""When a schedule is open, as instants: what a change of its zone moves, and what stands outside of its hours. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import MINUTE, instant_of
from coaching.hours.week import ONE_DAY, WeeklyHours

# As often between its start and its end a session is compared with the hours.
STEP = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Opening:
    """Bookable time that begins on `day_on`, meant in `zone`; the instants are UTC."""

    day_on: date
    zone: str
    starts_at: datetime
    ends_at: datetime


def openings(hours: WeeklyHours, first_on: date, last_on: date) -> Iterator[Opening]:
    """What begins on the days from the first to the last, in order."""
    for day in (first_on + count * ONE_DAY for count in range((last_on - first_on).days + 1)):
        name = hours.zone_on(day)
        zone = ZoneInfo(name)
        for span in sorted(hours.spans_on(day)):
            starts_at, ends_at = (instant_of(day, minute, zone) for minute in (span.start_minute, span.end_minute))
            # Hours that the clocks skip are none.
            if starts_at < ends_at:
                yield Opening(day, name, starts_at, ends_at)


def is_open_at(hours: WeeklyHours, instant: datetime) -> bool:
    """True when the wall shows a time within the hours; one that it shows twice is open both times."""
    # Hours that began the day before may run on, and on a journey each day is meant in a zone of its own.
    near = instant.date()
    for day in (near + count * ONE_DAY for count in range(-2, 3)):
        wall = instant.astimezone(ZoneInfo(hours.zone_on(day))).replace(tzinfo=None)
        minute = (wall - datetime.combine(day, time())) // MINUTE
        if any(span.start_minute <= minute < span.end_minute for span in hours.spans_on(day)):
            return True
    return False


def covers(hours: WeeklyHours, starts_at: datetime, ends_at: datetime) -> bool:
    """True when the hours are open from the start to the end, looked at every few minutes."""
    count = max(1, -((starts_at - ends_at) // STEP))
    return all(is_open_at(hours, starts_at + index * STEP) for index in range(count))
