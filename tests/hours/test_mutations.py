"""Changing a coach's hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.errors import LimitReached, NotFound, UnsoundHours
from coaching.hours import mutations
from coaching.hours.queries import coming_time_off, schedules_of, weekly_hours
from coaching.hours.week import DaySpan
from tests import factories

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
NINE_TO_TWELVE = DaySpan(540, 180)


def test_a_new_schedule_has_the_hours_it_is_given(alice):
    schedule = mutations.create_schedule(alice, "Studio days", "America/New_York", NOW)
    assert weekly_hours(schedule).week == {}
    mutations.save_weekly_hours(schedule, {0: [NINE_TO_TWELVE]})
    assert schedules_of(alice) == [schedule]
    assert weekly_hours(schedule).week == {0: (NINE_TO_TWELVE,)}


def test_saved_hours_replace_the_old_ones(alice):
    schedule = factories.make_schedule(alice)
    mutations.save_weekly_hours(schedule, {6: [NINE_TO_TWELVE]})
    assert weekly_hours(schedule).week == {6: (NINE_TO_TWELVE,)}
    mutations.save_weekly_hours(schedule, {})
    assert weekly_hours(schedule).week == {}


def test_overlapping_hours_are_refused_and_change_nothing(alice):
    schedule = factories.make_schedule(alice, weekdays=range(1))
    with pytest.raises(UnsoundHours):
        mutations.save_weekly_hours(schedule, {0: [NINE_TO_TWELVE, DaySpan(600, 60)]})
    with pytest.raises(UnsoundHours):
        mutations.change_day(schedule, date(2027, 3, 8), [DaySpan(0, 1441)])
    assert weekly_hours(schedule).week == {0: (DaySpan(540, 480),)}
    assert weekly_hours(schedule).overrides == {}


def test_a_preset_is_added_to_what_is_there(alice):
    schedule = factories.make_schedule(alice, weekdays=range(1), start_minute=480, length_minutes=120)
    mutations.add_preset(schedule, "morning")
    week = weekly_hours(schedule).week
    assert week[0] == (DaySpan(480, 240),)
    assert week[4] == (NINE_TO_TWELVE,)


def test_a_day_closes_and_opens_again(alice):
    schedule = factories.make_schedule(alice)
    mutations.close_day(schedule, date(2027, 3, 8))
    mutations.close_day(schedule, date(2027, 3, 8))
    assert weekly_hours(schedule).overrides == {date(2027, 3, 8): ()}
    mutations.reopen_day(schedule, date(2027, 3, 8))
    assert weekly_hours(schedule).overrides == {}


def test_a_new_name_and_zone_are_kept(alice):
    schedule = factories.make_schedule(alice)
    mutations.save_schedule(schedule, "Nights", "Asia/Tokyo")
    (kept,) = schedules_of(alice)
    assert (kept.name, kept.zone) == ("Nights", "Asia/Tokyo")


def test_time_off_has_to_end_after_it_starts(alice):
    with pytest.raises(UnsoundHours):
        mutations.take_time_off(alice, NOW, NOW)


def test_only_the_coach_removes_time_off(alice, mallory):
    time_off = mutations.take_time_off(alice, NOW, NOW + timedelta(days=1))
    with pytest.raises(NotFound):
        mutations.remove_time_off(mallory, time_off.id)
    mutations.remove_time_off(alice, time_off.id)
    assert coming_time_off(alice, NOW) == []


def test_one_coachs_schedules_days_and_times_off_are_not_without_end(alice, bob, monkeypatch):
    for most in ("MOST_OVERRIDES", "MOST_SCHEDULES", "MOST_TIMES_OFF"):
        monkeypatch.setattr(mutations, most, 2)
    today = date(2027, 3, 8)
    first, second = (mutations.create_schedule(alice, "Hours", "UTC", NOW) for _ in range(2))
    with pytest.raises(LimitReached, match="at most 2 schedules"):
        mutations.create_schedule(alice, "Hours", "UTC", NOW)
    mutations.close_day(first, today, today)
    mutations.close_day(second, today, today)
    mutations.close_day(second, today, today)  # once more is no further one
    with pytest.raises(LimitReached, match="at most 2 days"):
        mutations.close_day(second, date(2027, 3, 9), today)
    mutations.close_day(second, date(2027, 3, 9), date(2027, 3, 9))  # the others are over by then
    for _ in range(2):
        mutations.take_time_off(alice, NOW, NOW + timedelta(days=1))
    with pytest.raises(LimitReached, match="at most 2 times"):
        mutations.take_time_off(alice, NOW, NOW + timedelta(days=1))
    mutations.create_schedule(bob, "Hours", "UTC", NOW)
