"""Reads of the few times with which a product's page begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.few_times import MOST_DAYS, FreeDay, few_days, few_of_days, free_days, nearest_days
from coaching.booking.slot_queries import NEAR, free_slots, hours_of
from coaching.booking.slots import ONE_DAY, Span
from coaching.catalog.models import Offer, Product

# How far ahead is looked first, and how far next, for coaches with few hours; then as far as can be booked.
LOOKS = (timedelta(days=7), timedelta(days=35))


@dataclass(frozen=True, slots=True)
class FewTimes:
    """Days with times to choose from; where a wanted time is not free, those nearest to it."""

    zone: str
    days: list[FreeDay]
    is_nearest: bool = False

    @property
    def next_free_at(self) -> datetime | None:
        return self.days[0].starts[0] if self.days else None


def few_times(
    product: Product,
    offer: Offer,
    zone: str,
    now: datetime,
    wanted: datetime | None = None,
    student: Person | None = None,
) -> FewTimes:
    """The next free times; around a `wanted` one that is further away only those near to it.

    Times at which the `student` has another session are none.
    """
    last_at = now + product.horizon_days * ONE_DAY
    if wanted and now + LOOKS[0] <= wanted < last_at:
        hours, around = hours_of(product), Span(wanted - NEAR, min(wanted + NEAR, last_at))
        free = free_slots(product, offer, hours, Span(max(now, around.starts_at), around.ends_at), now, student=student)
        if wanted in free:
            of_day = next(day.starts for day in free_days(free, zone) if wanted in day.starts)
            return FewTimes(zone, few_days(of_day, zone, wanted))
        if free:
            return FewTimes(zone, nearest_days(free, zone, wanted), is_nearest=True)
    days = _next_free(product, offer, zone, now, last_at, student)
    free = [start for day in days for start in day.starts]
    if wanted and wanted not in free and now <= wanted < last_at and free:
        return FewTimes(zone, nearest_days(free, zone, wanted), is_nearest=True)
    return FewTimes(zone, few_of_days(days, zone, wanted))


def _next_free(
    product: Product, offer: Offer, zone: str, now: datetime, last_at: datetime, student: Person | None
) -> list[FreeDay]:
    free: list[datetime] = []
    days: list[FreeDay] = []
    hours = hours_of(product)
    for window in _windows(now, last_at):
        free += free_slots(product, offer, hours, window, now, student=student)
        days = free_days(free, zone)
        if len(days) >= MOST_DAYS:
            break
    return days


def _windows(now: datetime, last_at: datetime) -> Iterator[Span]:
    begin = now
    for end in (*(now + look for look in LOOKS), last_at):
        if begin < min(end, last_at):
            yield Span(begin, min(end, last_at))
        begin = end
