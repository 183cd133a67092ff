"""Reads of orphans: which codes are ours and belong to no row, and which orphans were last seen."""

from collections.abc import Collection
from dataclasses import dataclass

from coaching.catalog.models import Guild
from coaching.marks import LENGTH, is_marked_by
from coaching.rooms.cases.queries import rooms_by_code
from coaching.rooms.models import Installation, Orphan


@dataclass(frozen=True)
class OrphanView:
    """An orphan with the name of its guild, as far as that is known."""

    orphan: Orphan
    guild_name: str


def orphans_among(guild_id: str, codes: Collection[str]) -> set[str]:
    """Those codes that this installation has made and of which it knows nothing in this guild."""
    # An older code has no check: it is known by its row, or not at all.
    marked = {code for code in codes if len(code) == LENGTH}
    unknown = marked - set(rooms_by_code(guild_id, marked))
    ours = installation_ids() if unknown else []
    return {code for code in unknown if is_marked_by(ours, code)}


def installation_ids() -> list[str]:
    """The installations whose marks are ours, this one first; none before the first room."""
    return [one.code for one in Installation.select().order_by(Installation.id)]


def find_orphan(number: int) -> Orphan | None:
    """The orphan of this number, if it is still known."""
    orphan: Orphan | None = Orphan.get_or_none(Orphan.id == number)
    return orphan


def seen_orphans(guild_ids: Collection[str] | None = None) -> list[OrphanView]:
    """The orphans of these guilds, or of all; those that still let people in first."""
    query = (
        Orphan.select() if guild_ids is None else Orphan.select().where(Orphan.discord_guild_id.in_(list(guild_ids)))
    )
    rows = list(query.order_by(Orphan.lets_in.desc(), Orphan.discord_guild_id, Orphan.kind, Orphan.name))
    guilds = Guild.select().where(Guild.discord_guild_id.in_({row.discord_guild_id for row in rows})) if rows else ()
    names = {guild.discord_guild_id: guild.name for guild in guilds}
    by_guild = {guild_id: set(_still(guild_id, rows)) for guild_id in {row.discord_guild_id for row in rows}}
    return [
        OrphanView(row, names.get(row.discord_guild_id, ""))
        for row in rows
        if row.code in by_guild[row.discord_guild_id]
    ]


def _still(guild_id: str, rows: Collection[Orphan]) -> set[str]:
    """The codes of those that got no row meanwhile, as after a newer backup was restored."""
    codes = {row.code for row in rows if row.discord_guild_id == guild_id}
    return codes - set(rooms_by_code(guild_id, codes))
