"""Deleting one's account: sessions end by the usual rules, and nothing says any more who it was but what has to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching import schema
from coaching.accounts.emails import changed
from coaching.accounts.models import DiscordLink, Person, SecurityEvent, SignIn
from coaching.accounts.mutations import start_sign_in
from coaching.accounts.outbox_mutations import owe_email
from coaching.booking.events import EventKind
from coaching.booking.models import Answer, CoachingSession, Invitation, Seat
from coaching.booking.payment_mutations import Taken, take_payment
from coaching.booking.record_mutations import record_event
from coaching.catalog.models import Picture, Product, Store
from coaching.coaches.models import Coach
from coaching.db import database
from coaching.errors import CannotDelete
from coaching.hours.models import Schedule
from coaching.log_lines import Event
from coaching.notices.models import Notice
from coaching.notices.mutations import enqueue
from coaching.now import Now
from coaching.own_data import deletion_mutations
from coaching.own_data.columns import Becomes
from coaching.own_data.deletion_mutations import delete_account, erase_again, finish_deletions
from coaching.own_data.deletion_queries import what_goes
from coaching.own_data.erased_queries import all_erased
from coaching.own_data.farewell import REASON, Hindrance
from coaching.own_data.models import ErasedPerson
from coaching.own_data.people_columns import ABOUT_PEOPLE
from coaching.payments.causes import Cause
from coaching.payments.models import Dispute, Objection, Payment, PaymentAccount, Receipt, Refund
from coaching.payments.receipt_mutations import write_receipts
from coaching.payments.settling_mutations import owe_due_refunds
from coaching.reviews.models import Review
from tests import factories
from tests.money_rows import paid

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
HERE = Now(NOW, NOW)
HOUR = timedelta(hours=1)


def delete(person: Person, now: Now = HERE) -> None:
    delete_account(person, what_goes(person, now.product).mark, now)


def hindrances(person: Person, now: datetime = NOW) -> list[Hindrance]:
    return [obstacle.kind for obstacle in what_goes(person, now).obstacles]


def card_paid(session: CoachingSession, state: str = "paid") -> Payment:
    """The session's seat is paid by card, on an account of its store."""
    account, _ = PaymentAccount.get_or_create(
        code="acct", store=session.product.store, defaults={"livemode": True, "key": "sk_live_1", "added_at": NOW}
    )
    seat = Seat.get(Seat.coaching_session == session)
    Seat.update(payment="stripe", paid_at=NOW if state == "paid" else None).where(Seat.id == seat.id).execute()
    row = {"provider": "stripe", "state": state, "livemode": True, "payment_account": account}
    return paid(seat, **row, **({} if state == "paid" else {"paid_at": None, "reference": "cs_1"}))


