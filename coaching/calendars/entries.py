"""One event of an outside calendar as plain values: when by its own clock, how long, how often, if busy. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule

from coaching.calendars.rules import rule_of, wall_of
from coaching.zones import is_zone

ONE_DAY = timedelta(days=1)
# On any wall. Birthdays without a year begin in 1604.
FIRST, LAST = datetime.fromisoformat("1600-01-01"), datetime.fromisoformat("2200-01-01")

# Which repetition is meant: by its instant, or by its date where the event takes whole days.
Key = datetime | date


class UnreadableEntry(Exception):
    """An event whose time is not to be found out."""


@dataclass(frozen=True)
class Entry:
    """An event; `start` and the other times without a zone are those on the wall of `tz`."""

    uid: str
    start: datetime
    length: timedelta
    tz: tzinfo
    is_whole_days: bool
    is_busy: bool
    sequence: int
    rules: tuple[rrule, ...] = ()
    more: tuple[tuple[datetime, timedelta | None], ...] = ()  # further times, some with a length of their own
    but: frozenset[Key] = frozenset()  # repetitions that do not take place
    replaces: Key | None = None  # the repetition of another event that this one stands for
    replaces_wall: datetime = FIRST
    changes_following: bool = False  # and all after it
    odd_zones: frozenset[str] = frozenset()

    def key_of(self, wall: datetime) -> Key:
        """Which repetition it is that begins then."""
        return wall.date() if self.is_whole_days else self.instant_of(wall)

    def busy_from(self, wall: datetime, length: timedelta | None = None) -> tuple[datetime, datetime]:
        """From when to when it takes its owner's time if it begins then: whole days end at midnight."""
        lasts = self.length if length is None else length
        begins = self.instant_of(wall)
        if self.is_whole_days:
            return begins, self.instant_of(wall + lasts)
        if wall == self.start:
            return begins, begins + lasts
        on_the_wall = wall_of(self.instant_of(self.start) + lasts, self.tz) - self.start
        # Over a change of clocks a repetition lasts as long as the first (RFC 5545), or ends at the same time of day,
        # as many programs have it: busy by either is busy.
        return begins, max(begins + lasts, self.instant_of(wall + on_the_wall))

    def instant_of(self, wall: datetime) -> datetime:
        """The instant at which the wall says so; in a gap as far behind it as the clock would have gone on."""
        return wall.replace(tzinfo=self.tz).astimezone(UTC)


def entry_of(event: Any, zone: str, owners: Collection[str] = ()) -> Entry:
    """The event of icalendar's; `zone` holds for what names none. UnreadableEntry where part of it says nothing.

    It keeps nobody busy where one of the `owners`, by their mail address in small letters, has declined it.
    """
    try:
        entry = _entry_of(event, zone, owners)
    except (ValueError, OverflowError, TypeError, AttributeError):
        # The library keeps what it cannot read, and raises when that is asked for.
        raise UnreadableEntry from None
    if not FIRST <= entry.start <= LAST:
        raise UnreadableEntry
    return entry


def _entry_of(event: Any, zone: str, owners: Collection[str]) -> Entry:
    odd: set[str] = set()
    given = _first(event, "DTSTART")
    start: date = given.dt
    tz: tzinfo = ZoneInfo(zone)
    if isinstance(start, datetime):
        _note_odd_zone(given, start, odd)
        tz = start.tzinfo or tz
    is_whole_days, wall = not isinstance(start, datetime), wall_of(start, tz)
    entry = Entry(
        uid=str(_first(event, "UID") or ""),
        start=wall,
        length=_length(event, wall, tz, is_whole_days, odd),
        tz=tz,
        is_whole_days=is_whole_days,
        is_busy=_is_busy(event) and not _is_declined(event, owners),
        sequence=_number(_first(event, "SEQUENCE")),
        odd_zones=frozenset(odd),
    )
    if (replaced := _first(event, "RECURRENCE-ID")) is not None:
        # It stands for one repetition: rules of its own would be the whole series over again.
        return _replacing(entry, replaced)
    rules = tuple(rule_of(rule, wall, tz) for rule in _all(event, "RRULE"))
    return replace(entry, rules=rules, more=tuple(_further(event, tz)), but=frozenset(_excluded(event, entry)))


