"""Paying by card: held, paid, late, twice, let go; asked by whatever way, and each time with the same end."""

from datetime import timedelta

import pytest

from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import cancel_session
from coaching.booking.request_mutations import accept_request
from coaching.errors import NotFound, PaymentUnavailable, TooLate
from coaching.notices.models import Notice
from coaching.payments.actions import settle_due, settle_payment
from coaching.payments.begin_mutations import ask_soon
from coaching.payments.models import Payment, Refund
from coaching.payments.sweep_actions import look_after_payments, steps_of
from gateways.providers import open_provider_of
from tests import factories
from tests.payments.conftest import NOW, TEN, state_of
from tests.sandbox.stripe.conftest import ADDRESS

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.usefixtures("db")


def sweep(rig, now=None):
    """The minute's run, with what booking does in it."""
    rig.set_clock(now or rig.now)
    lapse_due(rig.now)
    settle_due(rig.provider_of, rig.now)


def refunds():
    return [(refund.cause, refund.amount_cents) for refund in Refund.select()]


def notice_kinds():
    return [notice.kind for notice in Notice.select().order_by(Notice.id)]


def test_a_card_product_is_held_for_a_quarter_of_an_hour_and_scheduled_once_it_is_paid(rig):
    held = rig.book()
    assert (held.state, held.held_until) == ("held", NOW + 15 * MINUTE)
    assert notice_kinds() == []  # they are on their way to pay
    payment = rig.begin(held)
    assert (payment.state, payment.amount_cents, payment.page_url[:21]) == ("open", 4900, "http://127.0.0.1:5001")
    # Pressed again it is the same page, and so it is for the sweep.
    assert rig.begin(held).id == payment.id
    sweep(rig, NOW + MINUTE)
    assert state_of(held).payments == ["open"]
    rig.pay(payment)
    for _ in range(2):
        settle_payment(Payment.get_by_id(payment.id), rig.provider_of, rig.now)
        sweep(rig, rig.now + MINUTE)
    assert (state_of(held).session, state_of(held).is_paid, refunds()) == ("scheduled", True, [])
    assert (notice_kinds().count("paid"), notice_kinds().count("coach_booked")) == (1, 1)
    paid = Payment.get_by_id(payment.id)
    assert (paid.state, paid.next_ask_at, paid.page_url) == ("paid", None, "")
    assert paid.charge_reference == rig.checkout(paid).charge_reference
    with pytest.raises(TooLate, match="paid for this call already"):
        rig.begin(held)


def test_each_run_of_the_worker_asks_about_what_somebody_waits_for(rig):
    """Who has paid and closed the tab has their time a minute later, not two."""
    held = rig.book()
    payment = rig.begin(held)
    sweep(rig, NOW + MINUTE + timedelta(seconds=1))
    rig.pay(payment)
    sweep(rig, NOW + 2 * MINUTE)  # runs are not a minute apart to the second
    assert state_of(held).session == "scheduled"


def test_nobody_else_can_begin_it_nor_anybody_what_is_not_held(rig, mallory):
    held = rig.book()
    with pytest.raises(NotFound):
        rig.begin(held, mallory)
    rig.set_clock(NOW + 15 * MINUTE)
    with pytest.raises(TooLate, match="not held"):
        rig.begin(held)
    assert not Payment.select().exists()


def test_a_hold_that_ends_takes_its_page_with_it(rig):
    held = rig.book()
    payment = rig.begin(held)
    sweep(rig, NOW + 16 * MINUTE)
    assert (state_of(held).session, state_of(held).payments) == ("expired", ["expired"])
    assert rig.checkout(payment).state == "expired"


@pytest.mark.parametrize("is_taken", [False, True])
def test_who_pays_late_is_seated_again_or_gets_it_all_back(rig, is_taken):
    held = rig.book()
    payment = rig.begin(held)
    rig.set_clock(NOW + 20 * MINUTE)
    if is_taken:
        rig.book(student=factories.make_person("Carol", linked_as="3003"))
    rig.pay(payment)
    sweep(rig)
    sweep(rig, NOW + 22 * MINUTE)
    if is_taken:
        assert (state_of(held).session, refunds()) == ("expired", [("late", 4900)])
        assert {"payment_late", "coach_payment_late"} <= set(notice_kinds())
    else:
        assert (state_of(held).session, state_of(held).is_paid, refunds()) == ("scheduled", True, [])
        assert Seat.get().is_live
    assert state_of(held).payments == ["paid"]


def test_what_is_let_go_can_be_paid_no_more_and_what_was_paid_that_second_goes_back(rig, bob, alice):
    held = rig.book()
    payment = rig.begin(held)
    cancel_session(held, bob, NOW)
    assert ask_soon(held, NOW)
    settle_due(rig.provider_of, NOW)
    assert (rig.checkout(payment).state, refunds()) == ("expired", [])
    other = rig.book(TEN + DAY)
    payment = rig.begin(other)
    rig.pay(payment)
    cancel_session(other, bob, NOW)
    ask_soon(other, NOW)
    settle_due(rig.provider_of, NOW)
    assert (state_of(other).session, state_of(other).is_paid, refunds()) == ("cancelled", False, [("late", 4900)])


