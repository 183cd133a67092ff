"""Holds and requests that have run out are written down: their time is free, and who waited for it is told.

It is true from the instant on at which they ran out, whoever comes to write it down: the worker each minute, or
somebody who books just then.
"""

import logging
from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.events import EventKind, Lapse
from coaching.booking.hold_rules import PENDING_STATES
from coaching.booking.lapse_queries import lapsed_ids, lapsed_of
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.record_mutations import free_seats, owe_coach, owe_student, record_event
from coaching.db import database
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind

logger = logging.getLogger(__name__)

# So many at a time: the database is given back in between.
MOST_AT_ONCE = 200


def lapse_due(now: datetime) -> int:
    """Write down a part of those that have run out by now; how many that were, so that somebody may go on.

    One that cannot be written keeps no other waiting.
    """
    due = list(lapsed_ids(now).order_by(CoachingSession.held_until, CoachingSession.id).limit(MOST_AT_ONCE))
    done = 0
    for row in due:
        try:
            with database.atomic():
                done += _lapse(row.id, now)
        except Exception:
            logger.exception("hold not ended", extra={"session": row.id})
    return done


def let_lapse(coach: Person, student: Person | None, now: datetime) -> None:
    """Write down those that a booking of these two may meet with. Call it in a transaction, after their lock."""
    # In the order of their ids: two who book at the same time would wait for each other.
    for session_id in lapsed_of(coach, student, now):
        _lapse(session_id, now)


def _lapse(session_id: int, now: datetime) -> bool:
    """The session has expired; False where somebody was faster."""
    before: CoachingSession = CoachingSession.get_by_id(session_id)
    changed = (
        CoachingSession.update(
            state="expired", ended_at=before.held_until, next_look_at=None, revision=CoachingSession.revision + 1
        )
        .where(CoachingSession.id == session_id, CoachingSession.state == before.state)
        .where(CoachingSession.state.in_(PENDING_STATES), CoachingSession.held_until <= now)
        .execute()
    )
    if not changed:
        return False
    current: CoachingSession = CoachingSession.get_by_id(session_id)
    free_seats(current, now)
    record_event(current, Event(EventKind.LAPSED, Lapse(before.state)), None, current.ended_at or now)
    seat = Seat.get_or_none(Seat.coaching_session == current)
    if seat is None:
        return True  # nobody has followed the invitation
    fields = {"was": before.state, "said_paid": seat.said_paid_at is not None}
    owe_student(current, MessageKind.LAPSED, now, fields)
    # A coach who was asked for nothing has missed nothing.
    if before.state == "requested" or seat.said_paid_at:
        owe_coach(current, MessageKind.COACH_LAPSED, now, fields)
    return True
