"""Answering a request: the coach accepts it, or declines it with a reason."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.events import EventKind
from coaching.booking.hold_mutations import agree_on, lock_seat
from coaching.booking.hold_rules import held_until, settled_by
from coaching.booking.models import BOOKED_STATES, CoachingSession, Seat
from coaching.booking.record_mutations import change_session, free_seats, owe_coach, owe_student, record_event
from coaching.db import database
from coaching.errors import CoachStopped, NotFound, StudentSuspended, TooLate
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind

WITHDRAWN = "Your student has taken this request back."
LAPSED = "Nobody answered this request in time, so the time is free again. Your student can ask once more."


def accept_request(coaching_session: CoachingSession, coach: Person, now: datetime) -> CoachingSession:
    """The time is the student's; where it has to be paid first, it is held for them to do so. Twice does no harm.

    TooLate, with what has become of it, where it waits for no answer any more. CoachStopped for whom an admin
    keeps from selling, StudentSuspended for a student who is let in nowhere: to accept is to book.
    """
    with database.atomic():
        seat = _lock_own(coaching_session, coach, now)
        current = seat.coaching_session
        if current.state in (*BOOKED_STATES, "held"):
            return current
        _require_requested(current)
        if current.product.is_stopped:
            raise CoachStopped
        if seat.student.suspended_at is not None:
            raise StudentSuspended
        if seat.pays_first:
            until = held_until(now, seat.hold_minutes, settled_by(current.starts_at, current.product))
            accepted = change_session(current, state="held", held_until=until, timed_at=now, next_look_at=now)
        else:
            accepted = agree_on(current, now)
        record_event(accepted, Event(EventKind.ACCEPTED), coach, now)
        owe_student(accepted, MessageKind.ACCEPTED, now)
        if not seat.pays_first:
            owe_coach(accepted, MessageKind.COACH_BOOKED, now)
        return accepted


def decline_request(coaching_session: CoachingSession, coach: Person, reason: str, now: datetime) -> CoachingSession:
    """The time is free again, and the student reads why; an empty reason gives none. Twice does no harm."""
    with database.atomic():
        current = _lock_own(coaching_session, coach, now).coaching_session
        if current.state == "declined":
            return current
        _require_requested(current)
        ending = {"end_reason": reason, "ended_by": "coach", "ended_at": now}
        declined = change_session(current, state="declined", next_look_at=None, **ending)
        free_seats(declined, now)
        record_event(declined, Event(EventKind.DECLINED), coach, now)
        owe_student(declined, MessageKind.DECLINED, now)
        return declined


def _lock_own(coaching_session: CoachingSession, coach: Person, now: datetime) -> Seat:
    seat = lock_seat(coaching_session, now)
    if seat.coaching_session.coach_id != coach.id:
        raise NotFound
    return seat


def _require_requested(current: CoachingSession) -> None:
    sentences = {
        "cancelled": WITHDRAWN if current.ended_by == "student" else "You have called this session off.",
        "declined": "You have declined this request.",
        "expired": LAPSED,
    }
    if current.state != "requested":
        raise TooLate(sentences.get(current.state, "You have accepted this request."))
