"""Money that goes past the site: what its coach says of it is a payment like any other, of the provider “outside”.

Saying so and writing it down are one transaction.
"""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking import hold_mutations, mutations
from coaching.booking.cancel_terms import due_after
from coaching.booking.hold_mutations import lock_seat
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import terms_of
from coaching.booking.record_mutations import want_settling
from coaching.db import database, new_code
from coaching.errors import Refused
from coaching.payments.models import Payment
from coaching.payments.money_queries import left_of

GIVEN_BACK = "Some of this payment has gone back already, so it was received. What is wrong can be given back, too."
UNTICKED = "unticked"


def confirm_payment(coaching_session: CoachingSession, coach: Person, now: datetime) -> CoachingSession:
    """The coach has the money, and the time is the student's; as booking says when it cannot be."""
    with database.atomic():
        confirmed = hold_mutations.confirm_payment(coaching_session, coach, now)
        _keep_in_step(confirmed, now)
        return confirmed


def mark_paid(coaching_session: CoachingSession, coach: Person, is_paid: bool, now: datetime) -> None:
    """The coach has ticked off the payment made outside, or taken the tick back: Refused once some has gone back."""
    with database.atomic():
        mutations.mark_paid(coaching_session, coach, is_paid, now)
        _keep_in_step(coaching_session, now)


def record_paid_outside(seat: Seat, now: datetime) -> Payment:
    """The seat was paid outside: one payment, however often it is said.

    Of a call that its student had cancelled by then it is what the coach could still ask for.
    """
    with database.atomic():
        if known := _paid_outside(seat):
            return known
        # What its session has come to may give some of it back at once.
        want_settling(seat.id, now)
        return Payment.create(
            seat=seat,
            provider="outside",
            state="paid",
            amount_cents=_asked_for(seat),
            currency=seat.currency,
            livemode=True,
            key=f"{seat.id}-{new_code()}",
            begun_at=now,
            paid_at=now,
        )


def undo_paid_outside(seat: Seat, now: datetime) -> None:
    """The seat was not paid after all; Refused where something of it has gone back, or is to."""
    known = _paid_outside(seat)
    if known is None:
        return
    if left_of(known) != known.amount_cents:
        raise Refused(GIVEN_BACK)
    Payment.update(state="failed", fault=UNTICKED).where(Payment.id == known.id, Payment.state == "paid").execute()


def _asked_for(seat: Seat) -> int:
    ended = seat.coaching_session
    is_off = ended.state == "cancelled"
    due_cents = due_after(terms_of(seat), ended.ended_by, ended.ended_at) if is_off else 0
    return due_cents or int(seat.price_cents)


def _keep_in_step(coaching_session: CoachingSession, now: datetime) -> None:
    """The payment is as the tick at its seat says."""
    seat = lock_seat(coaching_session, now)
    if seat.payment != "outside" or not seat.price_cents:
        return
    if seat.paid_at:
        record_paid_outside(seat, now)
    else:
        undo_paid_outside(seat, now)


def _paid_outside(seat: Seat) -> Payment | None:
    paid = Payment.select().where(Payment.seat == seat, Payment.provider == "outside", Payment.state == "paid")
    found: Payment | None = paid.first()
    return found
