"""A coach's weekly hours and date overrides as plain values, the presets, and what makes them sound. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise

DAY = 24 * 60
WEEK = 7 * DAY
ONE_DAY = timedelta(days=1)
LONGEST_TRAVEL_DAYS = 366


@dataclass(frozen=True, slots=True, order=True)
class DaySpan:
    """Bookable time on the wall clock, in minutes after midnight; may run on into the next day."""

    start_minute: int
    length_minutes: int

    @property
    def end_minute(self) -> int:
        return self.start_minute + self.length_minutes


@dataclass(frozen=True, slots=True)
class TravelSpan:
    """Days on which hours are meant in another zone, the last one included."""

    zone: str
    from_on: date
    until_on: date

    def covers(self, day: date) -> bool:
        return self.from_on <= day <= self.until_on


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """When a coach takes sessions: spans by weekday (0 = Monday) in a zone, replaced on the dates in `overrides`.

    While the coach travels, the hours that begin on those dates are meant in the zone they are in.
    """

    zone: str
    week: Mapping[int, Sequence[DaySpan]]
    overrides: Mapping[date, Sequence[DaySpan]] = field(default_factory=dict)
    travels: tuple[TravelSpan, ...] = ()

    def zone_on(self, day: date) -> str:
        """The zone in which the hours that begin on `day` are meant."""
        return next((travel.zone for travel in self.travels if travel.covers(day)), self.zone)

    def spans_on(self, day: date) -> Sequence[DaySpan]:
        """The spans that begin on `day`: none when it is closed, none past midnight when the next day is."""
        spans = self.overrides[day] if day in self.overrides else self.week.get(day.weekday(), ())
        return tuple(map(until_midnight, spans)) if self.is_closed(day + ONE_DAY) else spans

    def is_closed(self, day: date) -> bool:
        """True when `day` is a day off; a weekday without hours is not."""
        return not self.overrides.get(day, True)


def until_midnight(span: DaySpan) -> DaySpan:
    """The span without what runs on into the next day."""
    return DaySpan(span.start_minute, min(span.length_minutes, DAY - span.start_minute))


MORNING = DaySpan(9 * 60, 3 * 60)
AFTERNOON = DaySpan(13 * 60, 4 * 60)
EVENING = DaySpan(18 * 60, 3 * 60)
WORKDAYS = range(5)

# What a new schedule begins with.
OFFICE_HOURS: Mapping[int, Sequence[DaySpan]] = dict.fromkeys(WORKDAYS, (DaySpan(9 * 60, 8 * 60),))

# What the three buttons of the wizard put into the week.
PRESETS: Mapping[str, Mapping[int, Sequence[DaySpan]]] = {
    name: dict.fromkeys(WORKDAYS, (span,))
    for name, span in {"morning": MORNING, "afternoon": AFTERNOON, "evening": EVENING}.items()
}


def with_preset(week: Mapping[int, Sequence[DaySpan]], preset: str) -> dict[int, tuple[DaySpan, ...]]:
    """The week with the preset's hours added; where they touch hours that are there already, both become one."""
    added = PRESETS[preset]
    days = sorted({*week, *added})
    return {day: joined([*week.get(day, ()), *added.get(day, ())]) for day in days}


def joined(spans: Iterable[DaySpan]) -> tuple[DaySpan, ...]:
    """The same time of one day in as few spans as possible, in order."""
    result: list[DaySpan] = []
    for span in sorted(spans):
        if result and span.start_minute <= result[-1].end_minute:
            first = result.pop()
            end = max(first.end_minute, span.end_minute)
            # A day's hours never last longer than a day, however they were piled up.
            span = DaySpan(first.start_minute, min(end - first.start_minute, DAY))
        result.append(span)
    return tuple(result)


def longest_stretch(week: Mapping[int, Sequence[DaySpan]]) -> int:
    """The minutes of the longest unbroken time in a week; 0 without hours."""
    # Twice the week in a row: hours may run on from Sunday into Monday.
    starts = [day * DAY + span.start_minute + again for day in week for span in week[day] for again in (0, WEEK)]
    lengths = [span.length_minutes for day in week for span in week[day] for _ in range(2)]
    longest, begins, ends = 0, 0, -1
    for start, length in sorted(zip(starts, lengths, strict=True)):
        begins = start if start > ends else begins
        ends = max(ends, start + length)
        longest = max(longest, ends - begins)
    return min(longest, WEEK)


def fault_in_travel(travel: TravelSpan, others: Iterable[TravelSpan]) -> str | None:
    """What is wrong with a journey beside the others of its schedule, as a sentence; None when it is sound."""
    if travel.until_on < travel.from_on:
        return "The last day is before the first. Change one of them."
    if (travel.until_on - travel.from_on).days >= LONGEST_TRAVEL_DAYS:
        return "Plan at most a year. If you stay for longer, change the zone of the schedule."
    for other in others:
        if other.from_on <= travel.until_on and travel.from_on <= other.until_on:
            days = f"{other.from_on.day} {other.from_on:%B %Y} until {other.until_on.day} {other.until_on:%B %Y}"
            return f"You are on another journey from {days}. Remove that one first, or choose other days."
    return None


def fault_in_day(spans: Iterable[DaySpan]) -> str | None:
    """What is wrong with the spans of one day, as a sentence; None when they are sound."""
    spans = sorted(spans)
    for span in spans:
        if not 0 <= span.start_minute < DAY:
            return "Hours begin between 00:00 and 23:59."
        if not 1 <= span.length_minutes <= DAY:
            return "Hours last from one minute to 24 hours."
    if any(span.end_minute > other.start_minute for span, other in pairwise(spans)):
        return "These hours overlap. Join them into one."
    return None


def fault_in_week(week: Mapping[int, Sequence[DaySpan]]) -> str | None:
    """What is wrong with a whole week, hours over midnight and from Sunday into Monday included."""
    for spans in week.values():
        if fault := fault_in_day(spans):
            return fault
    starts = sorted((day * DAY + span.start_minute, span.length_minutes) for day in week for span in week[day])
    if not starts:
        return None
    first_again = (starts[0][0] + WEEK, starts[0][1])
    if any(start + length > following for (start, length), (following, _) in pairwise([*starts, first_again])):
        return "The hours of one day run into the hours of the next. Shorten one of them."
    return None


def mark_of_week(week: Mapping[int, Sequence[DaySpan]]) -> str:
    """A short text that is another one for other hours, by which an older page is known."""
    said = [(day, span.start_minute, span.length_minutes) for day in sorted(week) for span in sorted(week[day])]
    return sha256(repr(said).encode()).hexdigest()[:16]
