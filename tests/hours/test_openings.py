"""When a schedule is open, as instants."""

from datetime import UTC, date, datetime

from coaching.hours.openings import openings
from coaching.hours.week import DaySpan, TravelSpan, WeeklyHours

DAYS = WeeklyHours("Europe/Berlin", dict.fromkeys(range(7), (DaySpan(540, 180), DaySpan(840, 60))))
MONDAY = date(2027, 3, 8)


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def test_hours_are_instants_in_the_zone_of_each_day():
    travelling = WeeklyHours(
        DAYS.zone, DAYS.week, {date(2027, 3, 9): ()}, (TravelSpan("Asia/Tokyo", date(2027, 3, 10), date(2027, 3, 10)),)
    )
    opened = [
        (opening.day_on.day, opening.zone, opening.starts_at)
        for opening in openings(travelling, MONDAY, date(2027, 3, 10))
    ]
    assert opened == [
        (8, "Europe/Berlin", utc(8, 8)),
        (8, "Europe/Berlin", utc(8, 13)),
        (10, "Asia/Tokyo", utc(10, 0)),
        (10, "Asia/Tokyo", utc(10, 5)),
    ]


def test_hours_that_the_clocks_skip_are_none():
    hours = WeeklyHours("Europe/Berlin", {6: (DaySpan(125, 30), DaySpan(150, 60))})
    (only,) = openings(hours, date(2027, 3, 28), date(2027, 3, 28))
    assert (only.starts_at, only.ends_at) == (utc(28, 1), utc(28, 1, 30))