def test_a_student_goes_and_leaves_no_word_of_theirs(alice: Person, bob: Person) -> None:
    product = factories.make_product(coach=alice)
    coming = factories.make_coaching_session(product, bob, starts_at=NOW + 48 * HOUR)
    asked = factories.make_coaching_session(product, bob, starts_at=NOW + 50 * HOUR, state="requested")
    held = factories.make_coaching_session(product, bob, starts_at=NOW + 52 * HOUR, state="held", held_until=NOW + HOUR)
    over = factories.make_coaching_session(product, bob, starts_at=NOW - 72 * HOUR, state="completed")
    cancelled: dict[str, Any] = {"state": "cancelled", "ended_by": "student", "end_reason": "My dog is ill."}
    before = factories.make_coaching_session(product, bob, starts_at=NOW + 60 * HOUR, **cancelled)
    factories.make_review(over)
    Answer.create(seat=over.seats.get(), label="Your mail?", kind="text", text="bob@example.com")
    objection = Objection.create(seat=over.seats.get(), sentence="It was short.", made_at=NOW)
    payment = card_paid(coming)
    write_receipts(NOW)
    start_sign_in(bob, NOW, address="192.0.2.1")
    factories.make_factor(bob)
    address = bob.email
    kept = []
    for hours, named in ((54, bob), (56, None)):
        until: dict[str, Any] = {"starts_at": NOW + hours * HOUR, "held_until": NOW + HOUR}
        coaching_session = factories.make_coaching_session(product, bob, state="held", **until)
        Seat.delete().where(Seat.coaching_session == coaching_session).execute()
        Invitation.create(
            coaching_session=coaching_session, token_sha256=str(hours), student=named, price_cents=0, made_at=NOW
        )
        kept.append(coaching_session.id)
    assert what_goes(bob, NOW).kept_for_them == 1
    # Mail that goes to an address alone: as an older version left it, to a former address, and about somebody else.
    enqueue("verify:1", "verify", str(address), "Confirm", "https://example.com/secret", NOW)
    owe_email("former@example.com", changed("Your address was changed."), "changed:1", NOW, about=bob)
    owe_email("alice@example.com", changed("Your password was changed."), "changed:2", NOW, about=alice)

    delete(bob)
    delete_account(bob, "another window", HERE)

    ended = [CoachingSession.get_by_id(coaching_session.id) for coaching_session in (coming, asked, held)]
    assert {
        (coaching_session.state, coaching_session.ended_by, coaching_session.end_reason) for coaching_session in ended
    } == {("cancelled", "student", REASON)}
    assert CoachingSession.get_by_id(before.id).end_reason == ""
    # A time kept for them by name is nobody's: its link would work for anybody now.
    assert [CoachingSession.get_by_id(number).state for number in kept] == ["cancelled", "held"]
    gone = Person.get_by_id(bob.id)
    assert (gone.name, gone.email, gone.password_hash, gone.zone) == ("Former student", None, None, None)
    assert not SignIn.select().where(SignIn.person == bob).exists()
    assert not DiscordLink.select().where(DiscordLink.person == bob).exists()
    assert {(seat.goals, seat.phone) for seat in Seat.select()} == {("", None)}
    assert not Answer.select().exists()
    assert not Objection.select().where(Objection.id == objection.id).exists()
    assert (Review.get().student, Review.get().words) == (None, "Clear and kind.")
    assert (Receipt.get().buyer, Receipt.get().payment) == ("Bob", payment)
    events = SecurityEvent.select().where(SecurityEvent.person == bob)
    assert {(event.detail, event.address) for event in events} == {("", "")}
    assert "account deleted" in {event.kind for event in events}
    # The coach is told of each, in no other words than those; the student by one last mail.
    assert {notice.person_id for notice in Notice.select().where(Notice.kind == "coach_cancelled")} == {alice.id}
    mails = Notice.select().where(Notice.recipient.contains("@"))
    assert {mail.recipient for mail in mails} == {address, "alice@example.com"}
    [mail] = mails.where(Notice.recipient == address)
    assert mail.subject == "Your account was deleted"
    # All is owed back that the policy gives, and the credit note names whom the receipt named.
    owe_due_refunds(NOW)
    refund = Refund.get()
    assert (refund.amount_cents, refund.state) == (4900, "owed")
    Refund.update(state="succeeded", settled_at=NOW).execute()
    write_receipts(NOW)
    assert {receipt.buyer for receipt in Receipt.select()} == {"Bob"}


