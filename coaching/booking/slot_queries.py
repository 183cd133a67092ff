"""Reads of what is free: a coach's hours less what is busy, for one offer of one product."""

from collections.abc import Iterable, Iterator
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
from coaching.hours.models import TimeOff
from coaching.hours.queries import weekly_hours
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import WeeklyHours
from coaching.reading import Statement, given, reader_of

to_instant = reader_of(CoachingSession.starts_at)
# No row has this number.
NOBODY = 0
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
        window = within(month_span(wanted, zone), now, last_at)
        slots = free_slots(product, offer, hours_of(product), window, now, moving, student)
        # Only where nothing is free in it does anybody ask for more: for the next free time, whenever that is.
        by_month = _slots_by_month(product, offer, zone, now, wanted, last_at, moving, student)
        slots = slots or next(filter(None, by_month), [])
    month = wanted if month_on or not slots else max(wanted, month_of(slots[0], zone))
    return slot_month(month, zone, slots, last_at, now)


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
    # First everything up to the wanted month's end.
    hours = hours_of(product)
    begin = now
    while (month := month_span(wanted, zone)).starts_at < last_at:
        window = Span(begin, min(month.ends_at, last_at))
        yield free_slots(product, offer, hours, window, now, moving, student)
        begin, wanted = month.ends_at, next_month(wanted)


def within(span: Span, earliest: datetime, latest: datetime) -> Span:
    """The part of the span between these two instants; an empty one where there is none."""
    return Span(max(span.starts_at, earliest), max(min(span.ends_at, latest), earliest))


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
    busy = _BUSY.rows(person=person.id, moving=_id_of(moving), now=now, **ends_of(around))
    return [*spans_in(busy), *(Span(*span) for span in outside_busy_spans(person, around, now))]


def spans_elsewhere(around: Span, now: datetime, moving: CoachingSession | None, student: Person | None) -> list[Span]:
    """When the student sits in, or gives, another session; `moving` speaks of its own student."""
    student_id = student.id if student and not moving else NOBODY
    return spans_in(_ELSEWHERE.rows(student=student_id, moving=_id_of(moving), now=now, **ends_of(around)))


def has_other_session(student: Person, span: Span, moving: CoachingSession | None = None) -> bool:
    """True when the student sits in, or gives, another session at that time; buffers do not count.

    Whatever has run out is to be written down before (lapse_mutations.py).
    """
    return bool(_OTHER_SESSIONS.rows(student=student.id, moving=_id_of(moving), **ends_of(span)))


def is_free_again(coaching_session: CoachingSession, now: datetime) -> bool:
    """True when neither its coach nor its student has anything else at the time of a session that has ended."""
    with_buffers = Span(coaching_session.busy_from, coaching_session.busy_until)
    span = Span(coaching_session.starts_at, coaching_session.ends_at)
    is_busy = busy_spans(coaching_session.coach, with_buffers, now, coaching_session)
    return not is_busy and not spans_elsewhere(span, now, coaching_session, None)


def counted_starts(product: Product, window: Span, now: datetime, moving: CoachingSession | None) -> list[datetime]:
    """When the sessions begin that use up the product's caps on the days and in the weeks of the window."""
    # The caps count whole days and weeks of the coach; the window may begin in the middle of one. Where clocks are put
    # back a day has 25 hours, and on a journey to the west up to two days.
    margin = 3 * ONE_DAY if product.weekly_cap is None else 9 * ONE_DAY
    around = {"starts_at": window.starts_at - margin, "ends_at": window.ends_at + margin}
    rows = _COUNTED.rows(product=product.id, moving=_id_of(moving), now=now, **around)
    return [to_instant(starts_at) for (starts_at,) in rows]


def spans_in(rows: Iterable[tuple[Any, Any]]) -> list[Span]:
    """Rows of a start and an end as spans."""
    return [Span(to_instant(starts_at), to_instant(ends_at)) for starts_at, ends_at in rows]


def ends_of(span: Span) -> dict[str, datetime]:
    """The span's ends by the names under which the statements take them."""
    return {"starts_at": span.starts_at, "ends_at": span.ends_at}


def _id_of(coaching_session: CoachingSession | None) -> int:
    return coaching_session.id if coaching_session else NOBODY


# --- Statements, each built once


def _overlapping(start: Any, end: Any) -> Any:
    return start.model.select(start, end).where(end > given("starts_at"), start < given("ends_at"))


def _busy() -> Any:
    lapsed = lapsed_ids(given("now"))
    coached = _overlapping(CoachingSession.busy_from, CoachingSession.busy_until).where(
        CoachingSession.coach == given("person"), CoachingSession.id != given("moving"), takes_time(given("now"))
    )
    lessons = _overlapping(Seat.starts_at, Seat.ends_at).where(
        Seat.student == given("person"), Seat.is_live, Seat.coaching_session.not_in(lapsed)
    )
    return coached + lessons + _overlapping(TimeOff.starts_at, TimeOff.ends_at).where(TimeOff.coach == given("person"))


def _elsewhere() -> Any:
    # The student handed in, or those of the session that is moving.
    moved = Seat.select(Seat.student).where(Seat.coaching_session == given("moving"), Seat.is_live)
    lessons = _lessons((Seat.student == given("student")) | Seat.student.in_(moved))
    coached = _overlapping(CoachingSession.starts_at, CoachingSession.ends_at).where(
        (CoachingSession.coach == given("student")) | CoachingSession.coach.in_(moved), takes_time(given("now"))
    )
    return lessons.where(Seat.coaching_session.not_in(lapsed_ids(given("now")))) + coached


def _other_sessions() -> Any:
    coached = _overlapping(CoachingSession.starts_at, CoachingSession.ends_at).where(
        CoachingSession.coach == given("student"), CoachingSession.state.in_(LIVE_STATES)
    )
    return _lessons(Seat.student == given("student")) + coached


def _lessons(is_theirs: Any) -> Any:
    is_other = Seat.coaching_session != given("moving")
    return _overlapping(Seat.starts_at, Seat.ends_at).where(is_theirs, Seat.is_live, is_other)


def _counted() -> Any:
    return CoachingSession.select(CoachingSession.starts_at).where(
        CoachingSession.product == given("product"),
        takes_time(given("now")) | CoachingSession.state.in_(("completed", "no_show")),
        CoachingSession.starts_at > given("starts_at"),
        CoachingSession.starts_at < given("ends_at"),
        CoachingSession.id != given("moving"),
    )


_BUSY, _ELSEWHERE, _OTHER_SESSIONS, _COUNTED = map(Statement, (_busy, _elsewhere, _other_sessions, _counted))
