"""Reads of a coach's time: schedules, their hours as plain values, closures, time off."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from itertools import starmap
from typing import Any

from coaching.accounts.models import Person
from coaching.errors import NotFound
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from coaching.hours.week import DaySpan, TravelSpan, WeeklyHours
from coaching.reading import Selection, Statement, given


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
    for weekday, start_minute, length_minutes in _SPANS.rows(schedule=schedule.id):
        week.setdefault(weekday, []).append(DaySpan(start_minute, length_minutes))
    return WeeklyHours(
        zone=schedule.zone,
        week={weekday: tuple(sorted(week[weekday])) for weekday in sorted(week)},
        overrides={day_on: read_spans(spans) for day_on, spans in _OVERRIDES.all(schedule=schedule.id)},
        travels=tuple(starmap(TravelSpan, _TRAVELS.all(schedule=schedule.id))),
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


def _of_schedule(model: Any, *columns: Any) -> Any:
    return model.select(*columns).where(model.schedule == given("schedule"))


_SPANS = Statement(
    lambda: _of_schedule(WeeklySpan, WeeklySpan.weekday, WeeklySpan.start_minute, WeeklySpan.length_minutes)
)
_OVERRIDES: Selection[tuple[date, str]] = Selection(
    lambda: _of_schedule(DateOverride, DateOverride.day_on, DateOverride.spans).tuples()
)
_TRAVELS: Selection[tuple[str, date, date]] = Selection(
    lambda: _of_schedule(Travel, Travel.zone, Travel.from_on, Travel.until_on).order_by(Travel.from_on).tuples()
)
