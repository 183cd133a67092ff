"""A month of a schedule as its coach sees it: what each day's hours are, and what is booked."""

from calendar import Calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Protocol
from zoneinfo import ZoneInfo

from blueprints.languages import first_weekday
from blueprints.schedules.week import DAY_NAMES
from blueprints.schedules.words import spans_text
from coaching.booking.agenda import Booked
from coaching.booking.coach_days import coach_day
from coaching.booking.month import month_of, next_month
from coaching.hours.wall_clock import instant_of
from coaching.hours.week import ONE_DAY, WeeklyHours

# So many months from the present one on can be looked at and planned.
MONTHS_AHEAD = 24


class TimeOffLike(Protocol):
    """From when to when nothing can be booked."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


@dataclass(frozen=True)
class DayCell:
    """One day: `state` is open, closed, changed (other hours) or off; `label` says all of it in words.

    `is_partly_off`: time off takes a part of it.
    """

    day: date
    state: str
    is_partly_off: bool
    is_travel: bool
    is_past: bool
    is_today: bool
    is_selected: bool
    booked: Sequence[Booked]
    label: str


@dataclass(frozen=True)
class Month:
    """A month to look at, its weeks filled up with None, and the months before and after it, if there are any."""

    first_on: date
    weeks: Sequence[Sequence[DayCell | None]]
    earlier: date | None
    later: date | None
    weekday_names: Sequence[str]

    @property
    def title(self) -> str:
        return f"{self.first_on:%B %Y}"


def month_cells(
    first_on: date,
    hours: WeeklyHours,
    booked: Iterable[Booked],
    time_off: Sequence[TimeOffLike],
    selected: date | None,
    now: datetime,
) -> Month:
    """The month beginning on `first_on`, with what is booked on each of its days."""
    by_day = booked_by_day(booked, hours)
    present = month_of(now, hours.zone)
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    first = first_weekday()
    weeks = Calendar(first).monthdatescalendar(first_on.year, first_on.month)
    return Month(
        first_on=first_on,
        weeks=[
            [
                day_cell(day, hours, by_day.get(day, ()), time_off, selected, today)
                if day.month == first_on.month
                else None
                for day in week
            ]
            for week in weeks
            if week[-1] >= today
        ],
        earlier=(first_on - ONE_DAY).replace(day=1) if first_on > present else None,
        later=next_month(first_on) if first_on < last_month(now, hours.zone) else None,
        weekday_names=(*DAY_NAMES[first:], *DAY_NAMES[:first]),
    )


def day_cell(
    day: date,
    hours: WeeklyHours,
    booked: Sequence[Booked],
    time_off: Sequence[TimeOffLike],
    selected: date | None,
    today: date,
) -> DayCell:
    state, is_partly_off = day_state(day, hours, time_off)
    is_travel = hours.zone_on(day) != hours.zone
    words = [f"{day:%A} {day.day} {day:%B}", STATE_LABELS[state]]
    if state in ("open", "changed"):
        words.append(spans_text(hours.spans_on(day)))
    if is_partly_off:
        words.append("time off for a part of it")
    if is_travel:
        words.append("travelling")
    if booked:
        words.append(f"{len(booked)} booked")
    return DayCell(
        day, state, is_partly_off, is_travel, day < today, day == today, day == selected, booked, ", ".join(words)
    )


STATE_LABELS = {"open": "open", "closed": "no hours", "changed": "other hours", "off": "time off"}


def day_state(day: date, hours: WeeklyHours, time_off: Iterable[TimeOffLike]) -> tuple[str, bool]:
    """What the day is, in a word, and whether a part of it is off: a whole day off goes before what the hours say."""
    zone = ZoneInfo(hours.zone_on(day))
    starts_at, ends_at = instant_of(day, 0, zone), instant_of(day + ONE_DAY, 0, zone)
    touching = [off for off in time_off if off.starts_at < ends_at and off.ends_at > starts_at]
    if any(off.starts_at <= starts_at and off.ends_at >= ends_at for off in touching):
        return "off", False
    if not hours.spans_on(day):
        return "closed", bool(touching)
    return "changed" if day in hours.overrides else "open", bool(touching)


def booked_by_day(booked: Iterable[Booked], hours: WeeklyHours) -> Mapping[date, Sequence[Booked]]:
    """What begins on each of the coach's days, wherever they are then."""
    in_order = sorted(
        ((coach_day(coaching_session.starts_at, hours), coaching_session) for coaching_session in booked),
        key=lambda pair: pair[0],
    )
    return {
        day: tuple(coaching_session for _, coaching_session in of_day)
        for day, of_day in groupby(in_order, lambda pair: pair[0])
    }


def last_month(now: datetime, zone: str) -> date:
    """The last month that can be looked at."""
    present = month_of(now, zone)
    years, month = divmod(present.month - 1 + MONTHS_AHEAD, 12)
    return present.replace(year=present.year + years, month=month + 1)


def shown_month(asked: date | None, now: datetime, zone: str) -> date:
    """The month asked for, as far as it can be looked at, else the present one."""
    present = month_of(now, zone)
    return min(max(asked.replace(day=1), present), last_month(now, zone)) if asked else present


def latest_day(now: datetime, zone: str) -> date:
    """The last day that can be planned."""
    return next_month(last_month(now, zone)) - timedelta(days=1)
