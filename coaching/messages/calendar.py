"""Coaching sessions as iCalendar text (RFC 5545, 5546): a file to download, an invitation in a mail, a feed. Pure.

A session is the same entry in all of them, whichever comes first: one UID for ever, and a SEQUENCE that rises with
every change.

icalendar takes 3 MB: who writes an entry imports this only then.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress

from coaching.hours.wall_clock import minutes_ahead_on
from coaching.messages.calendar_entries import Entry, Method, Party, description_of

PRODUCT_ID = "-//Greenroom//coaching sessions//EN"
# A feed says how often it is worth reading (RFC 7986).
READ_EVERY = timedelta(hours=1)


def invitation(entry: Entry, organizer: Party, attendee: Party, now: datetime) -> tuple[Method, bytes]:
    """What a mail carries: the entry for the calendar of its recipient, who is asked for no answer."""
    method = Method.CANCEL if entry.is_cancelled else Method.REQUEST
    event = _event(entry, now)
    event.add("organizer", _calendar_address(organizer))
    invited = _calendar_address(attendee)
    invited.params["ROLE"] = "REQ-PARTICIPANT"
    invited.params["PARTSTAT"] = "ACCEPTED"
    invited.params["RSVP"] = "FALSE"
    event.add("attendee", invited)
    calendar = _calendar()
    calendar.add("method", method.value)
    return method, _as_bytes(calendar, [event])


def session_file(entry: Entry, now: datetime) -> bytes:
    """The entry as a file to download: it invites nobody, so it has no METHOD."""
    return _as_bytes(_calendar(), [_event(entry, now)])


def feed_file(entries: Iterable[Entry], name: str, now: datetime) -> bytes:
    """All entries as one calendar called `name`, for a program that reads it again and again."""
    calendar = _calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)  # what most programs know in place of NAME
    calendar.add("refresh-interval", READ_EVERY, parameters={"VALUE": "DURATION"})
    return _as_bytes(calendar, [_event(entry, now) for entry in entries])


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    return calendar


def _as_bytes(calendar: Calendar, events: Sequence[Event]) -> bytes:
    for event in events:
        calendar.add_component(event)
    years = [event.decoded(name).year for event in events for name in ("dtstart", "dtend")]
    for zone in sorted(calendar.get_missing_tzids()):
        calendar.subcomponents.insert(0, _rules_of(zone, min(years), max(years)))
    return bytes(calendar.to_ical())


@lru_cache(maxsize=100)
def _rules_of(zone: str, first_year: int, last_year: int) -> Timezone:
    """The changes of a zone's clock around these years: with all since 1970 a file would be ten times as long.

    Kept: icalendar takes 50 ms to find out that there are none.
    """
    return Timezone.from_tzid(zone, first_date=date(first_year - 1, 1, 1), last_date=date(last_year + 2, 1, 1))


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.code}@{urlsplit(entry.address).hostname}")
    event.add("sequence", entry.revision)
    event.add("dtstamp", entry.changed_at or now)
    event.add("dtstart", _wall_time(entry.starts_at, entry.zone))
    event.add("dtend", _wall_time(entry.ends_at, entry.zone))
    event.add("summary", entry.title)
    event.add("description", description_of(entry))
    # The page leads on to the room, whose own address is not known yet and may change.
    event.add("location", entry.address)
    event.add("url", entry.address)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    for minutes in () if entry.is_cancelled else entry.reminders:
        event.add_component(_alarm(entry.title, minutes))
    return event


def _alarm(title: str, minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -timedelta(minutes=minutes))
    return alarm


def _wall_time(instant: datetime, zone: str) -> datetime:
    """The instant by the clock of `zone`; in UTC on a day when that clock changes.

    A wall time that comes twice would be taken for the first, and icalendar lets summer time begin an hour late.
    """
    tz = ZoneInfo(zone)
    there = instant.astimezone(tz)
    day = there.date()
    return there if minutes_ahead_on(day, tz) == minutes_ahead_on(day + timedelta(days=1), tz) else instant


def _calendar_address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.address}")
    address.params["CN"] = " ".join(party.name.split())
    return address
