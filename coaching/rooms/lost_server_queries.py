"""Reads of sessions that get no room because their store may not have any opened on its server any more."""

from collections.abc import Iterable
from datetime import datetime

from peewee import JOIN, ModelSelect

from coaching.accounts.models import Person
from coaching.booking.models import LIVE_STATES, CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.rooms.models import Room
from coaching.rooms.planning.case import RoomState


def sessions_without_server(sessions: Iterable[CoachingSession], now: datetime) -> set[int]:
    """The ids of those among the sessions that get no room; their products and stores are loaded with them."""
    in_question = [session.id for session in sessions if not session.product.store.may_open_rooms]
    lost = _coming_without_server(now).where(CoachingSession.id.in_(in_question)) if in_question else ()
    return {coaching_session.id for coaching_session in lost}


def lost_servers(now: datetime) -> dict[Store, list[CoachingSession]]:
    """Every store with coming sessions that get no room, and these, the next one first."""
    by_store: dict[Store, list[CoachingSession]] = {}
    for row in _coming_without_server(now):
        by_store.setdefault(row.product.store, []).append(row)
    return by_store


def _coming_without_server(now: datetime) -> "ModelSelect[CoachingSession]":
    is_lost = Store.guild.is_null() | Store.guild_verified_at.is_null()
    return (
        CoachingSession.select(CoachingSession, Product, Store, Person, Guild)
        .join(Product)
        .join(Store)
        .join(Person)
        .switch(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .join_from(CoachingSession, Room, JOIN.LEFT_OUTER)
        .where(is_lost, CoachingSession.needs_room)
        .where(CoachingSession.state.in_(LIVE_STATES), CoachingSession.ends_at > now)
        .where(Room.id.is_null() | (Room.state == RoomState.ABSENT))
        .order_by(CoachingSession.starts_at, CoachingSession.id)
    )
