"""A backup from before payments and refunds takes the database's place: nothing is done twice, and nothing is lost."""

import json
import os
from datetime import timedelta

import pytest

from coaching.backups.actions import back_up, restore
from coaching.booking.models import CoachingSession, Seat
from coaching.db import database
from coaching.errors import NotFound, Refused, SlotTaken
from coaching.notices.models import Notice
from coaching.payments.account_keys import KeyResult
from coaching.payments.account_mutations import save_site_key
from coaching.payments.actions import settle_due, settle_payment
from coaching.payments.causes import Cause
from coaching.payments.merge_mutations import move_money
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.money_queries import left_of
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.refund_mutations import owe_refund
from coaching.payments.restore_actions import read_since_restore
from coaching.payments.restore_queries import given_back_and_booked, unseated_payments
from coaching.payments.unseated_mutations import give_back, keep, seat_again
from coaching.pricing.models import Partner
from coaching.runtime.mutations import record_heartbeat
from sandbox.stripe import seed
from tests import databases, factories
from tests.clocks import at
from tests.payments.conftest import NOW, TEN

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.usefixtures("db")


def book_and_pay(rig, starts_at):
    """A call that was booked and paid, and its payment."""
    session = rig.book(starts_at)
    return session, pay_for(rig, session)


def pay_for(rig, session):
    payment = rig.begin(session)
    rig.pay(payment)
    return settle_payment(payment, rig.provider_of, rig.now)


def send_back(rig, payment, amount_cents, key, cause):
    """Money goes back, as it is sent by the sweep: what it is for is kept by the provider."""
    facts = {"refund": key, "cause": cause}
    rig.provider_of(seed.COACH_KEY).refund(payment.charge_reference, amount_cents, "EUR", facts, f"{key}!")


def sweep(rig):
    read = read_since_restore(rig.provider_of, at(rig.now))
    settle_due(rig.provider_of, rig.now)
    return read


def restored(path, rig):
    """The sentences of the restore, half an hour after what happened last."""
    databases.close()
    rig.set_clock(rig.now + HOUR / 2)
    return " ".join(restore(path, path.parent / "kept", rig.now))


