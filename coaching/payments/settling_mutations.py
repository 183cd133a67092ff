"""What sessions have come to is worked out for the money of their seats: level, not edge, and as often as one likes."""

import logging
from datetime import datetime

from coaching.booking.models import CoachingSession, Seat
from coaching.booking.record_mutations import record_settled
from coaching.db import database
from coaching.payments.causes import Cause
from coaching.payments.money_queries import money_of
from coaching.payments.own_payment_mutations import record_own_payment
from coaching.payments.refund_mutations import drop_refund, owe_of_seat
from coaching.payments.refund_queries import is_coachs_cause, seat_facts, unsettled_seats
from coaching.payments.refund_rules import due_of

logger = logging.getLogger(__name__)

# So many at a time: the database is given back in between.
MOST_AT_ONCE = 200


def owe_due_refunds(now: datetime, coaching_session: CoachingSession | None = None) -> int:
    """What is owed by rule is owed from now on, of all seats or of one session; how many seats were worked out.

    Routes call it right after what they change, the worker each minute. One that cannot be worked out keeps no other
    waiting.
    """
    done = 0
    for seat in unsettled_seats(MOST_AT_ONCE, coaching_session):
        try:
            with database.atomic():
                _settle(seat, now)
            done += 1
        except Exception:
            logger.exception("refund not worked out", extra={"seat": seat.id})
    return done


def _settle(seat: Seat, now: datetime) -> None:
    record_own_payment(seat)
    facts = seat_facts(seat)
    due = due_of(facts) if facts else None
    absence = f"{seat.id}:{Cause.STUDENT_ABSENT}"
    if due is None or due.cause is not Cause.STUDENT_ABSENT:
        drop_refund(absence)
    if due and not (due.cause is Cause.STUDENT_ABSENT and is_coachs_cause(seat)):
        # What the coach has given back already counts only where too little is left.
        amount = min(due.amount_cents, money_of(seat).left_cents)
        owe_of_seat(seat, due.cause, amount, f"{seat.id}:{due.cause}", now, due_at=due.due_at)
    if seat.settle_from:
        record_settled(seat.id, seat.settle_from)
