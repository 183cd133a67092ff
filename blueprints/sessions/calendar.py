"""A coaching session as a calendar file. Pure."""

from datetime import datetime
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from coaching.booking.queries import SessionView

PRODUCT_ID = "-//Greenroom//coaching sessions//EN"


def calendar_file(view: SessionView, address: str, now: datetime) -> bytes:
    """The session as iCalendar text: the same UID for ever, a SEQUENCE that rises with every change."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(calendar_event(view, address, now))
    return bytes(calendar.to_ical())


def calendar_event(view: SessionView, address: str, now: datetime) -> Event:
    coaching_session = view.coaching_session
    event = Event()
    event.add("uid", f"{coaching_session.code}@{urlsplit(address).hostname}")
    event.add("sequence", coaching_session.revision)
    event.add("dtstamp", now)
    event.add("dtstart", coaching_session.starts_at)
    event.add("dtend", coaching_session.ends_at)
    event.add("summary", f"{coaching_session.title} with {other_side(view)}")
    event.add("description", f"Everything about this call: {address}")
    event.add("url", address)
    event.add("status", "CANCELLED" if coaching_session.state == "cancelled" else "CONFIRMED")
    return event


def other_side(view: SessionView) -> str:
    """The name of whom one meets."""
    other = view.coaching_session.coach if view.role == "student" else view.seat.student
    return str(other.name)
