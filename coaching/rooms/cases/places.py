"""Reads of places: the categories in which a guild's rooms are made, and the roles that stores share. Query."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from peewee import JOIN

from coaching.catalog.models import Guild, Store
from coaching.db import is_among
from coaching.reading import Columns, NotMeant, Statement, given, name_of
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.models import Room
from coaching.rooms.planning.case import AccessMode, Parent, RoomCase, RoomKind, RoomRecord, RoomState

WITH_CHANNELS = ("members", "session_role")


# A room's row as the plain record that the plan decides by, each column under its own name.
_BY_NAME = {"store_id": Room.store}
RECORD = Columns(
    RoomRecord, {field.name: _BY_NAME.get(field.name) or getattr(Room, field.name) for field in fields(RoomRecord)}
)


@dataclass(frozen=True)
class Places:
    """The categories of each guild, the oldest first, the shared places, and the guilds that use channels."""

    categories: dict[str, list[RoomRecord]]
    shared: dict[tuple[int | None, str | None], RoomCase]  # by store and guild
    guilds_with_channels: frozenset[str]
    unreadable: tuple[UnreadableRoom, ...] = ()
    unreadable_in: frozenset[str] = frozenset()  # the guilds of those among them that are categories

    def parent_of(self, guild_id: str | None, mode: AccessMode) -> Parent:
        """Where a new room goes that is made in this guild and entered in this way."""
        if mode == AccessMode.SHARED_ROLE or guild_id is None:
            return Parent()
        category = self._open_category(guild_id)
        # A category that cannot be made, or read, is no reason to be without a room.
        if category is None:
            return Parent(is_coming=guild_id not in self.unreadable_in)
        if not category.discord_channel_id:
            return Parent(is_coming=category.failing_step is None)
        return Parent(category.discord_channel_id)

    def shared_by(self, store_id: int | None, guild_id: str | None) -> RoomRecord:
        """The store's role and its category in this guild, as far as they stand there."""
        place = self.shared.get((store_id, guild_id))
        return place.recorded if place else NOTHING_YET

    def cases(self, sessions: Iterable[RoomCase]) -> list[RoomCase]:
        """The places as cases, those included that the sessions need and that nobody has begun yet."""
        sessions = list(sessions)
        used = {(case.store_id, case.home_guild_id) for case in sessions if case.is_of_shared_role}
        shared = (replace(case, is_on=case.is_on or here in used) for here, case in self.shared.items())
        return [*self._categories(sessions), *shared]

    def _categories(self, sessions: list[RoomCase]) -> list[RoomCase]:
        needing = {case.guild_id for case in sessions if case.guild_id and _needs_category(case)}
        in_use = {case.home_guild_id for case in sessions}
        room_cases = []
        for guild_id in sorted(needing | set(self.categories)):
            places = self.categories.get(guild_id, [])
            is_on = guild_id in self.guilds_with_channels or guild_id in in_use
            # One that has gone is begun anew only when a room needs it.
            live = [place for place in places if place.state != RoomState.REMOVED]
            room_cases += [_category_case(place.number or 0, guild_id, is_on, place) for place in live]
            is_missing = self._open_category(guild_id) is None and guild_id not in self.unreadable_in
            if guild_id in needing and is_missing:
                room_cases.append(_category_case(len(places), guild_id, True))
        return room_cases

    def _open_category(self, guild_id: str) -> RoomRecord | None:
        places = self.categories.get(guild_id, [])
        return next((place for place in places if not place.is_full and place.state != RoomState.REMOVED), None)


NOTHING_YET = RoomRecord()
NONE = Places({}, {}, frozenset())


def _needs_category(case: RoomCase) -> bool:
    return case.is_on and not case.is_of_shared_role and case.recorded.discord_channel_id is None


def unsettled_places() -> Places:
    """All places that stand or are wanted; those that cannot be read are told apart, and nothing else suffers."""
    categories: dict[str, list[RoomRecord]] = defaultdict(list)
    shared: dict[tuple[int, str], RoomRecord] = {}
    unreadable = []
    broken_roles, broken_categories = set(), set()
    for row in _PLACES.rows():
        store_id, guild_id = row[STORE_ID], row[GUILD_ID]
        try:
            place = RECORD.read(row)
            if place.kind == RoomKind.SESSION:
                raise NotMeant(name_of(Room.kind))
        except NotMeant as error:
            unreadable.append(UnreadableRoom(str(row[CODE]), str(error), row[ROOM_ID], is_place=True))
            if store_id:
                broken_roles.add((store_id, guild_id))
            else:
                broken_categories.add(guild_id)
            continue
        if place.kind == RoomKind.SHARED and store_id:
            shared[store_id, guild_id] = place
        else:
            categories[guild_id].append(place)
    roles = {(case.store_id, case.guild_id): case for case in _shared_places(shared, broken_roles)}
    guilds = frozenset(guild_id for (guild_id,) in _GUILDS_WITH_CHANNELS.rows())
    return Places(dict(categories), roles, guilds, tuple(unreadable), frozenset(broken_categories))


def _shared_places(places: dict[tuple[int, str], RoomRecord], unreadable: set[tuple[int, str]]) -> Iterable[RoomCase]:
    live = [here for here, place in places.items() if place.state != RoomState.REMOVED]
    for store_id, slug, mode, is_verified, own in _SHARING.rows(stores=[store_id for store_id, _ in live]):
        standing = {guild_id for of_store, guild_id in live if of_store == store_id}
        # A guild not verified any more keeps its place, and gets no new one. One that the store has left loses it.
        for guild_id in sorted(standing | ({own} if own and is_verified else set())):
            if (store_id, guild_id) not in unreadable:
                yield RoomCase(
                    kind=RoomKind.SHARED,
                    session_code=f"shared role of {slug}",
                    store_id=store_id,
                    number=store_id,
                    guild_id=guild_id,
                    is_on=mode == AccessMode.SHARED_ROLE and guild_id == own,
                    recorded=places.get((store_id, guild_id), NOTHING_YET),
                )


def _category_case(number: int, guild_id: str, is_on: bool, recorded: RoomRecord = NOTHING_YET) -> RoomCase:
    return RoomCase(
        kind=RoomKind.CATEGORY,
        session_code=f"category of {guild_id}",
        number=number,
        guild_id=guild_id,
        is_on=is_on,
        recorded=recorded,
    )


CODE, STORE_ID, ROOM_ID, GUILD_ID = (
    RECORD.names.index(name) for name in ("code", "store_id", "id", "discord_guild_id")
)
# By what they are not: so one is found whatever stands in its kind.
_PLACES = Statement(lambda: Room.select(*RECORD.columns).where(Room.coaching_session.is_null()).order_by(Room.id))
_SHARING = Statement(
    lambda: (
        Store.select(
            Store.id, Store.slug, Store.access_mode, Store.guild_verified_at.is_null(False), Guild.discord_guild_id
        )
        .join(Guild, JOIN.LEFT_OUTER)
        .where((Store.access_mode == AccessMode.SHARED_ROLE) | is_among(Store.id, given("stores")))
    )
)
_GUILDS_WITH_CHANNELS = Statement(
    lambda: (
        Guild.select(Guild.discord_guild_id)
        .join(Store)
        .where(Store.guild_verified_at.is_null(False), Store.access_mode.in_(WITH_CHANNELS))
        .distinct()
    )
)
