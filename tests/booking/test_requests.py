"""A call that its coach accepts or declines first: what each side can do, what lapses, and who is faster."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.events import EventKind
from coaching.booking.hold_mutations import confirm_payment, say_paid
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.mutations import book_session, cancel_session
from coaching.booking.request_mutations import accept_request, decline_request
from coaching.errors import CoachingError, LimitReached, NotFound, SlotTaken, StudentSuspended, TooLate
from coaching.messages.feed_queries import feed_entries
from coaching.notices.models import Notice
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice, needs_approval=True, approval_minutes=240)


@pytest.fixture
def carol(db):
    return factories.make_person("Carol", linked_as="3003")


def ask(product, student, starts_at=TEN, now=NOW):
    return book_session(product, student, BookingDetails(product.offers.get().id, starts_at), now)


def kinds():
    return sorted(notice.kind for notice in Notice.select())


def test_a_request_holds_its_time_until_the_coach_accepts(product, alice, bob, carol):
    asked = ask(product, bob)
    assert (asked.state, asked.held_until) == ("requested", NOW + 4 * HOUR)
    with pytest.raises(SlotTaken):
        ask(product, carol, TEN + 30 * MINUTE)
    with pytest.raises(NotFound):
        accept_request(asked, bob, NOW)
    Person.update(suspended_at=NOW).where(Person.id == bob.id).execute()
    with pytest.raises(StudentSuspended):
        accept_request(asked, alice, NOW)
    Person.update(suspended_at=None).execute()
    for _ in range(2):
        accepted = accept_request(asked, alice, NOW + HOUR)
    assert (accepted.state, accepted.held_until, accepted.timed_at) == ("scheduled", None, NOW + HOUR)
    assert [line.kind for line in SessionEvent.select()] == [EventKind.REQUESTED, EventKind.ACCEPTED]
    assert kinds() == ["accepted", "coach_booked", "coach_requested", "requested"]
    with pytest.raises(TooLate, match="accepted"):
        decline_request(asked, alice, "", NOW + HOUR)


def test_with_payment_first_the_hold_begins_with_the_answer(product, alice, bob):
    type(product).update(pays_first=True, hold_minutes=60).execute()
    asked = ask(product, bob)
    # Agreed with those who ask from now on.
    type(product).update(hold_minutes=1440).execute()
    with pytest.raises(TooLate, match="not held"):
        say_paid(asked, bob, NOW)
    with pytest.raises(TooLate, match="no payment"):
        confirm_payment(asked, alice, NOW)
    accepted = accept_request(asked, alice, NOW + 2 * HOUR)
    assert (accepted.state, accepted.held_until) == ("held", NOW + 3 * HOUR)
    assert lapse_due(NOW + 3 * HOUR) == 1
    assert confirm_payment(asked, alice, NOW + 4 * HOUR).state == "scheduled"
    assert kinds() == ["accepted", "coach_booked", "coach_requested", "confirmed", "lapsed", "requested"]


def test_a_declined_request_says_why_and_frees_the_time(product, alice, bob, carol):
    asked = ask(product, bob)
    for _ in range(2):
        declined = decline_request(asked, alice, "I am away that week.", NOW)
    assert (declined.state, declined.end_reason, declined.ended_by) == ("declined", "I am away that week.", "coach")
    assert not Seat.get().is_live
    assert kinds() == ["coach_requested", "declined", "requested"]
    with pytest.raises(TooLate, match="declined"):
        accept_request(asked, alice, NOW)
    with pytest.raises(LimitReached, match="in 30 minutes"):
        ask(product, bob)
    assert ask(product, carol).state == "requested"


def test_a_request_lapses_where_nobody_answers(product, alice, bob):
    asked = ask(product, bob)
    with pytest.raises(TooLate, match="Nobody answered"):
        accept_request(asked, alice, NOW + 4 * HOUR)
    # Refused, it is written down by the tick, not by what was refused.
    assert lapse_due(NOW + 4 * HOUR) == 1
    assert kinds() == ["coach_lapsed", "coach_requested", "lapsed", "requested"]
    near = ask(product, bob, TEN + DAY, TEN + DAY - HOUR)
    assert near.held_until == TEN + DAY - 30 * MINUTE


def test_what_was_never_agreed_on_is_in_no_calendar(product, alice, bob):
    asked, booked = ask(product, bob), ask(product, bob, TEN + DAY)
    accept_request(booked, alice, NOW)
    for coaching_session in (asked, booked):
        cancel_session(coaching_session, bob, NOW)
    for person in (alice, bob):
        assert [entry.code for entry in feed_entries(person, str, NOW)] == [booked.code]


def test_nobody_asks_for_many_times_at_once(product, bob):
    for day in range(3):
        ask(product, bob, TEN + day * DAY)
    with pytest.raises(LimitReached, match="3 times"):
        ask(product, bob, TEN + 3 * DAY)
    assert ask(product, bob, TEN + 3 * DAY, NOW + 4 * HOUR).state == "requested"


def test_whoever_asks_and_takes_back_all_day_is_stopped(product, alice, bob, carol):
    for number in range(20):
        cancel_session(ask(product, bob, TEN + number // 5 * DAY + number % 5 * HOUR), bob, NOW)
    with pytest.raises(LimitReached, match="since yesterday"):
        ask(product, bob, TEN + 5 * DAY)
    assert ask(product, carol).state == "requested"
    assert ask(product, bob, TEN + 5 * DAY, NOW + DAY).state == "requested"


def test_an_answer_and_a_withdrawal_at_once_leave_one_of_them(product, alice, bob):
    def act(wish):
        try:
            return wish()
        except CoachingError as error:
            return error

    for day in range(4):
        asked = ask(product, bob, TEN + day * DAY)
        answers = [
            partial(act, partial(accept_request, asked, alice, NOW)),
            partial(act, partial(decline_request, asked, alice, "No", NOW)),
            partial(act, partial(cancel_session, asked, bob, NOW)),
        ]
        results = all_at_once(*answers)
        after = CoachingSession.get_by_id(asked.id)
        assert after.state in ("scheduled", "declined", "cancelled"), results
        assert Seat.get(Seat.coaching_session == asked).is_live == (after.state == "scheduled")
        lines = [line.kind for line in SessionEvent.select().where(SessionEvent.coaching_session == asked)]
        assert lines.count(EventKind.DECLINED) + lines.count(EventKind.CANCELLED) <= 1
