"""How many minutes of each day hours are open for booking. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from coaching.figures.calendar import ONE_DAY, Days
from coaching.hours.openings import openings
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import WeeklyHours

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class StoreHours:
    """A store's zone, the hours of each of its products on sale, and its coach's time off."""

    zone: str
    products: Mapping[int, WeeklyHours]
    time_off: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Offered:
    """Minutes on offer on one day: of each product, and of the store, in which what several offer counts once."""

    day_on: date
    store_minutes: int
    product_minutes: Mapping[int, int]


def offered_on(hours: StoreHours, days: Days) -> list[Offered]:
    """What is on offer on each of the days, by the store's calendar."""
    # Schedules may lie in other zones, and hours may run over midnight.
    spans = {
        product_id: [
            (opening.starts_at, opening.ends_at)
            for opening in openings(week, days.first_on - 2 * ONE_DAY, days.last_on + 2 * ONE_DAY)
        ]
        for product_id, week in hours.products.items()
    }
    offered_days = []
    for number in range((days.last_on - days.first_on).days + 1):
        day = days.first_on + number * ONE_DAY
        within = Days(day, day).instants(hours.zone)
        minutes = {product_id: open_minutes(some, within, hours.time_off) for product_id, some in spans.items()}
        every = [span for some in spans.values() for span in some]
        offered_days.append(Offered(day, open_minutes(every, within, hours.time_off), minutes))
    return offered_days


def open_minutes(spans: Iterable[Span], within: Span, closed: Iterable[Span]) -> int:
    """How many minutes of `within` the spans cover together, less those that are closed."""
    covered = _length(_clipped(spans, within))
    both = [(max(begin, since), min(end, until)) for begin, end in _clipped(spans, within) for since, until in closed]
    return (covered - _length(both)) // MINUTE


def _clipped(spans: Iterable[Span], within: Span) -> list[Span]:
    return [(max(begin, within[0]), min(end, within[1])) for begin, end in spans]


def _length(spans: Iterable[Span]) -> timedelta:
    """How long they are together, where they overlap counted once."""
    total, reached = timedelta(), None
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        begin = begin if reached is None else max(begin, reached)
        if end > begin:
            total += end - begin
        reached = end if reached is None else max(reached, end)
    return total
