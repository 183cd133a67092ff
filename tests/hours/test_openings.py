"""When a schedule is open, as instants."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.hours.openings import covers, is_open_at, openings
from coaching.hours.week import DaySpan, TravelSpan, WeeklyHours

NIGHTS = WeeklyHours("Europe/Berlin", {0: (DaySpan(22 * 60, 240),)})
DAYS = WeeklyHours("Europe/Berlin", dict.fromkeys(range(7), (DaySpan(540, 180), DaySpan(840, 60))))
MONDAY = date(2027, 3, 8)
HOUR = timedelta(hours=1)


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def test_hours_are_instants_in_the_zone_of_each_day():
    travelling = WeeklyHours(
        DAYS.zone, DAYS.week, {date(2027, 3, 9): ()}, (TravelSpan("Asia/Tokyo", date(2027, 3, 10), date(2027, 3, 10)),)
    )
    found = [(one.day_on.day, one.zone, one.starts_at) for one in openings(travelling, MONDAY, date(2027, 3, 10))]
    assert found == [
        (8, "Europe/Berlin", utc(8, 8)),
        (8, "Europe/Berlin", utc(8, 13)),
        (10, "Asia/Tokyo", utc(10, 0)),
        (10, "Asia/Tokyo", utc(10, 5)),
    ]


def test_hours_that_the_clocks_skip_are_none():
    hours = WeeklyHours("Europe/Berlin", {6: (DaySpan(125, 30), DaySpan(150, 60))})
    (only,) = openings(hours, date(2027, 3, 28), date(2027, 3, 28))
    assert (only.starts_at, only.ends_at) == (utc(28, 1), utc(28, 1, 30))


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        (utc(8, 20, 59), False),
        (utc(8, 21), True),
        (utc(9, 0, 59), True),  # Tuesday, 01:59 in Berlin
        (utc(9, 1), False),
    ],
)
def test_hours_over_midnight_are_open_until_they_end(instant, is_open):
    assert is_open_at(NIGHTS, instant) is is_open


def test_an_hour_that_comes_twice_is_open_twice():
    hours = WeeklyHours("Europe/Berlin", {6: (DaySpan(150, 30),)})  # 02:30 to 03:00
    at = [utc(31, 0, 30, month=10), utc(31, 1, month=10), utc(31, 1, 30, month=10), utc(31, 2, month=10)]
    assert [is_open_at(hours, instant) for instant in at] == [True, False, True, False]


def test_a_session_within_the_hours_is_covered():
    assert covers(DAYS, utc(8, 8), utc(8, 11))
    assert not covers(DAYS, utc(8, 8), utc(8, 11, 5))
    assert not covers(DAYS, utc(8, 10, 30), utc(8, 13, 30))
    assert covers(NIGHTS, utc(8, 22), utc(9, 1))
    moved = WeeklyHours("Europe/Berlin", DAYS.week, {}, (TravelSpan("Pacific/Kiritimati", MONDAY, MONDAY),))
    assert covers(moved, utc(7, 19), utc(7, 20))  # Monday morning there, 14 hours ahead
    assert not covers(moved, utc(8, 8), utc(8, 9))
