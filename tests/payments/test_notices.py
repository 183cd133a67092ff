"""Messages about money: each once, with what is true when it is sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.messages.compose_queries import compose
from coaching.messages.queries import is_stale
from coaching.messages.reach_queries import get_recipient
from coaching.messages.rendering.text import as_text
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.payments.cause_labels import cause_label, why_for_coach, why_for_student
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, Receipt, Refund
from coaching.payments.notice_mutations import (
    notify_failed,
    notify_late,
    notify_paid,
    notify_receipt,
    notify_refund_failed,
    notify_refunded,
)
from scripts.message_cases import SENDER
from tests.factories import make_coaching_session, make_product
from tests.payments.conftest import Rig

NOW = datetime(2027, 3, 8, 12, 0, tzinfo=UTC)


def test_every_cause_has_a_sentence_for_either_side() -> None:
    for cause in Cause:
        for words in (why_for_student(cause, "Alice"), why_for_coach(cause, "Bob"), cause_label(cause)):
            assert words, cause
            assert "{" not in words
        assert cause_label(cause) != cause
    assert why_for_student("later", "Alice") == why_for_coach("later", "Bob") == ""
    assert cause_label("later") == "later"


def test_each_step_of_the_money_is_told_once_with_what_is_true_then(alice: Person, bob: Person) -> None:
    session = make_coaching_session(
        make_product(coach=alice, payment="stripe"), bob, starts_at=NOW + timedelta(days=1), state="scheduled"
    )
    seat = Seat.get(Seat.coaching_session == session)
    Seat.update(paid_at=NOW).where(Seat.id == seat.id).execute()
    payment = make_payment(seat)
    notify_paid(payment, NOW)
    notify_paid(payment, NOW)
    assert kinds() == ["paid"]
    assert f"Your receipts: {SENDER.url}/receipts\n" in text(bob)
    # What tells of a payment by card leads to its receipt, written by then or not.
    receipt = make_receipt(seat, payment)
    notify_receipt(receipt, NOW)
    assert kinds() == ["paid"]
    assert text(bob).startswith("Paid, €49: Mixing call with Alice. The time is yours.")
    assert "Price: €49, paid by card" in text(bob)
    assert f"Receipt: {SENDER.url}/receipts/abc" in text(bob)
    # One that was paid outside is ticked at any time: nothing else may tell of it.
    Payment.update(provider="outside").execute()
    confirmed = Notice.create(key="x", kind="confirmed", person_id=bob.id, session_id=session.id, made_at=NOW)
    notify_receipt(Receipt.get(), NOW)
    assert f"Receipt: {SENDER.url}/receipts/abc" in text(bob, confirmed)
    Notice.update(state="sent").where(Notice.key == "x").execute()
    notify_receipt(Receipt.get(), NOW)
    notify_receipt(Receipt.get(), NOW)
    confirmed.delete_instance()
    assert kinds() == ["paid", "receipt"]
    assert "Receipt: 2027-0001" in text(bob)
    Payment.update(provider="stripe").execute()

    # A call that is off: how much goes back stands in the cancellation, and what is about money still goes.
    CoachingSession.update(state="cancelled", ended_by="student").where(CoachingSession.id == session.id).execute()
    refund = Refund.create(
        payment=payment, key="1", cause=Cause.STUDENT_CANCELLED, amount_cents=2450, owed_at=NOW, due_at=NOW
    )
    cancelled = Notice.create(key="c", kind="cancelled", person_id=bob.id, session_id=session.id, made_at=NOW)
    assert "€24.50 goes back to you by itself" in " ".join(text(bob, cancelled).split())
    notify_refunded(refund, NOW)
    assert kinds() == ["paid", "receipt", "cancelled", "refunded"]
    assert "this is what the policy of your booking gives back." in " ".join(text(bob).split())
    notify_refund_failed(refund, NOW)
    notify_late(payment, NOW)
    assert kinds()[4:] == ["refund_failed", "coach_refund_failed", "payment_late", "coach_payment_late"]
    assert {notice.person_id for notice in Notice.select().where(Notice.kind.startswith("coach_"))} == {alice.id}
    current = CoachingSession.get_by_id(session.id)
    stale = {notice.kind for notice in Notice.select() if is_stale(notice, current)}
    assert stale == {"paid"}

    # A hold that ended: the student may try once more. What was paid outside is for the coach to send.
    CoachingSession.update(state="expired").where(CoachingSession.id == session.id).execute()
    notify_failed(payment, NOW)
    assert "You have not been charged, and the time is free again." in " ".join(text(bob).split())
    Refund.update(state="by_hand", cause=Cause.NOT_LET_IN).execute()
    Notice.delete().execute()
    notify_refunded(Refund.get(), NOW)
    assert kinds() == ["coach_refunded"]
    assert "Send €24.50 back to Bob" in text(alice)
    Refund.update(state="ticked", reason="The cable.").execute()
    notify_refunded(Refund.get(), NOW)
    assert kinds() == ["coach_refunded", "refunded"]
    assert "Alice has sent you €24.50 back" in text(bob)
    assert "> The cable." in text(bob)


def test_nobody_is_told_of_a_hold_by_card_that_is_paid_in_minutes(rig: Rig) -> None:
    rig.begin(rig.book())
    assert kinds() == []


def test_what_no_seat_is_known_of_is_told_to_nobody(alice: Person) -> None:
    payment = make_payment(None)
    notify_paid(payment, NOW)
    notify_refunded(Refund(id=1, payment=payment, cause=Cause.TWICE, state="pending"), NOW)
    assert kinds() == []


def make_payment(seat: Seat | None, **differences: Any) -> Payment:
    ordinary = {"provider": "stripe", "state": "paid", "amount_cents": 4900, "currency": "EUR", "key": "k"}
    return Payment.create(seat=seat, begun_at=NOW, paid_at=NOW, **ordinary | differences)


def make_receipt(seat: Seat, payment: Payment) -> Receipt:
    paper = {"year": 2027, "number": 1, "code": "abc", "amount_cents": 4900, "currency": "EUR", "printed": "{}"}
    people = {"seller": "Alice", "buyer": "Bob", "issued_on": NOW.date(), "issued_at": NOW}
    return Receipt.create(store=seat.coaching_session.product.store, payment=payment, **paper, **people)


def kinds() -> list[str]:
    kinds = [notice.kind for notice in Notice.select().order_by(Notice.id)]
    assert all(kind in RULES for kind in kinds)
    return kinds


def text(person: Person, notice: Notice | None = None) -> str:
    """What the person's last message says now."""
    mine = Notice.select().where(Notice.person_id == person.id).order_by(Notice.id.desc())
    message = compose(notice or mine.get(), get_recipient(person), SENDER, NOW)
    assert message is not None
    assert MessageKind(mine.get().kind) in RULES
    return as_text(message)
