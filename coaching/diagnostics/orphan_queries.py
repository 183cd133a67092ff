"""Reads of orphans as pages and commands show them: what was made on trial just now is none."""

from collections.abc import Collection

from coaching.diagnostics.models import ProbeRoom
from coaching.rooms.models import Orphan
from coaching.rooms.orphans.queries import OrphanView, orphans_among, seen_orphans


def standing_orphans(guild_ids: Collection[str] | None = None) -> list[OrphanView]:
    """The orphans of these guilds, or of all, as they were last seen; those that still let people in first."""
    found = seen_orphans(guild_ids)
    on_trial = _codes_on_trial() if found else set()
    return [one for one in found if one.orphan.code not in on_trial]


def is_orphan(orphan: Orphan) -> bool:
    """True while the orphan's mark is ours and belongs to no row."""
    ours = orphans_among(orphan.discord_guild_id, {orphan.code})
    return orphan.code in ours - _codes_on_trial()


def _codes_on_trial() -> set[str]:
    return {one.code for one in ProbeRoom.select(ProbeRoom.code)}
