"""A coaching session as a calendar file."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event

from coaching.booking.queries import SessionView

PRODUCT_ID = "-//Greenroom//coaching sessions//EN"
REMINDED_BEFORE = timedelta(minutes=15)


def calendar_file(view: SessionView, address: str, now: datetime) -> bytes:
    """The session as iCalendar text: the same UID for ever, a SEQUENCE that rises with every change."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    calendar.add_component(calendar_event(view, address, now))
    return bytes(calendar.to_ical())


def calendar_event(view: SessionView, address: str, now: datetime) -> Event:
    coaching_session = view.coaching_session
    is_off, title = coaching_session.state == "cancelled", f"{coaching_session.title} with {other_side(view)}"
    event = Event()
    event.add("uid", f"{coaching_session.code}@{urlsplit(address).hostname}")
    event.add("sequence", coaching_session.revision)
    event.add("dtstamp", now)
    event.add("dtstart", coaching_session.starts_at)
    event.add("dtend", coaching_session.ends_at)
    event.add("summary", title)
    event.add("description", f"Everything about this call: {address}")
    # The page leads on to the room, whose own address is not known yet and may change.
    event.add("location", address)
    event.add("url", address)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    if not is_off:
        event.add_component(reminder(title))
    return event


def reminder(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -REMINDED_BEFORE)
    return alarm


def other_side(view: SessionView) -> str:
    """The name of whom one meets."""
    other = view.coaching_session.coach if view.role == "student" else view.seat.student
    return str(other.name)
