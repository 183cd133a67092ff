"""Money that goes past the site: what the coach says of it is one payment, taken back until some has gone back."""

import pytest

from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import book_session, cancel_session
from coaching.errors import Refused
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Receipt, Refund
from coaching.payments.outside_mutations import confirm_payment, mark_paid, record_paid_outside
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.refund_mutations import owe_refund, tick_refund
from coaching.payments.settling_mutations import owe_due_refunds
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


def test_what_a_coach_cancels_after_a_tick_goes_back_by_hand(alice, bob):
    held = factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=TEN)
    mark_paid(held, alice, True, NOW)
    cancel_session(held, alice, NOW)
    for _ in range(2):
        owe_due_refunds(NOW)
    refund = Refund.get()
    assert (refund.state, refund.amount_cents, refund.cause) == ("by_hand", 4900, "coach_cancelled")
    tick_refund(refund, alice, NOW)
    write_receipts(NOW)
    assert [row.amount_cents for row in Receipt.select().order_by(Receipt.id)] == [4900, -4900]


def test_what_was_ticked_before_that_was_a_payment_becomes_one_when_something_comes_of_it(alice, bob):
    old = factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=TEN)
    Seat.update(paid_at=NOW).execute()
    assert (owe_due_refunds(NOW), Payment.select().count()) == (0, 0)
    cancel_session(old, alice, NOW)
    while owe_due_refunds(NOW):
        pass
    assert (Payment.get().paid_at, Refund.get().amount_cents) == (NOW, 4900)


def test_what_is_paid_after_a_late_cancellation_is_what_could_still_be_asked_for(alice, bob):
    session = factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=TEN)
    Seat.update(refund_tiers="0:50").execute()
    cancel_session(session, bob, NOW)
    owe_due_refunds(NOW)
    assert Payment.select().count() == 0
    mark_paid(CoachingSession.get(), alice, True, NOW)
    owe_due_refunds(NOW)
    assert (Payment.get().amount_cents, Refund.select().count()) == (2450, 0)
