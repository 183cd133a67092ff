"""Closing and removing orphans, by an admin's press or after a restore. Each is looked at once more before."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from coaching.accounts.models import Person
from coaching.host import Host, HostError
from coaching.refusals import Refusal
from coaching.rooms.models import Orphan
from coaching.rooms.names import code_of_role
from coaching.rooms.orphans import mutations as orphan_mutations
from coaching.rooms.orphans.queries import orphans_among
from coaching.rooms.orphans.rules import OrphanKind, closed_overwrites, orphan_code

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
        was_there = (
            host.delete_role(orphan.discord_guild_id, orphan.discord_id, REMOVED_BECAUSE)
            if orphan.kind == OrphanKind.ROLE
            else host.delete_channel(orphan.discord_id, REMOVED_BECAUSE)
        )
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


def _if_it_is_one(host: Host, orphan: Orphan, act: Callable[[], Disposal]) -> Disposal:
    """Act on the orphan if Discord still shows it as ours and no row knows it; else forget it."""
    try:
        found = _code_in_discord(host, orphan)
        if found == orphan.code and orphans_among(orphan.discord_guild_id, {orphan.code}):
            return act()
    except HostError as error:
        if error.kind not in OUT_OF_REACH:
            raise
        found = Disposal.OUT_OF_REACH
    orphan_mutations.forget_orphan(orphan)
    return found if isinstance(found, Disposal) else Disposal.NOT_OURS


def _code_in_discord(host: Host, orphan: Orphan) -> str | Disposal | None:
    """The code that it carries now; GONE where it is not there any more."""
    if orphan.kind == OrphanKind.ROLE:
        roles = {role.role_id: role for role in host.get_guild(orphan.discord_guild_id).roles}
        role = roles.get(orphan.discord_id)
        return code_of_role(role) if role else Disposal.GONE
    channel = host.find_channel(orphan.discord_id)
    return orphan_code(channel, host.bot_id()) if channel else Disposal.GONE
