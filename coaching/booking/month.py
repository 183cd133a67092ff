"""A month of free times as a visitor sees it, in their zone. Pure."""

from calendar import Calendar, monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from coaching.booking.slots import Span
from coaching.hours.wall_clock import instant_of


@dataclass(frozen=True, slots=True)
class SlotMonth:
    """The free starts of one month by the visitor's day; instants are UTC."""

    first_on: date
    zone: str
    free: Mapping[date, tuple[datetime, ...]]
    next_free_at: datetime | None  # the first one of the month; where it has none, the first one at all
    has_earlier: bool
    has_later: bool

    def weeks(self, first_weekday: int = 0) -> list[list[date]]:
        """The month's weeks, filled up with the neighbours' days, from the first that has free times, if any has."""
        weeks = Calendar(first_weekday).monthdatescalendar(self.first_on.year, self.first_on.month)
        first_free = min(self.free, default=self.first_on)
        return [week for week in weeks if week[-1] >= first_free]


def slot_month(first_on: date, zone: str, slots: Iterable[datetime], last_at: datetime, now: datetime) -> SlotMonth:
    """The month beginning on `first_on`, out of `slots` in order; `last_at` is the end of the horizon."""
    slots = list(slots)
    following = next_month(first_on)
    by_day = {day: tuple(starts) for day, starts in groupby(slots, lambda slot: slot.astimezone(ZoneInfo(zone)).date())}
    return SlotMonth(
        first_on=first_on,
        zone=zone,
        free={day: starts for day, starts in by_day.items() if first_on <= day < following},
        next_free_at=slots[0] if slots else None,
        has_earlier=first_on > month_of(now, zone),
        has_later=month_span(following, zone).starts_at < last_at,
    )


def month_of(instant: datetime, zone: str) -> date:
    """The first day of the month that the zone's calendar shows at `instant`."""
    return instant.astimezone(ZoneInfo(zone)).date().replace(day=1)


def next_month(first_on: date) -> date:
    """The first day of the following month."""
    return first_on + timedelta(days=monthrange(first_on.year, first_on.month)[1])


def month_span(first_on: date, zone: str) -> Span:
    """From the month's first midnight to the next month's, in the zone."""
    return Span(instant_of(first_on, 0, ZoneInfo(zone)), instant_of(next_month(first_on), 0, ZoneInfo(zone)))
