"""Who sees which session, and what of it."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking import queries
from coaching.booking.models import Answer, SessionEvent
from coaching.errors import NotFound
from tests import factories

# A Monday; the factories' schedule is every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice, grid_minutes=60, horizon_days=60)


def test_student_coach_and_admin_see_a_session_and_nobody_else_does(product, alice, bob, mallory):
    booked = factories.make_coaching_session(product, bob, starts_at=TEN)
    admin = factories.make_person("Admin", is_admin=True)
    seen = {person.name: queries.get_session_for(person, booked.code) for person in (alice, bob, admin)}
    assert {name: view.role for name, view in seen.items()} == {"Alice": "coach", "Bob": "student", "Admin": "admin"}
    assert seen["Bob"].coaching_session.product.store.owner == alice
    assert seen["Bob"].coaching_session.coach.name == "Alice"
    assert seen["Alice"].seat.student.name == "Bob"
    with pytest.raises(NotFound):
        queries.get_session_for(mallory, booked.code)
    with pytest.raises(NotFound):
        queries.get_session_for(alice, "nothing")


def test_answers_are_for_the_student_and_for_the_coach_until_90_days_after(product, alice, bob):
    booked = factories.make_coaching_session(product, bob, starts_at=TEN)
    admin = factories.make_person("Admin", is_admin=True)
    answer = Answer.create(seat=booked.seats.get(), label="Genre", kind="text", text="Techno")
    late = TEN + timedelta(days=91)

    def answers(person, now):
        return queries.answers_of(queries.get_session_for(person, booked.code), now)

    assert answers(bob, late) == answers(alice, NOW) == [answer]
    assert answers(alice, late) == answers(admin, NOW) == []


def test_sessions_are_listed_by_side_and_by_time(product, alice, bob):
    over = factories.make_coaching_session(product, bob, starts_at=TEN - 24 * HOUR)
    running = factories.make_coaching_session(product, bob, starts_at=NOW - HOUR / 2)
    later = factories.make_coaching_session(product, bob, starts_at=TEN)
    cancelled = factories.make_coaching_session(product, bob, starts_at=TEN, state="cancelled")

    def codes(views):
        return [view.coaching_session.code for view in views]

    assert codes(queries.upcoming_sessions(bob, "student", NOW)) == [running.code, later.code]
    assert codes(queries.upcoming_sessions(alice, "coach", NOW)) == [running.code, later.code]
    assert codes(queries.past_sessions(bob, "student", NOW)) == [cancelled.code, over.code]
    assert codes(queries.past_sessions(alice, "coach", NOW, limit=1)) == [cancelled.code]
    assert queries.upcoming_sessions(alice, "student", NOW) == []


def test_the_history_tells_who_did_what(product, alice, bob):
    booked = factories.make_coaching_session(product, bob, starts_at=TEN)
    SessionEvent.create(coaching_session=booked, person=None, what="completed", at=NOW + HOUR)
    SessionEvent.create(coaching_session=booked, person=bob, what="booked", at=NOW)
    told = [(event.what, event.person and event.person.name) for event in queries.history_of(booked)]
    assert told == [("booked", "Bob"), ("completed", None)]
