"""Reads of why a time of a coach is, or is not, free."""

from collections.abc import Iterator
from datetime import datetime

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.explain import BusyTime, Cause, Reason, reasons_against, reasons_of_busy
from coaching.booking.lapse_queries import lapsed_ids, takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.slot_queries import counted_starts, hours_of, slot_rules, within_reach
from coaching.booking.slots import Span
from coaching.calendars.queries import outside_busy
from coaching.catalog.models import Offer, Product
from coaching.db import rows
from coaching.hours.models import TimeOff
from coaching.hours.wall_clock import MINUTE


def explain_start(product: Product, offer: Offer, starts_at: datetime, now: datetime) -> list[Reason]:
    """What keeps a student from booking the offer at `starts_at`, for its coach to read; empty when it is free."""
    rules, window = slot_rules(product, offer), Span(starts_at, starts_at + MINUTE)
    busy = list(busy_times(product.store.owner, within_reach(window, rules), now))
    counted = counted_starts(product, window, now, None)
    return [*_not_on_sale(product), *reasons_against(starts_at, hours_of(product), busy, rules, counted, now)]


def explain_busy(coaching_session: CoachingSession, now: datetime) -> list[Reason]:
    """What takes up the coach's time where this session was, for its coach to read. It must take up none itself."""
    product: Product = coaching_session.product
    offer = Offer(product=product, minutes=coaching_session.minutes, price_cents=0)
    around = Span(coaching_session.busy_from, coaching_session.busy_until)
    busy = busy_times(coaching_session.coach, around, now)
    return reasons_of_busy(coaching_session.starts_at, busy, slot_rules(product, offer), coaching_session.zone)


def busy_times(coach: Person, around: Span, now: datetime) -> Iterator[BusyTime]:
    """What `slot_queries.busy_spans` counts as busy, each with what it is, the first first."""
    busy = [
        *_coached(coach, around, now),
        *_lessons(coach, around, now),
        *_time_off(coach, around),
        *_outside(coach, around, now),
    ]
    yield from sorted(busy, key=lambda busy_time: busy_time.span.starts_at)


def _not_on_sale(product: Product) -> Iterator[Reason]:
    if product.state != "published":
        yield Reason(Cause.SALE, "This product is not on sale. Publish it first.")
    elif product.is_stopped:
        yield Reason(Cause.SALE, "Your approval as a coach was taken back, so nothing new can be booked.")
    elif product.lacks_server:
        yield Reason(Cause.SALE, "No room can be opened for it: connect your Discord server again.")


def _coached(coach: Person, around: Span, now: datetime) -> Iterator[BusyTime]:
    session = CoachingSession
    query = (
        session.select(
            session.title,
            session.state,
            session.starts_at,
            session.ends_at,
            session.busy_from,
            session.busy_until,
            Person.name,
        )
        .join(Seat, JOIN.LEFT_OUTER)
        .join(Person, JOIN.LEFT_OUTER)
        .where(
            session.coach == coach,
            takes_time(now),
            session.busy_until > around.starts_at,
            session.busy_from < around.ends_at,
        )
    )
    for title, state, starts_at, ends_at, busy_from, busy_until, student in rows(query):
        label = _called(title, state, student)
        yield BusyTime(Cause.SESSION, label, Span(starts_at, ends_at), Span(busy_from, busy_until))


def _called(title: str, state: str, student: str | None) -> str:
    if student is None:
        return f"“{title}”, held by an invitation"
    if state == "requested":
        return f"“{title}”, asked for by {student}"
    return f"“{title}”, held for {student}" if state == "held" else f"“{title}” with {student}"


def _lessons(coach: Person, around: Span, now: datetime) -> Iterator[BusyTime]:
    query = (
        Seat.select(Seat.starts_at, Seat.ends_at, CoachingSession.title)
        .join(CoachingSession)
        .where(Seat.student == coach, Seat.is_live, Seat.coaching_session.not_in(lapsed_ids(now)))
        .where(Seat.ends_at > around.starts_at, Seat.starts_at < around.ends_at)
    )
    for starts_at, ends_at, title in rows(query):
        span = Span(starts_at, ends_at)
        yield BusyTime(Cause.SESSION, f"“{title}”, in which you are the student", span, span)


def _time_off(coach: Person, around: Span) -> Iterator[BusyTime]:
    query = TimeOff.select(TimeOff.starts_at, TimeOff.ends_at, TimeOff.note).where(
        TimeOff.coach == coach, TimeOff.ends_at > around.starts_at, TimeOff.starts_at < around.ends_at
    )
    for starts_at, ends_at, note in rows(query):
        span = Span(starts_at, ends_at)
        yield BusyTime(Cause.TIME_OFF, f"Your time off (“{note}”)" if note else "Your time off", span, span)


def _outside(coach: Person, around: Span, now: datetime) -> Iterator[BusyTime]:
    for busy in outside_busy(coach, around, now):
        span = Span(busy.starts_at, busy.ends_at)
        if busy.is_unknown:
            # Its ends are only those of what was asked about.
            label = f"“{busy.calendar}” could not be read for this time, so that it counts as busy"
            yield BusyTime(Cause.CALENDAR, label, span, span, has_times=False)
        else:
            yield BusyTime(Cause.CALENDAR, f"“{busy.calendar}” says that you are busy", span, span)
