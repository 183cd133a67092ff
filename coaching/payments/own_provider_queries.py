"""Which seats and payments have a provider that is ours; those of all others are asked by way of an account's key."""

from datetime import datetime

from coaching.booking.cancel_terms import due_after
from coaching.booking.models import Seat
from coaching.booking.queries import terms_of
from coaching.payments.models import Payment
from coaching.payments.own_providers import FreeProvider, OutsideProvider, OwnProvider


def own_provider_of(seat: Seat) -> OwnProvider | None:
    """Whoever takes what this seat costs, where that is done without an account; it knows what the coach has ticked."""
    begun_at = seat.coaching_session.created_at
    match seat.payment:
        case "free":
            return FreeProvider(seat.currency, begun_at)
        case "outside":
            return OutsideProvider(_asked_for(seat, seat.paid_at), seat.currency, begun_at, seat.paid_at)
    return None


def own_provider_for(payment: Payment) -> OwnProvider | None:
    """Whoever has taken this payment, where that was done without an account; nothing is one for nothing."""
    if payment.provider != "outside":
        return None
    return OutsideProvider(payment.amount_cents, payment.currency, payment.begun_at, payment.paid_at)


def _asked_for(seat: Seat, paid_at: datetime | None) -> int:
    """The price; of a call that its student had cancelled by then what the coach may still ask for.

    Who said before that they had paid sent the price.
    """
    ended = seat.coaching_session
    if seat.said_paid_at and ended.ended_at and seat.said_paid_at <= ended.ended_at:
        return int(seat.price_cents)
    if paid_at and ended.state == "cancelled" and ended.ended_at and ended.ended_at <= paid_at:
        return due_after(terms_of(seat), ended.ended_by, ended.ended_at)
    return int(seat.price_cents)
