"""Paying by card as a student meets it: on from the booking, back from the page, and what a stranger sees."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coaching.booking.invitation_mutations import InvitationDetails, invite
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Offer, Product
from coaching.payments.actions import settle_payment
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.provider import Fault, ProviderError
from tests import factories
from tests.payments.conftest import NOW, TEN, make_rig, provider_of, state_of, stripe  # noqa: F401
from tests.sandbox.stripe.conftest import ADDRESS

# Pages and forms; what they set off runs on both databases in tests/payments.
pytestmark = pytest.mark.one_database

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def rig(app, make_rig, set_clock, provider_of, settings):  # noqa: F811
    rig = make_rig()
    set_clock(NOW)
    app.extensions["provider_of"] = provider_of
    app.extensions["settings"] = replace(settings, stripe_api_url=ADDRESS)
    return rig


def form(rig):
    offer = rig.product.offers.get().id
    return {"form_key": "a-form-key-1", "offer": offer, "starts_at": "2027-03-03T10:00:00Z", "zone": "Europe/Berlin"}


def book(rig, client, **headers):
    address = f"/s/{rig.product.store.slug}/{rig.product.slug}/sessions"
    return client.post(address, data=form(rig), headers=headers)


def test_a_booking_leads_on_to_the_page_on_which_it_is_paid_and_back(rig, bob, mallory, alice, browser_of):
    student = browser_of(bob)
    answer = book(rig, student)
    assert (answer.status_code, answer.location[:39]) == (303, "http://127.0.0.1:5001/stripe/pay/cs_tes")
    session, payment = CoachingSession.get(), Payment.get()
    paid, page = f"/sessions/{session.code}/paid", f"/sessions/{session.code}"
    assert rig.checkout(payment).reference == payment.reference
    # The same form again, or its button pressed twice, is the same page; so it is with scripts.
    assert book(rig, student).location == answer.location
    assert book(rig, student, **{"HX-Request": "true"}).headers["HX-Redirect"] == answer.location
    text = student.get(page).text
    assert "Pay now" in text
    assert "I have paid" not in text
    assert "Held for you until" in text
    assert "I have the money" not in browser_of(alice).get(page).text
    assert "Pay now" in student.get("/dashboard").text
    # Asked just now: who reloads has Stripe asked no more often, and reads nothing older than their payment.
    Payment.update(next_ask_at=NOW + 5 * MINUTE).execute()  # however long this test has taken so far
    asking = student.get(paid).text
    assert ("We are asking whether you have paid" in asking, "load delay:2s" in asking) == (True, True)
    assert "charged" not in asking
    Payment.update(next_ask_at=NOW).execute()
    assert "Not paid yet" in student.get(paid).text
    for stranger in (browser_of(mallory), browser_of(alice)):
        answer, other = stranger.get(paid), stranger.get("/sessions/nosuch/paid")
        # A way on, and the same whether or not there is such a booking.
        assert (answer.status_code, other.status_code) == (404, 404)
        assert "Sign in with another account" in answer.text
        assert answer.text.replace(session.code, "") == other.text.replace("nosuch", "")
        asked, other = stranger.post(f"{page}/pay"), stranger.post("/sessions/nosuch/pay")
        assert (asked.status_code, stranger.get(f"{page}/pay").status_code) == (404, 404)
        # The way to the other account, and nothing of the call: the same words for one that there is not.
        assert "this call belongs to another account, if there is such a call. Nothing was paid." in asked.text
        assert f'action="/sign-out?next={page}"' in asked.text
        assert asked.text.replace(session.code, "nosuch") == other.text
    assert "do not pay again" in browser_of().get(paid, follow_redirects=True).text
    other = browser_of(mallory)
    assert other.post(f"/sign-out?next={paid}").location == f"/sign-in?next={paid}"
    assert other.get("/dashboard").status_code == 303
    rig.pay(payment)
    Payment.update(next_ask_at=NOW).execute()
    answer = student.get(f"{paid}?session_id=cs_test_forged")
    assert (answer.status_code, answer.location) == (303, page)
    assert (state_of(session).session, "Paid" in student.get(page).text) == ("scheduled", True)
    assert student.post(f"{page}/pay").location == page
    assert len(rig.ledger()) == 1


def test_who_goes_back_from_the_page_that_takes_cards_finds_the_time_they_hold(rig, bob, mallory, browser_of):
    product = f"/s/{rig.product.store.slug}/{rig.product.slug}"
    book(rig, browser_of(bob))
    held = f'href="/sessions/{CoachingSession.get().code}"'
    pages = [browser_of(person).get(product).text for person in (bob, mallory, None)]
    assert [(held in page, "You hold Wed 3 Mar, 11:00</b> until Mon 1 Mar, " in page) for page in pages] == [
        (True, True),
        *[(False, False)] * 2,
    ]
    rig.pay(Payment.get())
    settle_payment(Payment.get(), rig.provider_of, NOW)
    assert "You hold" not in browser_of(bob).get(product).text


def test_what_a_form_or_an_address_says_of_money_is_not_read(rig, bob, browser_of):
    student = browser_of(bob)
    address = f"/s/{rig.product.store.slug}/{rig.product.slug}/sessions"
    student.post(address, data=form(rig) | {"price_cents": "1", "amount": "1", "payment": "free"})
    assert (Payment.get().amount_cents, Seat.get().price_cents, Seat.get().payment) == (4900, 4900, "stripe")
    page = f"/sessions/{CoachingSession.get().code}/paid"
    Payment.update(next_ask_at=NOW).execute()
    assert "Not paid yet" in student.get(f"{page}?paid=1&session_id=cs_test_x&redirect_status=succeeded").text


def test_a_provider_that_does_not_answer_leaves_the_time_held_and_a_button(rig, bob, browser_of):
    student = browser_of(bob)
    rig.fault("5xx", "/v1/checkout/sessions", times=None)
    answer = book(rig, student)
    session = CoachingSession.get()
    assert (answer.status_code, answer.location) == (303, f"/sessions/{session.code}")
    text = student.get(answer.location).text
    assert "could not be opened just now" in text
    assert "Pay now" in text
    rig.stripe.control("/faults", clear=True)
    assert "/stripe/pay/" in student.post(f"/sessions/{session.code}/pay").location
    assert len(rig.ledger()) <= 1
    # Silent while they pay, neither page asks for the money once more.
    rig.fault("5xx", "/v1/checkout/**", times=None)
    Payment.update(next_ask_at=NOW).execute()
    assert "Do not pay twice." in student.get(f"/sessions/{session.code}/paid").text
    assert "If you have, do not pay again" in student.get(f"/sessions/{session.code}").text


def test_a_payment_that_its_provider_has_otherwise_is_red_at_once(rig, bob, alice, browser_of, set_clock):
    student = browser_of(bob)
    book(rig, student)
    payment, session = Payment.get(), CoachingSession.get()
    rig.stripe.control("/pay", session=payment.reference, email="bob@example.com", outcome="pays")
    Payment.update(amount_cents=payment.amount_cents + 100).execute()
    set_clock(NOW + MINUTE)
    text = student.get(f"/sessions/{session.code}/paid").text
    assert "does not match what was booked" in text
    assert "There is no answer yet" not in text
    assert CoachingSession.get().state == "held"
    assert "Stripe has something else than" in browser_of(alice).get("/dashboard").text
    admin = browser_of(factories.make_person("Ada", is_admin=True))
    assert "Another payment in Stripe" in admin.get("/admin/money").text
    figures = admin.get("/metrics").text
    assert 'greenroom_money_in_trouble{kind="unlike"} 1.0' in figures
    assert 'greenroom_money_in_trouble{kind="refund_failed"} 0.0' in figures
    # The way on: what to press in Stripe, and here once that is done. Nobody but the coach has the button.
    page, coach = f"/sessions/{session.code}", browser_of(alice)
    text = coach.get(page).text
    assert (payment.reference in text, "press <b>Refund</b> there" in text) == (True, True)
    assert "settled it in Stripe" not in student.get(page).text
    settled = {"payment": payment.id}
    assert student.post(f"{page}/payment-settlement", data=settled).status_code == 404
    for _ in (1, 2):
        assert coach.post(f"{page}/payment-settlement", data=settled).status_code == 303
    assert "Stripe has something else than" not in coach.get("/dashboard").text
    assert "Your last payment did not match what was booked" in student.get(page).text
    assert "Your payment was another one" in student.get(f"{page}/paid").text
    assert student.post(f"{page}/pay").location != payment.page_url
    assert [payment.state for payment in Payment.select().order_by(Payment.id)] == ["failed", "open"]


def test_without_an_account_nothing_is_held_and_both_sides_are_told(rig, alice, bob, browser_of, monkeypatch):
    student, coach, page = browser_of(bob), browser_of(alice), f"/s/{rig.product.store.slug}/{rig.product.slug}"
    # A provider that refuses for good, as where an account is not activated, is told to the coach.
    monkeypatch.setattr("coaching.payments.actions._begin", refuse)
    text = student.get(book(rig, student).location).text
    assert "Alice cannot take cards right now, so nothing can be paid yet" in text
    text = coach.get("/dashboard").text
    assert "Stripe let nobody pay the last time" in text
    assert "Stripe says: “Your account cannot currently make live charges.”" in text
    # Of the site's own account its admins read it.
    PaymentAccount.update(store=None).execute()
    admin = browser_of(factories.make_person("Ada", is_admin=True))
    assert "Stripe says: “Your account cannot currently make live charges.”" in admin.get("/admin/money").text
    PaymentAccount.update(store=rig.product.store).execute()
    Payment.delete().execute()
    PaymentAccount.update(state="older").execute()
    text = student.get(f"/sessions/{CoachingSession.get().code}").text
    assert "cannot take cards right now" in text
    Seat.delete().execute()
    CoachingSession.delete().execute()
    for text in (student.get(page).text, book(rig, student).text):
        assert "Alice cannot take cards right now, so this call cannot be booked." in text
    assert (book(rig, student).status_code, CoachingSession.select().count()) == (409, 0)
    text = coach.get("/dashboard").text
    assert f"Nobody can book “{rig.product.title}”" in text
    assert "no Stripe key is connected" in text
    # Prices keep their numbers when a store changes its currency.
    PaymentAccount.update(state="current").execute()
    assert "Nobody can book" not in coach.get("/dashboard").text
    Offer.update(price_cents=30).execute()
    text = coach.get("/dashboard").text
    assert "The price is less than €0.50, the least that a card can pay." in text


def refuse(*_):
    raise ProviderError("Your account cannot currently make live charges.", Fault.REFUSED)


def test_an_invitation_is_paid_by_card_at_its_own_price(rig, alice, bob, browser_of):
    Product.update(pay_text="By card.").execute()
    details = InvitationDetails(rig.product.offers.get().id, TEN, price_cents=2000)
    session, token = invite(rig.product, alice, details, NOW)
    student = browser_of(bob)
    student.get(f"/i/{token}")
    answer = student.post(f"/invitations/{session.code}/acceptance", data={"form_key": "a-form-key-1"})
    assert (answer.status_code, answer.location) == (303, Payment.get().page_url)
    assert (Payment.get().amount_cents, state_of(session).session) == (2000, "held")


def test_without_a_key_no_request_is_accepted_and_no_invitation_made_or_taken(rig, alice, bob, browser_of):
    student, coach = browser_of(bob), browser_of(alice)
    Product.update(needs_approval=True).execute()
    book(rig, student)
    asked = CoachingSession.get()
    details = InvitationDetails(rig.product.offers.get().id, TEN + 2 * HOUR, price_cents=2000)
    kept, token = invite(rig.product, alice, details, NOW)
    PaymentAccount.update(state="removed", key="").execute()
    # What is missing, where to connect it, and nothing is held that nobody can pay for.
    page, account = f"/sessions/{asked.code}", f"/store/{rig.product.store.slug}/payments"
    text = coach.get(page).text
    assert (f'{account}">See to your Stripe key</a> before you accept.' in text, "Accept" in text) == (True, True)
    assert "has to see to their card payments" in student.get(page).text
    refused = coach.post(f"{page}/acceptance")
    assert (refused.status_code, state_of(asked).session) == (409, "requested")
    assert "Connect a Stripe key under “Card payments” of your store" in refused.text
    assert "Nobody can take it as things are" in coach.get(f"/invitations/{kept.code}").text
    assert (
        "Alice cannot take cards right now, so this time cannot be taken yet."
        in student.get(f"/i/{token}", follow_redirects=True).text
    )
    taken = student.post(f"/invitations/{kept.code}/acceptance", data={"form_key": "a-form-key-1"})
    assert (taken.status_code, Payment.select().count()) == (409, 0)
    new = {"form_key": "a-form-key-2", "product": rig.product.code, "offer": details.offer_id, "student": "link"}
    new |= {"starts_at": "2027-03-03T14:00:00Z"}
    refused = coach.post("/invitations", data=new)
    assert (refused.status_code, "your store takes no cards yet" in refused.text, account in refused.text) == (
        422,
        True,
        True,
    )
    assert coach.post("/invitations", data=new | {"price": "0"}).status_code == 303
    # Once there is a key, all goes on as it was left.
    PaymentAccount.update(state="current", key="rk_test_1").execute()
    assert coach.post(f"{page}/acceptance").status_code == 303
    assert state_of(asked).session == "held"


def test_a_time_that_is_let_go_is_paid_no_more(rig, bob, browser_of):
    student = browser_of(bob)
    book(rig, student)
    session = CoachingSession.get()
    student.post(f"/sessions/{session.code}/cancellation", data={"reason": ""})
    assert (state_of(session).session, Payment.get().next_ask_at <= NOW + MINUTE) == ("cancelled", True)
    assert student.post(f"/sessions/{session.code}/pay").location == f"/sessions/{session.code}"


def test_money_that_takes_days_is_not_asked_for_again_and_is_spoken_of_once_the_time_is_let_go(rig, bob, browser_of):
    student = browser_of(bob)
    book(rig, student)
    page = f"/sessions/{CoachingSession.get().code}"
    assert "It is yours as soon as you have paid €49 by card." in student.get(page).text
    rig.pay(Payment.get(), "delayed")
    Payment.update(next_ask_at=NOW).execute()
    assert "Your payment is under way" in student.get(f"{page}/paid").text
    assert "Pay now" not in student.get("/dashboard").text
    assert "all of it goes back by itself" in student.get(f"{page}/cancellation").text
    student.post(f"{page}/cancellation", data={"reason": ""})
    text = student.get(page).text
    assert ("Should a payment still arrive" in text, "Nothing to pay." in text) == (True, False)
    rig.stripe.control("/settle", session=Payment.get().reference, succeeds=True)
    settle_payment(Payment.get(), rig.provider_of, NOW)
    text = student.get(page).text
    assert ("€49 goes back to your card" in text, "Nothing to pay." in text) == (True, False)


def test_forms_may_lead_to_the_providers_pages_and_to_any_other_there_is_a_link(rig, bob, browser_of, app, settings):
    student = browser_of(bob)
    policy = student.get("/").headers["Content-Security-Policy"]
    assert f"form-action 'self' http://127.0.0.1:9 {ADDRESS};" in policy
    app.extensions["settings"] = settings
    assert "http://127.0.0.1:9 https://checkout.stripe.com;" in student.get("/").headers["Content-Security-Policy"]
    answer = book(rig, student)
    assert (answer.status_code, f'href="{Payment.get().page_url}"' in answer.text) == (200, True)
