"""Many at once, each on a connection of its own: nobody is booked twice and nobody waits for ever."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import book_session
from coaching.catalog.details import CheckoutDetails, OfferDetails
from coaching.catalog.mutations import save_checkout
from coaching.db import database
from coaching.errors import CoachingError, SlotTaken, TermsChanged
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def booking(product, student, starts_at=TEN, form_key=None):
    """An act that returns the session, or the error of who came too late."""
    details = BookingDetails(offer_id=product.offers.get().id, starts_at=starts_at, form_key=form_key)

    def book():
        try:
            return book_session(product, student, details, NOW)
        except CoachingError as error:
            return error

    return book


def students(count):
    return [factories.make_person(f"Student {n}", linked_as=str(6000 + n)) for n in range(count)]


def test_of_many_who_want_the_same_slot_one_gets_it(alice):
    product = factories.make_product(coach=alice)
    results = all_at_once(*[booking(product, student) for student in students(24)])
    assert sum(isinstance(result, CoachingSession) for result in results) == 1
    assert sum(isinstance(result, SlotTaken) for result in results) == 23
    assert CoachingSession.select().count() == Seat.select().count() == 1


def test_many_who_want_different_slots_all_get_theirs(alice):
    product = factories.make_product(coach=alice)
    crowd = [booking(product, student, TEN + timedelta(days=day)) for day, student in enumerate(students(16))]
    assert all(isinstance(result, CoachingSession) for result in all_at_once(*crowd))
    assert CoachingSession.select().count() == 16


@pytest.mark.parametrize("form_key", ["the same form", None])
def test_a_form_sent_eight_times_at_once_books_once(alice, bob, form_key):
    product = factories.make_product(coach=alice)
    results = all_at_once(*[booking(product, bob, form_key=form_key) for _ in range(8)])
    assert {result.id for result in results} == {CoachingSession.get().id}


def test_two_coaches_who_book_each_other_do_not_wait_for_ever(alice, bob):
    at_alices, at_bobs = factories.make_product(coach=alice), factories.make_product(coach=bob)
    acts = []
    for day in range(4):
        acts.append(booking(at_alices, bob, TEN + timedelta(days=day)))
        acts.append(booking(at_bobs, alice, TEN + timedelta(days=day, hours=2)))
    assert all(isinstance(result, CoachingSession) for result in all_at_once(*acts))


def test_one_student_at_two_coaches_at_the_same_time_gets_one_of_them(bob):
    acts = [booking(factories.make_product(), bob) for _ in range(8)]
    results = all_at_once(*acts)
    assert sum(isinstance(result, CoachingSession) for result in results) == 1
    assert Seat.select().count() == 1


def test_a_price_saved_while_a_student_books_is_not_booked_at_either_price(alice, bob):
    product = factories.make_product(coach=alice)
    is_saving = threading.Event()

    def save():
        with database.atomic():
            # As a save does first; then there is time for the student to come.
            Person.update(name=Person.name).where(Person.id == alice.id).execute()
            is_saving.set()
            time.sleep(0.5)
            save_checkout(product, CheckoutDetails("Mixing call", "", "video", (OfferDetails(60, 5500),)), NOW)

    def book():
        assert is_saving.wait(10)
        return booking(product, bob)()

    assert isinstance(all_at_once(save, book)[1], TermsChanged)
    assert not Seat.select().exists()
