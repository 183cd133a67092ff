"""Whoever was absent twice of late with one coach cannot book what refuses them."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.absence_queries import absent_until, find_absence
from coaching.booking.absence_rules import COUNTED_FOR, refused_until
from coaching.booking.details import BookingDetails
from coaching.booking.invitation_mutations import InvitationDetails, accept_invitation, invite
from coaching.booking.models import CoachingSession
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import book_session, correct_outcome
from coaching.booking.request_mutations import accept_request
from coaching.catalog.models import Product
from coaching.errors import AbsentTooOften
from tests import factories

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def absence(product, student, days_ago, absent="student", **differences):
    starts_at = TEN - days_ago * DAY
    state = differences.pop("state", "no_show")
    return factories.make_coaching_session(product, student, starts_at=starts_at, state=state, absent=absent)


def details(product, days, form_key=None):
    return BookingDetails(offer_id=product.offers.get().id, starts_at=TEN + days * DAY, form_key=form_key)


def book(product, student, days, now=NOW, form_key=None):
    return book_session(product, student, details(product, days, form_key), now)


@pytest.mark.one_database
def test_two_absences_count_until_the_older_one_is_ninety_days_old():
    older, newer = NOW - 50 * DAY, NOW - 3 * DAY
    for ended_at, until in (
        ((), None),
        ((newer,), None),
        ((newer, older), older + COUNTED_FOR),
        ((older, newer, NOW - DAY), newer + COUNTED_FOR),
        ((newer, NOW - COUNTED_FOR), None),
        ((newer, NOW - COUNTED_FOR + SECOND), NOW + SECOND),
    ):
        assert refused_until(ended_at, NOW) == until, ended_at


def test_who_was_absent_twice_books_nothing_that_refuses_it(alice, bob, mallory):
    store = factories.make_product(coach=alice).store
    strict = factories.make_product(store, refuses_absent=True)
    first = book(strict, bob, 7, form_key="the first form")
    earlier, later = absence(strict, bob, 80), absence(factories.make_product(store), bob, 5)
    for asked in (
        strict,
        factories.make_product(store, refuses_absent=True, needs_approval=True),
        factories.make_product(store, refuses_absent=True, pays_first=True),
    ):
        with pytest.raises(AbsentTooOften, match="You did not come to two calls with Alice") as refused:
            book(asked, bob, 1)
        assert refused.value.until == earlier.ends_at + COUNTED_FOR
    # What is booked stays: the same form leads to it, and it can be moved.
    assert book(strict, bob, 7, form_key="the first form") == first
    assert move_session(first, bob, TEN + 5 * DAY, NOW).starts_at == TEN + 5 * DAY
    # The call that asks for nothing of the kind, another coach's, and another student.
    assert book(factories.make_product(store), bob, 2)
    assert book(factories.make_product(coach=mallory, refuses_absent=True), bob, 3)
    assert book(strict, mallory, 4)
    # Once the older one is no longer counted, and as soon as the coach corrects one.
    assert absent_until(alice, bob.id, earlier.ends_at + COUNTED_FOR) is None
    correct_outcome(CoachingSession.get_by_id(later.id), alice, "completed", None, NOW)
    assert book(strict, bob, 6)


def test_only_the_students_own_absences_count(alice, bob, mallory):
    strict = factories.make_product(coach=alice, refuses_absent=True)
    absence(strict, bob, 1)
    for days, absent in ((2, "unknown"), (3, "both"), (4, "coach")):
        absence(strict, bob, days, absent)
    absence(strict, bob, 5, None, state="cancelled")
    absence(strict, mallory, 6)
    absence(factories.make_product(coach=mallory), bob, 7)
    assert book(strict, bob, 1)
    absence(strict, bob, 8)
    assert find_absence(Product.get_by_id(strict.id), bob, NOW)


def test_a_coach_who_invites_a_student_by_name_lets_them_in(alice, bob):
    strict = factories.make_product(coach=alice, refuses_absent=True, needs_approval=True)
    asked = book(strict, bob, 0)
    for days in (1, 2):
        absence(strict, bob, days)
    accept_request(asked, alice, NOW)
    kept, token = invite(strict, alice, InvitationDetails(strict.offers.get().id, TEN + DAY), NOW)
    with pytest.raises(AbsentTooOften):
        accept_invitation(kept.code, token, bob, BookingDetails(0, kept.starts_at), NOW)
    named = InvitationDetails(strict.offers.get().id, TEN + 2 * DAY, student_id=bob.id)
    kept, _ = invite(strict, alice, named, NOW)
    assert accept_invitation(kept.code, None, bob, BookingDetails(0, kept.starts_at), NOW).state == "scheduled"
