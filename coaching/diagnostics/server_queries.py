"""What stores want of one Discord server, and what of ours stands there, as plain values for a look at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN

from coaching.booking.models import CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.diagnostics.server_checks import AHEAD, Demand, most_at_once
from coaching.rooms.cases.rows import session_timeline
from coaching.rooms.models import Room
from coaching.rooms.planning.case import COMING, RoomState

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Use:
    """How stores use a server: by which modes of access, with which places, and which roles of ours are there."""

    modes: frozenset[str] = frozenset()
    shared: tuple[tuple[str, str | None], ...] = ()  # stores that share a role, each with the category it opens
    category_ids: frozenset[str] = frozenset()
    role_ids: frozenset[str] = frozenset()

    @property
    def has_roles(self) -> bool:
        return bool(self.modes & {"session_role", "shared_role"})


def use_of(discord_guild_id: str, store: Store | None = None) -> Use:
    """How this store uses the server, or without one how all do."""
    stores = [store] if store else _stores_in(discord_guild_id)
    is_there = Room.discord_channel_id.is_null(False) | Room.discord_role_id.is_null(False)
    rooms = list(Room.select().where(Room.discord_guild_id == discord_guild_id, is_there))
    return Use(
        modes=frozenset(one.access_mode for one in stores),
        shared=tuple((one.name, _category_of(one, rooms)) for one in stores if one.access_mode == "shared_role"),
        category_ids=frozenset(
            room.discord_channel_id for room in rooms if room.kind == "category" and room.discord_channel_id
        ),
        role_ids=frozenset(room.discord_role_id for room in rooms if room.discord_role_id),
    )


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


def find_guild(discord_guild_id: str) -> Guild | None:
    """The guild as somebody has shown it to us."""
    guild: Guild | None = Guild.get_or_none(Guild.discord_guild_id == discord_guild_id)
    return guild


def _stores_in(discord_guild_id: str) -> list[Store]:
    is_in = (Guild.discord_guild_id == discord_guild_id) & Store.guild_verified_at.is_null(False)
    return list(Store.select().join(Guild).where(is_in).order_by(Store.id))


def _category_of(store: Store, rooms: list[Room]) -> str | None:
    own = (room for room in rooms if room.kind == "shared" and room.store_id == store.id)
    return next((room.discord_channel_id for room in own), None)


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
