"""Reads for the look ahead: the guilds whose turn it is, what their coming sessions want, and what was found."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.capacity.forecast import AHEAD, Demand, most_at_once
from coaching.capacity.models import Forecast
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.checks import Check, State, from_plain
from coaching.rooms.cases.rows import session_timeline
from coaching.rooms.models import Room
from coaching.rooms.planning.case import COMING, RoomState

Span = tuple[datetime, datetime]


def guilds_to_look_at(machine_now: datetime, limit: int) -> list[Guild]:
    """The guilds with rooms of their own whose turn it is, those never looked at first."""
    is_due = Forecast.next_at.is_null() | (Forecast.next_at <= machine_now)
    in_use = Store.select(Store.guild).where(Store.guild_verified_at.is_null(False), Store.access_mode != "shared_role")
    query = Guild.select().join(Forecast, JOIN.LEFT_OUTER).where(is_due, Guild.id.in_(in_use))
    return list(query.order_by(Forecast.next_at.asc(nulls="FIRST"), Guild.id).limit(limit))


def demand_on(guild: Guild, now: datetime) -> Demand:
    """What the sessions of the coming days want of the guild."""
    coming = [(one, span) for one in _coming(guild, now) if (span := _span(one, now))]
    with_role = [(one, span) for one, span in coming if _mode(one) == "session_role"]
    stands = (Room.discord_guild_id == guild.discord_guild_id) & (Room.kind == "session")
    return Demand(
        rooms=most_at_once(span for _, span in coming),
        rooms_now=Room.select().where(stands, Room.discord_channel_id.is_null(False)).count(),
        roles=most_at_once(span for _, span in with_role),
        roles_now=Room.select().where(stands, Room.discord_role_id.is_null(False)).count(),
        new_roles=sum(_lacks_role(one) for one, _ in with_role),
        store_ids=frozenset(one.product.store.id for one, _ in coming),
    )


def troubles_ahead(stores: Collection[Store]) -> list[tuple[Store, Check]]:
    """What may go wrong on the stores' servers in the coming days, as was last found, once for each server."""
    of_guild = {store.guild_id: store for store in reversed(list(stores)) if store.guild_id and store.guild_verified_at}
    rows = Forecast.select().where(Forecast.guild.in_(list(of_guild))).order_by(Forecast.id) if of_guild else ()
    found = ((of_guild[row.guild_id], check) for row in rows for check in from_plain(json.loads(row.checks)))
    return [(store, check) for store, check in found if check.state != State.OK]


def owners_of(store_ids: Collection[int]) -> list[Store]:
    """The stores with their owners."""
    return list(Store.select(Store, Person).join(Person).where(Store.id.in_(store_ids)).order_by(Store.id))


def _coming(guild: Guild, now: datetime) -> Iterable[CoachingSession]:
    lead = timedelta(minutes=LONGEST_LEAD)
    return (
        CoachingSession.select(CoachingSession, Product, Store, Room)
        .join(Product)
        .join(Store)
        .join_from(CoachingSession, Room, JOIN.LEFT_OUTER, attr="room")
        .where(
            CoachingSession.state.in_(COMING),
            CoachingSession.starts_at.between(now - AHEAD - lead, now + AHEAD + lead),
            CoachingSession.needs_room,
            Store.guild == guild,
            Store.guild_verified_at.is_null(False),
            Store.access_mode != "shared_role",
        )
    )


def _span(coaching_session: CoachingSession, now: datetime) -> Span | None:
    """When in the coming days the session's room stands, or None."""
    room = _room(coaching_session)
    if room and room.state == RoomState.REMOVED:
        return None
    times = session_timeline(coaching_session, room)
    begins, ends = max(times.made_at, now), min(times.removed_at, now + AHEAD)
    return (begins, ends) if begins < ends else None


def _mode(coaching_session: CoachingSession) -> str:
    # A room may have been made without its role, where none was to be had.
    room = _room(coaching_session)
    return str(room.mode if room else coaching_session.product.store.access_mode)


def _lacks_role(coaching_session: CoachingSession) -> bool:
    room = _room(coaching_session)
    return room is None or room.discord_role_id is None


def _room(coaching_session: CoachingSession) -> Room | None:
    return getattr(coaching_session, "room", None)
