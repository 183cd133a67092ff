"""Who sees which session, and what of it."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking import mutations, queries
from coaching.booking.events import WhatBecame
from coaching.booking.history_queries import NEWS_KEPT, history_of, news_for
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

    assert answers(bob, NOW) == answers(alice, NOW) == [answer]
    assert answers(bob, late) == answers(alice, late) == answers(admin, NOW) == []


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
    SessionEvent.create(coaching_session=booked, person=None, kind="started", at=NOW + HOUR)
    SessionEvent.create(coaching_session=booked, person=bob, kind="booked", at=NOW)
    history = [(event.kind, event.person and event.person.name) for event in history_of(booked)]
    assert history == [("booked", "Bob"), ("started", None)]


# --- News


def news_of(person, now=NOW):
    return [(news.view.coaching_session.id, news.view.role, news.event.kind) for news in news_for(person, now)]


def test_what_the_other_side_did_is_news_until_it_was_seen(product, alice, bob):
    by_coach = factories.make_coaching_session(product, bob, starts_at=TEN)
    by_student = factories.make_coaching_session(product, bob, starts_at=TEN + HOUR)
    assert news_of(bob) == news_of(alice) == []
    mutations.cancel_session(by_coach, alice, NOW)
    mutations.cancel_session(by_student, bob, NOW)
    assert news_of(bob) == [(by_coach.id, "student", "cancelled")]
    assert news_of(alice) == [(by_student.id, "coach", "cancelled")]
    [event] = history_of(by_coach)
    for _ in range(2):
        mutations.mark_news_seen(by_coach, bob, event)
    assert news_of(bob) == []
    assert news_of(alice) == [(by_student.id, "coach", "cancelled")]


def test_a_second_correction_is_news_again_and_an_older_page_takes_nothing_back(product, alice, bob):
    held = factories.make_coaching_session(product, bob, starts_at=TEN)
    now = TEN + 2 * HOUR
    mutations.record_outcome(held, "no_show", now, "unknown")
    mutations.correct_outcome(held, alice, "no_show", "student", now)
    assert news_of(alice, now) == []
    [first] = news_for(bob, now)
    mutations.correct_outcome(held, alice, "completed", None, now + HOUR)
    assert news_of(bob, now) == [(held.id, "student", "corrected")]
    mutations.mark_news_seen(held, bob, first.event)
    [second] = news_for(bob, now)
    assert second.event.event.fields == WhatBecame("completed")
    mutations.mark_news_seen(held, bob, second.event)
    mutations.mark_news_seen(held, bob, first.event)
    assert news_of(bob, now) == []


def test_what_happened_long_ago_is_no_news(product, alice, bob):
    mutations.cancel_session(factories.make_coaching_session(product, bob, starts_at=TEN), alice, NOW)
    assert len(news_of(bob, NOW + NEWS_KEPT - HOUR)) == 1
    assert news_of(bob, NOW + NEWS_KEPT) == []


def test_nobody_sees_news_for_another(product, alice, bob, mallory):
    booked, other = (factories.make_coaching_session(product, bob, starts_at=TEN + at * HOUR) for at in range(2))
    mutations.cancel_session(booked, alice, NOW)
    [event] = history_of(booked)
    assert news_of(mallory) == []
    with pytest.raises(NotFound):
        mutations.mark_news_seen(booked, mallory, event)
    with pytest.raises(NotFound):
        mutations.mark_news_seen(other, bob, event)
    assert len(news_of(bob)) == 1


def test_every_store_booked_with_is_found_the_latest_first(product, bob, mallory):
    other = factories.make_product(factories.make_store(mallory))
    for at, booked in enumerate((product, other, product)):
        factories.make_coaching_session(
            booked, bob, starts_at=TEN + at * HOUR, state=("cancelled", "completed")[at % 2]
        )
    assert queries.stores_booked_with(bob) == [product.store, other.store]
    assert queries.stores_booked_with(mallory) == []