def test_a_coach_goes_with_all_that_they_sell(alice: Person, bob: Person) -> None:
    factories.make_coach(alice, bio="I am Alice.")
    product = factories.make_product(coach=alice)
    store: Store = product.store
    Store.update(seller_name="Alice Ltd", seller_address="1 Road").execute()
    factories.make_feed(alice)
    Picture.create(code="p", owner=alice, sha256="x", width=1, height=1, webp=b"x", made_at=NOW)
    coming = factories.make_coaching_session(product, bob, starts_at=NOW + HOUR)
    card_paid(coming)
    write_receipts(NOW)
    review = factories.make_review(
        factories.make_coaching_session(product, bob, starts_at=NOW - 72 * HOUR, state="completed"), answer="Thanks!"
    )

    delete(alice)

    assert Person.get_by_id(alice.id).name == "Former coach"
    current = CoachingSession.get_by_id(coming.id)
    assert (current.state, current.ended_by, current.end_reason) == ("cancelled", "coach", REASON)
    assert Notice.select().where(Notice.person_id == bob.id, Notice.kind == "cancelled").exists()
    kept = Store.get_by_id(store.id)
    assert (kept.name, kept.slug, kept.seller_name, kept.guild) == ("A closed store", f"closed-{store.id}", "", None)
    assert kept.stopped_at
    sold = Product.get_by_id(product.id)
    assert (sold.state, sold.description, sold.schedule, sold.title) == ("archived", "", None, "Mixing call")
    assert not sold.takes_reviews
    assert not Coach.select().exists()
    assert not Schedule.select().exists()
    assert not Picture.select().exists()
    assert (Review.get_by_id(review.id).answer, Review.get_by_id(review.id).student) == ("", bob)
    # Its key is still needed: what was paid goes back.
    assert (PaymentAccount.get().state, PaymentAccount.get().key) == ("older", "sk_live_1")
    owe_due_refunds(NOW)
    assert Refund.get().amount_cents == 4900
    Refund.update(state="succeeded", settled_at=NOW).execute()
    write_receipts(NOW)
    assert {receipt.seller for receipt in Receipt.select()} == {"Alice Ltd\n1 Road"}


def test_what_keeps_an_account_is_said_and_passes(alice: Person, bob: Person) -> None:
    product = factories.make_product(coach=alice)
    running = factories.make_coaching_session(product, bob, starts_at=NOW - HOUR / 2, state="in_progress")
    for person in (alice, bob):
        assert hindrances(person) == [Hindrance.IN_A_CALL]
        with pytest.raises(CannotDelete):
            delete(person)
    assert hindrances(bob, running.ends_at) == []
    CoachingSession.update(state="completed").execute()

    directly = factories.make_coaching_session(product, bob, starts_at=NOW + 48 * HOUR)
    Seat.update(paid_at=NOW).where(Seat.coaching_session == directly).execute()
    assert (hindrances(alice), hindrances(bob)) == ([Hindrance.OWES_BY_HAND], [])
    assert what_goes(bob, NOW).awaits_money
    # Nor may a coach leave what a card did not take back, unless the bank decides about it.
    Seat.update(paid_at=None).where(Seat.coaching_session == directly).execute()
    Payment.delete().execute()
    payment = card_paid(directly)
    cause = {"cause": Cause.STUDENT_CANCELLED, "owed_at": NOW, "due_at": NOW}
    Refund.create(key="1", payment=payment, amount_cents=4900, state="failed", **cause)
    assert hindrances(alice) == [Hindrance.OWES_BY_HAND]
    Dispute.create(payment=payment, reference="d", amount_cents=4900, state="needs_response", opened_at=NOW)
    assert hindrances(alice) == []

    Person.update(is_admin=True).where(Person.id == bob.id).execute()
    bob = Person.get_by_id(bob.id)
    assert hindrances(bob) == [Hindrance.LAST_ADMIN]
    root = factories.make_person("Root", is_admin=True)
    delete(bob)
    assert hindrances(root) == [Hindrance.LAST_ADMIN]


def test_what_was_shown_has_to_be_true_still(bob: Person) -> None:
    mark = what_goes(bob, NOW).mark
    factories.make_coaching_session(student=bob, starts_at=NOW + 48 * HOUR)
    with pytest.raises(CannotDelete):
        delete_account(bob, mark, HERE)
    assert Person.get_by_id(bob.id).erased_at is None


def test_a_hold_ends_and_what_is_paid_all_the_same_seats_nobody(alice: Person, bob: Person) -> None:
    product = factories.make_product(coach=alice, payment="stripe")
    held = factories.make_coaching_session(product, bob, starts_at=NOW + 48 * HOUR, state="held", held_until=NOW + HOUR)
    payment = card_paid(held, "open")
    expired: dict[str, Any] = {"state": "expired", "held_until": NOW - HOUR}
    let_go = factories.make_coaching_session(product, bob, starts_at=NOW + 50 * HOUR, **expired)
    record_event(let_go, Event(EventKind.HELD), bob, NOW)

    delete(bob)

    assert Payment.get_by_id(payment.id).next_ask_at == NOW  # its page is ended at once
    with database.atomic():
        assert take_payment(held.seats.get(), NOW, is_delayed=False) is Taken.OFF
        assert take_payment(let_go.seats.get(), NOW, is_delayed=False) is Taken.LATE


