"""Reads of what is free and what was booked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import LIVE_STATES, Answer, CoachingSession, Seat, SessionEvent
from coaching.booking.month import SlotMonth, month_of, month_span, next_month, slot_month
from coaching.booking.slots import ONE_DAY, SlotRules, Span, open_slots
from coaching.catalog.models import Offer, Product, Store
from coaching.db import rows
from coaching.errors import NotFound
from coaching.hours.models import TimeOff
from coaching.hours.queries import weekly_hours
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import WeeklyHours

Role = Literal["student", "coach", "admin"]

# So long after a session its coach still sees answers and phone number.
ANSWERS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A coaching session as one person may see it: product, store, coach and student are loaded with it."""

    coaching_session: CoachingSession
    seat: Seat
    role: Role

    def shows_answers(self, now: datetime) -> bool:
        """True when this person may read answers, goals and phone number."""
        is_recent = now < self.coaching_session.ends_at + ANSWERS_KEPT
        return self.role == "student" or (self.role == "coach" and is_recent)


# --- What is free


def free_month(product: Product, offer: Offer, zone: str, now: datetime, month_on: date | None = None) -> SlotMonth:
    """The month's free times in the visitor's zone; without `month_on` the month of the next free time."""
    last_at = now + product.horizon_days * ONE_DAY
    wanted = month_on.replace(day=1) if month_on else month_of(now, zone)
    slots: list[datetime] = []
    if wanted >= month_of(now, zone):
        slots = next(filter(None, _slots_by_month(product, offer, zone, now, wanted, last_at)), [])
    shown = wanted if month_on or not slots else max(wanted, month_of(slots[0], zone))
    return slot_month(shown, zone, slots, last_at, now)


def _slots_by_month(
    product: Product, offer: Offer, zone: str, now: datetime, wanted: date, last_at: datetime
) -> Iterator[list[datetime]]:
    # First everything up to the wanted month's end; only where nothing is free does anybody ask for more.
    hours = _hours_of(product)
    begin = now
    while (month := month_span(wanted, zone)).starts_at < last_at:
        window = Span(begin, min(month.ends_at, last_at))
        yield free_slots(product, offer, hours, window, now)
        begin, wanted = month.ends_at, next_month(wanted)


def is_free(product: Product, offer: Offer, starts_at: datetime, now: datetime) -> bool:
    """True when a session may be booked at exactly `starts_at`."""
    window = Span(starts_at, starts_at + MINUTE)
    return starts_at in free_slots(product, offer, _hours_of(product), window, now)


def free_slots(product: Product, offer: Offer, hours: WeeklyHours, window: Span, now: datetime) -> list[datetime]:
    """The starts in `window` at which the offer can be booked at `now`."""
    rules = slot_rules(product, offer)
    reach = timedelta(minutes=offer.minutes + product.buffer_before_minutes + product.buffer_after_minutes)
    busy = busy_spans(product.store.owner, Span(window.starts_at - reach, window.ends_at + reach))
    counted = _counted_starts(product, window) if rules.daily_cap is not None else []
    return open_slots(hours, busy, rules, now, window, counted)


def _hours_of(product: Product) -> WeeklyHours:
    # A draft may not have come to its schedule yet.
    return weekly_hours(product.schedule) if product.schedule else WeeklyHours(product.store.zone, {})


def slot_rules(product: Product, offer: Offer) -> SlotRules:
    """How this offer of the product may be booked."""
    return SlotRules(
        length_minutes=offer.minutes,
        grid_minutes=product.grid_minutes,
        buffer_before_minutes=product.buffer_before_minutes,
        buffer_after_minutes=product.buffer_after_minutes,
        notice_minutes=product.notice_minutes,
        horizon_days=product.horizon_days,
        daily_cap=product.daily_cap,
    )


