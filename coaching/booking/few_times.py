"""A few good times out of all free ones: the next days that have some, and of each a handful. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

MOST_DAYS = 3
MOST_A_DAY = 6
# Times before this hour are offered among the few only where there are not enough others.
NIGHT_ENDS = 6
# So many are named in place of a time that is not free.
NEAREST = 4


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day by the visitor's calendar: the starts to show, and how many are free in all."""

    on: date
    starts: tuple[datetime, ...]
    count: int


def few_days(free: Sequence[datetime], zone: str, chosen: datetime | None = None) -> list[FreeDay]:
    """The next days with free times, a few of each; the day of a `chosen` time, and the time itself, always."""
    return few_of_days(free_days(free, zone), zone, chosen)


def few_of_days(days: Sequence[FreeDay], zone: str, chosen: datetime | None = None) -> list[FreeDay]:
    """The same of free times that are told by days."""
    few = [day for number, day in enumerate(days) if number < MOST_DAYS or chosen in day.starts]
    return [FreeDay(day.on, few_of(day.starts, zone, chosen), day.count) for day in few]


def nearest_days(free: Iterable[datetime], zone: str, to: datetime) -> list[FreeDay]:
    """The free times nearest to an instant, in their order, by days."""
    return free_days(sorted(sorted(free, key=lambda start: abs(start - to))[:NEAREST]), zone)


def free_days(free: Iterable[datetime], zone: str) -> list[FreeDay]:
    """Free times in their order by the days of a zone."""
    tz = ZoneInfo(zone)
    by_day = groupby(free, lambda start: start.astimezone(tz).date())
    days = [(day, tuple(starts)) for day, starts in by_day]
    return [FreeDay(day, starts, len(starts)) for day, starts in days]


def few_of(starts: tuple[datetime, ...], zone: str, chosen: datetime | None = None) -> tuple[datetime, ...]:
    """A handful of one day's starts: the first, the chosen one, and others from all over it, best on the hour.

    None of them at night, where there are enough by day.
    """
    if len(starts) <= MOST_A_DAY:
        return starts
    tz = ZoneInfo(zone)
    times = [(start, start.astimezone(tz)) for start in starts]
    by_day = [(start, there) for start, there in times if there.hour >= NIGHT_ENDS or start == chosen]
    times = by_day if len(by_day) >= MOST_A_DAY else times
    starts = tuple(start for start, _ in times)
    if len(starts) <= MOST_A_DAY:
        return starts
    kept = {starts[0], chosen} if chosen in starts else {starts[0]}
    on_the_hour = [start for start, there in times if there.minute == 0]
    others = [start for start in (on_the_hour if len(on_the_hour) >= MOST_A_DAY else starts) if start not in kept]
    count = MOST_A_DAY - len(kept)
    return tuple(sorted(kept | {others[(2 * number + 1) * len(others) // (2 * count)] for number in range(count)}))
