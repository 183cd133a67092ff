"""Approval that is taken back: nothing new is booked anywhere, what is booked stays, and it can be given again."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching.accounts.models import Person, SecurityEvent
from coaching.booking.details import BookingDetails
from coaching.booking.hold_mutations import confirm_payment, say_paid
from coaching.booking.invitation_mutations import InvitationDetails, accept_invitation, invite
from coaching.booking.models import CoachingSession
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import book_session, cancel_session
from coaching.booking.request_mutations import accept_request, decline_request
from coaching.catalog.models import Product, Store
from coaching.catalog.mutations import publish_product, withdraw_product
from coaching.coaches.models import Coach
from coaching.coaches.standing_mutations import resume_coach, stop_coach
from coaching.errors import BookingsStopped, ChangedMeanwhile, CoachStopped, TooLate
from coaching.notices.models import Notice
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SITE = "https://calls.example"
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def admin() -> Person:
    return factories.make_person("Ada", is_admin=True)


@pytest.fixture
def coach(alice: Person) -> Coach:
    return factories.make_coach(alice)


@pytest.fixture
def product(coach: Coach) -> Product:
    return factories.make_product(coach=coach.person)


def book(product: Product, student: Person, starts_at: datetime = TEN) -> CoachingSession:
    return book_session(product, student, BookingDetails(product.offers.get().id, starts_at), NOW)


def test_nothing_new_is_booked_and_what_is_booked_stays(
    product: Product, coach: Coach, admin: Person, bob: Person
) -> None:
    alice, store = coach.person, product.store
    asked_for = factories.make_product(store=store, schedule=product.schedule, needs_approval=True)
    paid_first = factories.make_product(store=store, schedule=product.schedule, pays_first=True)
    booked, requested, held = book(product, bob), book(asked_for, bob, TEN + DAY), book(paid_first, bob, TEN + 2 * DAY)
    lapsing = book(paid_first, factories.make_person("Carol", linked_as="3003"), TEN + 3 * DAY)
    offer = product.offers.get().id
    kept, token = invite(product, alice, InvitationDetails(offer, TEN + 4 * HOUR), NOW)
    say_paid(held, bob, NOW)

    stop_coach(coach, admin, "Three calls missed.", SITE, NOW)

    for _ in range(2):
        with pytest.raises(BookingsStopped):
            book(product, bob, TEN + 2 * HOUR)
    with pytest.raises(BookingsStopped):
        accept_invitation(kept.code, token, bob, BookingDetails(offer, kept.starts_at), NOW)
    with pytest.raises(CoachStopped):
        invite(product, alice, InvitationDetails(offer, TEN + 6 * HOUR), NOW)
    with pytest.raises(CoachStopped):
        accept_request(requested, alice, NOW)
    withdraw_product(asked_for, NOW)
    with pytest.raises(CoachStopped):
        publish_product(asked_for, NOW)
    # Their own booking once more is no new one; moving and cancelling go on, and so does paying for what is held.
    assert book(product, bob) == booked
    moved = move_session(booked, bob, TEN + HOUR, NOW)
    assert cancel_session(moved, bob, NOW).state == "cancelled"
    assert confirm_payment(held, alice, NOW).state == "scheduled"
    assert decline_request(requested, alice, "", NOW).state == "declined"
    CoachingSession.update(state="expired", ended_at=NOW).where(CoachingSession.id == lapsing.id).execute()
    with pytest.raises(TooLate, match="no new bookings"):
        confirm_payment(CoachingSession.get_by_id(lapsing.id), alice, NOW)

    resume_coach(coach, admin, "Settled", SITE, NOW + HOUR)
    publish_product(asked_for, NOW)
    assert book(product, bob, TEN + 2 * HOUR).state == "scheduled"
    assert accept_invitation(kept.code, token, bob, BookingDetails(offer, kept.starts_at), NOW).state == "scheduled"


def test_the_coach_is_told_once_and_reads_why(product: Product, coach: Coach, admin: Person, bob: Person) -> None:
    other = factories.make_store(bob)
    for _ in range(2):
        stop_coach(coach, admin, "Three calls missed.", SITE, NOW)
    with pytest.raises(ChangedMeanwhile):
        stop_coach(coach, admin, "Something else.", SITE, NOW)
    kept = Coach.get_by_id(coach.id)
    assert (kept.stopped_at, kept.stopped_why, kept.may_sell) == (NOW, "Three calls missed.", False)
    assert {store.id: store.stopped_at for store in Store.select()} == {product.store.id: NOW, other.id: None}
    for _ in range(2):
        resume_coach(coach, admin, "Settled", SITE, NOW + HOUR)
    kept = Coach.get_by_id(coach.id)
    assert (kept.may_sell, kept.stopped_why, Store.get_by_id(product.store.id).stopped_at) == (True, "", None)
    notices = list(Notice.select().where(Notice.kind == "coach_standing").order_by(Notice.id))
    assert [notice.person_id for notice in notices] == [coach.person_id] * 2
    assert "Three calls missed." in notices[0].body
    assert [security_event.kind for security_event in SecurityEvent.select().order_by(SecurityEvent.id)] == [
        "coach stopped",
        "coach resumed",
    ]


def test_a_booking_at_the_moment_of_stopping_is_decided_by_the_coachs_lock(
    product: Product, coach: Coach, admin: Person
) -> None:
    students = [factories.make_person(f"S {number}", linked_as=f"700{number}") for number in range(4)]

    def try_to_book(number: int) -> bool:
        try:
            return bool(book(product, students[number], TEN + number * HOUR))
        except BookingsStopped:
            return False

    acts = [partial(try_to_book, number) for number in range(4)]
    booked = all_at_once(*acts[:2], partial(stop_coach, coach, admin, "Why", SITE, NOW), *acts[2:])
    assert CoachingSession.select().count() == sum(map(bool, booked))
    with pytest.raises(BookingsStopped):
        book(product, students[0], TEN + 6 * HOUR)
