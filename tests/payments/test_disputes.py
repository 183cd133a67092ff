"""Disputes are read from the provider, shown where the session shows, and answered with the record of the call."""

from datetime import timedelta

import pytest

from coaching.booking.models import CoachingSession
from coaching.booking.mutations import record_outcome
from coaching.errors import Refused
from coaching.notices.models import Notice
from coaching.payments.actions import settle_due
from coaching.payments.dispute_actions import read_disputes
from coaching.payments.dispute_queries import disputes_waiting_for, open_disputes
from coaching.payments.evidence import evidence_text
from coaching.payments.evidence_queries import evidence_of
from coaching.payments.models import Dispute, Payment, PaymentAccount, ProviderEvent, Refund
from coaching.payments.refund_actions import refund_due
from coaching.payments.refund_mutations import give_back, tick_refund
from coaching.payments.trouble_queries import money_troubles
from tests import factories
from tests.payments.conftest import NOW, TEN, Rig

HOUR = timedelta(hours=1)


def paid(rig: Rig) -> CoachingSession:
    session = rig.book()
    rig.pay(rig.begin(session))
    rig.set_clock(NOW + timedelta(minutes=2))
    settle_due(rig.provider_of, rig.now)
    assert Payment.get().state == "paid"
    return session


def states() -> list[str]:
    return [dispute.state for dispute in Dispute.select().order_by(Dispute.id)]


def test_a_dispute_is_read_within_the_hour_or_once_it_was_told_of_and_its_end_too(rig: Rig) -> None:
    session = paid(rig)
    assert read_disputes(rig.provider_of, rig.now) == 0
    rig.stripe.control("/dispute", payment_intent=Payment.get().charge_reference)
    # Not asked for again so soon, unless the provider has told of one.
    rig.set_clock(rig.now + HOUR / 2)
    assert read_disputes(rig.provider_of, rig.now) == 0
    account = PaymentAccount.get()
    event = ProviderEvent.create(
        event_id="evt_1", kind="charge.dispute.created", payment_account=account, heard_at=rig.now
    )
    assert (read_disputes(rig.provider_of, rig.now), states()) == (1, ["needs_response"])
    event.delete_instance()
    for _ in range(2):
        rig.set_clock(rig.now + HOUR)
        assert read_disputes(rig.provider_of, rig.now) == 0
    assert [(notice.kind, notice.person_id) for notice in Notice.select().where(Notice.kind == "coach_disputed")] == [
        ("coach_disputed", session.coach_id)
    ]
    assert [dispute.reference for dispute in disputes_waiting_for(session.coach)] == [Dispute.get().reference]
    assert disputes_waiting_for(rig.student) == []
    # One that is open is read again, however long ago it was opened.
    rig.set_clock(rig.now + timedelta(days=40))
    rig.stripe.control("/dispute", payment_intent=Payment.get().charge_reference, close="won")
    assert (read_disputes(rig.provider_of, rig.now), states()) == (1, ["won"])
    assert (Dispute.get().closed_at, open_disputes(9)) == (rig.now, [])


def test_nobody_is_told_to_send_what_a_bank_has_taken_back(rig: Rig) -> None:
    session = paid(rig)
    rig.stripe.control("/dispute", payment_intent=Payment.get().charge_reference)
    give_back(session.seats.get(), session.coach, 900, "Sorry.", "form", rig.now)
    PaymentAccount.update(disputes_read_at=rig.now).execute()
    refund_due(rig.provider_of, rig.now)
    assert (Refund.get().state, Refund.get().fault) == ("failed", "disputed")
    assert not Notice.select().where(Notice.kind.in_(("refund_failed", "coach_refund_failed"))).exists()
    assert read_disputes(rig.provider_of, rig.now) == 1
    assert money_troubles(session.coach, rig.now) == []
    with pytest.raises(Refused):
        tick_refund(Refund.get(), session.coach, rig.now)
    # Won, the money is on the account again, and it is the coach's to send.
    Dispute.update(state="won").execute()
    assert [trouble.kind for trouble in money_troubles(session.coach, rig.now)] == ["refund_failed"]


def test_a_provider_that_does_not_answer_is_asked_again(rig: Rig) -> None:
    paid(rig)
    rig.stripe.control("/dispute", payment_intent=Payment.get().charge_reference)
    rig.fault("5xx", "/v1/disputes", times=9)
    assert (read_disputes(rig.provider_of, rig.now), PaymentAccount.get().disputes_read_at) == (0, None)


def test_the_evidence_tells_of_this_call_and_of_nobody_else(rig: Rig) -> None:
    session = paid(rig)
    other = factories.make_coaching_session(
        session.product, factories.make_person("Somebody Else"), starts_at=TEN + 24 * HOUR
    )
    record_outcome(session, "no_show", TEN + HOUR, "student")
    text = evidence_text(evidence_of(CoachingSession.get_by_id(session.id), session.seats.get()))
    for words in (
        "paid €49 (pi_",
        "Student: Bob.",
        "outcome: the student was missing",
        "planned from 2027-03-03 10:00:00",
    ):
        assert words in text, text
    assert not any(word in text for word in ("Somebody", other.code, "low end"))
