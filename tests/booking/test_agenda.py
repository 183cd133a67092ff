"""When a coach is booked, and whether that lies within their hours."""

from datetime import UTC, date, datetime

import pytest

from coaching.booking.agenda import Booked, fits
from coaching.booking.agenda_queries import booked_between
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.slots import Span
from coaching.hours.week import DaySpan, TravelSpan, WeeklyHours
from tests import factories

MONDAY = date(2027, 3, 8)
NIGHTS = WeeklyHours("Europe/Berlin", {0: (DaySpan(22 * 60, 240),)})
DAYS = WeeklyHours("Europe/Berlin", dict.fromkeys(range(7), (DaySpan(540, 180), DaySpan(840, 60))))
ABROAD = WeeklyHours("Europe/Berlin", DAYS.week, {}, (TravelSpan("Pacific/Kiritimati", MONDAY, MONDAY),))
TWICE = WeeklyHours("Europe/Berlin", {6: (DaySpan(150, 30),)})  # 02:30 to 03:00


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "starts_at", "ends_at", "lies_within"),
    [
        (DAYS, utc(8, 8), utc(8, 11), True),
        (DAYS, utc(8, 8), utc(8, 11, 5), False),
        (DAYS, utc(8, 10, 30), utc(8, 13, 30), False),
        (NIGHTS, utc(8, 22), utc(9, 1), True),
        (NIGHTS, utc(9, 0, 30), utc(9, 1, 30), False),
        (ABROAD, utc(7, 19), utc(7, 20), True),  # Monday morning there, 14 hours ahead
        (ABROAD, utc(8, 8), utc(8, 9), False),
        (TWICE, utc(31, 0, 30, month=10), utc(31, 1, month=10), True),
        (TWICE, utc(31, 1, 30, month=10), utc(31, 2, month=10), True),
        (TWICE, utc(31, 1, month=10), utc(31, 1, 30, month=10), False),
    ],
)
def test_a_session_lies_within_the_hours_or_not(hours, starts_at, ends_at, lies_within):
    assert fits(Booked("code", "Call", None, "scheduled", starts_at, ends_at), hours) is lies_within


def test_what_takes_the_coachs_time_is_listed_in_order(alice, bob):
    store = factories.make_store(alice)
    first, second = (factories.make_product(store, title=title) for title in ("Mixing", "Mastering"))
    later = factories.make_coaching_session(second, bob, starts_at=utc(8, 12))
    invited = factories.make_coaching_session(first, starts_at=utc(8, 8))
    Seat.delete().where(Seat.coaching_session == invited).execute()
    factories.make_coaching_session(first, bob, starts_at=utc(8, 14), state="cancelled")
    factories.make_coaching_session(first, bob, starts_at=utc(9, 14))
    window, now = Span(utc(8, 8, 59), utc(9, 0)), utc(1, 0)
    bookings = booked_between(alice, window, now)
    assert [(booking.code, booking.title, booking.student) for booking in bookings] == [
        (invited.code, "Mixing", None),
        (later.code, "Mastering", bob.name),
    ]
    assert [booking.code for booking in booked_between(alice, window, now, second.schedule)] == [later.code]
    assert CoachingSession.select().count() == 4
