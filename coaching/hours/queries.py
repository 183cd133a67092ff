"""Reads of a coach's time: schedules, their hours as plain values, closures, time off."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

from peewee import Value

from coaching.accounts.models import Person
from coaching.errors import NotFound
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from coaching.hours.week import DaySpan, TravelSpan, WeeklyHours
from coaching.reading import Statement, given

# Where a row of a schedule's hours is from.
WEEKLY, ON_ONE_DATE, ON_A_JOURNEY = range(3)


def get_own_schedule(coach: Person, code: str) -> Schedule:
    """The coach's own schedule, or NotFound."""
    schedule = Schedule.get_or_none(Schedule.coach == coach, Schedule.code == code)
    if schedule is None:
        raise NotFound
    return schedule


def schedules_of(coach: Person) -> list[Schedule]:
    """The coach's schedules, the oldest first."""
    return list(Schedule.select().where(Schedule.coach == coach).order_by(Schedule.id))


def weekly_hours(schedule: Schedule) -> WeeklyHours:
    """The schedule's hours as the slots are worked out from."""
    week: dict[int, list[DaySpan]] = {}
    overrides, travels = {}, []
    for which, first, second, third in _HOURS.rows(schedule=schedule.id):
        if which == WEEKLY:
            week.setdefault(int(first), []).append(DaySpan(int(second), int(third)))
        elif which == ON_ONE_DATE:
            overrides[DateOverride.day_on.python_value(first)] = read_spans(second)
        else:
            travels.append(TravelSpan(first, Travel.from_on.python_value(second), Travel.until_on.python_value(third)))
    return WeeklyHours(
        zone=schedule.zone,
        week={weekday: tuple(sorted(week[weekday])) for weekday in sorted(week)},
        overrides=overrides,
        travels=tuple(sorted(travels, key=attrgetter("from_on"))),
    )


def closures(schedule: Schedule, from_on: date) -> list[DateOverride]:
    """The closed dates from `from_on` on."""
    return list(
        DateOverride.select()
        .where(DateOverride.schedule == schedule, DateOverride.day_on >= from_on, DateOverride.spans == write_spans([]))
        .order_by(DateOverride.day_on)
    )


def coming_overrides(schedule: Schedule, from_on: date) -> list[DateOverride]:
    """The dates from `from_on` on that have other hours than the weekly ones, or none, in order."""
    coming = DateOverride.select().where(DateOverride.schedule == schedule, DateOverride.day_on >= from_on)
    return list(coming.order_by(DateOverride.day_on))


def find_override(schedule: Schedule, day: date) -> DateOverride | None:
    """What the schedule has on this date in place of its weekly hours."""
    date_override: DateOverride | None = DateOverride.get_or_none(
        DateOverride.schedule == schedule, DateOverride.day_on == day
    )
    return date_override


def mark_of_day(override: DateOverride | None) -> str:
    """A short text that is another one for another day, by which an older page is known."""
    said = (override.spans, override.note) if override else None
    return sha256(repr(said).encode()).hexdigest()[:16]


def travels_of(schedule: Schedule) -> list[Travel]:
    """The schedule's journeys, those that are over included, in order."""
    return list(Travel.select().where(Travel.schedule == schedule).order_by(Travel.from_on))


def span_of(travel: Travel) -> TravelSpan:
    """The journey as a plain value."""
    return TravelSpan(travel.zone, travel.from_on, travel.until_on)


def coming_time_off(coach: Person, now: datetime) -> list[TimeOff]:
    """The coach's time off that is not over yet."""
    return list(TimeOff.select().where(TimeOff.coach == coach, TimeOff.ends_at > now).order_by(TimeOff.starts_at))


def read_spans(text: str) -> tuple[DaySpan, ...]:
    """The spans of a date override as plain values."""
    return tuple(DaySpan(start, length) for start, length in json.loads(text))


def write_spans(spans: Iterable[DaySpan]) -> str:
    """The spans as a date override keeps them."""
    return json.dumps([[span.start_minute, span.length_minutes] for span in sorted(spans)])


def _hours() -> Any:
    # All three in one go, as texts: each page and each booking reads them, and way and back cost more than the rows.
    weekly = _of_schedule(WEEKLY, WeeklySpan.weekday, WeeklySpan.start_minute, WeeklySpan.length_minutes)
    on_one_date = _of_schedule(ON_ONE_DATE, DateOverride.day_on, DateOverride.spans, DateOverride.spans)
    return weekly + on_one_date + _of_schedule(ON_A_JOURNEY, Travel.zone, Travel.from_on, Travel.until_on)


def _of_schedule(which: int, *columns: Any) -> Any:
    model = columns[0].model
    values = (column.cast("TEXT") for column in columns)
    return model.select(Value(which), *values).where(model.schedule == given("schedule"))


_HOURS = Statement(_hours)
