"""Which starts are free: hours, minus what is busy, cut into starts, within notice, horizon and caps. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from coaching.booking.caps import Caps, below_caps
from coaching.booking.openings import EPOCH, FOREVER, NEVER, Opening, first_minute, last_minute, openings_between
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import DAY, WeeklyHours

ONE_DAY = timedelta(days=1)
# What the rules are reckoned with, least and most, whatever they say.
BOUNDS = {
    "length_minutes": (1, DAY),
    "grid_minutes": (1, DAY),
    "buffer_before_minutes": (0, DAY),
    "buffer_after_minutes": (0, DAY),
    "notice_minutes": (0, 366 * DAY),
    "horizon_days": (0, 100 * 366),
}


class Span(NamedTuple):
    """From one instant up to another; the end itself is free again."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SlotRules:
    """How a product may be booked: its length, the grid of its starts, and what is kept clear around it."""

    length_minutes: int
    grid_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    notice_minutes: int = 0
    horizon_days: int = 60
    daily_cap: int | None = None
    weekly_cap: int | None = None

    def __post_init__(self) -> None:
        # No number may cost a page, or a loop without end.
        for name, (least, most) in BOUNDS.items():
            object.__setattr__(self, name, min(max(getattr(self, name), least), most))


def open_slots(
    hours: WeeklyHours,
    busy: Iterable[Span],
    rules: SlotRules,
    now: datetime,
    window: Span,
    counted: Iterable[datetime] = (),
    elsewhere: Iterable[Span] = (),
) -> list[datetime]:
    """The starts in `window` that can be booked at `now`, in order.

    `busy` are spans of the coach, to keep off with the new slot's own buffers; a session brings its buffers within its
    span. `counted` are the starts of the sessions that use up the caps. `elsewhere` is when the student is busy: only
    the session itself keeps off that.
    """
    earliest, latest = bookable_minutes(rules, now, window)
    if earliest > latest:
        return []
    openings = openings_between(hours, rules.grid_minutes, earliest, latest)
    gaps = gaps_between(busy)
    starts = sorted({start for opening in openings for start in free_starts(opening, gaps, rules, earliest, latest)})
    starts = clear_of(starts, gaps_between(elsewhere), rules.length_minutes)
    caps = Caps(rules.daily_cap, rules.weekly_cap, counted, hours)
    return below_caps([EPOCH + minute * MINUTE for minute in starts], caps)


def bookable_minutes(rules: SlotRules, now: datetime, window: Span) -> tuple[int, int]:
    """The first and the last minute of the window at which notice and horizon let a session start."""
    earliest = max(window.starts_at, now + rules.notice_minutes * MINUTE)
    return first_minute(earliest), first_minute(min(window.ends_at, now + rules.horizon_days * ONE_DAY)) - 1


def gaps_between(busy: Iterable[Span]) -> list[tuple[int, int]]:
    """The times between busy ones, the first from ever and the last for ever; those that touch leave none.

    What is busy is told in UTC: two times of one zone are compared as its wall shows them.
    """
    gaps = []
    latest: datetime | None = None
    for start, end in sorted(busy, key=itemgetter(0)):
        # Minutes are worked out where there may be a gap, not for each of those that overlap.
        if latest is None or start > latest:
            free_from, busy_from = first_minute(latest) if latest else NEVER, last_minute(start)
            if busy_from > free_from:
                gaps.append((free_from, busy_from))
        if latest is None or end > latest:
            latest = end
    return [*gaps, (first_minute(latest) if latest else NEVER, FOREVER)]


def free_starts(
    opening: Opening, gaps: list[tuple[int, int]], rules: SlotRules, earliest: int, latest: int
) -> Iterator[int]:
    """The starts of one opening from which a session fits into it, and with its buffers into a gap."""
    before, after, length = rules.buffer_before_minutes, rules.buffer_after_minutes, rules.length_minutes
    first = max(opening.start, earliest)
    last = min(opening.end - length, latest)
    at_hand = max(bisect_right(gaps, (first, FOREVER)) - 1, 0)
    for free_from, free_until in gaps[at_hand : bisect_right(gaps, (last, FOREVER))]:
        low = max(first, free_from + before)
        high = min(last, free_until - after - length)
        if low <= high:
            yield from opening.starts[bisect_left(opening.starts, low) : bisect_right(opening.starts, high)]


def clear_of(starts: list[int], gaps: list[tuple[int, int]], length: int) -> list[int]:
    """Those of the starts from which a session without buffers fits into a gap."""
    if gaps == [(NEVER, FOREVER)]:
        return starts
    around = (gaps[max(bisect_right(gaps, (start, FOREVER)) - 1, 0)] for start in starts)
    return [
        start
        for start, (free_from, free_until) in zip(starts, around, strict=True)
        if free_from <= start and start + length <= free_until
    ]
