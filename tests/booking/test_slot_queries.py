"""What is free on the storefront."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.booking import slot_queries
from coaching.booking.details import BookingDetails
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import book_session
from coaching.booking.slots import Span
from coaching.calendars.models import OutsideBusy
from coaching.hours.models import Travel
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
    assert len(caplog.records) <= 5


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


def test_a_day_of_25_hours_is_one_day_to_the_cap(alice, bob):
    day_and_night = factories.make_schedule(alice, start_minute=0, length_minutes=1440)
    product = factories.make_product(coach=alice, schedule=day_and_night, daily_cap=1, offers=((30, 0),))
    now = datetime(2027, 10, 20, tzinfo=UTC)
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 10, 31, 22, 30, tzinfo=UTC), minutes=30)
    first_of_the_day = datetime(2027, 10, 30, 22, 0, tzinfo=UTC)
    assert not slot_queries.is_free(product, product.offers.get(), first_of_the_day, now)
    assert slot_queries.is_free(product, product.offers.get(), first_of_the_day - HOUR / 2, now)


def test_the_weekly_cap_counts_from_monday_in_the_coachs_zone(product, offer, bob):
    product.weekly_cap = 2
    # Sunday night in Berlin is this week's, an hour later it is the next one's.
    for starts_at in (TEN, datetime(2027, 3, 7, 22, 30, tzinfo=UTC)):
        factories.make_coaching_session(product, bob, starts_at=starts_at)
    assert not slot_queries.is_free(product, offer, TEN + 48 * HOUR, NOW)
    assert slot_queries.is_free(product, offer, TEN + 7 * 24 * HOUR, NOW)
    month = slot_queries.free_month(product, offer, BERLIN, NOW)
    assert min(month.free) == date(2027, 3, 8)
    session = factories.make_coaching_session(product, bob, starts_at=TEN + 8 * 24 * HOUR)
    assert slot_queries.is_free(product, offer, TEN + 9 * 24 * HOUR, NOW)
    factories.make_coaching_session(product, bob, starts_at=datetime(2027, 3, 7, 23, 30, tzinfo=UTC))
    assert not slot_queries.is_free(product, offer, TEN + 9 * 24 * HOUR, NOW)
    # One that is moved within its week takes up none of it.
    window = Span(TEN + 9 * 24 * HOUR, TEN + 9 * 24 * HOUR + HOUR)
    hours = slot_queries.hours_of(product)
    assert slot_queries.free_slots(product, offer, hours, window, NOW, session) == [window.starts_at]


def test_an_outside_calendar_keeps_its_coach_and_one_that_is_not_read_offers_nothing(product, offer, alice):
    feed = factories.make_feed(alice, NOW)
    OutsideBusy.create(feed=feed, starts_at=TEN, ends_at=TEN + HOUR)
    assert not slot_queries.is_free(product, offer, TEN, NOW)
    assert slot_queries.is_free(product, offer, TEN + HOUR, NOW)
    assert not slot_queries.is_free(product, offer, TEN + 72 * HOUR, NOW + 48 * HOUR)


def test_a_session_is_booked_and_moved_in_the_zone_its_coach_is_in(product, offer, bob):
    Travel.create(
        schedule=product.schedule, zone="America/New_York", from_on=date(2027, 3, 3), until_on=date(2027, 3, 4)
    )
    nine_in_new_york = datetime(2027, 3, 3, 14, 0, tzinfo=UTC)
    assert not slot_queries.is_free(product, offer, nine_in_new_york - 2 * HOUR, NOW)
    session = book_session(product, bob, BookingDetails(offer.id, nine_in_new_york), NOW)
    assert (session.zone, session.wall_time) == ("America/New_York", "2027-03-03T09:00-05:00")
    moved = move_session(session, bob, TEN, NOW)
    assert (moved.zone, moved.wall_time) == (BERLIN, "2027-03-01T11:00+01:00")
