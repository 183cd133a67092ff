"""Free times against a plain reckoning, minute by minute: what the wall shows decides, without any shortcut.

In CI each zone's days of clock change get two random cases; `--rounds 200` gives them that many, other ones each time.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from coaching.booking.explain import BusyTime, Cause, reasons_against
from coaching.booking.slots import SlotRules, Span, open_slots
from coaching.hours.week import DaySpan, TravelSpan, WeeklyHours

ONE_DAY = timedelta(days=1)
YEAR = 2027
# Every one of them changes its clocks twice in that year.
ZONES = [
    *("Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Chisinau", "Atlantic/Azores", "Asia/Jerusalem"),
    *("America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Miquelon", "America/Nuuk"),
    *("America/Havana", "America/Santiago", "America/Port-au-Prince", "Pacific/Easter", "Africa/Cairo"),
    *("Australia/Lord_Howe", "Australia/Adelaide", "Australia/Sydney", "Pacific/Auckland", "Pacific/Chatham"),
    *("Antarctica/Troll", "Africa/Casablanca", "Asia/Beirut", "Asia/Nicosia"),
]
# Where clocks were set for good, or a whole day was left out or lived twice; and some that have never been.
ONCE = [
    ("Asia/Kathmandu", date(1986, 1, 1)),
    ("Asia/Kathmandu", date(2027, 3, 1)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Asia/Pyongyang", date(2018, 5, 5)),
    ("America/Caracas", date(2016, 5, 1)),
    ("Europe/Istanbul", date(2016, 9, 7)),
    ("Asia/Almaty", date(2024, 3, 1)),
    ("Africa/Casablanca", date(2031, 1, 19)),
    ("Asia/Kolkata", date(2027, 3, 1)),
    ("Pacific/Kiritimati", date(2027, 3, 1)),
    ("UTC", date(2027, 3, 1)),
]
ELSEWHERE = ("Asia/Tokyo", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Australia/Lord_Howe", "UTC")


def changes_of(zone):
    """The days of a year on which the clocks of a zone are changed."""
    days = [date(YEAR, 1, 1) + n * ONE_DAY for n in range(365)]
    ahead = [datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, (before, after) in zip(days, pairwise(ahead), strict=False) if before != after]


@dataclass(frozen=True)
class Case:
    """Everything that free times follow from."""

    hours: WeeklyHours
    busy: list[Span]
    rules: SlotRules
    now: datetime
    window: Span
    counted: list[datetime]
    elsewhere: list[Span]

    def quick(self):
        return open_slots(self.hours, self.busy, self.rules, self.now, self.window, self.counted, self.elsewhere)


def random_case(zone, change, chance):
    begin = datetime(change.year, change.month, change.day, tzinfo=UTC) - ONE_DAY

    def spans(count, longest):
        starts = [begin + timedelta(minutes=chance.randrange(4 * 1440)) for _ in range(chance.randint(0, count))]
        return [Span(start, start + timedelta(minutes=chance.randint(1, longest))) for start in starts]

    def day_spans():
        return tuple(
            DaySpan(chance.randrange(1440), chance.choice([30, 60, 240, 480, 1440]))
            for _ in range(chance.randint(0, 2))
        )

    def weighted(value):
        return value if chance.random() < 0.5 else 0

    near = [change + n * ONE_DAY for n in range(-1, 3)]
    travels: tuple[TravelSpan, ...] = ()
    if chance.random() < 0.5:
        first = chance.choice(near)
        travels = (TravelSpan(chance.choice(ELSEWHERE), first, first + chance.randint(0, 1) * ONE_DAY),)
    rules = SlotRules(
        length_minutes=chance.choice([5, 30, 60, 90, 300]),
        grid_minutes=chance.choice([5, 7, 15, 20, 45, 60]),
        buffer_before_minutes=weighted(chance.choice([10, 45])),
        buffer_after_minutes=weighted(chance.choice([15, 90])),
        notice_minutes=weighted(chance.choice([61, 720])),
        horizon_days=chance.choice([2, 60, 60]),
        daily_cap=chance.choice([None, None, 1, 2]),
        weekly_cap=chance.choice([None, None, 1, 3]),
    )
    return Case(
        hours=WeeklyHours(
            zone,
            {day: day_spans() for day in range(7) if chance.random() < 0.8},
            {day: day_spans() for day in near if chance.random() < 0.2},
            travels,
        ),
        busy=spans(6, 600),
        rules=rules,
        now=begin + timedelta(minutes=chance.randrange(1440)),
        window=Span(begin + timedelta(minutes=chance.randrange(1440)), begin + timedelta(days=chance.randint(2, 4))),
        counted=[span.starts_at for span in spans(3, 60)],
        elsewhere=spans(2, 200),
    )


def slow_slots(case):
    """The same answer minute by minute."""
    hours, rules = case.hours, case.rules
    first = case.window.starts_at.date() - 2 * ONE_DAY
    days = [first + n * ONE_DAY for n in range(8)]
    opened, starts = set(), set()
    for zone in {hours.zone_on(day) for day in days}:
        open_on_the_wall, starts_on_the_wall = on_the_wall(hours, rules, [d for d in days if hours.zone_on(d) == zone])
        for (_, shown_before), (minute, shown_now) in pairwise(walls_of(zone, first)):
            if shown_now in open_on_the_wall:
                opened.add(minute)
            # Where clocks were put forward what was skipped begins now, too; where they were put back nothing was.
            skipped = range(shown_before + 1, shown_now)
            if shown_now in starts_on_the_wall or (skipped and not starts_on_the_wall.isdisjoint(skipped)):
                starts.add(minute)
    taken, missed = minutes_in(case.busy), minutes_in(case.elsewhere)
    counted = [day_of(start, hours, days) for start in case.counted]

    def is_free(start):
        end = start + rules.length_minutes
        buffered = range(start - rules.buffer_before_minutes, end + rules.buffer_after_minutes)
        return (
            opened.issuperset(range(start, end))
            and taken.isdisjoint(buffered)
            and missed.isdisjoint(range(start, end))
            and is_below_caps(day_of(datetime.fromtimestamp(start * 60, UTC), hours, days), counted, rules)
        )

    earliest = max(case.window.starts_at, case.now + timedelta(minutes=rules.notice_minutes))
    latest = min(case.window.ends_at, case.now + timedelta(days=rules.horizon_days))
    inside = [start for start in sorted(starts) if minute_of(earliest) <= start < minute_of(latest)]
    return [datetime.fromtimestamp(start * 60, UTC) for start in inside if is_free(start)]


def on_the_wall(hours, rules, days):
    """The minutes that these days' hours open, and those at which they let a session start."""
    opened: set[int] = set()
    starts: set[int] = set()
    for day in days:
        midnight = day.toordinal() * 1440
        for span in hours.overrides.get(day, hours.week.get(day.weekday(), ())):
            is_eve = hours.overrides.get(day + ONE_DAY) == ()
            end = midnight + (min(span.end_minute, 1440) if is_eve else span.end_minute)
            opened.update(range(midnight + span.start_minute, end))
            starts.update(range(midnight + span.start_minute, end, rules.grid_minutes))
    return opened, starts


