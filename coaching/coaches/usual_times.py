"""When a coach is usually free, worked out from their weekly hours: by the parts of the days of a week. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coaching.hours.openings import openings
from coaching.hours.wall_clock import MINUTE, instant_of
from coaching.hours.week import DAY, ONE_DAY, WeeklyHours

# From which hour to which; the storefront's parts of a day are the same.
PARTS = {"night": (0, 6), "morning": (6, 12), "afternoon": (12, 17), "evening": (17, 24)}
# Less of a part is not worth a word, unless there is no more of any.
WORTH_A_WORD = timedelta(hours=2)
# A zone is at most 14 hours ahead of UTC and 12 behind, so what is open on a day there begins at most two days off.
FURTHEST = 2 * ONE_DAY


@dataclass(frozen=True)
class UsualTimes:
    """Which parts of which weekday (0 = Monday) are open, by the clocks of a zone."""

    zone: str
    parts: tuple[frozenset[str], ...]

    def __bool__(self) -> bool:
        return any(self.parts)


def usual_times(hours: Iterable[WeeklyHours], zone: str, from_on: date) -> UsualTimes:
    """The parts that are open in the week from this day on, by the clocks that `zone` has then.

    Weekly hours alone count: days off, other hours on one date and journeys are not what is usual.
    """
    here = ZoneInfo(zone)
    days = [from_on + count * ONE_DAY for count in range(7)]
    spans = list(_joined(_spans(hours, from_on - FURTHEST, days[-1] + FURTHEST)))
    open_for = {
        (day, part): sum((_shared(spans, *_bounds(day, part, here))), timedelta()) for day in days for part in PARTS
    }
    least = WORTH_A_WORD if max(open_for.values()) >= WORTH_A_WORD else MINUTE
    by_weekday = sorted(days, key=lambda day: day.weekday())
    return UsualTimes(
        zone, tuple(frozenset(part for part in PARTS if open_for[day, part] >= least) for day in by_weekday)
    )


def _spans(hours: Iterable[WeeklyHours], first_on: date, last_on: date) -> Iterator[tuple[datetime, datetime]]:
    for week in hours:
        plain = replace(week, overrides={}, travels=())
        yield from ((opening.starts_at, opening.ends_at) for opening in openings(plain, first_on, last_on))


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """The same time in spans that do not overlap: two products may be sold in the same hours."""
    begins: datetime | None = None
    ends: datetime | None = None
    for starts_at, ends_at in sorted(spans):
        if begins is not None and ends is not None and starts_at <= ends:
            ends = max(ends, ends_at)
            continue
        if begins is not None and ends is not None:
            yield begins, ends
        begins, ends = starts_at, ends_at
    if begins is not None and ends is not None:
        yield begins, ends


def _bounds(day: date, part: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, last = (hour * 60 for hour in PARTS[part])
    ends_at = instant_of(day + ONE_DAY, 0, zone) if last == DAY else instant_of(day, last, zone)
    return instant_of(day, first, zone), ends_at


def _shared(spans: Iterable[tuple[datetime, datetime]], begins: datetime, ends: datetime) -> Iterator[timedelta]:
    for starts_at, ends_at in spans:
        if starts_at < ends and begins < ends_at:
            yield min(ends_at, ends) - max(starts_at, begins)


def days_of(usual: UsualTimes) -> Mapping[str, frozenset[int]]:
    """By part, on which weekdays it is open; parts that never are left out."""
    days_by_part = {part: frozenset(day for day, parts in enumerate(usual.parts) if part in parts) for part in PARTS}
    return {part: days for part, days in days_by_part.items() if days}
