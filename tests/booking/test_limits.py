"""How many sessions to come a student may have, with one product and for nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.details import BookingDetails
from coaching.booking.limit_queries import MOST_FREE
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import book_session, cancel_session
from coaching.catalog.models import Product
from coaching.errors import LimitReached
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def book(product, student, days, now=NOW, form_key=None):
    details = BookingDetails(offer_id=product.offers.get().id, starts_at=TEN + days * DAY, form_key=form_key)
    return book_session(product, student, details, now)


def test_a_student_has_as_many_sessions_to_come_as_the_product_says(alice, bob, mallory):
    product = factories.make_product(coach=alice, most_per_student=2)
    first = book(product, bob, 0)
    book(product, bob, 1, form_key="the second form")
    with pytest.raises(LimitReached, match="You have 2 calls of this kind to come, as many as Alice allows"):
        book(product, bob, 2)
    assert book(product, bob, 1, form_key="the second form").starts_at == TEN + DAY
    assert book(product, mallory, 2)
    assert book(factories.make_product(product.store), bob, 3)
    # Begun, it is to come no more; called off neither.
    assert book(product, bob, 4, now=first.starts_at)
    cancel_session(CoachingSession.get(CoachingSession.starts_at == TEN + 4 * DAY), alice, first.starts_at)
    assert book(product, bob, 5, now=first.starts_at)


def test_five_sessions_to_come_with_one_coach_may_cost_nothing(alice, bob, mallory):
    products = [factories.make_product(coach=alice, payment="free") for _ in range(2)]
    for day in range(MOST_FREE):
        book(products[day % 2], bob, day)
    with pytest.raises(LimitReached, match="You have 5 calls with Alice to come that cost nothing"):
        book(products[0], bob, 10)
    with pytest.raises(LimitReached):
        book(factories.make_product(products[0].store, offers=((60, 0),)), bob, 10)
    assert book(factories.make_product(products[0].store), bob, 11)
    assert book(factories.make_product(coach=mallory, payment="free"), bob, 12)


def test_forms_sent_at_once_count_each_other(alice, bob):
    product = factories.make_product(coach=alice, most_per_student=2)

    def booking_on(day):
        def act():
            try:
                return book(product, bob, day)
            except LimitReached:
                return None

        return act

    results = all_at_once(*[booking_on(day) for day in range(6)])
    assert sum(bool(result) for result in results) == Seat.select().count() == 2


def test_the_page_says_so_before_anything_is_typed_and_a_form_that_comes_too_late_keeps_it(
    alice, bob, set_clock, browser_of, client
):
    set_clock(NOW)
    product = factories.make_product(coach=alice, most_per_student=1)
    address = f"/s/{product.store.slug}/{product.slug}"
    fields = {
        "offer": product.offers.get().id,
        "starts_at": "2027-03-02T10:00:00Z",
        "goals": "A clear low end",
        "form_key": "a-form-key-1",
    }
    browser = browser_of(bob)
    assert "of this kind to come" not in browser.get(address).text
    book(product, bob, 0)
    assert "You have 1 call of this kind to come" in browser.get(address).text
    assert "of this kind to come" not in client.get(address).text
    answer = browser.post(address + "/sessions", data=fields)
    assert answer.status_code == 409
    assert answer.text.count("You have 1 call of this kind to come") >= 1
    assert "A clear low end" in answer.text
    Product.update(most_per_student=None).execute()
    assert browser.post(address + "/sessions", data=fields).status_code == 303


def test_a_student_is_not_offered_a_time_at_which_they_sit_elsewhere(alice, bob, mallory, set_clock, browser_of):
    set_clock(NOW)
    product = factories.make_product(coach=alice, grid_minutes=60, buffer_before_minutes=30)
    factories.make_coaching_session(factories.make_product(coach=mallory), bob, starts_at=TEN)
    factories.make_coaching_session(factories.make_product(coach=bob), starts_at=TEN + timedelta(hours=2))
    address = f"/s/{product.store.slug}/{product.slug}?day=2027-03-01&zone=UTC"

    def times(person):
        page = browser_of(person).get(address).text
        return [hour for hour in range(8, 16) if f'value="2027-03-01T{hour:02}:00:00Z"' in page]

    # Breaks are the coach's: the hour right after the student's other call is free.
    assert times(bob) == [8, 9, 11, 13, 14, 15]
    assert times(None) == list(range(8, 16))
    # As one who has chosen it before they signed in.
    asked = browser_of(bob).get(address.replace("day=2027-03-01", "starts_at=2027-03-01T10:00:00Z")).text
    assert "You already have another session at that time" in asked
