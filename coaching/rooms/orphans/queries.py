"""Reads for the search of guilds: where to look, which codes are ours and belong to no row, which orphans were seen."""

from collections.abc import Collection

from peewee import JOIN, fn

from coaching.catalog.models import Guild, Store
from coaching.marks import LENGTH, is_marked_by
from coaching.rooms.cases.rows import is_unsettled
from coaching.rooms.models import Installation, Orphan, Room
from coaching.rooms.planning.case import AccessMode, RoomKind


def orphans_among(guild_id: str, codes: Collection[str]) -> set[str]:
    """Those codes that this installation has made and of which it knows nothing in this guild."""
    # An older code has no check: it is known by its row, or not at all.
    marked = {code for code in codes if len(code) == LENGTH}
    unknown = marked - rooms_by_code(guild_id, marked).keys()
    ours = installation_ids() if unknown else []
    return {code for code in unknown if is_marked_by(ours, code)}


def installation_ids() -> list[str]:
    """The installations whose marks are ours, this one first; none before the first room."""
    return [installation.code for installation in Installation.select().order_by(Installation.id)]


def existing_orphans(guild_ids: Collection[str] | None = None) -> list[Orphan]:
    """The orphans of these guilds, or of all, as they were last seen; those that still let people in first."""
    is_meant = True if guild_ids is None else Orphan.discord_guild_id.in_(list(guild_ids))
    # Some got a row meanwhile, as after a newer backup was restored.
    with_row = Room.select().where(Room.discord_guild_id == Orphan.discord_guild_id, Room.code == Orphan.code)
    order = (Orphan.lets_in.desc(), Orphan.discord_guild_id, Orphan.kind, Orphan.name)
    query = Orphan.select(Orphan, Guild.name.alias("guild_name")).where(is_meant, ~fn.EXISTS(with_row)).order_by(*order)
    is_its = Orphan.discord_guild_id == Guild.discord_guild_id
    return list(query.join(Guild, JOIN.LEFT_OUTER, on=is_its).objects())


def known_guilds() -> list[str]:
    """Every guild in which there ever was a room of ours, and those of stores."""
    rooms, stores = Room.select(Room.discord_guild_id).distinct(), Guild.select(Guild.discord_guild_id)
    return sorted({row.discord_guild_id for row in (*rooms, *stores)})


def rooms_by_code(guild_id: str, codes: Collection[str]) -> dict[str, Room]:
    """Those rooms of ours in this guild that carry one of `codes`."""
    rows = Room.select().where(Room.code.in_(codes), Room.discord_guild_id == guild_id) if codes else ()
    return {row.code: row for row in rows}


def has_unsettled_rooms(guild_id: str) -> bool:
    """True while the guild has a room, or may have one."""
    # A category is kept for years.
    return bool(
        Room.select().where(Room.discord_guild_id == guild_id, is_unsettled(), Room.kind != RoomKind.CATEGORY).exists()
    )


def uses_roles(guild_id: str) -> bool:
    """True where a role of ours exists, or may exist although we took it for gone."""
    had_role = (Room.asked_mode == AccessMode.SESSION_ROLE) | (Room.kind == RoomKind.SHARED)
    if Room.select().where(Room.discord_guild_id == guild_id, had_role).exists():
        return True
    # Before the first room diagnostics may have made one as a probe.
    of_stores = Store.select().join(Guild).where(Guild.discord_guild_id == guild_id)
    return bool(of_stores.where(Store.access_mode != AccessMode.MEMBERS).exists())
