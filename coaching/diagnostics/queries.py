"""Reads of what was last found, and for a look at a server: what stores want of it, and what of ours stands there."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.checks import Check, State
from coaching.diagnostics.models import Diagnosis
from coaching.diagnostics.server_checks import AHEAD, Demand, most_at_once
from coaching.now import Now
from coaching.rooms.cases.rows import session_timeline
from coaching.rooms.models import Room
from coaching.rooms.planning.case import COMING, RoomState

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Use:
    """How stores use a server: whether with roles, with which categories, and which roles of ours are there."""

    has_roles: bool
    shared: tuple[tuple[str, str | None], ...]  # stores that share a role, each with the category it opens
    category_ids: frozenset[str]
    role_ids: frozenset[str]


def last_diagnosis(store: Store | None) -> Diagnosis | None:
    """What was found at a store's server, or without a store at the whole site; None before the first look."""
    diagnosis: Diagnosis | None = Diagnosis.get_or_none(Diagnosis.is_about(store))
    return diagnosis


def guilds_to_look_at(now: Now, limit: int) -> list[Guild]:
    """The guilds with rooms of their own whose turn it is, those never looked at first."""
    is_due = Diagnosis.next_at.is_null() | (Diagnosis.next_at <= now.machine)
    in_use = Store.select(Store.guild).where(Store.guild_verified_at.is_null(False), Store.access_mode != "shared_role")
    query = Guild.select().join(Diagnosis, JOIN.LEFT_OUTER).where(is_due, Guild.id.in_(in_use))
    return list(query.order_by(Diagnosis.next_at.asc(nulls="FIRST"), Guild.id).limit(limit))


def troubles_ahead(stores: Collection[Store]) -> list[tuple[Store, Check]]:
    """What may go wrong on the stores' servers in the coming days, as was last found, once for each server."""
    usable = [store for store in stores if store.guild_id and store.guild_verified_at]
    of_guild: dict[int | None, Store] = {store.guild_id: store for store in reversed(usable)}
    rows = Diagnosis.select().where(Diagnosis.guild.in_(list(of_guild))).order_by(Diagnosis.id) if of_guild else ()
    return [(of_guild[row.guild_id], check) for row in rows for check in row.checks if check.state != State.OK]


def owners_of(store_ids: Collection[int]) -> list[Store]:
    """The stores with their owners."""
    return list(Store.select(Store, Person).join(Person).where(Store.id.in_(store_ids)).order_by(Store.id))


def use_of(discord_guild_id: str, store: Store | None = None) -> Use:
    """How this store uses the server, or without one how all do."""
    is_in = (Guild.discord_guild_id == discord_guild_id) & Store.guild_verified_at.is_null(False)
    stores = [store] if store else list(Store.select().join(Guild).where(is_in).order_by(Store.id))
    is_there = Room.discord_channel_id.is_null(False) | Room.discord_role_id.is_null(False)
    rooms = list(Room.select().where(Room.discord_guild_id == discord_guild_id, is_there))
    category_of = {room.store_id: room.discord_channel_id for room in rooms if room.kind == "shared"}
    return Use(
        has_roles=any(store.access_mode in ("session_role", "shared_role") for store in stores),
        shared=tuple((store.name, category_of.get(store.id)) for store in stores if store.access_mode == "shared_role"),
        category_ids=frozenset(
            room.discord_channel_id for room in rooms if room.kind == "category" and room.discord_channel_id
        ),
        role_ids=frozenset(room.discord_role_id for room in rooms if room.discord_role_id),
    )


def demand_on(guild: Guild, now: datetime) -> Demand:
    """What the sessions of the coming days want of the guild."""
    coming = list(_coming(guild, now))
    # A room may have been made without its role, where none was to be had.
    with_role = [
        (room, span) for store, room, span in coming if (room.mode if room else store.access_mode) == "session_role"
    ]
    session_rooms = (Room.discord_guild_id == guild.discord_guild_id) & (Room.kind == "session")
    rooms, roles = most_at_once(span for _, _, span in coming), most_at_once(span for _, span in with_role)
    rooms_now = Room.select().where(session_rooms, Room.discord_channel_id.is_null(False)).count()
    roles_now = Room.select().where(session_rooms, Room.discord_role_id.is_null(False)).count()
    return Demand(
        rooms=rooms,
        more_rooms=max(rooms - rooms_now, 0),
        roles=roles,
        more_roles=max(roles - roles_now, 0),
        new_roles=sum(room is None or room.discord_role_id is None for room, _ in with_role),
        store_ids=frozenset(store.id for store, _, _ in coming),
    )


def _coming(guild: Guild, now: datetime) -> Iterator[tuple[Store, Room | None, Span]]:
    """The coming sessions' stores and rooms, with when in these days each room stands."""
    lead = timedelta(minutes=LONGEST_LEAD)
    query = (
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
    for coaching_session in query:
        room = getattr(coaching_session, "room", None)
        times = session_timeline(coaching_session, room)
        begins, ends = max(times.made_at, now), min(times.removed_at, now + AHEAD)
        if begins < ends and not (room and room.state == RoomState.REMOVED):
            yield coaching_session.product.store, room, (begins, ends)
