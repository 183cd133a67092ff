"""Paying for a time that is held: the student says that they have, the coach confirms it or has received nothing."""

from datetime import datetime

from peewee import IntegrityError

from coaching.accounts.models import Person
from coaching.booking.events import EventKind
from coaching.booking.explain_queries import explain_busy
from coaching.booking.hold_queries import was_held
from coaching.booking.hold_rules import confirmed_by, is_paid_later, settled_by
from coaching.booking.lapse_mutations import let_lapse
from coaching.booking.models import BOOKED_STATES, CoachingSession, Seat
from coaching.booking.queries import find_seat_of
from coaching.booking.record_mutations import (
    change_session,
    free_seats,
    lock_people,
    owe_coach,
    owe_student,
    record_event,
)
from coaching.booking.slot_queries import busy_spans, has_other_session
from coaching.booking.slots import Span
from coaching.db import database
from coaching.errors import NotFound, SlotTaken, TooLate
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind

TAKEN = "Your student has paid too late: you are not free at that time any more."


def say_paid(coaching_session: CoachingSession, student: Person, now: datetime) -> None:
    """The student has paid: the time is kept until the coach answers, at most a day. Twice does no harm.

    Said after the hold has run out it reaches the coach, too, who may still give them the time. What is theirs already
    can be said to be paid at any time.
    """
    with database.atomic():
        seat = lock_seat(coaching_session, now)
        current = seat.coaching_session
        if seat.student_id != student.id:
            raise NotFound
        if seat.said_paid_at or seat.paid_at:
            return
        is_over = now >= current.starts_at or not (current.state == "expired" and was_held(seat))
        if current.state != "held" and is_over and not is_paid_later(current.state, seat):
            raise TooLate("This time is not held for you any more, so there is nothing to pay.")
        if current.state == "held":
            _keep_for_answer(current, now)
        Seat.update(said_paid_at=now).where(Seat.id == seat.id).execute()
        record_event(current, Event(EventKind.SAID_PAID), student, now)
        owe_coach(current, MessageKind.COACH_PAID, now)


def confirm_payment(coaching_session: CoachingSession, coach: Person, now: datetime) -> CoachingSession:
    """The coach has the money, and the time is the student's: also after the hold has run out, if it is still free.

    SlotTaken where it is not, TooLate where there is nothing to confirm. Twice does no harm.
    """
    try:
        with database.atomic():
            seat = lock_seat(coaching_session, now)
            current = seat.coaching_session
            if current.coach_id != coach.id:
                raise NotFound
            if current.state not in BOOKED_STATES:
                _require_confirmable(seat, now)
                _seat(seat, coach, now)
            return CoachingSession.get_by_id(current.id)
    except IntegrityError as error:
        # The database's last guard: somebody else was faster after all.
        raise SlotTaken(TAKEN) from error


def deny_payment(coaching_session: CoachingSession, coach: Person, now: datetime) -> None:
    """The coach has received nothing, and the time is free again; what comes later can still be confirmed.

    Also of a payment that was told of after the hold had run out. A session that is to be paid later stays, and its
    student may say so again. Twice does no harm.
    """
    with database.atomic():
        seat = lock_seat(coaching_session, now)
        current = seat.coaching_session
        if current.coach_id != coach.id:
            raise NotFound
        if current.state == "expired" and (current.ended_by == "coach" or not seat.said_paid_at):
            return
        if is_paid_later(current.state, seat) and seat.said_paid_at:
            Seat.update(said_paid_at=None).where(Seat.id == seat.id).execute()
            record_event(current, Event(EventKind.NOT_RECEIVED), coach, now)
            return
        if current.state not in ("held", "expired") or not seat.said_paid_at:
            raise TooLate("Nobody says that they have paid for this time, or it is theirs already.")
        ended = change_session(current, state="expired", ended_by="coach", ended_at=now, next_look_at=None)
        free_seats(ended, now)
        record_event(ended, Event(EventKind.NOT_RECEIVED), coach, now)
        owe_student(ended, MessageKind.LAPSED, now, {"was": "held", "said_paid": True, "by": "coach"})


