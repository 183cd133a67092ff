"""Rows of money for tests, as payments and refunds leave them."""

from datetime import UTC, datetime, timedelta
from itertools import count

from coaching.booking.models import Seat
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Refund
from tests import factories

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
hours = count()


def paid(seat, amount_cents=4900, **differences):
    ordinary = {
        "seat": seat,
        "provider": "outside",
        "state": "paid",
        "amount_cents": amount_cents,
        "currency": "EUR",
        "key": f"payment-{next(factories.numbers)}",
        "begun_at": NOW,
        "paid_at": NOW,
    }
    return Payment.create(**ordinary | differences)


def refunded(payment, amount_cents, **differences):
    ordinary = {
        "payment": payment,
        "key": f"refund-{next(factories.numbers)}",
        "cause": Cause.BY_COACH,
        "amount_cents": amount_cents,
        "state": "ticked",
        "owed_at": NOW,
        "due_at": NOW,
        "settled_at": NOW,
    }
    return Refund.create(**ordinary | differences)


def seat_in(store, student=None, **differences):
    starts_at = NOW + (48 + 2 * next(hours)) * HOUR
    session = factories.make_coaching_session(factories.make_product(store), student, starts_at=starts_at)
    seat = Seat.get(Seat.coaching_session == session)
    for name, value in differences.items():
        setattr(seat, name, value)
    seat.save()
    return seat
