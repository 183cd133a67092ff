"""Booking, cancelling, ticking off: every change of a coaching session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from peewee import JOIN, IntegrityError

from coaching.accounts.form_keys import find_result, keep_result
from coaching.accounts.models import DiscordLink, GuildMember, Person
from coaching.booking import answers
from coaching.booking.models import LIVE_STATES, Answer, CoachingSession, Seat, SessionEvent
from coaching.booking.queries import has_other_session, is_free
from coaching.booking.slots import ONE_DAY, Span
from coaching.catalog.models import Guild, Offer, Product, Question, Store
from coaching.catalog.queries import get_offer, questions_of
from coaching.db import database, new_code
from coaching.errors import (
    AnswersMissing,
    DiscordNotLinked,
    NotAMember,
    NotFound,
    NotPublished,
    OwnProduct,
    PhoneMissing,
    SlotTaken,
    StudentBusy,
    TooLate,
)
from coaching.hours.models import Schedule
from coaching.hours.wall_clock import MINUTE

Outcome = Literal["in_progress", "completed", "no_show"]


@dataclass(frozen=True, slots=True)
class BookingDetails:
    """What a student chose and typed; `answers` by question."""

    offer_id: int
    starts_at: datetime
    goals: str = ""
    phone: str | None = None
    answers: Mapping[int, str] = field(default_factory=dict)
    form_key: str | None = None


def book_session(product: Product, student: Person, details: BookingDetails, now: datetime) -> CoachingSession:
    """Book one slot for `student`, or raise what stands in the way. A form sent again gives the first session.

    1. Queue up behind other bookings of the same two people.
    2. Check person, offer and answers as they are now, and the slot with the function that offered it.
    3. Insert; the room follows from the next tick.
    """
    try:
        with database.atomic():
            _queue_up(product.store.owner, student)
            first = _first_result(product, student, details)
            return first or _book(_on_sale(product), student, details, now)
    except IntegrityError as error:
        raise SlotTaken from error


def cancel_session(coaching_session: CoachingSession, person: Person, now: datetime) -> CoachingSession:
    """The session is called off: by its student until the start, by its coach until the end. Twice does no harm."""
    with database.atomic():
        by, until = _canceller(coaching_session, person)
        changed = (
            CoachingSession.update(state="cancelled", ended_by=by, ended_at=now, revision=CoachingSession.revision + 1)
            .where(CoachingSession.id == coaching_session.id, CoachingSession.state.in_(LIVE_STATES))
            .where(getattr(CoachingSession, until) > now)
            .execute()
        )
        current: CoachingSession = CoachingSession.get_by_id(coaching_session.id)
        if not changed and current.state != "cancelled":
            raise TooLate("This session can no longer be cancelled.")
        if changed:
            _free_seats(current)
            record_event(current, "cancelled", person, now)
    return current


def mark_paid(coaching_session: CoachingSession, coach: Person, is_paid: bool, now: datetime) -> None:
    """The coach has ticked off the payment made outside, or taken the tick back."""
    if coaching_session.coach_id != coach.id:
        raise NotFound
    with database.atomic():
        changed = (
            Seat.update(paid_at=now if is_paid else None)
            .where(Seat.coaching_session == coaching_session, Seat.payment == "outside")
            .where(Seat.paid_at.is_null(is_paid))
            .execute()
        )
        if changed:
            record_event(coaching_session, "paid" if is_paid else "unpaid", coach, now)


def record_outcome(coaching_session: CoachingSession, outcome: Outcome, now: datetime) -> bool:
    """The session is in progress, completed or a no-show; False when it was over or called off before."""
    before = ("scheduled",) if outcome == "in_progress" else ("scheduled", "in_progress")
    with database.atomic():
        changed = (
            CoachingSession.update(state=outcome, ended_at=None if outcome == "in_progress" else now)
            .where(CoachingSession.id == coaching_session.id, CoachingSession.state.in_(before))
            .execute()
        )
        if changed:
            if outcome != "in_progress":
                _free_seats(coaching_session)
            record_event(coaching_session, outcome, None, now)
    return bool(changed)


def record_event(coaching_session: CoachingSession, what: str, person: Person | None, now: datetime) -> None:
    """The session's history says so."""
    SessionEvent.create(coaching_session=coaching_session, person=person, what=what, at=now)


# --- The steps of a booking


def _queue_up(coach: Person, student: Person) -> None:
    # In the order of their ids: two people who book each other at once would wait for each other for ever.
    for person_id in sorted({coach.id, student.id}):
        Person.update(name=Person.name).where(Person.id == person_id).execute()


