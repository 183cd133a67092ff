"""A schedule's rows as the plain values slots are worked out from."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.errors import NotFound
from coaching.hours import mutations, queries
from coaching.hours.models import Travel
from coaching.hours.week import DaySpan, TravelSpan
from tests import factories

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def test_rows_come_back_as_weekly_hours(alice):
    schedule = factories.make_schedule(alice, weekdays=range(2), start_minute=540, length_minutes=180)
    mutations.change_day(schedule, date(2027, 3, 8), [DaySpan(600, 60)])
    hours = queries.weekly_hours(schedule)
    assert hours.zone == "Europe/Berlin"
    assert hours.week == {0: (DaySpan(540, 180),), 1: (DaySpan(540, 180),)}
    assert hours.overrides == {date(2027, 3, 8): (DaySpan(600, 60),)}
    assert hours.travels == ()


def test_hours_know_in_which_zone_each_day_is_meant(alice):
    schedule, other = factories.make_schedule(alice), factories.make_schedule(alice)
    Travel.create(schedule=schedule, zone="Asia/Tokyo", from_on=date(2027, 5, 1), until_on=date(2027, 5, 9))
    Travel.create(schedule=schedule, zone="America/Lima", from_on=date(2027, 3, 10), until_on=date(2027, 3, 10))
    Travel.create(schedule=other, zone="Asia/Tokyo", from_on=date(2027, 3, 1), until_on=date(2027, 3, 31))
    hours = queries.weekly_hours(schedule)
    assert [travel.zone for travel in hours.travels] == ["America/Lima", "Asia/Tokyo"]
    days = [date(2027, 3, day) for day in (9, 10, 11)] + [date(2027, 4, 30), date(2027, 5, 1), date(2027, 5, 10)]
    assert [hours.zone_on(day) for day in days] == [
        "Europe/Berlin",
        "America/Lima",
        *["Europe/Berlin"] * 2,
        "Asia/Tokyo",
        "Europe/Berlin",
    ]
    assert hours.travels[0] == TravelSpan("America/Lima", date(2027, 3, 10), date(2027, 3, 10))


def test_mallory_cannot_open_alices_schedule(alice, mallory):
    schedule = factories.make_schedule(alice)
    assert queries.get_own_schedule(alice, schedule.code) == schedule
    with pytest.raises(NotFound):
        queries.get_own_schedule(mallory, schedule.code)


def test_closures_are_the_closed_dates_still_to_come(alice):
    schedule = factories.make_schedule(alice)
    for day in (date(2027, 2, 1), date(2027, 3, 9), date(2027, 3, 2)):
        mutations.close_day(schedule, day)
    mutations.change_day(schedule, date(2027, 3, 3), [DaySpan(600, 60)])
    assert [closure.day_on for closure in queries.closures(schedule, NOW.date())] == [
        date(2027, 3, 2),
        date(2027, 3, 9),
    ]


def test_time_off_that_is_over_is_not_listed(alice):
    mutations.take_time_off(alice, NOW - timedelta(days=3), NOW - timedelta(days=1))
    coming = mutations.take_time_off(alice, NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert queries.coming_time_off(alice, NOW) == [coming]
