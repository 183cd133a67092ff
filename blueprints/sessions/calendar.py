"""A session as an entry in the calendar of whoever looks at it."""

from coaching.accounts.models import Person
from coaching.booking.queries import SessionView
from coaching.messages.calendar import Entry
from coaching.messages.queries import settings_of, zone_of


def entry_of(view: SessionView, person: Person, address: str) -> Entry:
    """The session as the person's calendar shows it; it reminds of what messages remind of."""
    coaching_session, is_coachs = view.coaching_session, view.role == "coach"
    reminders = settings_of(person).reminders if is_coachs else coaching_session.product.reminders
    return Entry(
        code=coaching_session.code,
        title=f"{coaching_session.title} with {_other_side(view)}",
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        zone=zone_of(person, coaching_session),
        revision=coaching_session.revision,
        is_cancelled=coaching_session.state == "cancelled",
        address=address,
        reminders=reminders,
    )


def _other_side(view: SessionView) -> str:
    other = view.coaching_session.coach if view.role == "student" else view.seat.student
    return str(other.name)