def _first_result(product: Product, student: Person, details: BookingDetails) -> CoachingSession | None:
    code = find_result(student, details.form_key) if details.form_key else None
    if code:
        return CoachingSession.get(CoachingSession.code == code)
    # A lost answer and a freshly drawn form: it is the same booking all the same.
    same = CoachingSession.product == product, CoachingSession.starts_at == details.starts_at, Seat.student == student
    return next(iter(CoachingSession.select().join(Seat).where(*same, CoachingSession.state.in_(LIVE_STATES))), None)


def _on_sale(product: Product) -> Product:
    # Read again behind the queue: it may have been withdrawn while the student filled in the form.
    query = (
        Product.select(Product, Store, Guild, Schedule)
        .join(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .switch(Product)
        .join(Schedule)
        .where(Product.id == product.id, Product.state == "published")
    )
    for current in query:
        return current
    raise NotPublished


def _book(product: Product, student: Person, details: BookingDetails, now: datetime) -> CoachingSession:
    if product.store.owner == student:
        raise OwnProduct
    if product.session_type != "phone":
        _require_member(student, product.store.guild)
    elif not details.phone:
        raise PhoneMissing
    # Before anything is reckoned from it: the form's instant may lie anywhere between the years 1 and 9999.
    if not now <= details.starts_at < now + product.horizon_days * ONE_DAY:
        raise SlotTaken
    offer = _offer(product, details.offer_id)
    questions = _answered_questions(product, details)
    span = Span(details.starts_at, details.starts_at + offer.minutes * MINUTE)
    if has_other_session(student, span):
        raise StudentBusy
    if not is_free(product, offer, details.starts_at, now):
        raise SlotTaken
    coaching_session = _insert_session(product, offer, span, now)
    seat = _insert_seat(coaching_session, product, offer, student, details)
    _insert_answers(seat, questions, details)
    record_event(coaching_session, "booked", student, now)
    if details.form_key:
        keep_result(student, details.form_key, coaching_session.code, now)
    return coaching_session


def _require_member(student: Person, guild: Guild | None) -> None:
    link = DiscordLink.get_or_none(DiscordLink.person == student)
    if link is None:
        raise DiscordNotLinked
    joined = GuildMember.select().where(GuildMember.link == link, GuildMember.state == "joined")
    if guild is None or not joined.where(GuildMember.discord_guild_id == guild.discord_guild_id).exists():
        raise NotAMember


def _offer(product: Product, offer_id: int) -> Offer:
    try:
        return get_offer(product, offer_id)
    except NotFound:
        raise SlotTaken("This length is no longer on offer. Choose another one.") from None


def _answered_questions(product: Product, details: BookingDetails) -> list[Question]:
    questions = questions_of(product)
    if faults := answers.faults(questions, details.answers):
        raise AnswersMissing(faults)
    return [question for question in questions if details.answers.get(question.id, "").strip()]


def _insert_session(product: Product, offer: Offer, span: Span, now: datetime) -> CoachingSession:
    return CoachingSession.create(
        code=new_code(),
        product=product,
        coach=product.store.owner,
        title=product.title,
        session_type=product.session_type,
        minutes=offer.minutes,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        busy_from=span.starts_at - product.buffer_before_minutes * MINUTE,
        busy_until=span.ends_at + product.buffer_after_minutes * MINUTE,
        zone=product.schedule.zone if product.schedule else product.store.zone,
        created_at=now,
    )


def _insert_seat(
    coaching_session: CoachingSession, product: Product, offer: Offer, student: Person, details: BookingDetails
) -> Seat:
    is_phone = product.session_type == "phone"
    is_free_of_charge = product.payment == "free" or not offer.price_cents
    return Seat.create(
        coaching_session=coaching_session,
        student=student,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        price_cents=0 if is_free_of_charge else offer.price_cents,
        currency=product.store.currency,
        payment="free" if is_free_of_charge else product.payment,
        pay_text="" if is_free_of_charge else product.pay_text,
        goals=details.goals,
        phone=details.phone if is_phone else None,
    )


def _insert_answers(seat: Seat, questions: list[Question], details: BookingDetails) -> None:
    for position, question in enumerate(questions):
        text = details.answers[question.id].strip()
        Answer.create(seat=seat, label=question.label, kind=question.kind, text=text, position=position)


# --- The steps of a cancellation


def _canceller(coaching_session: CoachingSession, person: Person) -> tuple[str, str]:
    if coaching_session.coach_id == person.id:
        return "coach", "ends_at"
    if Seat.select().where(Seat.coaching_session == coaching_session, Seat.student == person).exists():
        return "student", "starts_at"
    raise NotFound


def _free_seats(coaching_session: CoachingSession) -> None:
    Seat.update(is_live=False).where(Seat.coaching_session == coaching_session).execute()
