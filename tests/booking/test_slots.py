"""Pure: tables of cases, days of clock change included. `test_slots_model.py` compares with a plain reckoning."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coaching.booking.openings import FOREVER, NEVER, last_minute
from coaching.booking.slots import SlotRules, Span, gaps_between, open_slots
from coaching.hours.wall_clock import instant_of
from coaching.hours.week import DaySpan, WeeklyHours

NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EVERY_DAY = range(7)
MONDAY = date(2027, 3, 1)

HOURLY = SlotRules(length_minutes=60, grid_minutes=60, horizon_days=10_000)
NINE_TO_TWELVE = DaySpan(9 * 60, 3 * 60)


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def span(start, end, zone="UTC"):
    return Span(at(start, zone), at(end, zone))


def every_day(*spans, zone="UTC", overrides=None):
    return WeeklyHours(zone, dict.fromkeys(EVERY_DAY, spans), overrides or {})


def rules(**differences):
    return SlotRules(**{"length_minutes": 60, "grid_minutes": 60, "horizon_days": 10_000} | differences)


def local_starts(slots, zone="UTC"):
    """The slots as the wall clock shows them."""
    return [slot.astimezone(ZoneInfo(zone)).strftime("%d %H:%M") for slot in slots]


def slots_of_one_day(hours=None, busy=(), rules=HOURLY, now=LONG_AGO, counted=()):
    window = span("2027-03-01T00:00", "2027-03-02T00:00")
    return [
        text[3:]
        for text in local_starts(open_slots(hours or every_day(NINE_TO_TWELVE), busy, rules, now, window, counted))
    ]


def test_hours_are_cut_into_starts_on_the_grid():
    assert slots_of_one_day() == ["09:00", "10:00", "11:00"]


def test_starts_come_on_the_grid_from_the_beginning_of_the_hours():
    assert slots_of_one_day(every_day(DaySpan(550, 90)), rules=rules(grid_minutes=15)) == ["09:10", "09:25", "09:40"]


def test_a_session_must_fit_into_the_hours():
    assert slots_of_one_day(rules=rules(length_minutes=120)) == ["09:00", "10:00"]
    assert slots_of_one_day(rules=rules(length_minutes=181)) == []


def test_buffers_need_not_fit_into_the_hours():
    wide = rules(length_minutes=180, buffer_before_minutes=60, buffer_after_minutes=60)
    assert slots_of_one_day(rules=wide) == ["09:00"]


def test_a_session_may_run_on_from_one_span_into_a_touching_one():
    hours = every_day(DaySpan(540, 90), DaySpan(630, 90))
    assert slots_of_one_day(hours, rules=rules(length_minutes=180)) == ["09:00"]


def test_hours_within_longer_hours_cut_nothing_short():
    hours = every_day(DaySpan(540, 180), DaySpan(660, 30))
    assert slots_of_one_day(hours) == ["09:00", "10:00", "11:00"]


def test_a_taken_slot_is_not_offered():
    assert slots_of_one_day(busy=[span("2027-03-01T10:00", "2027-03-01T11:00")]) == ["09:00", "11:00"]


def test_a_slot_keeps_its_own_buffers_off_what_is_busy():
    busy = [span("2027-03-01T10:00", "2027-03-01T10:15")]
    quarter = {"length_minutes": 30, "grid_minutes": 15}
    before = slots_of_one_day(busy=busy, rules=rules(**quarter, buffer_before_minutes=15))
    assert before == ["09:00", "09:15", "09:30", "10:30", "10:45", "11:00", "11:15", "11:30"]
    after = slots_of_one_day(busy=busy, rules=rules(**quarter, buffer_after_minutes=15))
    assert after == ["09:00", "09:15", "10:15", "10:30", "10:45", "11:00", "11:15", "11:30"]


def test_busy_time_is_widened_to_whole_minutes():
    busy = [Span(at("2027-03-01T10:59:59"), at("2027-03-01T11:00:01"))]
    assert slots_of_one_day(busy=busy, rules=rules(grid_minutes=1, length_minutes=59)) == [
        "09:00",
        *(f"{minute // 60:02}:{minute % 60:02}" for minute in range(541, 601)),
        "11:01",
    ]


def test_overlapping_and_touching_busy_times_count_as_one():
    busy = [
        span("2027-03-01T08:00", "2027-03-01T10:00"),
        span("2027-03-01T08:30", "2027-03-01T09:00"),
        span("2027-03-01T10:00", "2027-03-01T11:00"),
    ]
    assert slots_of_one_day(busy=busy) == ["11:00"]


def test_seconds_between_busy_times_are_no_gap_and_a_time_within_another_ends_nothing():
    busy = [
        Span(at("2027-03-01T10:00:45"), at("2027-03-01T10:30")),
        Span(at("2027-03-01T08:00"), at("2027-03-01T10:00:30")),
        Span(at("2027-03-01T08:01"), at("2027-03-01T08:02")),
    ]
    assert gaps_between(busy)[1:] == [(last_minute(at("2027-03-01T10:30")), FOREVER)]
    assert gaps_between([]) == [(NEVER, FOREVER)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-03-01T08:00", ["09:00", "10:00", "11:00"]),
        ("2027-03-01T08:00:01", ["10:00", "11:00"]),
        ("2027-03-01T10:00", ["11:00"]),
        ("2027-03-01T10:01", []),
    ],
)
def test_notice_is_kept_to_the_second(now, expected):
    assert slots_of_one_day(rules=rules(notice_minutes=60), now=at(now)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-02-26T09:00", []),
        ("2027-02-26T09:01", ["09:00"]),
        ("2027-02-26T23:00", ["09:00", "10:00", "11:00"]),
        ("2027-02-20T09:00", []),
    ],
)
def test_nothing_beyond_the_horizon_is_offered(now, expected):
    assert slots_of_one_day(rules=rules(horizon_days=3), now=at(now)) == expected


@pytest.mark.parametrize("number", [0, -1, -(10**12), 10**12])
@pytest.mark.parametrize(
    "name",
    [
        "length_minutes",
        "grid_minutes",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "notice_minutes",
        "horizon_days",
    ],
)
def test_no_number_loops_for_ever_or_raises(name, number):
    clocks_change = span("2027-10-30T00:00", "2027-11-01T00:00")
    night = every_day(DaySpan(60, 240), zone=BERLIN)
    slots = open_slots(night, [clocks_change], rules(**{name: number}), LONG_AGO, clocks_change)
    assert slots == []
    assert len(open_slots(night, [], rules(**{name: number}), LONG_AGO, clocks_change)) <= 2 * 5 * 60
    assert open_slots(night, [], rules(daily_cap=min(number, 0)), LONG_AGO, clocks_change) == []


def test_only_starts_inside_the_window_come_back():
    window = span("2027-03-01T10:00", "2027-03-01T11:00")
    assert local_starts(open_slots(every_day(NINE_TO_TWELVE), [], HOURLY, LONG_AGO, window)) == ["01 10:00"]


def test_a_full_day_is_closed_by_the_daily_cap():
    counted = [at("2027-03-01T09:00"), at("2027-02-28T09:00")]
    taken = [span("2027-03-01T09:00", "2027-03-01T10:00")]
    assert slots_of_one_day(busy=taken, rules=rules(daily_cap=2), counted=counted) == ["10:00", "11:00"]
    assert slots_of_one_day(busy=taken, rules=rules(daily_cap=1), counted=counted) == []
    assert slots_of_one_day(rules=rules(daily_cap=0)) == []


def test_the_daily_cap_counts_days_of_the_coach_and_not_of_utc():
    hours = every_day(DaySpan(20 * 60, 240), zone=NEW_YORK)
    window = span("2027-03-01T00:00", "2027-03-03T00:00", NEW_YORK)
    counted = [at("2027-03-01T20:00", NEW_YORK)]
    slots = open_slots(hours, [], rules(daily_cap=1), LONG_AGO, window, counted)
    assert local_starts(slots, NEW_YORK) == ["02 20:00", "02 21:00", "02 22:00", "02 23:00"]


def test_a_closed_date_offers_nothing_and_a_changed_one_its_own_hours():
    overrides = {MONDAY: (), date(2027, 3, 2): (DaySpan(600, 60),)}
    hours = every_day(NINE_TO_TWELVE, overrides=overrides)
    window = span("2027-03-01T00:00", "2027-03-04T00:00")
    assert local_starts(open_slots(hours, [], HOURLY, LONG_AGO, window)) == [
        "02 10:00",
        "03 09:00",
        "03 10:00",
        "03 11:00",
    ]


def test_hours_over_midnight_belong_to_the_day_they_begin_on():
    hours = WeeklyHours("UTC", {0: (DaySpan(23 * 60, 180),)})
    window = span("2027-03-01T00:00", "2027-03-03T00:00")
    assert local_starts(open_slots(hours, [], HOURLY, LONG_AGO, window)) == ["01 23:00", "02 00:00", "02 01:00"]


NIGHTS = DaySpan(20 * 60, 6 * 60)


def nights_around(*closed, zone="UTC", rules=HOURLY, hours=NIGHTS, **overrides):
    """The starts of the nights from the 8th to the 12th of March, closed on these days of the month."""
    changed = {date(2027, 3, day): () for day in closed} | {
        date(2027, 3, int(day[1:])): own for day, own in overrides.items()
    }
    window = span("2027-03-08T12:00", "2027-03-12T12:00", zone)
    return local_starts(open_slots(every_day(hours, zone=zone, overrides=changed), [], rules, LONG_AGO, window), zone)


def night_of(day, until="02"):
    """Every full hour from 20:00, up to midnight or into the morning."""
    evening = [f"{day:02} {hour}:00" for hour in range(20, 24)]
    return evening if until == "24" else [*evening, f"{day + 1:02} 00:00", f"{day + 1:02} 01:00"]


def test_a_day_off_is_closed_from_midnight_to_midnight():
    assert nights_around() == [*night_of(8), *night_of(9), *night_of(10), *night_of(11)]
    assert nights_around(10) == [*night_of(8), *night_of(9, "24"), *night_of(11)]


def test_days_off_in_a_row_are_closed_from_the_first_midnight_to_the_last():
    assert nights_around(9, 10) == [*night_of(8, "24"), *night_of(11)]
    assert nights_around(9, 11) == [*night_of(8, "24"), *night_of(10, "24")]


def test_no_call_runs_into_a_day_off():
    starts = nights_around(10, rules=rules(length_minutes=90, grid_minutes=30))
    assert [start for start in starts if start < "11"][-1] == "09 22:30"


def test_hours_round_the_clock_stop_at_a_day_off_and_begin_after_it():
    long_calls = rules(length_minutes=180, grid_minutes=180)
    starts = nights_around(10, hours=DaySpan(0, 1440), rules=long_calls)
    assert [start for start in starts if "09 18:00" <= start <= "11 00:00"] == ["09 18:00", "09 21:00", "11 00:00"]


def test_a_day_with_other_hours_leaves_the_night_before_as_it_is():
    assert nights_around(d10=(DaySpan(600, 60),)) == [*night_of(8), *night_of(9), "10 10:00", *night_of(11)]


def test_hours_of_another_kind_of_day_end_at_midnight_of_a_day_off_too():
    assert nights_around(10, d9=(NIGHTS,)) == [*night_of(8), *night_of(9, "24"), *night_of(11)]


@pytest.mark.parametrize(
    ("zone", "day", "eve_ends_at", "next_begins_at"),
    [
        # 23 and 25 hours long; the clocks of Santiago and Nuuk change at midnight itself.
        (BERLIN, date(2027, 3, 28), "2027-03-27T23:00", "2027-03-28T22:00"),
        (BERLIN, date(2027, 10, 31), "2027-10-30T22:00", "2027-10-31T23:00"),
        ("America/Santiago", date(2027, 9, 5), "2027-09-05T04:00", "2027-09-06T03:00"),
        ("America/Santiago", date(2027, 9, 4), "2027-09-04T04:00", "2027-09-05T04:00"),
        ("America/Santiago", date(2027, 4, 3), "2027-04-03T03:00", "2027-04-04T04:00"),
        ("America/Santiago", date(2027, 4, 4), "2027-04-04T04:00", "2027-04-05T04:00"),
        ("America/Nuuk", date(2027, 10, 30), "2027-10-30T01:00", "2027-10-31T02:00"),
        ("America/Nuuk", date(2027, 10, 31), "2027-10-31T02:00", "2027-11-01T02:00"),
    ],
)
def test_a_day_off_is_as_long_as_the_clocks_make_it(zone, day, eve_ends_at, next_begins_at):
    hours = every_day(DaySpan(0, 1440), zone=zone, overrides={day: ()})
    window = Span(at(eve_ends_at) - timedelta(hours=2), at(next_begins_at) + timedelta(hours=2))
    slots = open_slots(hours, [], rules(grid_minutes=30, length_minutes=30), LONG_AGO, window)
    half_hours = [timedelta(minutes=30 * n) for n in range(4)]
    expected = [at(eve_ends_at) - timedelta(hours=2) + n for n in half_hours]
    assert slots == [*expected, *(at(next_begins_at) + n for n in half_hours)]


def test_a_window_in_the_middle_of_the_night_sees_yesterdays_hours():
    hours = WeeklyHours("UTC", {0: (DaySpan(23 * 60 + 59, 1440),)})
    window = span("2027-03-02T22:00", "2027-03-03T00:00")
    assert local_starts(open_slots(hours, [], HOURLY, LONG_AGO, window)) == ["02 22:59"]


def test_round_the_clock_hours_overlap_nothing_twice():
    window = span("2027-03-01T00:00", "2027-03-03T00:00")
    slots = open_slots(every_day(DaySpan(0, 1440)), [], HOURLY, LONG_AGO, window)
    assert len(slots) == len(set(slots)) == 48
    long_night = open_slots(every_day(DaySpan(0, 1440)), [], rules(length_minutes=600), LONG_AGO, window)
    assert long_night == slots


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu"])
def test_far_away_zones_lose_no_slot_at_the_windows_edges(zone):
    hours = every_day(DaySpan(0, 1440), zone=zone)
    window = span("2027-03-01T00:00", "2027-03-02T00:00")
    assert len(open_slots(hours, [], rules(grid_minutes=15), LONG_AGO, window)) == 96


CHANGES = [
    (NEW_YORK, date(2027, 3, 14)),
    (NEW_YORK, date(2027, 11, 7)),
    (BERLIN, date(2027, 3, 28)),
    (BERLIN, date(2027, 10, 31)),
]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_a_clock_change_moves_no_daytime_slot(zone, day):
    hours = every_day(NINE_TO_TWELVE, zone=zone)
    days = [day + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
    window = Span(instant_of(days[0], 0, ZoneInfo(zone)), instant_of(days[-1], 1440, ZoneInfo(zone)))
    slots = open_slots(hours, [], HOURLY, LONG_AGO, window)
    assert local_starts(slots, zone) == [f"{day:%d} {hour}:00" for day in days for hour in ("09", "10", "11")]


@pytest.mark.parametrize(
    ("zone", "day", "spans", "expected"),
    [
        # Spring: the clocks skip 02:00 to 03:00. What began in there begins at 03:00, once.
        (NEW_YORK, date(2027, 3, 14), DaySpan(0, 300), ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00"]),
        (NEW_YORK, date(2027, 3, 14), DaySpan(150, 90), ["03:00"]),
        (NEW_YORK, date(2027, 3, 14), DaySpan(120, 60), []),
        (BERLIN, date(2027, 3, 28), DaySpan(60, 180), ["01:00", "01:30", "03:00"]),
        # The evening before runs over midnight into the change.
        (BERLIN, date(2027, 3, 27), DaySpan(1410, 270), ["23:30", "00:00", "00:30", "01:00", "01:30", "03:00"]),
        # Half an hour, and midnight itself.
        ("Australia/Lord_Howe", date(2027, 10, 3), DaySpan(90, 150), ["01:30", "02:30", "03:00"]),
        ("America/Santiago", date(2027, 9, 5), DaySpan(0, 120), ["01:00"]),
    ],
)
def test_at_night_a_skipped_start_moves_up(zone, day, spans, expected):
    slots = starts_of_night(zone, day, spans, length_minutes=60)
    assert [text[3:] for text in local_starts(slots, zone)] == expected


# 02:00 to 03:00 comes twice in Berlin, 01:00 to 02:00 in New York, 01:30 to 02:00 on Lord Howe, 23:00 to 24:00 in
# Santiago and Nuuk, 00:00 to 01:00 in Havana.
REPEATED = [
    (BERLIN, date(2027, 10, 31), DaySpan(120, 120), 30, "00:00 00:30 01:00 01:30 02:00 02:30"),
    (BERLIN, date(2027, 10, 31), DaySpan(120, 60), 30, "00:00 00:30 01:00 01:30"),
    # Hours that begin or end within the repeated hour are open twice, and closed in between.
    (BERLIN, date(2027, 10, 31), DaySpan(150, 60), 30, "00:30 01:30 02:00"),
    (BERLIN, date(2027, 10, 31), DaySpan(90, 60), 30, "23:30 00:00 01:00"),
    (BERLIN, date(2027, 10, 31), DaySpan(135, 30), 30, "00:15 01:15"),
    # The starts keep their grid on the wall, and a call fits where the hours really go on.
    (BERLIN, date(2027, 10, 31), DaySpan(120, 120), 45, "00:00 00:45 01:00 01:45 02:30"),
    # The evening before runs over midnight into the change.
    (BERLIN, date(2027, 10, 30), DaySpan(1380, 240), 60, "21:00 22:00 23:00 00:00 01:00"),
    (NEW_YORK, date(2027, 11, 7), DaySpan(0, 180), 60, "04:00 05:00 06:00 07:00"),
    ("Australia/Lord_Howe", date(2027, 4, 4), DaySpan(90, 60), 30, "14:30 15:00 15:30"),
    ("America/Santiago", date(2027, 4, 3), DaySpan(1380, 120), 60, "02:00 03:00 04:00"),
    ("America/Santiago", date(2027, 4, 4), DaySpan(0, 120), 60, "04:00 05:00"),
    ("America/Nuuk", date(2027, 10, 30), DaySpan(1320, 180), 60, "23:00 00:00 01:00 02:00"),
    ("America/Havana", date(2027, 11, 7), DaySpan(0, 120), 60, "04:00 05:00 06:00"),
    ("America/Havana", date(2027, 11, 6), DaySpan(1380, 120), 60, "03:00 04:00 05:00"),
]


@pytest.mark.parametrize(("zone", "day", "spans", "grid", "expected"), REPEATED)
def test_a_repeated_hour_is_a_real_hour(zone, day, spans, grid, expected):
    slots = starts_of_night(zone, day, spans, grid_minutes=grid)
    assert " ".join(f"{slot:%H:%M}" for slot in slots) == expected


def test_a_call_may_run_through_both_rounds_of_a_repeated_hour_but_not_through_a_gap_in_them():
    night, half = DaySpan(120, 120), DaySpan(150, 60)
    longest = starts_of_night(BERLIN, date(2027, 10, 31), night, length_minutes=180)
    assert longest == [at("2027-10-31T00:00")]
    assert starts_of_night(BERLIN, date(2027, 10, 31), night, length_minutes=181) == []
    # 02:30 to 03:30: half an hour, half an hour without, then an hour.
    assert starts_of_night(BERLIN, date(2027, 10, 31), half, length_minutes=60) == [at("2027-10-31T01:30")]


def starts_of_night(zone, day, spans, **differences):
    """The starts that hours on `day` alone offer, in UTC."""
    hours = WeeklyHours(zone, {}, {day: (spans,)})
    window = Span(at(f"{day}T00:00", zone) - timedelta(days=1), at(f"{day}T00:00", zone) + timedelta(days=3))
    half_hours = {"length_minutes": 30, "grid_minutes": 30}
    return open_slots(hours, [], rules(**half_hours | differences), LONG_AGO, window)


def test_the_month_of_the_benchmark_has_71_starts_on_23_days():
    base = at("2027-03-01T05:00")

    def from_base(minutes, length):
        start = base + timedelta(minutes=int(minutes // 15) * 15)
        return Span(start, start + timedelta(minutes=length))

    sessions = [from_base(i * 223.2, 60 + 15) for i in range(200)]
    outside = [from_base(j * 148.8, 15 * (1 + j % 4)) for j in range(300)]
    hours = WeeklyHours(NEW_YORK, {day: (NINE_TO_TWELVE, DaySpan(13 * 60, 4 * 60)) for day in range(5)})
    window = span("2027-03-01T00:00", "2027-04-01T00:00", BERLIN)
    march = rules(grid_minutes=15, buffer_after_minutes=15, notice_minutes=24 * 60)
    slots = open_slots(hours, sessions + outside, march, LONG_AGO, window)
    assert len(slots) == 71
    assert len({slot.astimezone(ZoneInfo(BERLIN)).date() for slot in slots}) == 23
