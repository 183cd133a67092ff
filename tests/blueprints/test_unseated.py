"""Money that needs a hand: red lines for coach and admin, and payments of which no booking is known."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from coaching.alerts.mutations import warn_admins
from coaching.booking.models import CoachingSession, Seat
from coaching.checks import State
from coaching.diagnostics.money_queries import money_checks
from coaching.notices.models import Notice
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, PaymentAccount, Refund
from tests import factories
from tests.payments.conftest import make_account

NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = "/dashboard/unbooked-payments"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call", payment="stripe")


def paid(product, student, reference, starts_at=None, **differences):
    """A payment; with `starts_at` one of a booked call, else one of which no booking is known."""
    seat, facts = None, {"payment": "k", "session": "gone", "product": product.code, "minutes": "60"}
    if starts_at:
        seat = Seat.get(Seat.coaching_session == factories.make_coaching_session(product, student, starts_at=starts_at))
    facts |= {"starts_at": (NOW + DAY).isoformat(), "student": str(student.id), "made_at": NOW.isoformat()}
    ordinary = {"provider": "stripe", "state": "paid", "amount_cents": 4900, "currency": "EUR", "begun_at": NOW}
    ordinary |= {"payment_account": PaymentAccount.get(), "seat": seat, "facts": json.dumps(facts), "paid_at": NOW}
    return Payment.create(key=reference, reference=reference, charge_reference=reference, **ordinary | differences)


def refund(payment, state, **differences):
    ordinary = {"key": f"{payment.id}:{state}", "cause": Cause.BY_COACH, "amount_cents": 900, "state": state}
    return Refund.create(payment=payment, owed_at=NOW, due_at=NOW - 2 * HOUR, **ordinary | differences)


def test_what_is_wrong_with_money_is_red_and_what_the_coach_sends_is_amber(browser_of, product, alice, bob, mallory):
    ada = factories.make_person("Ada", is_admin=True)
    assert [check.state for check in money_checks(NOW)] == [State.OK]
    account = make_account(product.store)
    booked = paid(product, bob, "cs_1", NOW + DAY)
    failed = refund(booked, "failed")
    refund(booked, "by_hand", amount_cents=500)
    refund(booked, "owed", amount_cents=700, fault="unreachable", next_ask_at=NOW)
    paid(product, bob, "cs_2")
    page = browser_of(alice).get("/dashboard").text
    for words in ("€9 could not be sent back to Bob", "€7 of Bob is stuck", "€49 was paid, and no booking is known"):
        assert '<div class="notice bad"' in page
        assert words in page
    assert page.index("could not be sent back") < page.index("Give Bob €5 back")
    assert "could not be sent" not in browser_of(mallory).get("/dashboard").text

    overview = browser_of(ada).get("/admin").text
    assert "A refund could not be sent back to students." in overview
    assert "A payment or refund is stuck for an hour" in overview
    assert "A payment belongs to no booking" in overview
    listed = browser_of(ada).get("/admin/money").text
    assert "€9 for Bob" in listed
    assert "To be sent by the coach" in listed
    warn_admins(money_checks(NOW), NOW)
    warn_admins(money_checks(NOW), NOW)
    assert {(notice.person_id, notice.kind) for notice in Notice.select()} == {(ada.id, "alert")}
    assert Notice.select().count() == 3

    # Sent again it is settled; a key that is refused says what waits for it.
    refund(booked, "succeeded", amount_cents=3700)
    PaymentAccount.update(fault="key_refused").where(PaymentAccount.id == account.id).execute()
    page = browser_of(alice).get("/dashboard").text
    assert "could not be sent back" not in page
    assert "does not take the key that ends in oach any more" in page
    assert "One payment or refund waits for it." in page
    PaymentAccount.update(fault="", lacks="Refunds Write").execute()
    page = browser_of(alice).get("/dashboard").text
    assert "The Stripe key that ends in oach lacks a right" in page
    assert "Give it “Refunds Write” in Stripe." in page
    PaymentAccount.update(lacks="", read_since=NOW).execute()
    assert "Refunds wait until Stripe has been read" in browser_of(alice).get("/dashboard").text
    assert any("still to be read" in check.sentence for check in money_checks(NOW))
    assert Refund.get_by_id(failed.id).state == "failed"


def test_what_belongs_to_no_booking_is_seated_again_given_back_or_kept(
    browser_of, product, alice, bob, mallory, client
):
    make_account(product.store)
    for number in range(1, 5):
        paid(product, bob, f"cs_{number}")
    paid(product, bob, "cs_5", state="open")
    coach, stranger = browser_of(alice), browser_of(mallory)
    assert client.get(ALL).status_code in (302, 303)
    assert "Nothing is left to decide" in stranger.get(ALL).text
    assert coach.get(ALL).text.count("€49, Mixing call") == 4
    assert [stranger.get(f"{ALL}/cs_1").status_code, coach.get(f"{ALL}/cs_5").status_code] == [404, 404]
    for step in ("seat", "refund", "keeping"):
        assert coach.get(f"{ALL}/cs_1/{step}").status_code == 405
        assert stranger.post(f"{ALL}/cs_1/{step}").status_code == 404
    assert (CoachingSession.select().count(), Refund.select().count()) == (0, 0)
    page = coach.get(f"{ALL}/cs_1").text
    assert "Seat Bob again" in page
    assert "Refund €49" in page

    answer = coach.post(f"{ALL}/cs_1/seat")
    session = CoachingSession.get()
    assert answer.location.endswith(f"/sessions/{session.code}")
    assert coach.get(answer.location).status_code == browser_of(bob).get(answer.location).status_code == 200
    assert (Payment.get(Payment.reference == "cs_1").seat_id, session.state) == (Seat.get().id, "scheduled")
    taken = coach.post(f"{ALL}/cs_2/seat")
    assert taken.status_code == 409
    assert "You are not free at that time any more" in taken.text
    assert coach.post(f"{ALL}/cs_1/seat").status_code == 303
    for _ in range(2):
        assert coach.post(f"{ALL}/cs_2/refund").status_code == 303
    assert [(refund.cause, refund.amount_cents, refund.person_id) for refund in Refund.select()] == [
        ("unseated", 4900, alice.id)
    ]
    notice = Notice.get(Notice.kind == "refunded")
    assert (notice.person_id, notice.subject) == (bob.id, "€49 goes back to you")
    coach.post(f"{ALL}/cs_3/keeping")
    for reference in ("cs_1", "cs_2", "cs_3"):
        assert stranger.post(f"{ALL}/{reference}/refund").status_code == 404
    assert coach.get(ALL).text.count("€49, Mixing call") == 1
    # What is over took place; whose account is gone can only be given back, by an admin as well.
    gone = json.loads(Payment.get(Payment.reference == "cs_4").facts) | {"student": "4711"}
    Payment.update(facts=json.dumps(gone)).where(Payment.reference == "cs_4").execute()
    page = browser_of(factories.make_person("Ada", is_admin=True)).get(f"{ALL}/cs_4").text
    assert "Their account is not in the records any more" in page
    assert "Seat " not in page
    past = gone | {"student": str(bob.id), "starts_at": (NOW - DAY).isoformat()}
    Payment.update(facts=json.dumps(past)).where(Payment.reference == "cs_4").execute()
    assert "It took place" in coach.get(f"{ALL}/cs_4").text
    coach.post(f"{ALL}/cs_4/seat")
    assert CoachingSession.select().where(CoachingSession.state == "completed").count() == 1
    assert "Nothing is left to decide" in coach.get(ALL).text
