"""Reads of what is free: a coach's hours less what is busy, for one offer of one product."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.hold_rules import least_notice
from coaching.booking.lapse_queries import lapsed_ids, takes_time
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.month import SlotMonth, month_of, month_span, next_month, slot_month
from coaching.booking.slots import ONE_DAY, SlotRules, Span, open_slots
from coaching.calendars.queries import outside_busy_spans
from coaching.catalog.models import Offer, Product
from coaching.db import rows
from coaching.hours.models import TimeOff
from coaching.hours.queries import weekly_hours
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import WeeklyHours

# So far around a wanted time others are looked for.
NEAR = timedelta(days=14)


def free_month(
    product: Product,
    offer: Offer,
    zone: str,
    now: datetime,
    month_on: date | None = None,
    moving: CoachingSession | None = None,
    student: Person | None = None,
) -> SlotMonth:
    """The month's free times in the visitor's zone; without `month_on` the month of the next free time.

    A session that is `moving` takes up no time itself. Times at which the `student` has another session, or that of
    the session that is moving, are not free.
    """
    last_at = now + product.horizon_days * ONE_DAY
    wanted = month_on.replace(day=1) if month_on else month_of(now, zone)
    slots: list[datetime] = []
    if wanted >= month_of(now, zone):
        slots = next(filter(None, _slots_by_month(product, offer, zone, now, wanted, last_at, moving, student)), [])
    shown = wanted if month_on or not slots else max(wanted, month_of(slots[0], zone))
    return slot_month(shown, zone, slots, last_at, now)


def _slots_by_month(
    product: Product,
    offer: Offer,
    zone: str,
    now: datetime,
    wanted: date,
    last_at: datetime,
    moving: CoachingSession | None,
    student: Person | None,
) -> Iterator[list[datetime]]:
    # First everything up to the wanted month's end; only where nothing is free does anybody ask for more.
    hours = hours_of(product)
    begin = now
    while (month := month_span(wanted, zone)).starts_at < last_at:
        window = Span(begin, min(month.ends_at, last_at))
        yield free_slots(product, offer, hours, window, now, moving, student)
        begin, wanted = month.ends_at, next_month(wanted)


def is_free(product: Product, offer: Offer, starts_at: datetime, now: datetime) -> bool:
    """True when a session may be booked at exactly `starts_at`."""
    window = Span(starts_at, starts_at + MINUTE)
    return starts_at in free_slots(product, offer, hours_of(product), window, now)


def free_slots(
    product: Product,
    offer: Offer,
    hours: WeeklyHours,
    window: Span,
    now: datetime,
    moving: CoachingSession | None = None,
    student: Person | None = None,
) -> list[datetime]:
    """The starts in `window` at which the offer can be booked at `now`, or to which the session can be moved."""
    rules = slot_rules(product, offer)
    around = within_reach(window, rules)
    busy = busy_spans(product.store.owner, around, now, moving)
    counted = counted_starts(product, window, now, moving) if has_caps(product) else []
    elsewhere = spans_elsewhere(around, now, moving, student) if moving or student else []
    return open_slots(hours, busy, rules, now, window, counted, elsewhere)


def within_reach(window: Span, rules: SlotRules) -> Span:
    """Where something busy can stand in the way of a start in the window."""
    reach = (rules.length_minutes + rules.buffer_before_minutes + rules.buffer_after_minutes) * MINUTE
    return Span(window.starts_at - reach, window.ends_at + reach)


def hours_of(product: Product) -> WeeklyHours:
    """The hours of the product's schedule; none while a draft has not come to it yet."""
    return weekly_hours(product.schedule) if product.schedule else WeeklyHours(product.store.zone, {})


