"""The hosted pay page and the pages by hand, without a script."""

import re

from sandbox.stripe import seed
from tests.sandbox.stripe.conftest import APP_URL


def pay(stand_in, session, **differences):
    form = {"email": "lee@example.com", "outcome": "pays", "after": "return"} | differences
    return stand_in.page(f"/stripe/pay/{session.id}", **form)


def test_a_person_pays_and_comes_back(stand_in):
    made = stand_in.session(amount=12345, customer_email="lee@example.com")
    page = stand_in.page(f"/stripe/pay/{made.id}").text
    assert "Nova Coaching" in page
    assert "123.45 EUR" in page
    assert 'value="lee@example.com"' in page
    assert "no money moves" in page
    answer = pay(stand_in, made)
    assert (answer.status_code, answer.location) == (303, f"{APP_URL}/paid?session={made.id}")
    # In a second tab, and again.
    for answer in (pay(stand_in, made), stand_in.page(f"/stripe/pay/{made.id}")):
        assert (answer.status_code, "paid already" in answer.text) == (200, True)
    assert stand_in.payment()["paid"] == 12345


def test_a_person_is_declined_mistypes_and_leaves(stand_in):
    made = stand_in.session()
    for form, words in (
        ({"outcome": "card_declined"}, "Your card was declined."),
        ({"outcome": "insufficient_funds"}, "insufficient funds"),
        ({"email": "lee"}, "Write your e-mail address"),
        ({"outcome": "gold"}, "Choose how to pay"),
        ({"outcome": "delayed"}, "Choose how to pay"),
    ):
        answer = pay(stand_in, made, **form)
        assert (answer.status_code, words in answer.text) == (422, True)
        assert f'value="{form.get("email", "lee@example.com")}"' in answer.text
    assert "Nothing was paid" in stand_in.page(f"/stripe/pay/{made.id}/closed").text
    assert pay(stand_in, made, after="close").location == f"/stripe/pay/{made.id}/closed"
    assert "nobody came back" in stand_in.page(f"/stripe/pay/{made.id}/closed").text
    assert stand_in.payment()["paid"] == 5000


def test_the_bank_asks_in_between(stand_in):
    made = stand_in.session()
    asked = pay(stand_in, made, outcome="asks").location
    assert "3-D Secure" in stand_in.page(asked).text
    failed = stand_in.page(asked, decision="fail").location
    assert "unable to authenticate" in stand_in.page(failed).text
    assert stand_in.page(asked, decision="complete").location == f"{APP_URL}/paid?session={made.id}"
    assert stand_in.client().checkout.sessions.retrieve(made.id).customer_details.email == "lee@example.com"
    expired = stand_in.session()
    asked = pay(stand_in, expired, outcome="asks").location
    stand_in.client().checkout.sessions.expire(expired.id)
    answer = stand_in.page(asked, decision="complete")
    assert (answer.status_code, "expired" in answer.text, stand_in.payment()["paid"]) == (410, True, 0)


def test_whoever_pays_after_the_end_is_told(stand_in, clock):
    ended = stand_in.session()
    stand_in.client().checkout.sessions.expire(ended.id)
    aged = stand_in.session(expires_at=int(clock.now) + 1800)
    clock.now += 1800
    for session in (ended, aged):
        for answer in (stand_in.page(f"/stripe/pay/{session.id}"), pay(stand_in, session)):
            assert (answer.status_code, "expired" in answer.text, f"{APP_URL}/back" in answer.text) == (410, True, True)
    assert stand_in.fetch("/ledger")["accounts"][seed.COACH]["payments"] == []


def test_everything_is_done_by_hand_on_the_page(stand_in):
    stand_in.control("/accounts", id=seed.COACH, payment_methods=["sepa_debit"])
    delayed = stand_in.session()
    pay(stand_in, delayed, outcome="delayed")
    intent = stand_in.paid().payment_intent
    stand_in.control("/faults", kind="refund_pending")
    refund = stand_in.client().refunds.create({"payment_intent": intent, "amount": 1000})

    def act(name, object_id="", **form):
        answer = stand_in.page("/stripe/acts", act=name, id=object_id, **form)
        return answer.status_code

    page = stand_in.page("/stripe").text
    for words in (
        "Nova Coaching",
        seed.COACH_KEY,
        "The money arrives",
        "Refund of 10.00 EUR",
        "Dispute",
        "Refunds Write",
    ):
        assert words in page
    assert act("settle:yes", delayed.id) == 303
    assert act("settle:no", delayed.id) == 409
    assert act("refund:failed", refund.id) == 303
    assert act("dispute:chargeback", intent) == 303
    assert act("decide:lost", intent) == 303
    assert act("decide:won", intent) == 409
    assert act("endpoint", account=seed.COACH, url="http://example.com/") == 409
    assert act("endpoint", account=seed.COACH, url=f"{APP_URL}/webhooks/stripe") == 303
    page = stand_in.page("/stripe").text
    secret = re.search(r"whsec_\w{32}", page)
    assert (bool(secret), "lost" in page, "failed" in page) == (True, True, True)
    endpoint = stand_in.fetch("/accounts")["accounts"][1]["endpoints"][0]["id"]
    assert act("remove", endpoint) == 303
    assert act("sulk") == 409
    assert stand_in.payment()["disputed"] == 5000


def test_faults_are_ordered_and_called_off_on_a_page(stand_in):
    order = {"kind": "event_twice", "target": "completed", "times": "3", "seconds": "5"}
    assert stand_in.page("/stripe/trouble/faults", **order).status_code == 303
    (fault,) = stand_in.fetch("/faults")["faults"]
    assert (fault["kind"], fault["route"], fault["times"]) == ("event_twice", "/checkout.session.completed", 3)
    assert "checkout.session.completed, 3 times" in stand_in.page("/stripe/trouble").text
    for wrong in ({"target": "create-refund"}, {"kind": "refund_pending", "target": "completed"}, {"seconds": "soon"}):
        assert stand_in.page("/stripe/trouble/faults", **(order | wrong)).status_code == 422
    assert stand_in.page("/stripe/trouble/calling-off", fault=str(fault["id"])).status_code == 303
    assert stand_in.fetch("/faults")["faults"] == []
    assert "/stripe" in stand_in.page("/").text
