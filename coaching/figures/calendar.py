"""Days, weeks and months by a zone's calendar, and the instants between which they lie. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import instant_of

Unit = Literal["day", "week", "month"]
ONE_DAY = timedelta(days=1)
# So many of a kind stand on a page.
SHOWN: dict[Unit, int] = {"day": 30, "week": 13, "month": 12}


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both of them included."""

    first_on: date
    last_on: date

    def __contains__(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """From its first instant up to the first one after it, by the zone's clocks."""
        there = zone_of(zone)
        return instant_of(self.first_on, 0, there), instant_of(self.last_on + ONE_DAY, 0, there)

    def instants_anywhere(self) -> tuple[datetime, datetime]:
        """Instants between which it lies in whatever zone."""
        first, after = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (self.first_on, self.last_on))
        return first - ONE_DAY, after + 2 * ONE_DAY


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return ZoneInfo("UTC")


def day_of(at: datetime, zone: str) -> date:
    """Which day it is at the instant, by the zone's calendar."""
    return at.astimezone(zone_of(zone)).date()


def week_of(day: date) -> date:
    """Its Monday."""
    return day - day.weekday() * ONE_DAY


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_days(first_on: date) -> Days:
    """All days of the month."""
    return Days(first_on, (first_on + 31 * ONE_DAY).replace(day=1) - ONE_DAY)


def period_of(day: date, unit: Unit) -> date:
    """The first day of the day, week or month that it lies in."""
    return {"day": day, "week": week_of(day), "month": month_of(day)}[unit]


def period_days(first_on: date, unit: Unit) -> Days:
    """All days of the period that begins then."""
    if unit == "month":
        return month_days(first_on)
    return Days(first_on, first_on + (6 * ONE_DAY if unit == "week" else timedelta()))


def periods(last_on: date, unit: Unit) -> list[date]:
    """The first days of as many periods as a page shows, in order; the last one holds `last_on`."""
    first_days = [period_of(last_on, unit)]
    while len(first_days) < SHOWN[unit]:
        first_days.append(period_of(first_days[-1] - ONE_DAY, unit))
    return first_days[::-1]


def months_between(first_on: date, last_on: date) -> Iterator[date]:
    """The first days of the months from the one day to the other."""
    month = month_of(first_on)
    while month <= last_on:
        yield month
        month = month_days(month).last_on + ONE_DAY
