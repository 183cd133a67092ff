"""The demo's clock bar: what time the product thinks it is, and jumps to where the next room changes."""

from dataclasses import dataclass
from datetime import datetime

from flask import request

from blueprints import web, zones
from blueprints.signed_in import current_person
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.booking.queries import get_session_for
from coaching.errors import NotFound
from coaching.operation.queries import session_at_hand
from coaching.rooms.planning.timeline import points_to_watch
from coaching.rooms.views.queries import session_status
from coaching.runtime.queries import clock_offset


@dataclass(frozen=True)
class ClockBar:
    """What the bar shows; a button for each jump, with its label and the instant it leads to."""

    now: datetime
    zone: str
    is_moved: bool
    coaching_session: CoachingSession | None
    jumps: list[tuple[str, datetime]]


def clock_bar() -> ClockBar:
    """The bar for whoever is looking: the session on the page, else their own next one, else anybody's."""
    now, person = web.now(), current_person()
    at_hand = session_on_page(person) or session_at_hand(now, person)
    zone = zones.page_zone(at_hand.zone if at_hand else "UTC")
    jumps = points_to_watch(session_status(at_hand, now).times) if at_hand else []
    return ClockBar(now, zone, bool(clock_offset()), at_hand, jumps)


def session_on_page(person: Person | None) -> CoachingSession | None:
    """The session whose page this is, if it has a room to watch."""
    if person is None or request.blueprint != "sessions":
        return None
    try:
        coaching_session = get_session_for(person, (request.view_args or {}).get("code", "")).coaching_session
    except NotFound:
        return None
    return coaching_session if coaching_session.needs_room and coaching_session.state != "cancelled" else None