def end_paid_back(seat: Seat, coach: Person, now: datetime) -> None:
    """What was paid for the time when it had run out has come, and gone back: nothing is to be confirmed any more."""
    ended = change_session(seat.coaching_session, ended_by="coach", ended_at=now)
    Seat.update(paid_at=now, settle_from=now).where(Seat.id == seat.id).execute()
    record_event(ended, Event(EventKind.PAID_BACK), coach, now)


def lock_seat(coaching_session: CoachingSession, now: datetime) -> Seat:
    """The session's seat, with its session as they are now, behind everything else that its two people do.

    What has run out by now is written down before. NotFound without a seat. Call it in a transaction.
    """
    known = find_seat_of(coaching_session.id)
    if known is None:
        raise NotFound
    lock_people(known.coaching_session.coach, known.student)
    let_lapse(known.coaching_session.coach, known.student, now)
    current = find_seat_of(coaching_session.id)
    if current is None:
        raise NotFound
    return current


def _keep_for_answer(coaching_session: CoachingSession, now: datetime) -> None:
    settled_at = settled_by(coaching_session.starts_at, coaching_session.product)
    until = confirmed_by(now, coaching_session.held_until or now, settled_at)
    kept = (CoachingSession.id == coaching_session.id) & (CoachingSession.state == "held")
    if not CoachingSession.update(held_until=until, next_look_at=now).where(kept).execute():
        raise TooLate("This time has just run out. Say once more that you have paid: your coach can still confirm it.")


def _require_confirmable(seat: Seat, now: datetime) -> None:
    current = seat.coaching_session
    if current.state == "held":
        return
    if current.state == "expired" and seat.paid_at:
        raise TooLate("You have given this payment back.")
    if current.state != "expired" or not was_held(seat):
        raise TooLate("There is no payment to confirm: this time was called off, or was never held.")
    require_free_again(seat, now)


def require_free_again(seat: Seat, now: datetime) -> None:
    """Raise what keeps a time that has run out from being its student's after all: TooLate or SlotTaken."""
    current = seat.coaching_session
    if seat.student.erased_at is not None:
        raise TooLate("Your student has deleted their account, so nobody can be given the time. Give the money back.")
    if now >= current.starts_at:
        raise TooLate("This time is over. Give the money back, or agree with your student on another time.")
    if current.product.is_stopped:
        raise TooLate("This time had run out, and you can take no new bookings at the moment. Give the money back.")
    span = Span(current.busy_from, current.busy_until)
    if busy_spans(current.coach, span, now, current):
        raise SlotTaken(" ".join([TAKEN, *(reason.sentence for reason in explain_busy(current, now))]))
    if has_other_session(seat.student, Span(current.starts_at, current.ends_at), current):
        raise SlotTaken("Your student has another session at that time by now.")


def _seat(seat: Seat, coach: Person, now: datetime) -> None:
    """The held session is agreed on, and paid."""
    # The session before its seat, as everywhere: the worker that ends holds waits for nobody who waits for it.
    confirmed = agree_on(seat.coaching_session, now)
    Seat.update(paid_at=now, is_live=True, settle_from=now).where(Seat.id == seat.id).execute()
    record_event(confirmed, Event(EventKind.CONFIRMED), coach, now)
    owe_student(confirmed, MessageKind.CONFIRMED, now)
    owe_coach(confirmed, MessageKind.COACH_BOOKED, now)


def agree_on(coaching_session: CoachingSession, now: datetime) -> CoachingSession:
    """The session is agreed on from now on: reminders that were due before are not made up for."""
    nothing_ended = {"held_until": None, "ended_by": None, "ended_at": None}
    return change_session(coaching_session, state="scheduled", timed_at=now, next_look_at=now, **nothing_ended)
