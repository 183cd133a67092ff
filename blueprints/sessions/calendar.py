"""A session as an entry in the calendar of whoever looks at it."""

from collections.abc import Sequence

from flask import current_app, url_for

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.booking.queries import SessionView
from coaching.messages.calendar_entries import Entry
from coaching.messages.calendar_links import google_address, outlook_address
from coaching.messages.reach_queries import settings_of, zone_of


def entry_of(view: SessionView, person: Person, reminders: Sequence[int] = ()) -> Entry:
    """The session as the person's calendar shows it."""
    coaching_session = view.coaching_session
    return Entry(
        code=coaching_session.code,
        title=f"{coaching_session.title} with {_other_side(view)}",
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        zone=zone_of(person, coaching_session),
        revision=coaching_session.revision,
        is_cancelled=coaching_session.state == "cancelled",
        address=address_of(coaching_session),
        reminders=reminders,
    )


def reminders_of(view: SessionView, person: Person) -> Sequence[int]:
    """A calendar reminds of what messages remind of."""
    own: Sequence[int] = settings_of(person).reminders
    return own if view.role == "coach" else view.coaching_session.product.reminders


def web_calendars(entry: Entry) -> dict[str, str]:
    """Where the session goes into a calendar on the web, by the calendar's name."""
    return {"google": google_address(entry), "outlook": outlook_address(entry)}


def address_of(coaching_session: CoachingSession) -> str:
    """The session's lasting address. It has no key: a calendar is often seen by others."""
    site: str = current_app.config["APP_URL"]
    return site + url_for("sessions.show", code=coaching_session.code, key=None)


def _other_side(view: SessionView) -> str:
    other = view.coaching_session.coach if view.role == "student" else view.seat.student
    return str(other.name)
