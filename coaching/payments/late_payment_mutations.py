"""What a student paid their coach directly for a time that had run out: it came, and the coach has given it back."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.hold_mutations import end_paid_back, lock_seat
from coaching.booking.hold_queries import is_said_too_late
from coaching.booking.models import CoachingSession
from coaching.db import database
from coaching.errors import NotFound, Refused, TooLate
from coaching.payments.causes import Cause
from coaching.payments.models import Payment
from coaching.payments.refund_mutations import owe_refund, tick_refund

OTHER_AMOUNT = "That it came and went back is written down already, with another amount, which stays as it is."


def record_paid_back(coaching_session: CoachingSession, coach: Person, amount_cents: int, now: datetime) -> None:
    """So much has come and gone back: a payment, and its refund, sent by hand. Twice does no harm.

    TooLate where no payment is told of that came too late, or one was written down with another amount.
    """
    if amount_cents <= 0:
        raise Refused("Type what has come.")
    with database.atomic():
        seat = lock_seat(coaching_session, now)
        if seat.coaching_session.coach_id != coach.id:
            raise NotFound
        key = f"outside:{seat.id}:late"
        if not is_said_too_late(seat):
            if seat.coaching_session.state == "expired" and seat.paid_at:
                if Payment.select().where(Payment.key == key, Payment.amount_cents != amount_cents).exists():
                    raise TooLate(OTHER_AMOUNT)
                return
            raise TooLate("Nobody says that they have paid for this time too late.")
        end_paid_back(seat, coach, now)
        payment = Payment.create(
            seat=seat,
            provider="outside",
            state="paid",
            amount_cents=amount_cents,
            currency=seat.currency,
            key=key,
            begun_at=now,
            paid_at=now,
        )
        # The key of what the rules owe for it (settling_mutations.py): it goes back once.
        if refund := owe_refund(payment, Cause.LATE, amount_cents, f"{seat.id}:{Cause.LATE}", now, person=coach):
            tick_refund(refund, coach, now)
