"""Why a time is not free, by name and in sentences for its coach. Pure.

Asks the same steps as `slots.open_slots`, one after the other, and says of each what it has against the time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from coaching.booking.caps import Caps
from coaching.booking.coach_days import coach_day, coach_zone
from coaching.booking.openings import EPOCH, Opening, first_minute, openings_between
from coaching.booking.slots import ONE_DAY, SlotRules, Span
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import DAY, WeeklyHours

# So far around a start that lies beside the grid the nearest ones are looked for.
GRID_REACH = DAY


class Cause(StrEnum):
    """What a time is taken by, as its coach reads it."""

    SALE = "Not on sale"
    OVER = "Over"
    NOTICE = "Notice"
    HORIZON = "Too far ahead"
    HOURS = "Hours"
    GRID = "Start grid"
    SESSION = "Session"
    BUFFER = "Break"
    TIME_OFF = "Time off"
    CALENDAR = "Outside calendar"
    DAY_CAP = "Calls a day"
    WEEK_CAP = "Calls a week"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps a time from being free."""

    name: Cause
    sentence: str


@dataclass(frozen=True, slots=True)
class BusyTime:
    """Something that takes up the coach's time: from when to when, and what is kept clear around it.

    `label` begins a sentence: "“Mixing call” with Bob", "Your time off". It ends in its times, if they mean anything.
    """

    cause: Cause
    label: str
    span: Span
    kept_clear: Span
    has_times: bool = True


def reasons_against(
    starts_at: datetime,
    hours: WeeklyHours,
    busy: Iterable[BusyTime],
    rules: SlotRules,
    counted: Iterable[datetime],
    now: datetime,
) -> list[Reason]:
    """Everything that keeps a session from starting then; nothing when the time is free."""
    caps = Caps(rules.daily_cap, rules.weekly_cap, counted, hours)
    wall = _Wall(coach_zone(starts_at, hours))
    return [
        *_against_notice(starts_at, rules, now, wall),
        *_against_hours(starts_at, hours, rules, wall),
        *reasons_of_busy(starts_at, busy, rules, wall.zone.key),
        *_against_caps(starts_at, caps, hours),
    ]


def reasons_of_busy(starts_at: datetime, busy: Iterable[BusyTime], rules: SlotRules, zone: str) -> list[Reason]:
    """What of all that is busy keeps a session from being then, on the clock of `zone`."""
    wall = _Wall(zone)
    return [reason for busy_time in busy for reason in _against_busy(starts_at, busy_time, rules, wall)]


def _against_notice(starts_at: datetime, rules: SlotRules, now: datetime, wall: "_Wall") -> Iterator[Reason]:
    earliest, latest = now + rules.notice_minutes * MINUTE, now + rules.horizon_days * ONE_DAY
    if starts_at < now:
        yield Reason(Cause.OVER, "This time has gone by.")
    elif starts_at < earliest:
        notice = f"Students book at least {length(rules.notice_minutes)} before the start"
        yield Reason(Cause.NOTICE, f"{notice}: from {wall.day_time(earliest)} on.")
    if starts_at >= latest:
        days = "1 day" if rules.horizon_days == 1 else f"{rules.horizon_days} days"
        text = f"Students book at most {days} ahead: before {wall.day_time(latest)}."
        yield Reason(Cause.HORIZON, text)


def _against_hours(starts_at: datetime, hours: WeeklyHours, rules: SlotRules, wall: "_Wall") -> Iterator[Reason]:
    start, length = first_minute(starts_at), rules.length_minutes
    near = list(openings_between(hours, rules.grid_minutes, start - GRID_REACH, start + GRID_REACH))
    around = [opening for opening in near if opening.start <= start and start + length <= opening.end]
    if not around:
        yield Reason(Cause.HOURS, _hours_sentence(starts_at, hours, rules, wall, near))
    elif not any(start in opening.starts for opening in around):
        every = f"Calls start every {rules.grid_minutes} minutes from the beginning of your hours."
        yield Reason(Cause.GRID, f"{every}{_nearest_starts(start, length, near, wall)}")