def busy_spans(person: Person, around: Span) -> list[Span]:
    """When the person cannot coach: sessions of all their products with buffers, own lessons, time off."""
    coached = _overlapping(CoachingSession.busy_from, CoachingSession.busy_until, around).where(
        CoachingSession.coach == person, CoachingSession.state.in_(LIVE_STATES)
    )
    lessons = _overlapping(Seat.starts_at, Seat.ends_at, around).where(Seat.student == person, Seat.is_live)
    time_off = _overlapping(TimeOff.starts_at, TimeOff.ends_at, around).where(TimeOff.coach == person)
    return [Span(starts_at, ends_at) for starts_at, ends_at in rows(coached + lessons + time_off)]


def has_other_session(student: Person, span: Span) -> bool:
    """True when the student sits in, or gives, another session at that time; buffers do not count."""
    lessons = _overlapping(Seat.starts_at, Seat.ends_at, span).where(Seat.student == student, Seat.is_live)
    coached = _overlapping(CoachingSession.starts_at, CoachingSession.ends_at, span).where(
        CoachingSession.coach == student, CoachingSession.state.in_(LIVE_STATES)
    )
    return any(True for _ in rows((lessons + coached).limit(1)))


def _overlapping(start: Any, end: Any, span: Span) -> Any:
    return start.model.select(start, end).where(end > span.starts_at, start < span.ends_at)


def _counted_starts(product: Product, window: Span) -> list[datetime]:
    # A day on each side: the cap counts whole days of the coach, the window may begin in the middle of one.
    query = CoachingSession.select(CoachingSession.starts_at).where(
        CoachingSession.product == product,
        CoachingSession.state.in_((*LIVE_STATES, "completed", "no_show")),
        CoachingSession.starts_at > window.starts_at - ONE_DAY,
        CoachingSession.starts_at < window.ends_at + ONE_DAY,
    )
    return [starts_at for (starts_at,) in rows(query)]


# --- What was booked


def get_session_for(person: Person, code: str) -> SessionView:
    """The session as student, coach or admin may see it; NotFound for everybody else."""
    is_theirs = (Seat.student == person) | (CoachingSession.coach == person) | person.is_admin
    seat = _seats().where(CoachingSession.code == code, is_theirs).first()
    if seat is None:
        raise NotFound
    return _view(seat, _role(seat, person))


def upcoming_sessions(person: Person, role: Role, now: datetime) -> list[SessionView]:
    """The sessions the person takes or gives that are not over, the next one first."""
    query = _seats_of(person, role).where(_is_to_come(now)).order_by(CoachingSession.starts_at)
    return [_view(seat, role) for seat in query]


def past_sessions(person: Person, role: Role, now: datetime, limit: int = 50) -> list[SessionView]:
    """The sessions that are over or were called off, the latest first."""
    query = _seats_of(person, role).where(~_is_to_come(now)).order_by(CoachingSession.starts_at.desc())
    return [_view(seat, role) for seat in query.limit(limit)]


def answers_of(view: SessionView, now: datetime) -> list[Answer]:
    """The student's answers, for those who may read them."""
    if not view.shows_answers(now):
        return []
    return list(Answer.select().where(Answer.seat == view.seat).order_by(Answer.position, Answer.id))


def history_of(coaching_session: CoachingSession) -> list[SessionEvent]:
    """What happened to the session, in order, with who did it."""
    return list(
        SessionEvent.select(SessionEvent, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .where(SessionEvent.coaching_session == coaching_session)
        .order_by(SessionEvent.at, SessionEvent.id)
    )


def _is_to_come(now: datetime) -> Any:
    return CoachingSession.state.in_(LIVE_STATES) & (CoachingSession.ends_at > now)


def _seats_of(person: Person, role: Role) -> Any:
    return _seats().where(Seat.student == person if role == "student" else CoachingSession.coach == person)


def _seats() -> Any:
    coach, student = Person.alias(), Person.alias()
    return (
        Seat.select(Seat, student, CoachingSession, coach, Product, Store)
        .join(student, on=(Seat.student == student.id))
        .switch(Seat)
        .join(CoachingSession)
        .join(coach, on=(CoachingSession.coach == coach.id))
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
    )


def _view(seat: Seat, role: Role) -> SessionView:
    return SessionView(seat.coaching_session, seat, role)


def _role(seat: Seat, person: Person) -> Role:
    if seat.student == person:
        return "student"
    return "coach" if seat.coaching_session.coach == person else "admin"
