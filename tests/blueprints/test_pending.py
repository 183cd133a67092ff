"""The page of a time that is asked for, or held until it is paid: what each side reads and can do."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.details import BookingDetails
from coaching.booking.history_queries import news_for
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import book_session
from coaching.catalog.models import Product
from coaching.notices.models import Notice
from coaching.payments.models import Payment, Receipt, Refund
from coaching.payments.settling_mutations import owe_due_refunds
from tests import factories
from tests.clocks import at
from tests.pages import form_to
from tests.sending import deliver_due

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _clock(set_clock):
    # The clock is set to whole seconds: what is shown in minutes must not begin a moment before one.
    set_clock(NOW + timedelta(seconds=10))


@pytest.fixture
def store(alice):
    return factories.make_store(alice, slug="nova")


def booked(product, student, starts_at=TEN, now=NOW):
    return book_session(product, student, BookingDetails(product.offers.get().id, starts_at), now)


def state(session):
    return CoachingSession.get_by_id(session.id).state


def test_a_request_is_answered_on_its_page(store, alice, bob, browser_of, set_clock):
    product = factories.make_product(store, needs_approval=True, pays_first=True, hold_minutes=120)
    asked, student, coach = booked(product, bob), browser_of(bob), browser_of(alice)
    address = f"/sessions/{asked.code}"
    page = student.get(address).text
    assert "Alice answers by Tue 2 Mar, 09:00" in page
    assert "Take the request back" in page
    assert ">Accept<" not in page
    assert "Pay me by bank transfer." not in page  # nothing is to be paid yet
    assert "Room opens in" not in page
    assert "The time is yours" not in page
    assert student.get(f"{address}/calendar.ics").status_code == 303  # it is for no calendar yet
    assert "Bob asks for a call" in coach.get("/dashboard").text
    assert "asks for a call" not in student.get("/dashboard").text
    assert "Nothing has been agreed on yet" in student.get(f"{address}/cancellation").text
    page = coach.get(address).text
    assert "Bob asks for this time" in page
    assert ">Cancel this session<" not in page
    assert student.post(f"{address}/acceptance").status_code == 404
    long = coach.post(f"{address}/decline", data={"reason": "x" * 501})
    assert (long.status_code, "At most 500 characters." in long.text, "x" * 501 in long.text) == (422, True, True)
    assert coach.post(f"{address}/acceptance").status_code == 303
    assert state(asked) == "held"
    page = student.get(address).text
    assert "Held for you until Mon 1 Mar, 11:00" in page
    assert "Pay me by bank transfer." in page
    home = student.get("/dashboard").text
    assert "Pay Alice €49 by Mon 1 Mar, 11:00" in home
    assert "See free times" not in home.split('id="news"')[1].split("</section>")[0]  # it was a yes
    assert "accepted your request" in page
    assert "Let this time go" in page
    # In another tab it still says that it waits for an answer.
    declined = coach.post(f"{address}/decline", data={"reason": "No."})
    assert (declined.status_code, "You have accepted this request." in declined.text) == (409, True)
    # The page that looks again by itself draws all of it anew once something has become of it.
    turned = student.get(f"{address}/room?state=requested", headers={"HX-Request": "true"})
    assert turned.headers["HX-Retarget"] == "#session"
    set_clock(NOW + 2 * HOUR + MINUTE)
    page = student.get(address).text
    assert "The time held for you has run out" in page
    assert "Ran out" in page
    assert "accepted your request" not in page
    assert "accepted your request" not in student.get("/dashboard").text
    assert state(asked) == "held"  # GET changes nothing


def test_a_declined_request_says_why(store, alice, bob, browser_of):
    asked = booked(factories.make_product(store, needs_approval=True), bob)
    address, reason = f"/sessions/{asked.code}", "I am away <b>that</b> week."
    # Whom the call refuses since they asked: their coach decides, and knows it.
    coach, sentence = browser_of(alice), "Bob did not come to two calls with you in the last 90 days."
    for days in (10, 20):
        factories.make_coaching_session(
            asked.product, bob, starts_at=NOW - timedelta(days=days), state="no_show", absent="student"
        )
    assert sentence not in coach.get(address).text
    Product.update(refuses_absent=True).execute()
    assert sentence in coach.get(address).text
    assert sentence not in browser_of(bob).get(address).text
    assert coach.post(f"{address}/decline", data={"reason": reason}).status_code == 303
    page = browser_of(bob).get(address).text
    assert "Alice has declined this request" in page
    assert "I am away &lt;b&gt;that&lt;/b&gt; week." in page
    assert "Alice writes:" in page
    assert "Book another time" in page
    home = browser_of(bob).get("/dashboard").text
    assert "declined your request" in home


def test_that_a_request_had_no_answer_is_said_to_both_until_they_have_seen_it(store, alice, bob, browser_of, set_clock):
    asked = booked(factories.make_product(store, needs_approval=True), bob)
    to_pay = booked(factories.make_product(store, title="Held call", pays_first=True), bob, TEN + HOUR)
    until = max(CoachingSession.get_by_id(row.id).held_until for row in (asked, to_pay))
    set_clock(until)
    assert lapse_due(until) == 2
    student, coach = browser_of(bob).get("/dashboard").text, browser_of(alice).get("/dashboard").text
    assert "Alice did not answer your request for “Mixing call” in time" in student
    assert "11:00, Berlin (UTC+1), which is not kept for you any more." in student
    assert 'href="/s/nova/mixing-call' in student.split('id="news"')[1].split("</section>")[0]
    assert "You did not answer Bob in time: “Mixing call”" in coach
    for home in (student, coach):
        assert "Held call" not in home.split('id="news"')[1].split("</section>")[0]
    for person in (alice, bob):
        browser = browser_of(person)
        [event] = news_for(person, until)
        browser.post(f"/sessions/{asked.code}/news", data={"event": str(event.event.id), "page": "dashboard"})
        assert "answer" not in browser.get("/dashboard").text


def test_what_was_paid_is_confirmed_or_not(store, alice, bob, mallory, browser_of, set_clock):
    product = factories.make_product(store, pays_first=True)
    held, student, coach = booked(product, bob), browser_of(bob), browser_of(alice)
    address = f"/sessions/{held.code}"
    assert "I have paid" in student.get(address).text
    assert "I have the money" in (page := coach.get(address).text)
    assert "Nothing has come" not in page
    assert coach.post(f"{address}/payment-notice").status_code == 404
    assert browser_of(mallory).post(f"{address}/confirmation").status_code == 404
    assert student.post(f"{address}/payment-notice").status_code == 303
    assert "You have said that you paid" in student.get(address).text
    again = student.get(f"/s/nova/{product.slug}").text
    assert "You have said that you paid. <a" in again
    assert "Pay for it" not in again
    assert "Bob says that they have paid €49" in coach.get("/dashboard").text
    assert "Nothing has come" in coach.get(address).text
    assert coach.post(f"{address}/confirmation", data={"is_received": "no"}).status_code == 303
    assert state(held) == "expired"
    page = student.get(address).text
    assert "Alice did not receive the payment" in page
    assert "If you have paid, write to Alice, who can still confirm it" in page  # there is no button to say so again
    assert ("Write to Alice in Discord" in page, ">I have paid<" in page) == (True, False)
    # Somebody else has the time when the money comes after all.
    assert "It is free again. If you have the money" in coach.get(address).text
    taken = booked(product, factories.make_person("Carol", linked_as="3003"))
    page = coach.get(address).text
    assert "You are not free at that time any more. “Mixing call”, held for Carol: Wednesday 3 March" in page
    assert "If you have the money, agree on another time with Bob, or give it back." in page
    assert ("I have the money" in page, "It is free again" in page) == (False, False)
    page = student.get(address).text
    assert "Somebody else has it by now, or one of you is busy then. Alice agrees on another time with you" in page
    late = coach.post(f"{address}/confirmation", data={"is_received": "yes"})
    assert late.status_code == 409
    assert "you are not free at that time any more. “Mixing call”, held for Carol: Wednesday 3 March" in late.text
    assert "The nearest free times are Wed 3 Mar" in late.text
    assert coach.post(f"/sessions/{taken.code}/cancellation").status_code == 303
    assert coach.post(f"{address}/confirmation", data={"is_received": "yes"}).status_code == 303
    assert state(held) == "scheduled"
    page = student.get(address).text
    assert "Paid" in page
    assert "Room opens in" in page
    assert Notice.select().where(Notice.kind == "confirmed").count() == 1


def test_a_payment_told_of_too_late_waits_for_the_coach_until_it_is_answered(store, alice, bob, browser_of, set_clock):
    product = factories.make_product(store, pays_first=True, hold_minutes=60)
    held, student, coach = booked(product, bob), browser_of(bob), browser_of(alice)
    address = f"/sessions/{held.code}"
    set_clock(NOW + 2 * HOUR)
    assert "says that they have paid" not in coach.get("/dashboard").text
    assert student.post(f"{address}/payment-notice").status_code == 303
    page = student.get(address).text
    assert "You have said that you paid, and Alice is told." in page
    assert ">I have paid<" not in page
    page = coach.get("/dashboard").text
    assert "Bob says that they have paid €49" in page
    assert f"{address}#pending" in page
    page = coach.get(address).text
    assert "Bob says that they have paid €49" in page
    assert "Nothing has come" in page
    assert coach.post(f"{address}/confirmation", data={"is_received": "no"}).status_code == 303
    assert coach.post(f"{address}/confirmation", data={"is_received": "no"}).status_code == 303
    assert "says that they have paid" not in coach.get("/dashboard").text
    assert "Alice did not receive the payment" in student.get(address).text
    assert Notice.select().where(Notice.kind == "lapsed").count() == 2  # it ran out, and the answer
    assert "Nothing has come" not in coach.get(address).text
    assert coach.post(f"{address}/confirmation", data={"is_received": "yes"}).status_code == 303
    assert state(held) == "scheduled"


def test_nobody_is_told_how_to_pay_for_a_time_that_somebody_else_has(store, bob, browser_of, set_clock):
    product = factories.make_product(store, pays_first=True, hold_minutes=30)
    held, student = booked(product, bob), browser_of(bob)
    set_clock(NOW + HOUR)

    def reads():
        page = student.get(f"/sessions/{held.code}").text
        return ["It is free again" in page, "Pay me by bank transfer." in page, "I have paid" in page]

    assert reads() == [True, True, True]
    booked(product, factories.make_person("Carol", linked_as="3003"), now=NOW + HOUR)
    # Whoever has paid says so all the same: the coach has to know.
    assert reads() == [False, False, True]


def test_what_a_page_says_is_what_the_button_does(store, bob, browser_of):
    product = factories.make_product(store, pays_first=True)
    student, offer = browser_of(bob), product.offers.get()
    address = f"/s/nova/{product.slug}/sessions"
    sent = {"starts_at": f"{TEN:%Y-%m-%dT%H:%M:%SZ}", "offer": str(offer.id), "goals": ""}
    made = student.post(address, data=sent)
    assert made.status_code == 303
    assert "Held until paid" in student.get(made.location).text
    refused = student.post(address, data=sent | {"starts_at": f"{TEN + HOUR:%Y-%m-%dT%H:%M:%SZ}"})
    assert refused.status_code == 409
    assert "You hold another time of this call already." in refused.text
    assert Seat.select().count() == 1


def test_what_came_when_the_time_was_gone_has_gone_back(store, alice, bob, mallory, browser_of, set_clock, sending):
    product = factories.make_product(store, pays_first=True, hold_minutes=60)
    held, student, coach = booked(product, bob), browser_of(bob), browser_of(alice)
    address = f"/sessions/{held.code}"
    back = f"{address}/late-payment"
    assert "It came, and I have paid it back" not in coach.get(address).text
    set_clock(NOW + 2 * HOUR)
    assert coach.post(back, data={"amount": "49"}).status_code == 409  # nobody says that they have paid
    student.post(f"{address}/payment-notice")
    booked(product, factories.make_person("Carol", linked_as="3003"), now=NOW + 2 * HOUR)
    page = coach.get(address).text
    assert "It came, and I have paid it back" in page
    assert form_to(page, back).fields["amount"] == "49.00"
    for typed, words in (
        ("", "Type what has come."),
        ("x", "Type an amount"),
        ("0", "Type what has come."),
        ("10000.01", "The highest amount is 10,000."),
    ):
        answer = coach.post(back, data={"amount": typed})
        assert (answer.status_code, words in answer.text, state(held)) == (422, True, "expired")
    assert student.post(back, data={"amount": "49"}).status_code == 404
    assert browser_of(mallory).post(back, data={"amount": "49"}).status_code == 404
    assert not Payment.select().exists()

    for _ in range(2):
        assert coach.post(back, data={"amount": "45.50"}).status_code == 303
    other = coach.post(back, data={"amount": "49"})  # from a second tab
    assert (other.status_code, "written down already, with another amount" in other.text) == (409, True)
    payment, refund = Payment.get(), Refund.get()
    assert (payment.amount_cents, payment.state, payment.provider) == (4550, "paid", "outside")
    assert (refund.amount_cents, refund.state, refund.cause) == (4550, "ticked", "late")
    assert [receipt.amount_cents for receipt in Receipt.select().order_by(Receipt.id)] == [4550, -4550]
    assert "says that they have paid" not in coach.get("/dashboard").text
    page = coach.get(address).text
    assert "You have given the payment back" in page
    for words in ("It came, and I have paid it back", "Nothing has come", "I have the money"):
        assert words not in page
    assert coach.post(f"{address}/confirmation", data={"is_received": "yes"}).status_code == 409
    page = student.get(address).text
    assert "Alice has given the payment back" in page
    assert "I have paid" not in page
    assert "Alice has given your late payment for “Mixing call” back" in student.get("/dashboard").text
    # What is owed by rule for a session that ran out is this very refund.
    assert (owe_due_refunds(NOW + 3 * HOUR), Refund.select().count()) == (0, 1)
    deliver_due(sending, at(NOW + 2 * HOUR, datetime.now(UTC)))
    assert [notice.kind for notice in Notice.select().where(Notice.kind == "refunded", Notice.state == "sent")] == [
        "refunded"
    ]
