"""What a payment by card does to the session of its seat: the time is its student's, or cannot be any more.

Each is a part of the transaction in which the payment itself is written down.
"""

from datetime import datetime
from enum import StrEnum

from peewee import IntegrityError

from coaching.booking.events import EventKind
from coaching.booking.hold_mutations import agree_on, lock_seat, require_free_again
from coaching.booking.hold_queries import was_held
from coaching.booking.hold_rules import settled_by
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.record_mutations import owe_coach, record_event
from coaching.booking.way_in import CARD_MINUTES
from coaching.db import database
from coaching.errors import SlotTaken, TooLate
from coaching.hours.wall_clock import MINUTE
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind

# In these the time is, or was, the student's.
_AGREED = ("scheduled", "in_progress", "completed", "no_show")


class Taken(StrEnum):
    """What a payment has come to."""

    SEATED = "seated"  # the time is the student's by it
    SECOND = "second"  # it was theirs already, and paid
    LATE = "late"  # somebody else has the time, or it is over
    OFF = "off"  # the session was called off, declined, or let go of


def take_payment(seat: Seat, now: datetime, *, is_delayed: bool) -> Taken:
    """The seat was paid by card: where its time is held, or free again, it is the student's from now on.

    One that took days (`is_delayed`) comes too late once the room is made. Call it in a transaction.
    """
    current = lock_seat(seat.coaching_session, now)
    held = current.coaching_session
    if held.state in _AGREED:
        return Taken.SECOND if current.paid_at else _agree(current, now)
    if held.state == "held":
        return _agree(current, now)
    if held.state != "expired" or not was_held(current):
        return Taken.OFF
    if is_delayed and now >= settled_by(held.starts_at, held.product):
        return Taken.LATE
    try:
        # A transaction of its own inside: where the database's last guard refuses, the rest goes on.
        with database.atomic():
            require_free_again(current, now)
            return _agree(current, now)
    except (SlotTaken, TooLate, IntegrityError):
        return Taken.LATE


def keep_until_known(seat: Seat, now: datetime) -> None:
    """A payment is under way that takes its time: what is held for it stays so until the room is made, at most."""
    current = lock_seat(seat.coaching_session, now).coaching_session
    until = settled_by(current.starts_at, current.product)
    is_held = (CoachingSession.id == current.id) & (CoachingSession.state == "held")
    longer = is_held & (CoachingSession.held_until < until)
    CoachingSession.update(held_until=until, next_look_at=now).where(longer).execute()


def cut_hold_back(seat: Seat, now: datetime) -> None:
    """A payment that took its time has come to nothing: there is as long to pay as there was at first, not longer."""
    current = lock_seat(seat.coaching_session, now).coaching_session
    until = now + CARD_MINUTES * MINUTE
    is_held = (CoachingSession.id == current.id) & (CoachingSession.state == "held")
    CoachingSession.update(held_until=until, next_look_at=now).where(
        is_held, CoachingSession.held_until > until
    ).execute()


def _agree(seat: Seat, now: datetime) -> Taken:
    """The session is agreed on, unless it was, and the seat paid."""
    held = seat.coaching_session
    # The session before its seat, as everywhere: the worker that ends holds waits for nobody who waits for it.
    if held.state not in _AGREED:
        held = agree_on(held, now)
        Seat.update(is_live=True).where(Seat.id == seat.id).execute()
        owe_coach(held, MessageKind.COACH_BOOKED, now)
    Seat.update(paid_at=now).where(Seat.id == seat.id).execute()
    record_event(held, Event(EventKind.CARD_PAID), seat.student, now)
    return Taken.SEATED
