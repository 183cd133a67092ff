"""A coach's hours as openings in UTC, on a grid: clock changes and travel are over once these are made. Pure.

Everything is counted in whole minutes since 1970 in UTC; a zone is asked only about the edges of days.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import MINUTE, minutes_ahead, minutes_ahead_on
from coaching.hours.week import DAY, ONE_DAY, WeeklyHours

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
NEVER = -(10**12)
FOREVER = 10**12


class Opening(NamedTuple):
    """One span of hours on one date: the starts it offers, and how long the hours go on from there."""

    start: int
    end: int
    starts: Sequence[int]


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


def openings_between(hours: WeeklyHours, grid: int, earliest: int, latest: int) -> Iterator[Opening]:
    """Every opening that may reach into these minutes, by its start; touching ones let a session run on."""
    # A day earlier and later, since hours may run over midnight and zones lie up to a day apart.
    first, last = EPOCH_DAY + earliest // DAY - 2, EPOCH_DAY + latest // DAY + 1
    days = [date.fromordinal(day) for day in range(first, last + 1)]
    stays = groupby(days, hours.zone_on) if hours.travels else [(hours.zone, days)]
    return _unbroken(opening for zone, stay in stays for opening in _openings(hours, ZoneInfo(zone), grid, list(stay)))


def _openings(hours: WeeklyHours, zone: ZoneInfo, grid: int, days: Sequence[date]) -> Iterator[Opening]:
    # Hours of the last day that run over midnight do so in its zone, wherever the coach is by then.
    ahead = [minutes_ahead_on(day, zone) for day in (*days, days[-1] + ONE_DAY, days[-1] + 2 * ONE_DAY)]
    for day, before, after in zip(days, ahead, ahead[2:], strict=False):
        midnight = (day.toordinal() - EPOCH_DAY) * DAY
        for span in hours.spans_on(day):
            start, end = midnight + span.start_minute, midnight + span.end_minute
            if before == after:
                yield Opening(start - before, end - before, range(start - before, end - before, grid))
            else:
                yield from _openings_at_change(start, end, grid, _Change.around(midnight, before, after, zone))


def _openings_at_change(start: int, end: int, grid: int, change: _Change) -> Iterator[Opening]:
    # A minute is open if the wall shows a time within the hours: a repeated one both times. So the same hours are read
    # with the offset before the change up to it, and with the one after it from there on.
    before = range(start - change.before, min(end - change.before, change.at), grid)
    yield Opening(start - change.before, max(before.stop, before.start), before)
    # Skipped starts fall together on the first real minute after, even if no hours are left there: others may touch.
    first_left = change.at + min(change.before, change.after)
    after = sorted({max(wall - change.after, change.at) for wall in range(start, end, grid) if wall >= first_left})
    opens = max(start - change.after, change.at)
    yield Opening(opens, max(end - change.after, opens), after)


def _unbroken(openings: Iterable[Opening]) -> Iterator[Opening]:
    """The same openings, each ending where the hours really stop."""
    in_order = sorted(openings, key=lambda opening: opening.start)
    reached = accumulate((opening.end for opening in in_order), max)
    following = [*(opening.start for opening in in_order[1:]), FOREVER]
    end = NEVER
    for opening, reaches, next_start in reversed(list(zip(in_order, reached, following, strict=False))):
        if reaches < next_start:
            end = reaches
        yield Opening(opening.start, end, opening.starts)


def first_minute(at: datetime) -> int:
    """The first whole minute not before `at`."""
    return -_whole_minutes(EPOCH - at)


def last_minute(at: datetime) -> int:
    """The last whole minute not after `at`."""
    return _whole_minutes(at - EPOCH)


def _whole_minutes(length: timedelta) -> int:
    # A third of what dividing by a minute takes, and a month with hundreds of busy times asks for a thousand of them.
    return length.days * DAY + length.seconds // 60