def slot_rules(product: Product, offer: Offer) -> SlotRules:
    """How this offer of the product may be booked; none is asked for or held too late to be answered, or paid."""
    notice_minutes = max(product.notice_minutes, least_notice(product, offer) // MINUTE)
    return SlotRules(
        length_minutes=offer.minutes,
        grid_minutes=product.grid_minutes,
        buffer_before_minutes=product.buffer_before_minutes,
        buffer_after_minutes=product.buffer_after_minutes,
        notice_minutes=notice_minutes,
        horizon_days=product.horizon_days,
        daily_cap=product.daily_cap,
        weekly_cap=product.weekly_cap,
    )


def has_caps(product: Product) -> bool:
    """True where it takes only so many sessions a day or a week."""
    return product.daily_cap is not None or product.weekly_cap is not None


def nearest_starts(
    product: Product, offer: Offer, to: datetime, now: datetime, count: int, moving: CoachingSession | None = None
) -> list[datetime]:
    """The free starts nearest to an instant, within two weeks around it, in their order."""
    window = Span(max(now, to - NEAR), min(to + NEAR, now + product.horizon_days * ONE_DAY))
    if window.ends_at <= window.starts_at:
        return []
    free = free_slots(product, offer, hours_of(product), window, now, moving)
    others = [start for start in free if moving is None or start != moving.starts_at]
    return sorted(sorted(others, key=lambda start: abs(start - to))[:count])


def busy_spans(person: Person, around: Span, now: datetime, moving: CoachingSession | None = None) -> list[Span]:
    """When the person cannot coach: sessions of all their products with buffers, own lessons, time off, calendars."""
    coached = _overlapping(CoachingSession.busy_from, CoachingSession.busy_until, around).where(
        CoachingSession.coach == person, takes_time(now), *_but(CoachingSession.id, moving)
    )
    lessons = _overlapping(Seat.starts_at, Seat.ends_at, around).where(
        Seat.student == person, Seat.is_live, Seat.coaching_session.not_in(lapsed_ids(now))
    )
    time_off = _overlapping(TimeOff.starts_at, TimeOff.ends_at, around).where(TimeOff.coach == person)
    outside = outside_busy_spans(person, around, now)
    return [Span(starts_at, ends_at) for starts_at, ends_at in (*rows(coached + lessons + time_off), *outside)]


def spans_elsewhere(around: Span, now: datetime, moving: CoachingSession | None, student: Person | None) -> list[Span]:
    """When the student sits in, or gives, another session; `moving` speaks of its own student."""
    if moving:
        students = Seat.select(Seat.student).where(Seat.coaching_session == moving, Seat.is_live)
        return [Span(*one) for one in rows(_sessions_of(students, around, moving, now))]
    return [Span(*one) for one in rows(_sessions_of([student], around, None, now))]


def has_other_session(student: Person, span: Span, moving: CoachingSession | None = None) -> bool:
    """True when the student sits in, or gives, another session at that time; buffers do not count.

    Whatever has run out is to be written down before (lapse_mutations.py).
    """
    return any(True for _ in rows(_sessions_of([student], span, moving).limit(1)))


def _sessions_of(students: Any, span: Span, moving: CoachingSession | None, now: datetime | None = None) -> Any:
    lessons = _overlapping(Seat.starts_at, Seat.ends_at, span).where(
        Seat.student.in_(students), Seat.is_live, *_but(Seat.coaching_session, moving)
    )
    coached = _overlapping(CoachingSession.starts_at, CoachingSession.ends_at, span).where(
        CoachingSession.coach.in_(students), CoachingSession.state.in_(LIVE_STATES)
    )
    if now:
        lessons = lessons.where(Seat.coaching_session.not_in(lapsed_ids(now)))
        coached = coached.where(takes_time(now))
    return lessons + coached


def counted_starts(product: Product, window: Span, now: datetime, moving: CoachingSession | None) -> list[datetime]:
    """When the sessions begin that use up the product's caps on the days and in the weeks of the window."""
    # The caps count whole days and weeks of the coach; the window may begin in the middle of one.
    margin = ONE_DAY if product.weekly_cap is None else 8 * ONE_DAY
    query = CoachingSession.select(CoachingSession.starts_at).where(
        CoachingSession.product == product,
        takes_time(now) | CoachingSession.state.in_(("completed", "no_show")),
        CoachingSession.starts_at > window.starts_at - margin,
        CoachingSession.starts_at < window.ends_at + margin,
        *_but(CoachingSession.id, moving),
    )
    return [starts_at for (starts_at,) in rows(query)]


def _but(column: Any, moving: CoachingSession | None) -> list[Any]:
    return [column != moving.id] if moving else []


def _overlapping(start: Any, end: Any, span: Span) -> Any:
    return start.model.select(start, end).where(end > span.starts_at, start < span.ends_at)
