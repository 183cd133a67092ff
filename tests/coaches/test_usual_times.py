"""When a coach is usually free, in words: over zones, weeks and clock changes."""

from datetime import date

import pytest

from coaching.coaches.usual_labels import area_of, plain_label, usual_label
from coaching.coaches.usual_times import usual_times
from coaching.hours.week import EVENING, MORNING, DaySpan, TravelSpan, WeeklyHours

WINTER, SUMMER = date(2026, 12, 7), date(2027, 6, 7)
EVENINGS = dict.fromkeys(range(7), (EVENING,))
WORKDAY_EVENINGS = dict.fromkeys(range(5), (EVENING,))
ALL_WEEKEND = dict.fromkeys((5, 6), (DaySpan(9 * 60, 8 * 60),))
LONG_WEEKEND = dict.fromkeys((5, 6), (DaySpan(9 * 60, 12 * 60),))
UNTIL_ONE = dict.fromkeys(range(7), (DaySpan(20 * 60, 5 * 60),))
# The parts of one day, an hour each.
SHORT = dict.fromkeys(range(7), (DaySpan(16 * 60, 120),))


@pytest.mark.parametrize(
    ("zone", "week", "words"),
    [
        ("Europe/Berlin", EVENINGS, "European evenings"),
        ("Europe/Berlin", WORKDAY_EVENINGS, "European weekday evenings"),
        ("Europe/Berlin", WORKDAY_EVENINGS | ALL_WEEKEND, "European weekday evenings and weekends"),
        ("Europe/Berlin", WORKDAY_EVENINGS | LONG_WEEKEND, "European evenings and weekends"),
        ("America/New_York", dict.fromkeys(range(7), (MORNING, EVENING)), "American East Coast mornings and evenings"),
        ("Asia/Tokyo", dict.fromkeys(range(7), (DaySpan(9 * 60, 12 * 60),)), "East Asian days and evenings"),
        ("Asia/Tokyo", dict.fromkeys(range(7), (DaySpan(0, 24 * 60),)), "East Asian days and nights"),
        ("Europe/Berlin", {1: (EVENING,), 3: (EVENING,)}, "Tuesday and Thursday evenings, Berlin time"),
        ("America/Sao_Paulo", ALL_WEEKEND, "South American weekends"),
        ("Australia/Sydney", SHORT, "Australian afternoons and evenings"),  # two hours, one of each part
        ("Europe/Berlin", UNTIL_ONE, "European evenings"),  # an hour of the night is not worth a word
        ("Europe/Berlin", {}, ""),
        ("UTC", EVENINGS, "UTC evenings"),
    ],
)  # fmt: skip
def test_hours_are_told_by_parts_of_days_where_the_coach_is(zone, week, words):
    assert usual_label(usual_times([WeeklyHours(zone, week)], zone, WINTER)) == words


@pytest.mark.parametrize(
    ("zone", "visitor", "from_on", "words"),
    [
        ("Europe/Berlin", "Europe/Berlin", WINTER, "evenings"),
        ("Europe/Berlin", "America/New_York", WINTER, "afternoons"),
        ("Europe/Berlin", "America/Los_Angeles", WINTER, "mornings"),
        ("Europe/Berlin", "Asia/Tokyo", WINTER, "nights"),  # 02:00 to 05:00
        ("Europe/Berlin", "Asia/Kolkata", WINTER, "evenings and nights"),  # 22:30 to 01:30: little of each
        ("Europe/Berlin", "Asia/Kolkata", SUMMER, "evenings"),  # 21:30 to 00:30
        ("Pacific/Kiritimati", "Pacific/Pago_Pago", WINTER, "evenings"),  # a day and an hour behind: 17:00 to 20:00
        (
            "Africa/Nairobi",
            "Europe/London",
            SUMMER,
            "evenings",
        ),  # 16:00 to 19:00: one hour of an afternoon is not worth a word
    ],
)
def test_a_visitor_reads_the_parts_of_their_own_days(zone, visitor, from_on, words):
    usual = usual_times([WeeklyHours(zone, EVENINGS)], visitor, from_on)
    assert plain_label(usual) == words


def test_the_week_of_a_clock_change_counts_each_day_once():
    """Europe/Berlin loses an hour on 28 March 2027, and has one twice on 31 October 2027."""
    for changes_on in (date(2027, 3, 28), date(2027, 10, 31)):
        for behind in range(7):
            first_on = date.fromordinal(changes_on.toordinal() - behind)
            here = usual_times([WeeklyHours("Europe/Berlin", EVENINGS)], "Europe/Berlin", first_on)
            assert plain_label(here) == "evenings", first_on
    # New York has changed two weeks before: for that long a Berlin evening is an hour later there.
    apart = usual_times([WeeklyHours("Europe/Berlin", EVENINGS)], "America/New_York", date(2027, 3, 15))
    assert plain_label(apart) == "afternoons"


def test_hours_of_two_schedules_count_once_and_what_is_unusual_not_at_all():
    plain = WeeklyHours("Europe/Berlin", EVENINGS)
    away = WeeklyHours(
        "Europe/Berlin", {}, {WINTER: (MORNING,)}, (TravelSpan("Asia/Tokyo", WINTER, date(2027, 12, 7)),)
    )
    same = usual_times([plain, plain, away], "Europe/Berlin", WINTER)
    assert plain_label(same) == "evenings"
    far = WeeklyHours("America/New_York", dict.fromkeys(range(7), (DaySpan(4 * 60, 3 * 60),)))  # mornings in Berlin
    assert plain_label(usual_times([plain, far], "Europe/Berlin", WINTER)) == "mornings and evenings"


@pytest.mark.parametrize(
    ("zone", "area"),
    [
        ("Europe/Istanbul", "European"),
        ("Atlantic/Canary", "European"),
        ("America/Los_Angeles", "American West Coast"),
        ("America/Denver", "American Mountain Time"),
        ("America/Mexico_City", "American Central Time"),
        ("America/Argentina/Ushuaia", "South American"),
        ("Asia/Calcutta", "South Asian"),  # an old name
        ("Asia/Dubai", "Middle Eastern"),
        ("Pacific/Auckland", "New Zealand"),
        ("Pacific/Fiji", "Fiji"),
        ("Etc/GMT+5", "UTC−5"),
    ],
)
def test_a_zone_is_called_as_people_call_it(zone, area):
    assert area_of(zone) == area
