"""Changing a coach's hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, UnsoundHours
from coaching.hours import mutations
from coaching.hours.queries import coming_overrides, coming_time_off, schedules_of, travels_of, weekly_hours
from coaching.hours.week import DaySpan, TravelSpan
from tests import factories

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
NINE_TO_TWELVE = DaySpan(540, 180)


def may(first: int, last: int, zone: str = "Asia/Tokyo") -> TravelSpan:
    return TravelSpan(zone, date(2027, 5, first), date(2027, 5, last))


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
    for most in ("MOST_OVERRIDES", "MOST_SCHEDULES", "MOST_TIMES_OFF", "MOST_TRAVELS"):
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
    for days in (1, 2, 1):  # the same once more is no further one
        mutations.take_time_off(alice, NOW, NOW + timedelta(days=days))
    with pytest.raises(LimitReached, match="at most 2 times"):
        mutations.take_time_off(alice, NOW, NOW + timedelta(days=3), now=NOW)
    mutations.take_time_off(alice, NOW, NOW + timedelta(days=3), now=NOW + timedelta(days=1))  # one is over by then
    for schedule, day in ((first, 10), (second, 10), (second, 10)):
        mutations.plan_travel([schedule], may(day, day), today)
    with pytest.raises(LimitReached, match="at most 2 journeys"):
        mutations.plan_travel([first], may(20, 21), today)
    mutations.plan_travel([first], may(20, 21), date(2027, 5, 11))
    mutations.create_schedule(bob, "Hours", "UTC", NOW)


def test_no_two_journeys_of_a_schedule_overlap(alice, bob):
    schedule, other = factories.make_schedule(alice), factories.make_schedule(alice)
    today = date(2027, 3, 8)
    for _ in range(2):
        mutations.plan_travel([schedule], may(10, 12), today)
    (trip,) = travels_of(schedule)
    for wrong, sentence in (
        (may(12, 14), "from 10 May 2027 until 12 May 2027"),
        (may(1, 10), "on another journey"),
        (may(11, 11, "America/Lima"), "on another journey"),
        (may(9, 8), "before the first"),
        (TravelSpan("Asia/Tokyo", date(2027, 5, 20), date(2028, 5, 20)), "at most a year"),
    ):
        with pytest.raises(UnsoundHours, match=sentence):
            mutations.plan_travel([schedule], wrong, today)
    mutations.plan_travel([schedule], may(13, 13), today)
    with pytest.raises(UnsoundHours, match="That is in “Weekly hours”"):
        mutations.plan_travel([other, schedule], may(9, 12), today)
    assert travels_of(other) == []
    mutations.plan_travel([other, schedule], may(10, 12), today)
    assert len(travels_of(schedule)) == 2
    with pytest.raises(NotFound):
        mutations.cancel_travel(other, trip.id)
    mutations.cancel_travel(schedule, trip.id)
    assert [travel.from_on.day for travel in travels_of(schedule)] == [13]


def test_a_zone_changed_in_another_window_is_not_overwritten(alice):
    schedule = factories.make_schedule(alice)
    (elsewhere,) = schedules_of(alice)
    mutations.change_zone(elsewhere, "Asia/Tokyo", seen="Europe/Berlin")
    with pytest.raises(ChangedMeanwhile):
        mutations.change_zone(schedule, "America/Lima", seen="Europe/Berlin")
    mutations.change_zone(schedule, "Asia/Tokyo", seen="Europe/Berlin")  # pressed twice
    assert weekly_hours(schedules_of(alice)[0]).zone == "Asia/Tokyo"


def test_days_and_times_off_keep_their_notes(alice):
    schedule = factories.make_schedule(alice)
    mutations.change_day(schedule, date(2027, 3, 9), [NINE_TO_TWELVE], note="Open day")
    mutations.change_day(schedule, date(2027, 3, 2), [])
    assert [(override.day_on.day, override.note) for override in coming_overrides(schedule, date(2027, 3, 2))] == [
        (2, ""),
        (9, "Open day"),
    ]
    for note in ("Skiing", "Sailing"):
        mutations.take_time_off(alice, NOW, NOW + timedelta(days=1), note, NOW)
    assert [time_off.note for time_off in coming_time_off(alice, NOW)] == ["Sailing"]
