"""Money that goes past the site: what the coach says of it is one payment, taken back until some has gone back."""

import pytest

from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import book_session
from coaching.errors import Refused
from coaching.payments.causes import Cause
from coaching.payments.models import Payment
from coaching.payments.outside_mutations import confirm_payment, mark_paid, record_paid_outside
from coaching.payments.refund_mutations import owe_refund
from tests import factories
from tests.payments.conftest import NOW, TEN, state_of

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize("pays_first", [True, False])
def test_what_a_coach_confirms_or_ticks_is_one_payment(alice, bob, pays_first):
    product = factories.make_product(coach=alice, pays_first=pays_first)
    booked = book_session(product, bob, BookingDetails(product.offers.get().id, TEN), NOW)
    for _ in range(2):
        if pays_first:
            confirm_payment(booked, alice, NOW)
        else:
            mark_paid(booked, alice, True, NOW)
        record_paid_outside(booked.seats.get(), NOW)
    paid, booked = Payment.get(), CoachingSession.get_by_id(booked.id)
    assert (state_of(booked).session, state_of(booked).payments) == ("scheduled", ["paid"])
    assert (paid.provider, paid.amount_cents, paid.currency, paid.paid_at) == ("outside", 4900, "EUR", NOW)
    mark_paid(booked, alice, False, NOW)
    mark_paid(booked, alice, True, NOW)
    assert state_of(booked).payments == ["failed", "paid"]
    owe_refund(Payment.get(Payment.state == "paid"), Cause.BY_COACH, 100, "x", NOW)
    with pytest.raises(Refused, match="gone back already"):
        mark_paid(booked, alice, False, NOW)
    assert state_of(booked).is_paid
