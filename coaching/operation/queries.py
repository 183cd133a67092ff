"""Reads about the site: how it is doing, its figures, its sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.now import Now
from coaching.rooms.cases.rows import session_timeline
from coaching.rooms.models import Room
from coaching.rooms.views.queries import count_troubled_places, troubled_rooms
from coaching.runtime.queries import WorkerState, worker_state

WITH_ROOM = ("scheduled", "in_progress", "completed", "no_show")
# So long after a room has gone, the demo's clock bar still speaks of it.
SPARE_TIME = timedelta(minutes=5)
# The bar stands on every page of a demo, which is small.
MOST_AT_HAND = 100


def session_at_hand(now: datetime, person: Person | None = None) -> CoachingSession | None:
    """The first session whose room has not gone yet: the person's own, else anybody's."""
    query = (
        CoachingSession.select(CoachingSession, Product, Store, Room)
        .join(Product)
        .join(Store)
        .join_from(CoachingSession, Seat, JOIN.LEFT_OUTER)
        .join_from(CoachingSession, Room, JOIN.LEFT_OUTER, attr="room")
        .where(CoachingSession.state.in_(WITH_ROOM), CoachingSession.needs_room)
        .where(CoachingSession.ends_at > now - timedelta(minutes=LONGEST_LEAD))
        .order_by(CoachingSession.starts_at)
        .limit(MOST_AT_HAND)
    )
    is_theirs = (CoachingSession.coach == person) | (Seat.student == person)
    own = query.where(is_theirs) if person else ()
    return next((session for session in chain(own, query) if _removed_at(session) + SPARE_TIME > now), None)


def _removed_at(coaching_session: CoachingSession) -> datetime:
    """When the room goes, by what was read with the session."""
    return session_timeline(coaching_session, getattr(coaching_session, "room", None)).removed_at


@dataclass(frozen=True)
class Health:
    """How worker and rooms are; what else can be wrong is in standing.py."""

    worker: WorkerState
    troubled_rooms: list[Room]
    troubled_places: int

    @property
    def is_fine(self) -> bool:
        return self.worker.is_fine and not (self.troubled_rooms or self.troubled_places)


def health(now: Now) -> Health:
    """How the worker and the rooms are."""
    return Health(worker_state(now.machine), troubled_rooms(), count_troubled_places())


def figures(now: datetime) -> dict[str, int]:
    """How much there is of everything."""
    is_over = CoachingSession.ends_at <= now
    is_cancelled = CoachingSession.state == "cancelled"
    return {
        "people": Person.select().count(),
        "stores": Store.select().count(),
        "published_products": Product.select().where(Product.state == "published").count(),
        "coming_sessions": CoachingSession.select().where(~is_over, ~is_cancelled).count(),
        "past_sessions": CoachingSession.select().where(is_over, ~is_cancelled).count(),
        "cancelled_sessions": CoachingSession.select().where(is_cancelled).count(),
    }
