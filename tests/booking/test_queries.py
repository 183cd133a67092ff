"""What is free on the storefront, and who sees which session."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.booking import queries
from coaching.booking.models import Answer, SessionEvent
from coaching.booking.slots import Span
from coaching.errors import NotFound
from coaching.hours.mutations import close_day, take_time_off
from tests import factories

# A Monday; the factories' schedule is every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = "Europe/Berlin"


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice, grid_minutes=60, horizon_days=60)


@pytest.fixture
def offer(product):
    return product.offers.get()


def test_a_month_shows_the_days_with_free_times(product, offer):
    close_day(product.schedule, date(2027, 3, 2))
    month = queries.free_month(product, offer, BERLIN, NOW)
    assert month.first_on == date(2027, 3, 1)
    assert month.free[date(2027, 3, 1)] == tuple(TEN + n * HOUR for n in range(-2, 6))
    assert date(2027, 3, 2) not in month.free
    assert len(month.free) == 30
    assert month.next_free_at == TEN - 2 * HOUR


def test_a_month_takes_few_queries(product, offer, caplog):
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        queries.free_month(product, offer, BERLIN, NOW)
    assert len(caplog.records) <= 3


def test_without_a_wish_the_month_of_the_next_free_time_is_shown(product, offer, alice):
    take_time_off(alice, NOW, datetime(2027, 4, 2, tzinfo=UTC))
    month = queries.free_month(product, offer, BERLIN, NOW)
    assert month.first_on == date(2027, 4, 1)
    assert month.next_free_at == datetime(2027, 4, 2, 7, 0, tzinfo=UTC)
    march = queries.free_month(product, offer, BERLIN, NOW, date(2027, 3, 1))
    assert march.first_on == date(2027, 3, 1)
    assert march.free == {}
    assert march.next_free_at == month.next_free_at


def test_nothing_free_at_all_shows_this_month_empty(product, offer, alice):
    take_time_off(alice, NOW, NOW + timedelta(days=100))
    month = queries.free_month(product, offer, BERLIN, NOW)
    assert (month.first_on, month.free, month.next_free_at) == (date(2027, 3, 1), {}, None)


@pytest.mark.parametrize("month_on", [date(2027, 2, 1), date(2027, 5, 1), date(2099, 12, 1)])
def test_months_gone_by_or_beyond_the_horizon_are_empty(product, offer, month_on):
    month = queries.free_month(product, offer, BERLIN, NOW, month_on)
    assert month.first_on == month_on
    assert month.free == {}


def test_a_draft_without_a_schedule_offers_nothing(alice):
    draft = factories.make_product(coach=alice, schedule=None, state="draft")
    assert queries.free_month(draft, draft.offers.get(), BERLIN, NOW).free == {}


def test_busy_is_what_all_products_lessons_and_time_off_take(product, alice, bob):
    other = factories.make_product(product.store, buffer_before_minutes=10, buffer_after_minutes=20)
    factories.make_coaching_session(other, bob, starts_at=TEN)
    factories.make_coaching_session(product, bob, starts_at=TEN, state="cancelled")
    factories.make_coaching_session(student=alice, starts_at=TEN + 2 * HOUR)
    take_time_off(alice, TEN + 4 * HOUR, TEN + 5 * HOUR)
    minute = timedelta(minutes=1)
    assert sorted(queries.busy_spans(alice, Span(NOW, NOW + 24 * HOUR)), key=lambda span: span.starts_at) == [
        Span(TEN - 10 * minute, TEN + 80 * minute),
        Span(TEN + 2 * HOUR, TEN + 3 * HOUR),
        Span(TEN + 4 * HOUR, TEN + 5 * HOUR),
    ]
    assert queries.busy_spans(alice, Span(NOW, TEN - 10 * minute)) == []


def test_a_session_just_outside_the_window_keeps_its_buffers(product, offer, bob):
    product.buffer_after_minutes = 30
    factories.make_coaching_session(product, bob, starts_at=TEN)
    assert not queries.is_free(product, offer, TEN - HOUR, NOW)
    assert queries.is_free(product, offer, TEN - 2 * HOUR, NOW)
    assert not queries.is_free(product, offer, TEN + HOUR, NOW)
    assert queries.is_free(product, offer, TEN + 2 * HOUR, NOW)


def test_the_daily_cap_counts_this_products_sessions(product, offer, bob):
    product.daily_cap = 1
    other = factories.make_product(product.store)
    factories.make_coaching_session(other, bob, starts_at=TEN)
    assert queries.is_free(product, offer, TEN + 2 * HOUR, NOW)
    factories.make_coaching_session(product, bob, starts_at=TEN + HOUR)
    assert not queries.is_free(product, offer, TEN + 4 * HOUR, NOW)
    assert queries.is_free(product, offer, TEN + 24 * HOUR, NOW)


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
