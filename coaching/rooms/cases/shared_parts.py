"""Reads of shared parts: the categories in which a guild's rooms are made, and the roles that stores share. Query."""

from dataclasses import dataclass, field, fields, replace

from peewee import JOIN

from coaching.catalog.models import Guild, Store
from coaching.db import is_among
from coaching.reading import Columns, NotMeant, Statement, given, name_of
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.models import Room
from coaching.rooms.planning.case import AccessMode, Parent, RoomCase, RoomKind, RoomRecord, RoomState

# The store whose role it is, None of a category, and the guild.
Key = tuple[int | None, str]
# A room's row as the plain record that the plan decides by, each column under its own name.
RECORD = Columns(RoomRecord, {column.name: getattr(Room, column.name) for column in fields(RoomRecord)})


@dataclass
class SharedParts:
    """The categories of each guild, the oldest first, the shared roles as cases, and the guilds that use channels."""

    categories: dict[str, list[RoomRecord]] = field(default_factory=dict)
    shared: dict[Key, RoomCase] = field(default_factory=dict)
    guilds_with_channels: frozenset[str] = frozenset()
    unreadable: list[UnreadableRoom] = field(default_factory=list)
    unreadable_at: set[Key] = field(default_factory=set)

    def parent_of(self, guild_id: str | None, mode: AccessMode) -> Parent:
        """Where a new room goes that is made in this guild and entered in this way."""
        if mode == AccessMode.SHARED_ROLE or guild_id is None:
            return Parent()
        categories = self.categories.get(guild_id, [])
        category = next((known for known in categories if not known.is_full and known.state != RoomState.REMOVED), None)
        # A category that cannot be made, or read, is no reason to be without a room.
        if category is None:
            return Parent(is_coming=(None, guild_id) not in self.unreadable_at)
        if not category.discord_channel_id:
            return Parent(is_coming=category.failing_step is None)
        return Parent(category.discord_channel_id)

    def cases(self, sessions: list[RoomCase]) -> list[RoomCase]:
        """The shared parts as cases, those included that the sessions need and that nobody has begun yet."""
        used = {(case.store_id, case.home_guild_id) for case in sessions if case.is_of_shared_role}
        shared = (replace(case, is_on=case.is_on or here in used) for here, case in self.shared.items())
        return [*self._categories(sessions), *shared]

    def _categories(self, sessions: list[RoomCase]) -> list[RoomCase]:
        needing = {case.guild_id for case in sessions if case.guild_id and _needs_category(case)}
        in_use = {case.home_guild_id for case in sessions} | self.guilds_with_channels
        room_cases = []
        for guild_id in sorted(needing | set(self.categories)):
            categories = self.categories.get(guild_id, [])
            # One that has gone is begun anew only when a room needs it.
            live = [known for known in categories if known.state != RoomState.REMOVED]
            room_cases += [_category_case(known.number or 0, guild_id, guild_id in in_use, known) for known in live]
            takes_none = all(known.is_full for known in live) and (None, guild_id) not in self.unreadable_at
            if guild_id in needing and takes_none:
                room_cases.append(_category_case(len(categories), guild_id, True, RoomRecord()))
        return room_cases


def unsettled_shared_parts() -> SharedParts:
    """All shared parts that exist or are wanted; those that cannot be read are told apart, and nothing else suffers."""
    known, shared = SharedParts(), dict[Key, RoomRecord]()
    for row in _SHARED_PARTS.rows():
        store_id, guild_id = row[STORE_ID], row[GUILD_ID]
        try:
            record = RECORD.read(row)
            if record.kind == RoomKind.SESSION:
                raise NotMeant(name_of(Room.kind))
        except NotMeant as error:
            known.unreadable.append(UnreadableRoom(str(row[CODE]), str(error), row[ROOM_ID]))
            known.unreadable_at.add((store_id, guild_id))
            continue
        if record.kind == RoomKind.SHARED and store_id:
            shared[store_id, guild_id] = record
        else:
            known.categories.setdefault(guild_id, []).append(record)
    known.shared = _shared_roles(shared, known.unreadable_at)
    known.guilds_with_channels = frozenset(guild_id for (guild_id,) in _GUILDS_WITH_CHANNELS.rows())
    return known


def _needs_category(case: RoomCase) -> bool:
    return case.is_on and not case.is_of_shared_role and case.recorded.discord_channel_id is None


def _category_case(number: int, guild_id: str, is_on: bool, recorded: RoomRecord) -> RoomCase:
    return RoomCase(
        kind=RoomKind.CATEGORY,
        session_code=f"category of {guild_id}",
        number=number,
        guild_id=guild_id,
        is_on=is_on,
        recorded=recorded,
    )


def _shared_roles(records: dict[Key, RoomRecord], unreadable_at: set[Key]) -> dict[Key, RoomCase]:
    roles = {}
    existing = [here for here, record in records.items() if record.state != RoomState.REMOVED]
    for store_id, slug, mode, is_verified, own in _SHARING.rows(stores=[store_id for store_id, _ in existing]):
        guilds = {guild_id for of_store, guild_id in existing if of_store == store_id}
        # A guild not verified any more keeps its role, and gets no new one. One that the store has left loses it.
        for guild_id in sorted(guilds | ({own} if own and is_verified else set())):
            if (store_id, guild_id) not in unreadable_at:
                roles[store_id, guild_id] = RoomCase(
                    kind=RoomKind.SHARED,
                    session_code=f"shared role of {slug}",
                    store_id=store_id,
                    number=store_id,
                    guild_id=guild_id,
                    is_on=mode == AccessMode.SHARED_ROLE and guild_id == own,
                    recorded=records.get((store_id, guild_id), RoomRecord()),
                )
    return roles


CODE, STORE_ID, ROOM_ID, GUILD_ID = (
    RECORD.names.index(name) for name in ("code", "store_id", "id", "discord_guild_id")
)
# By what they are not: so one is found whatever stands in its kind.
_SHARED_PARTS = Statement(lambda: Room.select(*RECORD.columns).where(Room.coaching_session.is_null()).order_by(Room.id))
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
        .where(
            Store.guild_verified_at.is_null(False), Store.access_mode.in_((AccessMode.MEMBERS, AccessMode.SESSION_ROLE))
        )
        .distinct()
    )
)
