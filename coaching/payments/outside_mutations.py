"""What a coach says they have received directly is a payment like any other, and what they take back is none."""

from datetime import datetime

from coaching.booking.cancel_terms import due_after
from coaching.booking.models import Seat
from coaching.booking.queries import terms_of
from coaching.payments.models import Payment, Refund
from coaching.payments.refund_mutations import drop_refund

OUTSIDE = "outside"
# In these a refund has left the coach's hands, and what it is of was paid, whoever says otherwise.
GONE = ("succeeded", "ticked")


def record_paid_outside(known: Seat) -> None:
    """Of a seat that is paid directly there is one payment while its coach says that it is paid, and else none.

    Level, not edge: it may run any number of times. Call it in a transaction.
    """
    if known.payment != OUTSIDE:
        return
    Seat.update(moves=Seat.moves).where(Seat.id == known.id).execute()  # others wait
    seat: Seat = Seat.get_by_id(known.id)
    paid = Payment.get_or_none(Payment.seat == seat, Payment.provider == OUTSIDE, Payment.state == "paid")
    if seat.paid_at and paid is None:
        _record(seat, seat.paid_at)
    elif paid and seat.paid_at is None:
        _take_back(paid)


def _record(seat: Seat, paid_at: datetime) -> None:
    amount_cents = _asked_for(seat, paid_at)
    if amount_cents <= 0:
        return
    before = Payment.select().where(Payment.seat == seat).count()
    Payment.create(
        seat=seat,
        provider=OUTSIDE,
        state="paid",
        amount_cents=amount_cents,
        currency=seat.currency,
        key=f"outside:{seat.id}:{before}",
        begun_at=paid_at,
        paid_at=paid_at,
    )


def _asked_for(seat: Seat, paid_at: datetime) -> int:
    """The price; of a call that its student had cancelled by then what the coach may still ask for."""
    ended = seat.coaching_session
    if ended.state == "cancelled" and ended.ended_at and ended.ended_at <= paid_at:
        return due_after(terms_of(seat), ended.ended_by, ended.ended_at)
    return int(seat.price_cents)


def _take_back(payment: Payment) -> None:
    """It has not come after all: nothing goes back of it, unless something has gone already."""
    refunds = list(Refund.select().where(Refund.payment == payment))
    if any(refund.state in GONE for refund in refunds):
        return
    for refund in refunds:
        drop_refund(refund.key)
    Payment.update(state="failed").where(Payment.id == payment.id).execute()
