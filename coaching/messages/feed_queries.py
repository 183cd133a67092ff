"""A person's own sessions for their calendar program, by the secret in the feed's address."""

from collections.abc import Callable
from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.accounts.tokens import digest
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.messages.calendar_entries import Entry
from coaching.messages.models import CalendarFeed
from coaching.messages.reach_queries import settings_of, zone_of

# So long a session that is over, or was cancelled, stays in the feed.
KEPT = timedelta(days=30)
AGREED = ("scheduled", "in_progress", "completed", "no_show")


def find_feed(person: Person) -> CalendarFeed | None:
    """The person's feed, if they have one."""
    calendar_feed: CalendarFeed | None = CalendarFeed.get_or_none(CalendarFeed.person == person)
    return calendar_feed


def find_feed_owner(token: str) -> Person | None:
    """Whose feed has this secret in its address; None for one that was replaced, removed, or never was."""
    feed = CalendarFeed.select(CalendarFeed, Person).join(Person).where(CalendarFeed.token_sha256 == digest(token))
    calendar_feed = feed.first()
    return calendar_feed.person if calendar_feed else None


def feed_entries(person: Person, address_of: Callable[[str], str], now: datetime) -> list[Entry]:
    """Every session that the person takes or gives, from 30 days ago on. Titles and times: no names, no answers.

    `address_of` gives a session's lasting address by its code.
    """
    is_agreed = CoachingSession.state.in_(AGREED) & (CoachingSession.ends_at > now - KEPT)
    # What was never agreed on would have run out at an instant of its own.
    is_off = (CoachingSession.state == "cancelled") & CoachingSession.held_until.is_null()
    is_off &= CoachingSession.ended_at > now - KEPT
    sessions = CoachingSession.select(CoachingSession, Product).join(Product).where(is_agreed | is_off)
    given = sessions.where(CoachingSession.coach == person)
    # Asked apart: in one query the database would go through everybody's sessions.
    taken = sessions.join_from(CoachingSession, Seat).where(Seat.student == person)
    theirs = {session.id: session for session in (*given, *taken)}.values()
    own = settings_of(person).reminders
    return [
        _entry(
            session,
            person,
            own if session.coach_id == person.id else session.product.reminders,
            address_of(session.code),
        )
        for session in sorted(theirs, key=lambda session: (session.starts_at, session.id))
    ]


def _entry(coaching_session: CoachingSession, person: Person, reminders: tuple[int, ...], address: str) -> Entry:
    is_cancelled = coaching_session.state == "cancelled"
    return Entry(
        code=coaching_session.code,
        title=coaching_session.title,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        zone=zone_of(person, coaching_session),
        revision=coaching_session.revision,
        is_cancelled=is_cancelled,
        address=address,
        reminders=reminders,
        changed_at=(coaching_session.ended_at if is_cancelled else None)
        or coaching_session.timed_at
        or coaching_session.created_at,
    )
