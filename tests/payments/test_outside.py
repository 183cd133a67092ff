"""What is paid to a coach directly is a payment like any other: once, as long as they say so, and with its refunds."""

from datetime import UTC, datetime, timedelta
from functools import partial

from coaching.booking.details import BookingDetails
from coaching.booking.hold_mutations import confirm_payment, say_paid
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import book_session, cancel_session, mark_paid
from coaching.payments.models import Payment, Receipt, Refund
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.refund_mutations import tick_refund
from coaching.payments.settling_mutations import owe_due_refunds
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def payments():
    return [(row.provider, row.state, row.amount_cents) for row in Payment.select().order_by(Payment.id)]


def test_a_confirmed_hold_is_paid_once_and_given_back_by_hand(alice, bob):
    product = factories.make_product(coach=alice, pays_first=True)
    held = book_session(product, bob, BookingDetails(product.offers.get().id, TEN), NOW)
    say_paid(held, bob, NOW)
    assert (owe_due_refunds(NOW), payments()) == (0, [])
    confirm_payment(held, alice, NOW)
    # Whoever was killed here loses nothing: the worker finds it, and several who find it at once make one.
    all_at_once(*[partial(owe_due_refunds, NOW)] * 3)
    owe_due_refunds(NOW)
    assert payments() == [("outside", "paid", 4900)]
    assert Seat.get().settle_from is None
    cancel_session(CoachingSession.get_by_id(held.id), alice, NOW + HOUR)
    owe_due_refunds(NOW + HOUR)
    refund = Refund.get()
    assert (refund.state, refund.amount_cents, refund.cause) == ("by_hand", 4900, "coach_cancelled")
    assert write_receipts(NOW + HOUR) == 1
    tick_refund(refund, alice, NOW + HOUR)
    assert write_receipts(NOW + HOUR) == 1
    assert [row.amount_cents for row in Receipt.select().order_by(Receipt.id)] == [4900, -4900]
    # What has gone back was paid, whoever says otherwise by now.
    Seat.update(paid_at=None, settle_from=NOW).execute()
    owe_due_refunds(NOW + 2 * HOUR)
    assert payments() == [("outside", "paid", 4900)]


def test_what_is_paid_after_a_late_cancellation_is_what_could_still_be_asked_for(alice, bob):
    session = factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=TEN)
    Seat.update(refund_tiers="0:50").execute()
    cancel_session(session, bob, NOW)
    owe_due_refunds(NOW)
    assert payments() == []
    mark_paid(CoachingSession.get(), alice, True, NOW + HOUR)
    owe_due_refunds(NOW + HOUR)
    write_receipts(NOW + HOUR)
    assert payments() == [("outside", "paid", 2450)]
    assert (Receipt.get().amount_cents, Refund.select().count()) == (2450, 0)


def test_a_tick_that_is_taken_back_takes_the_payment_back(alice, bob):
    session = factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=TEN)
    for is_paid in (True, False, True):
        mark_paid(session, alice, is_paid, NOW)
        owe_due_refunds(NOW, session)
    assert payments() == [("outside", "failed", 4900), ("outside", "paid", 4900)]
    # What is free or paid by card is nobody's to tick.
    free = factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=TEN + 2 * HOUR)
    Seat.update(payment="free", price_cents=0, paid_at=NOW, settle_from=NOW).where(
        Seat.coaching_session == free
    ).execute()
    owe_due_refunds(NOW)
    assert len(payments()) == 2
