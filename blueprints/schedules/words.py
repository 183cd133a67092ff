"""A schedule in words, as lists and previews say it; clocks as the browser's language has them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from blueprints.filters import clock_text
from blueprints.languages import has_twelve_hours
from blueprints.schedules.week import DAY_NAMES
from coaching.booking.coach_days import coach_zone
from coaching.hours.openings import Opening
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import DAY, ONE_DAY, DaySpan, WeeklyHours


def week_text(week: Mapping[int, Sequence[DaySpan]]) -> str:
    """`{0: 9 to 17, …, 4: 9 to 17}` -> "Mon–Fri 09:00–17:00", days in a row together."""
    days = [(day, spans_text(week[day])) for day in range(7) if week.get(day)]
    groups = groupby(enumerate(days), key=lambda item: (item[1][0] - item[0], item[1][1]))
    parts = [(text, [day for _, (day, _) in members]) for (_, text), members in groups]
    return ", ".join(f"{days_text(run)} {text}" for text, run in parts) or "No hours"


def days_text(days: Sequence[int]) -> str:
    """`[0, 1, 2]` -> "Mon–Wed"."""
    first, last = DAY_NAMES[days[0]][:3], DAY_NAMES[days[-1]][:3]
    return first if first == last else f"{first}–{last}"


def spans_text(spans: Iterable[DaySpan]) -> str:
    """The hours of one day: "09:00–12:00 and 14:00–17:00"."""
    parts = [f"{minute_text(span.start_minute)}–{minute_text(span.end_minute)}" for span in sorted(spans)]
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def minute_text(minute: int) -> str:
    """The time so many minutes after midnight; the one at the end of a day is "24:00"."""
    if minute == DAY:
        return "midnight" if has_twelve_hours() else "24:00"
    return clock_text(datetime.combine(date.min, time()) + minute % DAY * MINUTE)


def openings_text(openings: Iterable[Opening], zone: str) -> str:
    """When they are on the clock of a zone, with the day where it is another one: "Sun 22:00–Mon 01:00"."""
    parts = []
    for opening in openings:
        start, end = (at.astimezone(ZoneInfo(zone)) for at in (opening.starts_at, opening.ends_at))
        parts.append(f"{_clock(start, opening.day_on)}–{_clock(end, start.date())}")
    return ", ".join(parts) or "closed"


def off_text(starts_at: datetime, ends_at: datetime, hours: WeeklyHours) -> str:
    """When somebody is off, on the clock of where they are: whole days as "Tue 9 March 2027 to Fri 12 March 2027"."""
    # The end belongs to the day before it.
    zones = coach_zone(starts_at, hours), coach_zone(ends_at - MINUTE, hours)
    start, end = (at.astimezone(ZoneInfo(zone)) for at, zone in zip((starts_at, ends_at), zones, strict=True))
    if start.time() == end.time() == time():
        first, last = start.date(), end.date() - ONE_DAY
        return day_text(first) if first == last else f"{day_text(first)} to {day_text(last)}"
    # Midnight belongs to the day that it ends.
    last, until = (end.date() - ONE_DAY, DAY) if end.time() == time() else (end.date(), end.hour * 60 + end.minute)
    ends = minute_text(until) if start.date() == last else f"{day_text(last)}, {minute_text(until)}"
    return f"{day_text(start.date())}, {clock_text(start)} to {ends}"


def day_text(day: date) -> str:
    """`Tue 9 March 2027`."""
    return f"{day:%a} {day.day} {day:%B %Y}"


def _clock(there: datetime, day: date) -> str:
    return clock_text(there) if there.date() == day else f"{there:%a} {clock_text(there)}"
