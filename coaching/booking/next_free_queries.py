"""Reads of the next free instants of many products of one coach, as each product's own page finds them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.slot_queries import busy_spans, counted_starts, has_caps, hours_of, slot_rules
from coaching.booking.slots import ONE_DAY, SlotRules, Span, open_slots
from coaching.catalog.details import LONGEST_BREAK, LONGEST_OFFER
from coaching.catalog.models import Offer, Product
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import WeeklyHours

# How far ahead is looked first, and how far next; then as far as can be booked. Most are free within days.
LOOKS = (timedelta(days=3), timedelta(days=10), timedelta(days=35))
# Where something busy can stand in the way of a start, whatever the product.
REACH = (LONGEST_OFFER + 2 * LONGEST_BREAK) * MINUTE


class SharedTime:
    """What all products of a coach take their times from: each schedule, and what is busy when, is read once."""

    def __init__(self, coach: Person, now: datetime) -> None:
        self.coach, self.now = coach, now
        self._hours: dict[int | None, WeeklyHours] = {}
        self._busy: dict[Span, list[Span]] = {}

    def hours_of(self, product: Product) -> WeeklyHours:
        """The hours of the product's schedule."""
        if product.schedule_id not in self._hours:
            self._hours[product.schedule_id] = hours_of(product)
        return self._hours[product.schedule_id]

    def busy_around(self, window: Span) -> list[Span]:
        """When the coach is busy in the window, and near to it."""
        if window not in self._busy:
            around = Span(window.starts_at - REACH, window.ends_at + REACH)
            self._busy[window] = busy_spans(self.coach, around, self.now)
        return self._busy[window]


def next_free_start(product: Product, offer: Offer, time: SharedTime) -> datetime | None:
    """The first instant at which the offer can be booked by somebody who is busy with nothing else."""
    hours, rules, now = time.hours_of(product), slot_rules(product, offer), time.now
    for window in _windows(now, rules):
        counted = counted_starts(product, window, now, None) if has_caps(product) else []
        free = open_slots(hours, time.busy_around(window), rules, now, window, counted)
        if free:
            return free[0]
    return None


def too_late_at(product: Product, offer: Offer, starts_at: datetime) -> datetime:
    """From when on nobody can book this start any more."""
    return starts_at - slot_rules(product, offer).notice_minutes * MINUTE


def _windows(now: datetime, rules: SlotRules) -> Iterator[Span]:
    begin, last_at = now, now + rules.horizon_days * ONE_DAY
    for end in (*(now + look for look in LOOKS), last_at):
        if begin < min(end, last_at):
            yield Span(begin, min(end, last_at))
        begin = end
