"""A schedule in words, as lists and previews say it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from blueprints.schedules.week import DAY_NAMES, clock_text
from coaching.hours.openings import Opening
from coaching.hours.week import DAY, DaySpan


def week_text(week: Mapping[int, Sequence[DaySpan]]) -> str:
    """`{0: 9 to 17, …, 4: 9 to 17}` -> "Mon–Fri 09:00–17:00", days in a row together."""
    days = [(day, spans_text(week[day])) for day in range(7) if week.get(day)]
    groups = groupby(enumerate(days), key=lambda item: (item[1][0] - item[0], item[1][1]))
    told = [(text, [day for _, (day, _) in members]) for (_, text), members in groups]
    return ", ".join(f"{days_text(run)} {text}" for text, run in told) or "No hours"


def days_text(days: Sequence[int]) -> str:
    """`[0, 1, 2]` -> "Mon–Wed"."""
    first, last = DAY_NAMES[days[0]][:3], DAY_NAMES[days[-1]][:3]
    return first if first == last else f"{first}–{last}"


def spans_text(spans: Iterable[DaySpan]) -> str:
    """The hours of one day: "09:00–12:00 and 14:00–17:00"."""
    told = [f"{clock_text(span.start_minute)}–{end_text(span)}" for span in sorted(spans)]
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else "".join(told)


def end_text(span: DaySpan) -> str:
    """When the hours end: midnight at the end of the day is 24:00."""
    return "24:00" if span.end_minute == DAY else clock_text(span.end_minute)


def openings_text(openings: Iterable[Opening], zone: str) -> str:
    """When they are on the clock of a zone, with the day where it is another one: "Sun 22:00–Mon 01:00"."""
    told = []
    for opening in openings:
        start, end = (at.astimezone(ZoneInfo(zone)) for at in (opening.starts_at, opening.ends_at))
        told.append(f"{_clock(start, opening.day_on)}–{_clock(end, start.date())}")
    return ", ".join(told) or "closed"


def day_text(day: date) -> str:
    """`Tue 9 March 2027`."""
    return f"{day:%a} {day.day} {day:%B %Y}"


def range_text(first: date, last: date) -> str:
    """`9 March 2027`, or `9 March 2027 to 12 March 2027`."""
    texts = [f"{day.day} {day:%B %Y}" for day in (first, last)]
    return texts[0] if first == last else " to ".join(texts)


def _clock(there: datetime, day: date) -> str:
    return f"{there:%H:%M}" if there.date() == day else f"{there:%a %H:%M}"
