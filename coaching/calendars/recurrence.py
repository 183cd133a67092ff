"""When an event of an outside calendar takes place: its rules, further times and exceptions (RFC 5545, 3.8.5). Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from coaching.calendars.entries import LAST, ONE_DAY, Entry
from coaching.calendars.faults import MOST_INSTANCES, Fault, FeedError

Start = tuple[datetime, timedelta | None]


def starts_of(entry: Entry, from_at: datetime, until_at: datetime) -> Iterator[Start]:
    """When it begins on its own wall, each time once, with the length where that is another; a few lie outside."""
    seen: set[datetime] = set()
    # A day more on each side: walls are up to a day apart.
    first = from_at.replace(tzinfo=None) - entry.length - 2 * ONE_DAY
    last = min(until_at.replace(tzinfo=None) + 2 * ONE_DAY, LAST)
    for wall, length in _all_starts(entry, first, last):
        if wall in seen or entry.key_of(wall) in entry.but or wall.date() in entry.but:
            continue
        seen.add(wall)
        if len(seen) > MOST_INSTANCES:
            raise FeedError(Fault.TOO_OFTEN)
        yield wall, length


def _all_starts(entry: Entry, first: datetime, last: datetime) -> Iterator[Start]:
    yield from ((wall, length) for wall, length in entry.more if first <= wall <= last)
    # The event itself counts even where its own rule would not have it.
    if first <= entry.start <= last:
        yield entry.start, None
    for rule in entry.rules:
        for wall in rule:
            if wall > last:
                break
            if wall >= first:
                yield wall, None
