"""What is paid, goes back and is disputed, compared with the ledger."""

import pytest
import stripe

from sandbox.stripe import seed
from tests.sandbox.stripe.conftest import refused


def types_of(stand_in, key=seed.COACH_KEY):
    """The events of an account, the oldest first."""
    return [event.type for event in reversed(list(stand_in.client(key).events.list({"limit": 100}).auto_paging_iter()))]


def test_a_paid_session_leads_to_its_intent_and_charge(stand_in):
    intent_data = {"metadata": {"seat": "kxvbq"}, "description": "Mixing call"}
    made = stand_in.session(payment_intent_data=intent_data, customer_email="lee@example.com")
    stand_in.control("/pay", session=made.id, email="lee@example.com")
    client = stand_in.client(seed.SECRET_KEY)
    session = client.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge.refunds"]})
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details.email == "lee@example.com"
    intent, charge = session.payment_intent, session.payment_intent.latest_charge
    assert (intent.status, intent.amount_received, intent.metadata.to_dict()) == ("succeeded", 5000, {"seat": "kxvbq"})
    assert (charge.paid, charge.amount_captured, charge.refunds.data) == (True, 5000, [])
    assert client.payment_intents.retrieve(intent.id).latest_charge == charge.id
    assert client.charges.retrieve(charge.id).payment_intent == intent.id
    assert [entry.id for entry in client.checkout.sessions.list({"payment_intent": intent.id})] == [made.id]
    assert types_of(stand_in) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_session_survives_declines_and_is_paid_once(stand_in):
    made = stand_in.session()
    for outcome, code in (
        ("card_declined", "card_declined"),
        ("insufficient_funds", "card_declined"),
        ("expired_card", "expired_card"),
        ("fails_authentication", "payment_intent_authentication_failure"),
    ):
        stand_in.control("/pay", session=made.id, outcome=outcome)
        intent = stand_in.client().checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]}).payment_intent
        assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", code)
    stand_in.control("/pay", session=made.id, outcome="authenticates")
    again = stand_in.browser.post("/control/stripe/pay", json={"session": made.id})
    assert (again.status_code, again.json) == (409, {"message": "The session is complete."})
    payment = stand_in.payment()
    assert (payment["paid"], payment["session"], payment["status"]) == (5000, made.id, "succeeded")


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_delayed_method_is_complete_before_it_is_paid(stand_in, succeeds):
    stand_in.control("/accounts", id=seed.COACH, payment_methods=["card", "sepa_debit"])
    made = stand_in.session()
    assert made.payment_method_types == ["card", "sepa_debit"]
    stand_in.control("/pay", session=made.id, outcome="delayed")
    session = stand_in.client().checkout.sessions.retrieve(made.id)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert (stand_in.payment()["paid"], stand_in.payment()["under_way"]) == (0, 5000)
    refund = {"payment_intent": session.payment_intent}
    refused(stripe.InvalidRequestError, stand_in.client().refunds.create, refund)
    stand_in.control("/settle", session=made.id, succeeds=succeeds)
    after = stand_in.client().checkout.sessions.retrieve(made.id)
    assert after.payment_status == ("paid" if succeeds else "unpaid")
    assert types_of(stand_in)[-1] == f"checkout.session.async_payment_{'succeeded' if succeeds else 'failed'}"
    assert stand_in.payment()["paid"] == (5000 if succeeds else 0)
    assert stand_in.browser.post("/control/stripe/settle", json={"session": made.id}).status_code == 409


def test_parts_are_refunded_up_to_what_was_paid(stand_in):
    intent = stand_in.paid(1000).payment_intent
    refunds = stand_in.client().refunds
    for amount in (333, 333):
        made = refunds.create(
            {"payment_intent": intent, "amount": amount, "reason": "requested_by_customer", "metadata": {"part": "a"}}
        )
        assert (made.amount, made.status, made.metadata.to_dict()) == (amount, "succeeded", {"part": "a"})
    problem = refused(stripe.InvalidRequestError, refunds.create, {"payment_intent": intent, "amount": 335})
    assert (problem.param, "unrefunded amount on charge (3.34 EUR)" in problem.user_message) == ("amount", True)
    assert refunds.create({"payment_intent": intent}).amount == 334
    problem = refused(stripe.InvalidRequestError, refunds.create, {"payment_intent": intent})
    assert problem.code == "charge_already_refunded"
    assert [entry.amount for entry in refunds.list({"payment_intent": intent})] == [334, 333, 333]
    charge = stand_in.client().charges.list({"payment_intent": intent}).data[0]
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert types_of(stand_in)[-2:] == ["refund.created", "charge.refunded"]
    sums = stand_in.fetch("/ledger")["accounts"][seed.COACH]["sums"]
    assert sums == {"eur": {"paid": 1000, "refunded": 1000, "disputed": 0}}


def test_a_refund_that_fails_later_can_be_made_again(stand_in):
    intent = stand_in.paid().payment_intent
    stand_in.control("/faults", kind="refund_pending")
    client = stand_in.client()
    made = client.refunds.create({"payment_intent": intent})
    assert (made.status, stand_in.payment()["refunded"]) == ("pending", 5000)
    stand_in.control("/refund", refund=made.id, status="succeeded")
    stand_in.control("/refund", refund=made.id, status="failed")
    failed = client.refunds.retrieve(made.id)
    assert (failed.status, failed.failure_reason, stand_in.payment()["refunded"]) == ("failed", "unknown", 0)
    assert types_of(stand_in)[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]
    again = stand_in.browser.post("/control/stripe/refund", json={"refund": made.id, "status": "succeeded"})
    assert again.status_code == 409
    stand_in.control("/faults", kind="refund_failed")
    assert client.refunds.create({"payment_intent": intent}).status == "failed"
    assert client.refunds.create({"payment_intent": intent}).status == "succeeded"
    assert stand_in.payment()["refunded"] == 5000


@pytest.mark.parametrize(
    ("inquiry", "close", "status"), [(False, "won", "won"), (False, "lost", "lost"), (True, "lost", "warning_closed")]
)
def test_a_disputed_charge_is_not_refunded_while_the_money_is_gone(stand_in, inquiry, close, status):
    intent, client = stand_in.paid().payment_intent, stand_in.client()
    stand_in.control("/dispute", payment_intent=intent, inquiry=inquiry)
    assert stand_in.payment()["disputed"] == (0 if inquiry else 5000)
    if not inquiry:
        problem = refused(stripe.InvalidRequestError, client.refunds.create, {"payment_intent": intent})
        assert problem.code == "charge_disputed"
    stand_in.control("/dispute", payment_intent=intent, close=close)
    dispute = client.disputes.list({"payment_intent": intent}).data[0]
    assert client.disputes.retrieve(dispute.id).status == status
    assert "charge.dispute.closed" in types_of(stand_in)
    assert stand_in.payment()["disputed"] == (5000 if status == "lost" else 0)
    if status != "lost":
        assert client.refunds.create({"payment_intent": intent}).amount == 5000


def test_what_was_paid_is_there_after_a_restart(stand_in, start):
    made = stand_in.paid(metadata={"seat": "kxvbq"})
    before = stand_in.fetch("/ledger")
    again = start()
    assert again.fetch("/ledger") == before
    assert again.client().checkout.sessions.retrieve(made.id).to_dict() == made.to_dict()