def zone_of(name: str) -> str | None:
    """The zone of this name, if there is one."""
    return name if is_zone(name) else None


def as_instant(given: datetime, tz: tzinfo) -> datetime:
    """The instant of a time that may have no zone of its own."""
    return (given if given.tzinfo else given.replace(tzinfo=tz)).astimezone(UTC)


def _replacing(entry: Entry, replaced: Any) -> Entry:
    wall = wall_of(replaced.dt, entry.tz)
    is_date = entry.is_whole_days or not isinstance(replaced.dt, datetime)
    key: Key = wall.date() if is_date else entry.instant_of(wall)
    return replace(entry, replaces=key, replaces_wall=wall, changes_following="RANGE" in replaced.params)


def _length(event: Any, wall: datetime, tz: tzinfo, is_whole_days: bool, odd: set[str]) -> timedelta:
    given, lasts = _first(event, "DTEND"), _first(event, "DURATION")
    if given is not None:
        end: date = given.dt
        if is_whole_days or not isinstance(end, datetime):
            length = wall_of(end, tz) - wall
        else:
            _note_odd_zone(given, end, odd)
            length = as_instant(end, tz) - as_instant(wall, tz)
    elif lasts is not None:
        length = lasts.dt
    else:
        # By the standard: a whole day, or no time at all.
        length = ONE_DAY if is_whole_days else timedelta()
    return min(max(length, ONE_DAY if is_whole_days else timedelta()), LAST - FIRST)


def _is_busy(event: Any) -> bool:
    said = {name: str(_first(event, name) or "").upper() for name in ("TRANSP", "STATUS")}
    # What Exchange and Outlook say beside it, or instead.
    microsoft_status = str(_first(event, "X-MICROSOFT-CDO-BUSYSTATUS") or "").upper()
    return said["TRANSP"] != "TRANSPARENT" and said["STATUS"] != "CANCELLED" and microsoft_status != "FREE"


def _is_declined(event: Any, owners: Collection[str]) -> bool:
    return any(
        str(attendee).lower().removeprefix("mailto:") in owners
        and attendee.params.get("PARTSTAT", "").upper() == "DECLINED"
        for attendee in _all(event, "ATTENDEE")
    )


def _further(event: Any, tz: tzinfo) -> Iterator[tuple[datetime, timedelta | None]]:
    """The times that are listed one by one, each with its length where it has one of its own."""
    for given in _listed(event, "RDATE"):
        if isinstance(given, tuple) and isinstance(given[0], datetime):
            start, end = given
            yield wall_of(start, tz), end if isinstance(end, timedelta) else end - start
        elif isinstance(given, date):
            yield wall_of(given, tz), None


def _excluded(event: Any, entry: Entry) -> Iterator[Key]:
    for given in _listed(event, "EXDATE"):
        if isinstance(given, datetime):
            yield given.date() if entry.is_whole_days else as_instant(given, entry.tz)
        else:
            yield given


def _listed(event: Any, name: str) -> Iterator[Any]:
    for several in _all(event, name):
        yield from (instant.dt for instant in several.dts)


def _note_odd_zone(given: Any, read: datetime, odd: set[str]) -> None:
    name = given.params.get("TZID")
    if name and read.tzinfo is None:
        odd.add(str(name))


def _number(given: Any) -> int:
    try:
        return int(given)
    except (TypeError, ValueError):
        return 0


def _first(event: Any, name: str) -> Any:
    """The property, or the first where there are several."""
    return next(iter(_all(event, name)), None)


def _all(event: Any, name: str) -> list[Any]:
    given = event.get(name)
    if given is None:
        return []
    return given if isinstance(given, list) else [given]
