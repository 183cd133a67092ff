"""What is free on the storefront."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.booking import slot_queries
from coaching.booking.slots import Span
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
    month = slot_queries.free_month(product, offer, BERLIN, NOW)
    assert month.first_on == date(2027, 3, 1)
    assert month.free[date(2027, 3, 1)] == tuple(TEN + n * HOUR for n in range(-2, 6))
    assert date(2027, 3, 2) not in month.free
    assert len(month.free) == 30
    assert month.next_free_at == TEN - 2 * HOUR


def test_a_month_takes_few_queries(product, offer, caplog):
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        slot_queries.free_month(product, offer, BERLIN, NOW)
    assert len(caplog.records) <= 3


def test_without_a_wish_the_month_of_the_next_free_time_is_shown(product, offer, alice):
    take_time_off(alice, NOW, datetime(2027, 4, 2, tzinfo=UTC))
    month = slot_queries.free_month(product, offer, BERLIN, NOW)
    assert month.first_on == date(2027, 4, 1)
    assert month.next_free_at == datetime(2027, 4, 2, 7, 0, tzinfo=UTC)
    march = slot_queries.free_month(product, offer, BERLIN, NOW, date(2027, 3, 1))
    assert march.first_on == date(2027, 3, 1)
    assert march.free == {}
    assert march.next_free_at == month.next_free_at


def test_nothing_free_at_all_shows_this_month_empty(product, offer, alice):
    take_time_off(alice, NOW, NOW + timedelta(days=100))
    month = slot_queries.free_month(product, offer, BERLIN, NOW)
    assert (month.first_on, month.free, month.next_free_at) == (date(2027, 3, 1), {}, None)


@pytest.mark.parametrize("month_on", [date(2027, 2, 1), date(2027, 5, 1), date(2099, 12, 1)])
def test_months_gone_by_or_beyond_the_horizon_are_empty(product, offer, month_on):
    month = slot_queries.free_month(product, offer, BERLIN, NOW, month_on)
    assert month.first_on == month_on
    assert month.free == {}


def test_a_draft_without_a_schedule_offers_nothing(alice):
    draft = factories.make_product(coach=alice, schedule=None, state="draft")
    assert slot_queries.free_month(draft, draft.offers.get(), BERLIN, NOW).free == {}


def test_busy_is_what_all_products_lessons_and_time_off_take(product, alice, bob):
    other = factories.make_product(product.store, buffer_before_minutes=10, buffer_after_minutes=20)
    factories.make_coaching_session(other, bob, starts_at=TEN)
    factories.make_coaching_session(product, bob, starts_at=TEN, state="cancelled")
    factories.make_coaching_session(student=alice, starts_at=TEN + 2 * HOUR)
    take_time_off(alice, TEN + 4 * HOUR, TEN + 5 * HOUR)
    minute = timedelta(minutes=1)
    assert sorted(slot_queries.busy_spans(alice, Span(NOW, NOW + 24 * HOUR), NOW), key=lambda span: span.starts_at) == [
        Span(TEN - 10 * minute, TEN + 80 * minute),
        Span(TEN + 2 * HOUR, TEN + 3 * HOUR),
        Span(TEN + 4 * HOUR, TEN + 5 * HOUR),
    ]
    assert slot_queries.busy_spans(alice, Span(NOW, TEN - 10 * minute), NOW) == []


def test_a_session_just_outside_the_window_keeps_its_buffers(product, offer, bob):
    product.buffer_after_minutes = 30
    factories.make_coaching_session(product, bob, starts_at=TEN)
    assert not slot_queries.is_free(product, offer, TEN - HOUR, NOW)
    assert slot_queries.is_free(product, offer, TEN - 2 * HOUR, NOW)
    assert not slot_queries.is_free(product, offer, TEN + HOUR, NOW)
    assert slot_queries.is_free(product, offer, TEN + 2 * HOUR, NOW)


def test_the_daily_cap_counts_this_products_sessions(product, offer, bob):
    product.daily_cap = 1
    other = factories.make_product(product.store)
    factories.make_coaching_session(other, bob, starts_at=TEN)
    assert slot_queries.is_free(product, offer, TEN + 2 * HOUR, NOW)
    factories.make_coaching_session(product, bob, starts_at=TEN + HOUR)
    assert not slot_queries.is_free(product, offer, TEN + 4 * HOUR, NOW)
    assert slot_queries.is_free(product, offer, TEN + 24 * HOUR, NOW)