def test_a_second_payment_of_one_seat_goes_back(rig):
    held = rig.book()
    first = rig.begin(held)
    # Lost sight of: what its student presses then is another page.
    Payment.update(state="failed").where(Payment.id == first.id).execute()
    second = rig.begin(held)
    assert second.id != first.id
    for payment in (first, second):
        rig.pay(payment)
        settle_payment(Payment.get_by_id(payment.id), rig.provider_of, NOW)
    Payment.update(state="open").where(Payment.id == first.id).execute()
    settle_payment(Payment.get_by_id(first.id), rig.provider_of, NOW)
    assert (state_of(held).payments, refunds()) == (["paid", "paid"], [("twice", 4900)])


@pytest.mark.parametrize("ending", ["in time", "after made", "fails"])
def test_a_method_that_takes_days_keeps_the_time_until_the_room_is_made(rig, ending):
    held = rig.book()
    payment = rig.begin(held)
    rig.pay(payment, "delayed")
    sweep(rig, NOW + 2 * MINUTE)
    made_at = TEN - 30 * MINUTE
    assert (state_of(held).payments, CoachingSession.get_by_id(held.id).held_until) == (["pending"], made_at)
    if ending == "after made":
        sweep(rig, made_at)
    rig.stripe.control("/settle", session=payment.reference, succeeds=ending != "fails")
    sweep(rig, rig.now + HOUR)
    if ending == "in time":
        assert (state_of(held).session, refunds()) == ("scheduled", [])
    elif ending == "after made":
        assert (state_of(held).session, refunds()) == ("expired", [("late", 4900)])
    else:
        assert (state_of(held).session, state_of(held).payments) == ("held", ["failed"])
        assert CoachingSession.get_by_id(held.id).held_until == rig.now + 15 * MINUTE
        assert "payment_failed" in notice_kinds()


def test_with_approval_there_is_a_day_to_pay_and_never_past_made(make_rig, alice):
    rig = make_rig(needs_approval=True)
    asked = rig.book()
    with pytest.raises(TooLate):
        rig.begin(asked)
    assert accept_request(asked, alice, NOW).held_until == NOW + DAY
    near = rig.book(NOW + 4 * HOUR, factories.make_person("Carol", linked_as="3003"))
    assert accept_request(near, alice, NOW).held_until == NOW + 4 * HOUR - 30 * MINUTE
    payment = rig.begin(asked)
    rig.pay(payment)
    sweep(rig, NOW + HOUR)
    assert state_of(asked).session == "scheduled"


@pytest.mark.parametrize(
    ("column", "value"), [("amount_cents", 100), ("currency", "USD"), ("livemode", True), ("key", "7-x")]
)
def test_what_is_not_the_payment_that_was_begun_seats_nobody(rig, column, value):
    held = rig.book()
    payment = rig.begin(held)
    rig.pay(payment)
    Payment.update({column: value}).where(Payment.id == payment.id).execute()
    settled = settle_payment(Payment.get_by_id(payment.id), rig.provider_of, NOW)
    assert (settled.state, settled.fault, state_of(held).session) == ("open", "mismatch", "held")


def test_a_store_without_an_account_says_so_and_keeps_the_hold(rig):
    rig.product.store.payment_accounts.get().delete_instance()
    held = rig.book()
    with pytest.raises(PaymentUnavailable, match="cannot take cards right now"):
        rig.begin(held)
    assert state_of(held).session == "held"


def test_one_payment_that_nobody_can_read_or_ask_about_keeps_no_other_waiting(rig):
    carol = factories.make_person("Carol", linked_as="3003")
    broken, whole = rig.begin(rig.book()), rig.begin(rig.book(TEN + DAY, carol), carol)
    rig.pay(whole)
    Payment.update(reference="../refunds").where(Payment.id == broken.id).execute()
    Payment.update(next_ask_at=NOW).execute()
    sweep(rig)
    assert (Payment.get_by_id(whole.id).state, Payment.get_by_id(broken.id).fault) == ("paid", "broken")
    assert not settle_due(rig.provider_of, NOW)  # both have been pushed back
    turns = []

    def broken_clock():
        turns.append(1)
        raise ValueError("no clock")

    # A step that breaks keeps no other from its turn.
    assert look_after_payments(rig.provider_of, broken_clock) == 0
    assert len(turns) == len(steps_of(rig.provider_of, MINUTE))


def test_a_demos_clock_that_jumps_ends_the_hold_here_and_the_page_there(rig):
    """Stripe's clock is the real one: what is two days ahead here is not so there."""
    held = rig.book()
    payment = rig.begin(held)
    rig.provider_of = open_provider_of(f"{ADDRESS}/stripe", lambda: 2 * DAY)
    later = NOW + 2 * DAY
    lapse_due(later)
    settle_due(rig.provider_of, later)
    assert state_of(held).payments == ["expired"]
    assert rig.checkout(payment).made_at == later


def test_a_page_of_a_time_that_was_let_go_is_ended_but_not_what_was_paid(rig):
    held = rig.book()
    payment = rig.begin(held)
    cancel_session(held, rig.student, NOW)
    assert settle_payment(payment, rig.provider_of, NOW).state == "expired"
    carol = factories.make_person("Carol", linked_as="3003")
    theirs = rig.book(TEN + DAY, carol)
    other = rig.begin(theirs, carol)
    rig.pay(other)
    cancel_session(theirs, carol, NOW)
    assert settle_payment(other, rig.provider_of, NOW).state == "paid"
