"""Pure: presets, and what makes a week's hours sound."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.hours.week import (
    DAY,
    PRESETS,
    WEEK,
    DaySpan,
    WeeklyHours,
    fault_in_day,
    fault_in_week,
    joined,
    longest_stretch,
    with_preset,
)

NINE_TO_TWELVE = DaySpan(540, 180)

day_spans = st.builds(DaySpan, st.integers(0, DAY - 1), st.integers(1, DAY))


def test_a_date_override_replaces_the_weekly_hours():
    short_monday = (DaySpan(600, 60),)
    hours = WeeklyHours("Europe/Berlin", {0: (NINE_TO_TWELVE,)}, {date(2027, 3, 8): short_monday})
    assert hours.spans_on(date(2027, 3, 1)) == (NINE_TO_TWELVE,)
    assert hours.spans_on(date(2027, 3, 8)) == short_monday
    assert hours.spans_on(date(2027, 3, 9)) == ()


def test_an_override_without_spans_closes_the_day():
    hours = WeeklyHours("Europe/Berlin", {0: (NINE_TO_TWELVE,)}, {date(2027, 3, 8): ()})
    assert hours.spans_on(date(2027, 3, 8)) == ()


def test_hours_of_the_eve_of_a_day_off_end_at_midnight():
    night = DaySpan(20 * 60, 360)
    hours = WeeklyHours("Europe/Berlin", {0: (night,), 1: (night,), 2: (night,)}, {date(2027, 3, 9): ()})
    assert hours.spans_on(date(2027, 3, 8)) == (DaySpan(20 * 60, 240),)
    assert hours.spans_on(date(2027, 3, 9)) == ()
    assert hours.spans_on(date(2027, 3, 10)) == (night,)


def test_a_weekday_without_hours_is_no_day_off():
    night = DaySpan(20 * 60, 360)
    hours = WeeklyHours("Europe/Berlin", {0: (night,)}, {date(2027, 3, 9): (NINE_TO_TWELVE,)})
    assert hours.spans_on(date(2027, 3, 1)) == hours.spans_on(date(2027, 3, 8)) == (night,)
    assert not hours.is_closed(date(2027, 3, 2))
    assert not hours.is_closed(date(2027, 3, 9))


def test_a_preset_fills_the_workdays_and_keeps_what_was_there():
    week = with_preset({5: (NINE_TO_TWELVE,)}, "evening")
    assert sorted(week) == [0, 1, 2, 3, 4, 5]
    assert week[0] == PRESETS["evening"][0]
    assert week[5] == (NINE_TO_TWELVE,)


def test_a_preset_pressed_twice_changes_nothing_more():
    once = with_preset({}, "morning")
    assert with_preset(once, "morning") == once


def test_touching_hours_become_one():
    assert joined([DaySpan(720, 60), NINE_TO_TWELVE]) == (DaySpan(540, 240),)


@given(st.lists(day_spans, max_size=5))
def test_joined_hours_never_overlap(spans):
    assert fault_in_day(joined(spans)) is None


@pytest.mark.parametrize(
    ("spans", "is_sound"),
    [
        ([], True),
        ([DaySpan(0, DAY)], True),
        ([DaySpan(540, 180), DaySpan(720, 60)], True),
        ([DaySpan(540, 181), DaySpan(720, 60)], False),
        ([DaySpan(-1, 60)], False),
        ([DaySpan(DAY, 60)], False),
        ([DaySpan(540, 0)], False),
        ([DaySpan(540, DAY + 1)], False),
    ],
)
def test_hours_of_a_day_stay_in_range_and_apart(spans, is_sound):
    assert (fault_in_day(spans) is None) == is_sound


@pytest.mark.parametrize(
    ("week", "is_sound"),
    [
        ({}, True),
        ({day: [DaySpan(0, DAY)] for day in range(7)}, True),
        ({0: [DaySpan(1320, 240)], 1: [DaySpan(120, 60)]}, True),
        ({0: [DaySpan(1320, 240)], 1: [DaySpan(119, 60)]}, False),
        # From Sunday night into Monday.
        ({6: [DaySpan(1320, 240)], 0: [DaySpan(120, 60)]}, True),
        ({6: [DaySpan(1320, 240)], 0: [DaySpan(60, 60)]}, False),
    ],
)
def test_hours_over_midnight_do_not_run_into_the_next_days(week, is_sound):
    assert (fault_in_week(week) is None) == is_sound


@pytest.mark.parametrize(
    ("week", "minutes"),
    [
        ({}, 0),
        ({0: [DaySpan(540, 180)], 2: [DaySpan(540, 60)]}, 180),
        ({0: [DaySpan(540, 60), DaySpan(600, 60)]}, 120),
        ({0: [DaySpan(1320, 120)], 1: [DaySpan(0, 60)]}, 180),
        ({6: [DaySpan(1320, 120)], 0: [DaySpan(0, 60)]}, 180),
        ({day: [DaySpan(0, DAY)] for day in range(7)}, WEEK),
    ],
)
def test_touching_hours_make_one_stretch(week, minutes):
    assert longest_stretch(week) == minutes
