"""Pure: a month as a visitor's calendar shows it."""

from datetime import UTC, date, datetime

from coaching.booking.month import month_of, month_span, slot_month

NEW_YORK = "America/New_York"
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
LAST = datetime(2027, 4, 30, tzinfo=UTC)
MARCH, APRIL = date(2027, 3, 1), date(2027, 4, 1)


def test_slots_stand_on_the_visitors_day():
    late = datetime(2027, 3, 3, 2, 0, tzinfo=UTC)
    month = slot_month(MARCH, NEW_YORK, [late], LAST, NOW)
    assert month.free == {date(2027, 3, 2): (late,)}


def test_slots_of_other_months_are_left_out_but_the_next_one_is_known():
    early, late = datetime(2027, 3, 2, tzinfo=UTC), datetime(2027, 4, 2, tzinfo=UTC)
    month = slot_month(APRIL, "UTC", [early, late], LAST, NOW)
    assert month.free == {date(2027, 4, 2): (late,)}
    assert month.next_free_at == early


def test_one_can_turn_pages_from_this_month_to_the_end_of_the_horizon():
    assert not slot_month(MARCH, "UTC", [], LAST, NOW).has_earlier
    assert slot_month(MARCH, "UTC", [], LAST, NOW).has_later
    assert slot_month(APRIL, "UTC", [], LAST, NOW).has_earlier
    assert not slot_month(APRIL, "UTC", [], LAST, NOW).has_later


def test_weeks_run_from_monday_to_sunday():
    weeks = slot_month(MARCH, "UTC", [], LAST, NOW).weeks()
    assert weeks[0][0] == MARCH
    assert weeks[-1][-1] == date(2027, 4, 4)
    assert {len(week) for week in weeks} == {7}


def test_weeks_begin_with_another_day_where_people_have_it_so():
    weeks = slot_month(MARCH, "UTC", [], LAST, NOW).weeks(6)
    assert weeks[0][0] == date(2027, 2, 28)
    assert {week[0].weekday() for week in weeks} == {6}


def test_the_month_begins_with_the_first_week_that_has_free_times():
    late = datetime(2027, 3, 17, 9, 0, tzinfo=UTC)
    assert slot_month(MARCH, "UTC", [late], LAST, NOW).weeks()[0][0] == date(2027, 3, 15)
    assert slot_month(MARCH, "UTC", [late], LAST, NOW).weeks(6)[0][0] == date(2027, 3, 14)


def test_a_month_is_as_long_as_its_clocks_say():
    span = month_span(MARCH, NEW_YORK)
    assert span.ends_at - span.starts_at == datetime(2027, 4, 1, 4, tzinfo=UTC) - datetime(2027, 3, 1, 5, tzinfo=UTC)
    assert month_of(span.starts_at, "UTC") == month_of(span.starts_at, NEW_YORK) == MARCH
    assert month_of(span.ends_at, "Pacific/Honolulu") == MARCH