def test_a_dispute_goes_on_without_them(alice: Person, bob: Person) -> None:
    over = factories.make_coaching_session(
        factories.make_product(coach=alice), bob, starts_at=NOW - 72 * HOUR, state="completed"
    )
    write = {"payment": card_paid(over), "reference": "dp_1", "state": "needs_response", "opened_at": NOW}
    dispute = Dispute.create(amount_cents=4900, **write)
    write_receipts(NOW)
    assert what_goes(bob, NOW).has_dispute
    delete(bob)
    kept = Dispute.get_by_id(dispute.id)
    assert (kept.state, kept.payment.amount_cents, Receipt.get().buyer) == ("needs_response", 4900, "Bob")


def test_a_big_account_is_finished_by_the_worker_whatever_it_died_at(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion_mutations, "MOST_AT_ONCE", 2)
    product = factories.make_product(coach=alice)
    for number in range(5):
        factories.make_coaching_session(product, bob, starts_at=NOW + (24 + 2 * number) * HOUR)
    live = CoachingSession.select().where(CoachingSession.state == "scheduled")

    delete(alice)
    assert live.count() == 3
    # What was under way in the same moment writes once more.
    Person.update(name="Alice").where(Person.id == alice.id).execute()
    later = Now(NOW + 3 * HOUR, NOW + 3 * HOUR)
    finish_deletions(later)
    Notice.update(state="sent").where(Notice.recipient != "").execute()
    finish_deletions(later)

    assert not live.exists()
    assert Person.get_by_id(alice.id).name == "Former coach"
    assert not Notice.select().where(Notice.recipient != "").exists()
    assert finish_deletions(later) == 0


def test_nothing_named_is_left_anywhere(alice: Person, bob: Person) -> None:
    """What the list says is done: no row leads to them that is to go, and no column says what is to be cleared."""
    product = factories.make_product(coach=alice)
    factories.make_review(factories.make_coaching_session(product, bob, starts_at=NOW - 72 * HOUR, state="completed"))
    secret = {person.id: person.email for person in (alice, bob)}
    for person in (alice, bob):
        delete(person)
    for about in ABOUT_PEOPLE:
        for way in about.ways:
            if way.path and way.becomes is not Becomes.STAYS and len(way.path) == 1:
                assert not about.model.select().where(way.path[0].in_([*secret])).exists(), about.model
    # The last mail, which goes once it has been sent.
    Notice.delete().where(Notice.subject == "Your account was deleted").execute()
    for model in schema.MODELS:
        for row in model.select().tuples():
            assert not any(address in str(value) for value in row for address in secret.values()), model


def test_who_is_on_the_list_is_deleted_again_and_nobody_else(
    bob: Person, mallory: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion_mutations, "MOST_AT_ONCE", 1)
    for hours in (1, 3, 5):
        factories.make_coaching_session(student=bob, starts_at=NOW + hours * HOUR)
    delete(bob)
    known = all_erased()
    # As in a backup that is older: they are there, and another one has the number by then.
    ErasedPerson.delete().execute()
    Person.update(name="Bob", erased_at=None).where(Person.id == bob.id).execute()
    CoachingSession.update(state="scheduled", ended_by=None).execute()
    Person.update(created_at=NOW).where(Person.id == mallory.id).execute()
    ErasedPerson.create(person_id=mallory.id, person_created_at=NOW - HOUR, erased_at=NOW)

    assert erase_again([*known, *all_erased()]) == 1

    assert Person.get_by_id(bob.id).name == "Former student"
    assert Person.get_by_id(mallory.id).name == "Mallory"
    assert {coaching_session.state for coaching_session in CoachingSession.select()} == {"cancelled"}
    assert len(all_erased()) == 2
    assert erase_again(known) == 0
