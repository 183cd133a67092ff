"""What stores want of one Discord server, and what of ours stands there, as plain values for a look at it."""

from dataclasses import dataclass

from coaching.catalog.models import Guild, Store
from coaching.rooms.models import Room


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