def day_of(instant, hours, days):
    """The coach's date: that of a day in whose own zone it is that day, the earlier one of two; else that at home."""
    fitting = [day for day in days if instant.astimezone(ZoneInfo(hours.zone_on(day))).date() == day]
    return fitting[0] if fitting else instant.astimezone(ZoneInfo(hours.zone)).date()


def is_below_caps(day, counted, rules):
    of_day = sum(counted_day == day for counted_day in counted)
    of_week = sum(counted_day.isocalendar()[:2] == day.isocalendar()[:2] for counted_day in counted)
    return (rules.daily_cap is None or of_day < rules.daily_cap) and (
        rules.weekly_cap is None or of_week < rules.weekly_cap
    )


def minutes_in(spans):
    return {minute for span in spans for minute in range(minute_of(span.starts_at), minute_of(span.ends_at))}


@cache
def walls_of(zone, first):
    """Every minute of eight days with what the wall shows then, as minutes since the year 1."""
    begin = minute_of(datetime(first.year, first.month, first.day, tzinfo=UTC))
    wall_times = (datetime.fromtimestamp(minute * 60, ZoneInfo(zone)) for minute in range(begin, begin + 8 * 1440))
    return [(minute_of(there), there.toordinal() * 1440 + there.hour * 60 + there.minute) for there in wall_times]


def minute_of(instant):
    return int(instant.timestamp()) // 60


CHANGES = [*((zone, day) for zone in ZONES for day in changes_of(zone)), *ONCE]


def test_of_each_zone_both_days_of_change_are_among_the_cases():
    assert len(ZONES) >= 20
    assert all(len(changes_of(zone)) == 2 for zone in ZONES)


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_the_quick_way_agrees_with_the_slow_one(zone, change, pytestconfig):
    rounds = pytestconfig.getoption("--rounds")
    # The same cases each time, unless more are asked for.
    chance = random.Random(None if rounds else f"{zone} {change}")
    for _ in range(rounds or 2):
        seed = chance.random()
        case = random_case(zone, change, random.Random(seed))
        slots = case.quick()
        assert slots == slow_slots(case), f"seed {seed}"
        for start in wishes_of(case, slots, chance):
            reasons = reasons_against(start, case.hours, busy_times(case), case.rules, case.counted, case.now)
            assert (not reasons) == (start in slots), f"seed {seed}, {start}, {reasons}"


def wishes_of(case, slots, chance):
    """Free times, times beside them, and any others; what keeps the student alone away is nothing to explain."""
    whenever = [case.now + timedelta(minutes=chance.randrange(-100, 4 * 1440)) for _ in range(4)]
    near = [start + timedelta(minutes=chance.randint(-20, 20)) for start in slots[:2]]
    return [
        start
        for start in (*slots[:1], *slots[-1:], *near, *whenever)
        if case.window.starts_at <= start < case.window.ends_at
        and minutes_in(case.elsewhere).isdisjoint(range(minute_of(start), minute_of(start) + case.rules.length_minutes))
    ]


def busy_times(case):
    return [BusyTime(Cause.SESSION, "“Mixing call” with Bob", span, span) for span in case.busy]
