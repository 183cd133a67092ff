"""Reads of a coach's time: schedules, their hours as plain values, closures, time off."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from coaching.accounts.models import Person
from coaching.db import rows
from coaching.errors import NotFound
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from coaching.hours.week import DaySpan, TravelSpan, WeeklyHours


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
    spans = WeeklySpan.select(WeeklySpan.weekday, WeeklySpan.start_minute, WeeklySpan.length_minutes)
    for weekday, start_minute, length_minutes in rows(spans.where(WeeklySpan.schedule == schedule)):
        week.setdefault(weekday, []).append(DaySpan(start_minute, length_minutes))
    overrides = DateOverride.select(DateOverride.day_on, DateOverride.spans).where(DateOverride.schedule == schedule)
    travels = Travel.select(Travel.zone, Travel.from_on, Travel.until_on).where(Travel.schedule == schedule)
    return WeeklyHours(
        zone=schedule.zone,
        week={weekday: tuple(sorted(week[weekday])) for weekday in sorted(week)},
        overrides={day_on: read_spans(spans) for day_on, spans in rows(overrides)},
        travels=tuple(
            TravelSpan(zone, from_on, until_on) for zone, from_on, until_on in rows(travels.order_by(Travel.from_on))
        ),
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
    found: DateOverride | None = DateOverride.get_or_none(DateOverride.schedule == schedule, DateOverride.day_on == day)
    return found


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
