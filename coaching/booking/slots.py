"""Which starts are free: a coach's hours less what is busy, on a grid, within notice and horizon. Pure.

Everything in between is counted in whole minutes since 1970 in UTC; the zone is asked only about the edges of days.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice, takewhile
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import MINUTE, minutes_ahead, minutes_ahead_on
from coaching.hours.week import DAY, WeeklyHours

ONE_DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
NEVER = -(10**12)
FOREVER = 10**12
# What the rules are reckoned with, least and most, whatever they say.
BOUNDS = {
    "length_minutes": (1, DAY),
    "grid_minutes": (1, DAY),
    "buffer_before_minutes": (0, DAY),
    "buffer_after_minutes": (0, DAY),
    "notice_minutes": (0, 366 * DAY),
    "horizon_days": (0, 100 * 366),
}


@dataclass(frozen=True, slots=True)
class Span:
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

    def __post_init__(self) -> None:
        # No number may cost a page, or a loop without end.
        for name, (least, most) in BOUNDS.items():
            object.__setattr__(self, name, min(max(getattr(self, name), least), most))


@dataclass(frozen=True, slots=True)
class _Change:
    """The minute in UTC at which a zone's clocks are changed, and how far ahead of UTC they are before and after."""

    at: int
    before: int
    after: int

    @classmethod
    def around(cls, midnight: int, before: int, after: int, zone: ZoneInfo) -> "_Change":
        """The change that lies between this midnight on the wall and the one two days later."""
        # A day earlier: where clocks skip midnight itself, it would count from behind the change.
        minutes = range(midnight - before - DAY, midnight - after + 2 * DAY)
        is_over = bisect_left(minutes, True, key=lambda minute: minutes_ahead(EPOCH + minute * MINUTE, zone) != before)
        return cls(minutes.start + is_over, before, after)


@dataclass(frozen=True, slots=True)
class _Opening:
    """One span of hours on one date: the starts it offers, and how long the hours go on from there."""

    start: int
    end: int
    starts: Sequence[int]


def open_slots(
    hours: WeeklyHours,
    busy: Iterable[Span],
    rules: SlotRules,
    now: datetime,
    window: Span,
    counted: Iterable[datetime] = (),
) -> list[datetime]:
    """The starts in `window` that can be booked at `now`, in order.

    `busy` are spans to keep off with the new slot's own buffers; a session brings its buffers within its span.
    `counted` are the starts of the sessions that use up the daily cap.
    """
    earliest = _first_minute(max(window.starts_at, now + rules.notice_minutes * MINUTE))
    latest = _first_minute(min(window.ends_at, now + rules.horizon_days * ONE_DAY)) - 1
    if earliest > latest:
        return []
    zone = ZoneInfo(hours.zone)
    gaps = _gaps(busy)
    found: set[int] = set()
    for opening in _unbroken(_openings(hours, zone, rules.grid_minutes, earliest, latest)):
        found.update(_free_starts(opening, gaps, rules, earliest, latest))
    slots = [EPOCH + minute * MINUTE for minute in sorted(found)]
    return _below_cap(slots, rules.daily_cap, counted, zone)


def _free_starts(
    opening: _Opening, gaps: list[tuple[int, int]], rules: SlotRules, earliest: int, latest: int
) -> Iterator[int]:
    before, after, length = rules.buffer_before_minutes, rules.buffer_after_minutes, rules.length_minutes
    first = max(opening.start, earliest)
    last = min(opening.end - length, latest)
    at_hand = max(bisect_right(gaps, (first, FOREVER)) - 1, 0)
    for free_from, free_until in takewhile(lambda gap: gap[0] <= last, islice(gaps, at_hand, None)):
        low = max(first, free_from + before)
        high = min(last, free_until - after - length)
        if low <= high:
            yield from opening.starts[bisect_left(opening.starts, low) : bisect_right(opening.starts, high)]


def _gaps(busy: Iterable[Span]) -> list[tuple[int, int]]:
    """The times between busy ones, the first from ever and the last for ever; those that touch leave none."""
    gaps = []
    free_from = NEVER
    for start, end in sorted((_last_minute(span.starts_at), _first_minute(span.ends_at)) for span in busy):
        if start > free_from:
            gaps.append((free_from, start))
        free_from = max(free_from, end)
    return [*gaps, (free_from, FOREVER)]


def _openings(hours: WeeklyHours, zone: ZoneInfo, grid: int, earliest: int, latest: int) -> Iterator[_Opening]:
    # A day earlier and later, since hours may run over midnight and zones lie up to a day apart.
    first, last = EPOCH_DAY + earliest // DAY - 2, EPOCH_DAY + latest // DAY + 1
    days = [date.fromordinal(day) for day in range(first, last + 3)]
    ahead = [minutes_ahead_on(day, zone) for day in days]
    for day, before, after in zip(days, ahead, ahead[2:], strict=False):
        midnight = (day.toordinal() - EPOCH_DAY) * DAY
        for span in hours.spans_on(day):
            start, end = midnight + span.start_minute, midnight + span.end_minute
            if before == after:
                yield _Opening(start - before, end - before, range(start - before, end - before, grid))
            else:
                yield from _openings_at_change(start, end, grid, _Change.around(midnight, before, after, zone))


def _openings_at_change(start: int, end: int, grid: int, change: _Change) -> Iterator[_Opening]:
    # A minute is open if the wall shows a time within the hours: a repeated one both times. So the same hours are read
    # with the offset before the change up to it, and with the one after it from there on.
    before = range(start - change.before, min(end - change.before, change.at), grid)
    yield _Opening(start - change.before, max(before.stop, before.start), before)
    # Skipped starts fall together on the first real minute after, even if no hours are left there: others may touch.
    first_left = change.at + min(change.before, change.after)
    after = sorted({max(wall - change.after, change.at) for wall in range(start, end, grid) if wall >= first_left})
    opens = max(start - change.after, change.at)
    yield _Opening(opens, max(end - change.after, opens), after)


def _unbroken(openings: Iterable[_Opening]) -> Iterator[_Opening]:
    """The same openings, each ending where the hours really stop: touching ones let a session run on."""
    in_order = sorted(openings, key=lambda opening: opening.start)
    reached = accumulate((opening.end for opening in in_order), max)
    following = [*(opening.start for opening in in_order[1:]), FOREVER]
    end = NEVER
    for opening, reaches, next_start in reversed(list(zip(in_order, reached, following, strict=False))):
        if reaches < next_start:
            end = reaches
        yield _Opening(opening.start, end, opening.starts)


def _below_cap(slots: list[datetime], cap: int | None, counted: Iterable[datetime], zone: ZoneInfo) -> list[datetime]:
    if cap is None:
        return slots
    booked_on = Counter(start.astimezone(zone).date() for start in counted)
    return [slot for slot in slots if booked_on[slot.astimezone(zone).date()] < cap]


def _first_minute(at: datetime) -> int:
    """The first whole minute not before `at`."""
    return -((EPOCH - at) // MINUTE)


def _last_minute(at: datetime) -> int:
    """The last whole minute not after `at`."""
    return (at - EPOCH) // MINUTE