def _hours_sentence(
    starts_at: datetime, hours: WeeklyHours, rules: SlotRules, wall: "_Wall", near: list[Opening]
) -> str:
    day = coach_day(starts_at, hours)
    if hours.is_closed(day):
        return f"{wall.day(starts_at)} is a day off in your schedule."
    ends_at = starts_at + rules.length_minutes * MINUTE
    # Each reaches to where the hours really stop, so that of those which touch the first one says it all.
    ends = {
        opening.end: min(other.start for other in near if other.end == opening.end)
        for opening in near
        if opening.start < opening.end
    }
    spans = sorted((start, end) for end, start in ends.items() if wall.is_on(day, start) or wall.is_on(day, end - 1))
    if not spans:
        return f"Your schedule has no hours on {wall.day(starts_at)}."
    texts = [f"{wall.time(at_minute(start))}–{wall.time(at_minute(end))}" for start, end in spans]
    wanted = f"{wall.time(starts_at)}–{wall.time(ends_at)}"
    return f"Your hours on {wall.day(starts_at)} are {_listed(texts)}. A call at {wanted} does not fit into them."


def _nearest_starts(start: int, length: int, near: list[Opening], wall: "_Wall") -> str:
    starts = sorted({minute for opening in near for minute in opening.starts if minute + length <= opening.end})
    before = [minute for minute in starts if minute < start][-1:]
    texts = [wall.time(at_minute(minute)) for minute in (*before, *[minute for minute in starts if minute > start][:1])]
    return f" The nearest: {_listed(texts)}." if texts else ""


def _against_busy(starts_at: datetime, busy: BusyTime, rules: SlotRules, wall: "_Wall") -> Iterator[Reason]:
    ends_at = starts_at + rules.length_minutes * MINUTE
    if _overlap(busy.span, Span(starts_at, ends_at)):
        yield Reason(busy.cause, f"{busy.label}: {wall.span(busy.span)}." if busy.has_times else f"{busy.label}.")
        return
    first = starts_at - rules.buffer_before_minutes * MINUTE
    last = ends_at + rules.buffer_after_minutes * MINUTE
    if _overlap(busy.kept_clear, Span(first, last)):
        text = f"Too close to this: {busy.label}, {wall.span(busy.span)}. The breaks around calls leave no room."
        yield Reason(Cause.BUFFER, text)


def _against_caps(starts_at: datetime, caps: Caps, hours: WeeklyHours) -> Iterator[Reason]:
    day = coach_day(starts_at, hours)
    if caps.is_day_full(day):
        yield Reason(Cause.DAY_CAP, f"At most {_calls(caps.daily)} a day: {day:%A} {day.day} {day:%B} is full.")
    if caps.is_week_full(day):
        yield Reason(Cause.WEEK_CAP, f"At most {_calls(caps.weekly)} a week: this one is full, from Monday to Sunday.")


class _Wall:
    """Instants as the clock on the coach's wall shows them."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)

    def time(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.zone):%H:%M}"

    def day(self, instant: datetime) -> str:
        there = instant.astimezone(self.zone)
        return f"{there:%A} {there.day} {there:%B}"

    def day_time(self, instant: datetime) -> str:
        return f"{self.day(instant)}, {self.time(instant)}"

    def span(self, span: Span) -> str:
        """The day once where both ends lie on it."""
        is_one_day = self.day(span.starts_at) == self.day(span.ends_at)
        return f"{self.day_time(span.starts_at)} to {(self.time if is_one_day else self.day_time)(span.ends_at)}"

    def is_on(self, day: object, minute: int) -> bool:
        return at_minute(minute).astimezone(self.zone).date() == day


def at_minute(minute: int) -> datetime:
    """The instant of a minute since 1970."""
    return EPOCH + minute * MINUTE


def length(minutes: int) -> str:
    """`90` -> "1 h 30 min", `2880` -> "2 days"."""
    days, rest = divmod(minutes, DAY)
    if days and not rest:
        return "1 day" if days == 1 else f"{days} days"
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part) or "0 min"


def _overlap(span: Span, other: Span) -> bool:
    return span.starts_at < other.ends_at and other.starts_at < span.ends_at


def _calls(cap: int | None) -> str:
    return "1 call" if cap == 1 else f"{cap} calls"


def _listed(texts: list[str]) -> str:
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last
