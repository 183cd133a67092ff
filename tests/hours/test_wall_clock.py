"""Pure: what a clock on the wall means on the days it is changed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.hours.wall_clock import instant_of, is_repeated, offset_label

NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        # An ordinary day.
        (BERLIN, date(2027, 3, 1), "09:00", "2027-03-01T08:00"),
        (NEW_YORK, date(2027, 3, 1), "09:00", "2027-03-01T14:00"),
        # New York, 14 March 2027: 02:00 becomes 03:00.
        (NEW_YORK, date(2027, 3, 14), "01:59", "2027-03-14T06:59"),
        (NEW_YORK, date(2027, 3, 14), "02:00", "2027-03-14T07:00"),
        (NEW_YORK, date(2027, 3, 14), "02:30", "2027-03-14T07:00"),
        (NEW_YORK, date(2027, 3, 14), "02:59", "2027-03-14T07:00"),
        (NEW_YORK, date(2027, 3, 14), "03:00", "2027-03-14T07:00"),
        (NEW_YORK, date(2027, 3, 14), "03:01", "2027-03-14T07:01"),
        # New York, 7 November 2027: 02:00 becomes 01:00.
        (NEW_YORK, date(2027, 11, 7), "00:59", "2027-11-07T04:59"),
        (NEW_YORK, date(2027, 11, 7), "01:30", "2027-11-07T05:30"),
        (NEW_YORK, date(2027, 11, 7), "02:00", "2027-11-07T07:00"),
        # Berlin, 28 March 2027: 02:00 becomes 03:00.
        (BERLIN, date(2027, 3, 28), "02:15", "2027-03-28T01:00"),
        (BERLIN, date(2027, 3, 28), "03:15", "2027-03-28T01:15"),
        # Berlin, 31 October 2027: 03:00 becomes 02:00.
        (BERLIN, date(2027, 10, 31), "02:15", "2027-10-31T00:15"),
        (BERLIN, date(2027, 10, 31), "03:00", "2027-10-31T02:00"),
        # Minutes past the end of the day belong to the next one.
        (BERLIN, date(2027, 3, 27), "26:30", "2027-03-28T01:00"),
        # Half an hour in Lord Howe, midnight itself in Santiago.
        ("Australia/Lord_Howe", date(2027, 10, 3), "02:10", "2027-10-02T15:30"),
        ("America/Santiago", date(2027, 9, 5), "00:20", "2027-09-05T04:00"),
    ],
)
def test_a_skipped_time_means_the_first_minute_after_and_a_repeated_one_the_first(zone, day, clock, utc):
    hour, minute = clock.split(":")
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert instant_of(day, int(hour) * 60 + int(minute), ZoneInfo(zone)) == expected


@given(
    st.sampled_from([NEW_YORK, BERLIN, "Asia/Kolkata", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.dates(date(2026, 1, 1), date(2029, 12, 31)),
    st.integers(0, 2 * 1440),
)
def test_later_on_the_wall_is_never_earlier_in_truth(zone, day, minute):
    zone = ZoneInfo(zone)
    assert instant_of(day, minute, zone) <= instant_of(day, minute + 1, zone)


@pytest.mark.parametrize(
    ("zone", "utc", "expected"),
    [
        (BERLIN, "2027-10-30T23:59", False),
        (BERLIN, "2027-10-31T00:00", True),
        (BERLIN, "2027-10-31T01:59", True),
        (BERLIN, "2027-10-31T02:00", False),
        # Around a skipped hour nothing comes twice.
        (BERLIN, "2027-03-28T00:59", False),
        (BERLIN, "2027-03-28T01:00", False),
        ("Australia/Lord_Howe", "2027-04-03T14:29", False),
        ("Australia/Lord_Howe", "2027-04-03T14:30", True),
        ("UTC", "2027-10-31T01:00", False),
    ],
)
def test_a_time_is_repeated_while_the_wall_shows_it_twice(zone, utc, expected):
    assert is_repeated(datetime.fromisoformat(utc).replace(tzinfo=UTC), ZoneInfo(zone)) is expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [(BERLIN, "UTC+2"), ("America/St_Johns", "UTC−2:30"), ("Asia/Kathmandu", "UTC+5:45"), ("UTC", "UTC+0")],
)
def test_an_offset_is_hours_and_minutes(zone, expected):
    assert offset_label(datetime(2027, 7, 1, tzinfo=UTC), ZoneInfo(zone)) == expected
