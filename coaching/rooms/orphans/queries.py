"""Reads of orphans: which codes are ours and belong to no row, and which orphans were last seen."""

from collections.abc import Collection

from peewee import JOIN, fn

from coaching.catalog.models import Guild
from coaching.marks import LENGTH, is_marked_by
from coaching.rooms.cases.queries import rooms_by_code
from coaching.rooms.models import Installation, Orphan, Room


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


def standing_orphans(guild_ids: Collection[str] | None = None) -> list[Orphan]:
    """The orphans of these guilds, or of all, as they were last seen; those that still let people in first."""
    is_meant = True if guild_ids is None else Orphan.discord_guild_id.in_(list(guild_ids))
    # Some got a row meanwhile, as after a newer backup was restored.
    with_row = Room.select().where(Room.discord_guild_id == Orphan.discord_guild_id, Room.code == Orphan.code)
    order = (Orphan.lets_in.desc(), Orphan.discord_guild_id, Orphan.kind, Orphan.name)
    query = Orphan.select(Orphan, Guild.name.alias("guild_name")).where(is_meant, ~fn.EXISTS(with_row)).order_by(*order)
    is_its = Orphan.discord_guild_id == Guild.discord_guild_id
    return list(query.join(Guild, JOIN.LEFT_OUTER, on=is_its).objects())
