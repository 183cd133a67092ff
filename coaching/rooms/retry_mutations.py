"""Whatever failed is tried again at once, because somebody has mended what was in the way. Nothing talks to Discord."""

from datetime import datetime
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product, Store
from coaching.db import database
from coaching.log_lines import Event
from coaching.rooms.models import Room
from coaching.rooms.planning.case import RoomKind
from coaching.rooms.recording.event_mutations import record_event
from coaching.rooms.recording.events import ByHand, EventKind
from coaching.rooms.views.queries import UNSETTLED


def retry_store(store: Store, person: Person, now: datetime) -> int:
    """Everything of this store that failed is tried again at once, its places too; how many things that are."""
    is_failing = Room.last_error.is_null(False) & Room.state.in_(UNSETTLED)
    with database.atomic():
        failing = [room.id for room in Room.select(Room.id).where(is_failing, _is_of(store))]
        if failing:
            retry_rooms(failing, person, now)
    return len(failing)


def retry_rooms(room_ids: list[int], person: Person, now: datetime) -> None:
    """Whatever failed at these rooms is tried again at once; to be called in a transaction."""
    # A call that is under way keeps its claim: only what holds the next one up is set.
    Room.update(next_try_at=None, attempts=0, checked_at=None).where(Room.id.in_(room_ids)).execute()
    record_event(room_ids, Event(EventKind.RETRIED, ByHand(person.name)), now)


def _is_of(store: Store) -> Any:
    """The rooms of the store's sessions, the role it shares, and the categories in which its rooms are made."""
    sessions = CoachingSession.select(CoachingSession.id).join(Product).where(Product.store == store)
    is_its_own = Room.coaching_session.in_(sessions) | (Room.store == store)
    if store.guild is None:
        return is_its_own
    is_category = (Room.kind == RoomKind.CATEGORY) & (Room.discord_guild_id == store.guild.discord_guild_id)
    return is_its_own | is_category
