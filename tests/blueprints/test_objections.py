"""What is said of a paid call whose outcome or money is not agreed on: by its student, its coach, and an admin."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person, SecurityEvent
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.mutations import record_outcome
from coaching.notices.models import Notice
from coaching.payments.models import Objection, Payment, Refund
from coaching.payments.money_outcome_mutations import owe_outcome_refunds
from tests.factories import make_coaching_session, make_person, make_product, make_store

Browsers = Callable[[Person | None], FlaskClient]


@pytest.fixture
def ended(app: object, alice: Person, bob: Person) -> CoachingSession:
    """Bob has paid €49 for a call by phone that ended an hour ago: nobody could see who was there."""
    product = make_product(make_store(alice), session_type="phone")
    session = make_coaching_session(product, bob, starts_at=datetime.now(UTC) - timedelta(hours=2))
    made = {"provider": "stripe", "state": "paid", "amount_cents": 4900, "currency": "EUR"}
    now = datetime.now(UTC)
    Payment.create(seat=Seat.get(), key="one", charge_reference="pi_1", begun_at=now, paid_at=now, **made)
    record_outcome(session, "completed", now)
    owe_outcome_refunds(now)
    return CoachingSession.get()


@pytest.mark.one_database
def test_the_student_says_once_what_happened_and_the_coach_decides(
    ended: CoachingSession,
    alice: Person,
    bob: Person,
    mallory: Person,
    browser_of: Browsers,
    set_clock: Callable[..., None],
) -> None:
    student, coach, address = browser_of(bob), browser_of(alice), f"/sessions/{ended.code}"
    # Nobody is asked before it has been looked into whether the room let them in.
    Payment.update(outcome_seen="").execute()
    assert "What happened" not in student.get(address).text
    owe_outcome_refunds(datetime.now(UTC))
    assert "no money moves by itself: Alice decides" in student.get(address).text
    assert student.post(f"{address}/said-outcome", data={}).status_code == 422
    assert "Choose what happened." in student.post(f"{address}/said-outcome", data={"said": "x"}).text
    assert student.post(f"{address}/said-outcome", data={"said": "coach"}).status_code == 303
    again = student.post(f"{address}/said-outcome", data={"said": "completed"})
    assert (again.status_code, "You have said already" in again.text) == (409, True)
    assert "Bob says: you were not there." in coach.get(address).text
    for person in (alice, mallory):
        assert browser_of(person).post(f"{address}/said-outcome", data={"said": "coach"}).status_code == 404
    assert SessionEvent.select().where(SessionEvent.kind == "said_outcome").count() == 1
    # The coach agrees, and does not wait for two days.
    assert coach.post(f"{address}/outcome", data={"outcome": "coach"}).status_code == 303
    assert "€49 goes back to you on" in student.get(address).text
    set_clock(datetime.now(UTC) + timedelta(days=3))  # the worker has not come by yet
    assert "€49 is about to go back to you." in browser_of(bob).get(address).text
    set_clock(datetime.now(UTC))
    assert student.post(f"{address}/absence-refund").status_code == 404
    for _ in range(2):
        assert coach.post(f"{address}/absence-refund").status_code == 303
    assert [(refund.cause, refund.amount_cents) for refund in Refund.select()] == [("coach_absent", 4900)]
    assert "Give it back now" not in coach.get(address).text


def test_an_objection_is_made_answered_and_decided_once(
    ended: CoachingSession, alice: Person, bob: Person, mallory: Person, browser_of: Browsers
) -> None:
    admin_person = make_person("Ada", is_admin=True)
    student, coach, admin, stranger = map(browser_of, (bob, alice, admin_person, mallory))
    address, decision = f"/sessions/{ended.code}", f"/admin/objections/{ended.code}/decision"
    assert coach.post(f"{address}/objection", data={"sentence": "No."}).status_code == 404
    assert stranger.post(f"{address}/objection", data={"sentence": "No."}).status_code == 404
    assert admin.get(f"/admin/objections/{ended.code}").status_code == 404
    empty = student.post(f"{address}/objection", data={"sentence": " "})
    assert (empty.status_code, "Write in a sentence why" in empty.text) == (422, True)
    for status in (303, 409):
        sent = student.post(f"{address}/objection", data={"sentence": "Nobody called <b>me</b>."})
        assert sent.status_code == status
    assert "Nobody called &lt;b&gt;me&lt;/b&gt;." in coach.get(address).text
    assert "Write your side" in coach.get("/dashboard").text
    assert "One student waits for a decision about their money." in admin.get("/admin").text
    assert coach.post(f"{address}/objection-reply", data={"reply": ""}).status_code == 422
    for status in (303, 409):
        assert coach.post(f"{address}/objection-reply", data={"reply": "I called twice."}).status_code == status
    assert "Write your side" not in coach.get("/dashboard").text
    assert stranger.get("/admin/objections").status_code == 404
    assert "To decide" in admin.get("/admin/objections").text
    page = admin.get(f"/admin/objections/{ended.code}").text
    for words in ("Nobody called", "I called twice.", "Could still go back", "paid €49 (pi_1)"):
        assert words in page
    for wrong, words in (
        ({"amount": "60"}, "more than is left"),
        ({"amount": "x"}, "Type an amount"),
        ({}, "Type how"),
    ):
        answer = admin.post(decision, data=wrong | {"decision": "Both are partly right."})
        assert (answer.status_code, words in answer.text) == (422, True), wrong
        assert "Both are partly right." in answer.text
    assert stranger.post(decision, data={"amount": "20", "decision": "Mine."}).status_code == 404
    assert admin.post(decision, data={"amount": "20.50", "decision": "Both are partly right."}).status_code == 303
    assert admin.post(decision, data={"amount": "1", "decision": "More."}).status_code == 409
    assert [(refund.cause, refund.amount_cents, refund.reason) for refund in Refund.select()] == [
        ("by_admin", 2050, "Both are partly right.")
    ]
    for browser in (student, coach):
        assert "Both are partly right." in browser.get(address).text
    assert "Decided" in admin.get("/admin/objections").text
    kinds = {notice.kind for notice in Notice.select().where(Notice.kind.contains("objection"))}
    assert kinds == {"coach_objection", "objection_decided", "coach_objection_decided"}
    event = SecurityEvent.get(SecurityEvent.kind == "objection decided")
    assert (event.actor_id, event.detail) == (admin_person.id, f"{ended.code}: €20.50 goes back")


def test_nobody_objects_without_money_or_after_two_months(
    ended: CoachingSession, bob: Person, browser_of: Browsers
) -> None:
    student, address = browser_of(bob), f"/sessions/{ended.code}"
    assert "I disagree" in student.get(address).text
    move(ended, timedelta(days=-61))
    assert student.post(f"{address}/objection", data={"sentence": "Late."}).status_code == 409
    move(ended, timedelta())
    Payment.update(state="failed").execute()
    assert "I disagree" not in student.get(address).text
    assert student.post(f"{address}/objection", data={"sentence": "Late."}).status_code == 409
    assert Objection.select().count() == 0


def move(session: CoachingSession, by: timedelta) -> None:
    names = ("starts_at", "ends_at", "busy_from", "busy_until")
    CoachingSession.update({name: getattr(session, name) + by for name in names}).execute()
