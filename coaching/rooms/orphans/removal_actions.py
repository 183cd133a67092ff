"""Closing and removing orphans, by an admin's press or after a restore. Each is looked at once more before."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from coaching.accounts.models import Person
from coaching.host import Host, HostError
from coaching.refusals import Refusal
from coaching.rooms.models import Orphan
from coaching.rooms.orphans import mutations as orphan_mutations
from coaching.rooms.orphans.queries import orphans_among
from coaching.rooms.orphans.rules import Marked, marked_channels, marked_roles
from coaching.rooms.planning.case import Part
from coaching.rooms.planning.wanted import closed_overwrites

REMOVED_BECAUSE = "Greenroom: made for a booking that is not in the restored database"
# Discord answers with either where the bot is not let near any more.
OUT_OF_REACH = (Refusal.UNKNOWN_GUILD, Refusal.MISSING_ACCESS)


class Disposal(StrEnum):
    """What came of it. But for one that was closed, it is no longer listed."""

    REMOVED = "removed"
    CLOSED = "closed"
    GONE = "gone"  # before we came
    NOT_OURS = "not ours"  # it has got another name, or a row
    OUT_OF_REACH = "out of reach"


def remove_orphan(host: Host, orphan: Orphan, admin: Person | None, machine_now: datetime) -> Disposal:
    """Remove the orphan from its guild. HostError when Discord does not do it now; then it stays listed."""

    def remove() -> Disposal:
        was_there = delete(host, orphan.discord_guild_id, Part(orphan.kind), orphan.discord_id, REMOVED_BECAUSE)
        orphan_mutations.record_orphan_removed(orphan, admin, machine_now)
        return Disposal.REMOVED if was_there else Disposal.GONE

    return _if_it_is_one(host, orphan, remove)


def close_orphan(host: Host, orphan: Orphan, admin: Person, machine_now: datetime) -> Disposal:
    """Let nobody but the bot into the orphan, which is no role. HostError as above."""

    def close() -> Disposal:
        entries = closed_overwrites(orphan.discord_guild_id, host.bot_id())
        host.set_overwrites(orphan.discord_id, entries, REMOVED_BECAUSE)
        orphan_mutations.record_orphan_closed(orphan, admin, machine_now)
        return Disposal.CLOSED

    return _if_it_is_one(host, orphan, close)


def delete(host: Host, guild_id: str, part: Part, discord_id: str, reason: str) -> bool:
    """Delete the role, channel or category; False when Discord knew of none."""
    if part == Part.ROLE:
        return host.delete_role(guild_id, discord_id, reason)
    return host.delete_channel(discord_id, reason)


def _if_it_is_one(host: Host, orphan: Orphan, act: Callable[[], Disposal]) -> Disposal:
    """Act on the orphan if Discord still shows it as ours and no row knows it; else forget it."""
    try:
        marked = _as_shown(host, orphan)
        is_marked = any(one.by_bot and one.code == orphan.code for one in marked or ())
        if is_marked and orphans_among(orphan.discord_guild_id, {orphan.code}):
            return act()
        disposal = Disposal.GONE if marked is None else Disposal.NOT_OURS
    except HostError as error:
        if error.kind not in OUT_OF_REACH:
            raise
        disposal = Disposal.OUT_OF_REACH
    orphan_mutations.forget_orphan(orphan)
    return disposal


def _as_shown(host: Host, orphan: Orphan) -> list[Marked] | None:
    """The orphan with the mark that it carries now, empty without one; None where it is not there any more."""
    guild_id = orphan.discord_guild_id
    if orphan.kind == Part.ROLE:
        roles = [role for role in host.get_guild(guild_id).roles if role.role_id == orphan.discord_id]
        return marked_roles(roles, ()) if roles else None
    channel = host.find_channel(orphan.discord_id)
    return marked_channels([channel], guild_id, host.bot_id()) if channel else None
