"""What an outside calendar (iCalendar text, RFC 5545) says of when its owner is busy. Pure.

It is foreign text, and may be made to hurt: it is worked through in a process of its own (expander.py), which is ended
when it takes too long.
"""

import hashlib
import re
import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from coaching.calendars.entries import Entry, UnreadableEntry, as_instant, entry_of, zone_of
from coaching.calendars.essence import without_past
from coaching.calendars.faults import MOST_EVENTS, MOST_INSTANCES, Fault, FeedError, unknown_zones, unreadable_events
from coaching.calendars.recurrence import starts_of
from coaching.zones import zone_label

_BEGINS = re.compile(r"^BEGIN:VCALENDAR\s*$", re.MULTILINE | re.IGNORECASE)
_EVENT_BEGINS = re.compile(r"^BEGIN:(VEVENT|VFREEBUSY)\s*$", re.MULTILINE | re.IGNORECASE)
# A change in how calendars are read: what was worked out before is worked out anew.
EDITION = 1

Busy = tuple[datetime, datetime]


@dataclass(frozen=True)
class Frame:
    """How a calendar is read: between which instants, and in which zone what names none.

    Events whose UID ends in our own host are sessions of this site, which are known here anyway. What was declined by
    whoever has the mail address `owner` does not take place for them.
    """

    from_at: datetime
    until_at: datetime
    zone: str
    own_host: str
    owner: str = ""


@dataclass(frozen=True)
class Reading:
    """When a calendar's owner is busy, in order and without overlaps; how many events say so, and what was odd."""

    busy: tuple[Busy, ...]
    events: int
    remark: str = ""


def fingerprint(essence: str, frame: Frame) -> str:
    """The same for two calendars that, read in such a frame, say the same of when somebody is busy."""
    return mark_of(frame) + hashlib.sha256(essence.encode(errors="replace")).hexdigest()


def mark_of(frame: Frame) -> str:
    """With what a fingerprint begins: it says how the text was read."""
    return hashlib.sha256(f"{EDITION} {frame.zone} {frame.own_host} {frame.owner}".encode()).hexdigest()[:16] + ":"


def read_events(essence: str, frame: Frame) -> Reading:
    """When the calendar's owner is busy, by the lines of it that matter (essence.py); FeedError where it is unclear."""
    text = without_past(essence, frame.from_at)
    if len(_EVENT_BEGINS.findall(text)) > MOST_EVENTS:
        raise FeedError(Fault.TOO_MANY)
    busy: list[Busy] = []
    odd_zones: dict[str, set[str]] = defaultdict(set)
    unreadable = 0
    for calendar in _calendars(text):
        zone = zone_of(str(calendar.get("X-WR-TIMEZONE", ""))) or frame.zone
        # Google calls somebody's first calendar by their mail address.
        owners = {frame.owner.lower(), str(calendar.get("X-WR-CALNAME", "")).lower()}
        entries = []
        for event in calendar.walk("VEVENT"):
            try:
                entry = entry_of(event, zone, owners)
            except UnreadableEntry:
                unreadable += 1
                continue
            if entry.odd_zones:
                odd_zones[zone] |= entry.odd_zones
            entries.append(entry)
        for span in (*busy_times(entries, frame), *_free_busy(calendar.walk("VFREEBUSY"), zone)):
            if span[1] > max(span[0], frame.from_at) and span[0] < frame.until_at:
                busy.append((max(span[0], frame.from_at), min(span[1], frame.until_at)))
                if len(busy) > MOST_INSTANCES:
                    raise FeedError(Fault.TOO_OFTEN)
    remarks = [unknown_zones(names, zone_label(zone)) for zone, names in odd_zones.items()]
    remarks += [unreadable_events(unreadable)] if unreadable else []
    return Reading(tuple(_merged(busy)), len(busy), " ".join(remarks))


def busy_times(entries: Iterable[Entry], frame: Frame) -> Iterator[Busy]:
    """When these events keep their owner busy, each repetition once; some may lie outside the frame."""
    by_uid = defaultdict(list)
    for entry in entries:
        by_uid[entry.uid].append(entry)
    for uid, versions in by_uid.items():
        if frame.own_host and uid.lower().endswith(f"@{frame.own_host.lower()}"):
            continue
        changed = _newest(entry for entry in versions if entry.replaces is not None)
        for master in _newest(entry for entry in versions if entry.replaces is None):
            yield from _times_of_series(master, changed, frame)
        for entry in changed:
            if entry.is_busy:
                yield entry.busy_from(entry.start)


def _times_of_series(master: Entry, changed: Iterable[Entry], frame: Frame) -> Iterator[Busy]:
    """The times of an event and its repetitions but for those that were changed one by one."""
    changed = list(changed)
    replaced = {entry.replaces for entry in changed}
    following = sorted((entry for entry in changed if entry.changes_following), key=_replaced)
    if not master.is_busy and not any(entry.is_busy for entry in following):
        return
    for wall, length in starts_of(master, frame.from_at, frame.until_at):
        if master.key_of(wall) in replaced or wall.date() in replaced:
            continue
        # The last change that holds from an earlier repetition on.
        earlier = bisect_right(following, wall, key=_replaced)
        if not earlier and master.is_busy:
            yield master.busy_from(wall, length)
        elif earlier and (entry := following[earlier - 1]).is_busy:
            yield entry.busy_from(wall + (entry.start - entry.replaces_wall))


def _replaced(entry: Entry) -> datetime:
    return entry.replaces_wall


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    """Of several versions of the same those with the highest SEQUENCE; several that are equal all count."""
    versions_by_key: dict[Any, list[Entry]] = defaultdict(list)
    for entry in entries:
        versions_by_key[entry.replaces].append(entry)
    newest = {key: max(entry.sequence for entry in versions) for key, versions in versions_by_key.items()}
    return [entry for key, versions in versions_by_key.items() for entry in versions if entry.sequence == newest[key]]


def _free_busy(components: Iterable[Any], zone: str) -> Iterator[Busy]:
    """The times of calendars that tell when somebody is busy, and nothing else."""
    tz = ZoneInfo(zone)
    for component in components:
        given = component.get("FREEBUSY", [])
        for period in given if isinstance(given, list) else [given]:
            if period.params.get("FBTYPE", "BUSY").upper() != "FREE":
                start, end = period.dt
                begins = as_instant(start, tz)
                yield begins, as_instant(end, tz) if isinstance(end, datetime) else begins + end


def _calendars(text: str) -> list[Any]:
    from icalendar import Calendar  # 3 MB, for the process that reads calendars alone

    count = len(_BEGINS.findall(text))
    if not count:
        raise FeedError(Fault.NO_CALENDAR)
    try:
        with warnings.catch_warnings(action="ignore"):  # guesses at names of zones
            calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        # What the library makes of a text that is none: it says "ValueError", and does not always keep to it.
        raise FeedError(Fault.BROKEN) from None
    if len(calendars) != count:  # the last one ends in the middle, and nobody knows what would have come
        raise FeedError(Fault.BROKEN)
    return list(calendars)


def _merged(times: Iterable[Busy]) -> Iterator[Busy]:
    begins: datetime | None = None
    ends = datetime.min.replace(tzinfo=UTC)
    for start, end in sorted(times):
        if begins is None or start > ends:
            if begins is not None:
                yield begins, ends
            begins, ends = start, end
        else:
            ends = max(ends, end)
    if begins is not None:
        yield begins, ends
