"""Reads of places: the categories in which a guild's rooms are made, and the roles that stores share."""

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import JOIN

from coaching.catalog.models import Guild, Store
from coaching.rooms.models import Room
from coaching.rooms.planning.case import AccessMode, Parent, RoomCase, RoomKind, RoomRecord, RoomState, place_case
from coaching.rooms.records import record_of

WITH_CHANNELS = ("members", "session_role")


@dataclass(frozen=True)
class SharedPlace:
    """The role that a store shares, or shared, in one guild."""

    store_id: int
    name: str
    guild_id: str
    is_on: bool
    recorded: RoomRecord


@dataclass(frozen=True)
class Places:
    """The categories of each guild, the oldest first, the shared places, and the guilds that use channels."""

    categories: dict[str, list[Room]]
    shared: dict[tuple[int, str], SharedPlace]  # by store and guild
    guilds_with_channels: frozenset[str]

    def parent_of(self, case: RoomCase) -> Parent:
        """Where a new room of this session goes."""
        if case.acting_mode == AccessMode.SHARED_ROLE or case.guild_id is None:
            return Parent()
        category = self._open_category(case.guild_id)
        if category is None or not category.discord_channel_id:
            # A category that cannot be made is no reason to be without a room.
            return Parent(is_coming=category is None or category.failing_step is None)
        return Parent(category.discord_channel_id)

    def shared_role_of(self, store_id: int, guild_id: str | None) -> str | None:
        """The store's role, where it stands in this guild."""
        # With or without its category: where that is to be made again, the role is taken from people all the same.
        place = self.shared.get((store_id, guild_id)) if guild_id else None
        return place.recorded.role_id if place else None

    def shared_category_of(self, store_id: int, guild_id: str | None) -> str | None:
        """The category that the store's role opens, where it stands in this guild."""
        place = self.shared.get((store_id, guild_id)) if guild_id else None
        return place.recorded.channel_id if place else None

    def cases(self, sessions: Iterable[RoomCase]) -> list[RoomCase]:
        """The places as cases, those included that the sessions need and that nobody has begun yet."""
        sessions = list(sessions)
        return [*self._categories(sessions), *(self._shared_case(place, sessions) for place in self.shared.values())]

    def _categories(self, sessions: list[RoomCase]) -> list[RoomCase]:
        needing = {case.guild_id for case in sessions if case.guild_id and _needs_category(case)}
        in_use = {case.home_guild_id for case in sessions}
        found = []
        for guild_id in sorted(needing | set(self.categories)):
            rooms = self.categories.get(guild_id, [])
            is_on = guild_id in self.guilds_with_channels or guild_id in in_use
            # One that has gone is begun anew only when a room needs it.
            live = [room for room in rooms if room.state != RoomState.REMOVED]
            found += [_category_case(room, is_on) for room in live]
            if guild_id in needing and self._open_category(guild_id) is None:
                place = f"category {guild_id} {len(rooms)}"
                found.append(place_case(RoomKind.CATEGORY, place, guild_id, True, name=f"category of {guild_id}"))
        return found

    def _open_category(self, guild_id: str) -> Room | None:
        rooms = self.categories.get(guild_id, [])
        return next((room for room in rooms if not room.is_full and room.state != RoomState.REMOVED), None)

    def _shared_case(self, place: SharedPlace, sessions: list[RoomCase]) -> RoomCase:
        here = (place.store_id, place.guild_id)
        is_used = any((case.store_id, case.home_guild_id) == here for case in sessions if case.is_of_shared_role)
        return place_case(
            RoomKind.SHARED,
            f"shared {place.store_id} {place.guild_id}",
            place.guild_id,
            place.is_on or is_used,
            place.recorded,
            place.store_id,
            f"shared role of {place.name}",
        )


NONE = Places({}, {}, frozenset())


def _needs_category(case: RoomCase) -> bool:
    return case.is_on and not case.is_of_shared_role and case.recorded.channel_id is None


def unsettled_places() -> Places:
    """All places that stand or are wanted."""
    categories: dict[str, list[Room]] = {}
    shared: dict[tuple[int, str], Room] = {}
    for room in Room.select().where(Room.kind.in_((RoomKind.CATEGORY, RoomKind.SHARED))).order_by(Room.id):
        if room.kind == RoomKind.SHARED and room.store_id:
            shared[room.store_id, room.discord_guild_id] = room
        else:
            categories.setdefault(room.discord_guild_id, []).append(room)
    places = {(place.store_id, place.guild_id): place for place in _shared_places(shared)}
    return Places(categories, places, _guilds_with_channels())


def _shared_places(rooms: dict[tuple[int, str], Room]) -> Iterable[SharedPlace]:
    live = {here: room for here, room in rooms.items() if room.state != RoomState.REMOVED}
    stores = (
        Store.select(Store.id, Store.slug, Store.access_mode, Store.guild_proved_at, Guild.discord_guild_id)
        .join(Guild, JOIN.LEFT_OUTER)
        .where((Store.access_mode == AccessMode.SHARED_ROLE) | Store.id.in_({store_id for store_id, _ in live}))
    )
    for store in stores:
        own = store.guild.discord_guild_id if store.guild else None
        standing = {guild_id for store_id, guild_id in live if store_id == store.id}
        # A guild whose proof was lost keeps its place, and gets no new one. One that the store has left loses it.
        for guild_id in sorted(standing | ({own} if own and store.guild_proved_at else set())):
            room = rooms.get((store.id, guild_id))
            is_on = store.access_mode == AccessMode.SHARED_ROLE and guild_id == own
            yield SharedPlace(store.id, store.slug, guild_id, is_on, record_of(room) if room else RoomRecord())


def _guilds_with_channels() -> frozenset[str]:
    guilds = (
        Guild.select(Guild.discord_guild_id)
        .join(Store)
        .where(Store.guild_proved_at.is_null(False), Store.access_mode.in_(WITH_CHANNELS))
        .distinct()
    )
    return frozenset(guild.discord_guild_id for guild in guilds)


def _category_case(room: Room, is_on: bool) -> RoomCase:
    name = f"category of {room.discord_guild_id}"
    return place_case(RoomKind.CATEGORY, room.place or "", room.discord_guild_id, is_on, record_of(room), name=name)
