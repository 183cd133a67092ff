"""When a schedule is open, as instants: what a change of its zone moves. Pure.

For pages. What can be booked is worked out in booking/openings.py, on a grid, and with hours that the clocks repeat.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import instant_of
from coaching.hours.week import ONE_DAY, WeeklyHours


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
