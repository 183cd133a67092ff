"""Reads of sessions that get no room because their store may not have any opened on its server any more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect

from coaching.accounts.models import Person
from coaching.booking.models import LIVE_STATES, CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.rooms.models import Room
from coaching.rooms.planning.case import RoomState


@dataclass(frozen=True)
class LostServer:
    """A store without a server, and its coming sessions that get no room, the next one first."""

    store: Store
    sessions: tuple[CoachingSession, ...]


def gets_no_room(coaching_session: CoachingSession, room_state: str | None, now: datetime) -> bool:
    """True for a session to come whose room cannot be made; one that was made before the server was lost stays."""
    is_to_come = coaching_session.state in LIVE_STATES and now < coaching_session.ends_at
    needs_room = coaching_session.session_type != "phone" and room_state in (None, RoomState.ABSENT)
    return is_to_come and needs_room and not coaching_session.product.store.may_open_rooms


def sessions_without_server(sessions: Iterable[CoachingSession], now: datetime) -> set[int]:
    """The ids of those among the sessions that get no room; their products and stores are loaded with them."""
    doubtful = [one for one in sessions if gets_no_room(one, None, now)]
    rows = Room.select(Room.coaching_session, Room.state).where(Room.coaching_session.in_(doubtful)) if doubtful else ()
    states = {room.coaching_session_id: room.state for room in rows}
    return {one.id for one in doubtful if gets_no_room(one, states.get(one.id), now)}


def lost_servers(now: datetime) -> list[LostServer]:
    """Every store with coming sessions that get no room."""
    by_store: dict[int, list[CoachingSession]] = {}
    for row in _coming_without_server(now):
        by_store.setdefault(row.product.store.id, []).append(row)
    return [LostServer(rows[0].product.store, tuple(rows)) for rows in by_store.values()]


def _coming_without_server(now: datetime) -> "ModelSelect[CoachingSession]":
    is_lost = Store.guild.is_null() | Store.guild_proved_at.is_null()
    return (
        CoachingSession.select(CoachingSession, Product, Store, Person, Guild)
        .join(Product)
        .join(Store)
        .join(Person)
        .switch(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .join_from(CoachingSession, Room, JOIN.LEFT_OUTER)
        .where(is_lost, CoachingSession.session_type != "phone")
        .where(CoachingSession.state.in_(LIVE_STATES), CoachingSession.ends_at > now)
        .where(Room.id.is_null() | (Room.state == RoomState.ABSENT))
        .order_by(CoachingSession.starts_at, CoachingSession.id)
    )