def test_what_was_paid_and_given_back_since_the_backup_is_known_again_and_nothing_is_done_twice(
    rig, alice, bob, mallory, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", os.pathsep.join([databases.postgres_tools(), os.environ["PATH"]]))
    record_heartbeat("worker", rig.now)
    _, paid = book_and_pay(rig, TEN)
    cancelled, cancelled_paid = book_and_pay(rig, TEN + 5 * HOUR)
    held = rig.book(TEN + DAY)
    begun = rig.begin(held)
    owe_refund(paid, Cause.BY_COACH, 2000, "1:by_coach", rig.now)
    partner = Partner.create(store=rig.product.store, name="Pia", code="pia", share_percent=10, made_at=NOW)
    assert write_receipts(rig.now) == 2
    back_up(tmp_path / "copy")

    # Since then: paid, given back in part, booked anew, left open, cancelled, and sold by somebody else.
    rig.set_clock(NOW + HOUR / 4)
    rig.pay(begun)
    settle_payment(begun, rig.provider_of, rig.now)
    send_back(rig, paid, 2000, "1:by_coach", Cause.BY_COACH)
    send_back(rig, cancelled_paid, 4900, "2:coach_cancelled", Cause.COACH_CANCELLED)
    lost = rig.book(TEN + 2 * DAY)
    Seat.update(partner=partner, share_percent=15).where(Seat.coaching_session == lost).execute()
    lost_paid = pay_for(rig, lost)
    _, half_paid = book_and_pay(rig, TEN + 2 * DAY + 4 * HOUR)
    send_back(rig, half_paid, 2450, "3:student_cancelled", Cause.STUDENT_CANCELLED)
    _, kept_paid = book_and_pay(rig, TEN + 2 * DAY - 2 * HOUR)
    open_page = rig.begin(rig.book(TEN + 2 * DAY + 2 * HOUR))
    rig.stripe.paid(700)
    lost_code, references = lost.code, [payment.reference for payment in (lost_paid, half_paid, kept_paid)]

    said = restored(tmp_path / "copy", rig)
    assert "on which students pay by card: 1." in said
    assert "Receipts in the backup: 2. Numbers that were given since then are given again" in said
    with database.connection_context():
        assert not CoachingSession.select().where(CoachingSession.code == lost_code).exists()
        # The provider does not answer at first: nothing is known, and nothing may go back.
        rig.fault("drop_before", "/v1/checkout/sessions")
        assert sweep(rig) == 0
        assert PaymentAccount.get().read_since is not None
        assert sweep(rig) == 1
        assert sweep(rig) == 0
        assert PaymentAccount.get().read_since is None
        # Cut off at its end and begun anew, the same reading finds all of it and changes nothing.
        before = rows_of_money()
        PaymentAccount.update(read_since=NOW - DAY).execute()
        assert sweep(rig) == 1
        assert rows_of_money() == before

        refunds = {(refund.key, refund.cause, refund.amount_cents, refund.state) for refund in Refund.select()}
        assert ("1:by_coach", "by_coach", 2000, "succeeded") in refunds
        assert ("2:coach_cancelled", "coach_cancelled", 4900, "succeeded") in refunds
        assert len(refunds) == 3
        assert owe_refund(Payment.get_by_id(paid.id), Cause.BY_COACH, 2000, "1:by_coach", rig.now).state == "succeeded"
        assert left_of(Payment.get_by_id(paid.id)) == 2900
        assert CoachingSession.get_by_id(held.id).state == "scheduled"
        assert rig.checkout(open_page).state == "expired"
        assert {payment.payment.reference for payment in unseated_payments(alice)} == set(references)
        assert unseated_payments(mallory) == []
        # What stands as booked and has its money back is shown as well.
        assert given_back_and_booked(alice, rig.now) == [CoachingSession.get_by_id(cancelled.id)]
        assert ledger_of(rig) == ours()

        reference = references[0]
        with pytest.raises(NotFound):
            seat_again(reference, mallory, rig.now)
        seat = seat_again(reference, alice, rig.now)
        with pytest.raises(NotFound):
            give_back(reference, alice, rig.now)
        again = seat.coaching_session
        assert (again.state, again.starts_at, seat.student_id) == ("scheduled", TEN + 2 * DAY, bob.id)
        assert (seat.price_cents, seat.payment, bool(seat.paid_at)) == (4900, "stripe", True)
        assert (seat.partner, seat.share_percent) == (partner, 15)
        assert Notice.select().where(Notice.kind == "paid", Notice.session_id == again.id).count() == 1

        # A time that somebody else has by now is said to be taken, and the money goes back, once.
        rig.book(TEN + 2 * DAY + 4 * HOUR, factories.make_person("Carol", linked_as="3003"))
        with pytest.raises(SlotTaken, match="You are not free at that time any more"):
            seat_again(references[1], alice, rig.now)
        owed = give_back(references[1], alice, rig.now)
        assert (owed.amount_cents, owed.cause, owed.state) == (2450, "unseated", "owed")
        with pytest.raises(NotFound):
            give_back(references[1], alice, rig.now)
        keep(references[2], alice, rig.now)
        assert unseated_payments() == []
        assert Seat.select().where(Seat.id == seat.id).exists()


def test_whose_account_is_gone_is_nobody_else(rig, alice, bob):
    _, payment = book_and_pay(rig, TEN)
    facts = {"payment": "k", "session": "gone", "product": rig.product.code, "starts_at": TEN.isoformat()}
    for more, words in (
        ({"student": bob.id, "made_at": (factories.MADE_AT - DAY).isoformat(), "minutes": 60}, "account of whoever"),
        ({"student": 4711, "made_at": NOW.isoformat(), "minutes": 60}, "account of whoever"),
        ({"student": bob.id, "made_at": NOW.isoformat(), "minutes": "x"}, "not known any more"),
    ):
        Payment.update(seat=None, facts=json.dumps(facts | more)).where(Payment.id == payment.id).execute()
        with pytest.raises(Refused, match=words):
            seat_again(payment.reference, alice, NOW)
    # Merged with another account, it is that one's, however young that is.
    theirs = facts | {"student": bob.id, "made_at": NOW.isoformat(), "minutes": 60}
    Payment.update(facts=json.dumps(theirs)).where(Payment.id == payment.id).execute()
    carol = factories.make_person("Carol", created_at=NOW + DAY)
    move_money(bob, carol)
    assert [payment.student for payment in unseated_payments(alice)] == [carol]
    # Money on another store's account sells nothing of this one.
    other = factories.make_store(factories.make_person("Dora"))
    PaymentAccount.update(store=other).execute()
    assert unseated_payments(alice) == []
    assert unseated_payments(other.owner)[0].product is None


def test_after_a_silence_of_the_worker_providers_are_read_before_money_goes_back(rig):
    sweep(rig)
    rig.set_clock(NOW + HOUR / 12)
    sweep(rig)
    assert PaymentAccount.get().read_since is None
    rig.set_clock(NOW + 2 * HOUR)
    rig.fault("drop_before", "/v1/refunds")
    assert sweep(rig) == 0
    assert PaymentAccount.get().read_since == NOW + HOUR / 12 - DAY
    assert sweep(rig) == 1
    assert PaymentAccount.get().read_since is None
    # An account that is added now may have been there before, and is read from then on, too.
    site = save_site_key(seed.COACH_KEY, KeyResult(rig.now, livemode=False), rig.now)
    assert site.read_since == NOW + HOUR / 12 - DAY
    rig.set_clock(NOW + 40 * DAY)
    site.delete_instance()
    assert save_site_key(seed.COACH_KEY, KeyResult(rig.now, livemode=False), rig.now).read_since is None


def rows_of_money():
    """Every payment and refund as it stands."""
    payments = [
        (payment.reference, payment.state, payment.seat_id, payment.amount_cents)
        for payment in Payment.select().order_by(Payment.id)
    ]
    return payments, [(refund.key, refund.state, refund.amount_cents) for refund in Refund.select().order_by(Refund.id)]


def ledger_of(rig):
    """What the provider says was paid and not given back, over what we sold."""
    return sum(entry["paid"] - entry["refunded"] for entry in rig.ledger()) - 700


def ours():
    """The same by our own records."""
    return sum(left_of(payment) for payment in Payment.select().where(Payment.state == "paid"))
