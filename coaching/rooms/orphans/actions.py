"""The search of guilds for what carries a mark of ours, and what becomes of it.

What carries a room's code without being its own is nobody's, so it goes, and so does a probe that diagnostics left
behind. Orphans are only written down for people to see: whoever restored a backup has to decide about them, and one
that is closed or removed, by an admin's press or after a restore, is looked at once more before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from coaching.accounts.models import Person
from coaching.host import Host, HostError
from coaching.log_lines import Event
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.models import Orphan, Room
from coaching.rooms.names import code_in
from coaching.rooms.orphans import mutations as orphan_mutations
from coaching.rooms.orphans.queries import known_guilds, orphans_among, rooms_by_code, uses_roles
from coaching.rooms.orphans.rules import Disposal, Marked, is_left, marked_channels, marked_roles
from coaching.rooms.planning.case import Part, RoomKind
from coaching.rooms.planning.wanted import closed_overwrites
from coaching.rooms.recording import events
from coaching.rooms.recording.mutations import record_event

USUALLY = timedelta(minutes=10)
# What belongs to a room or shared part of each kind.
OF_ROOM = {
    RoomKind.SESSION: (Part.CHANNEL, Part.ROLE),
    RoomKind.CATEGORY: (Part.CATEGORY,),
    RoomKind.SHARED: (Part.CATEGORY, Part.ROLE),
}
LEFT_BEHIND = "Greenroom: left behind by a look at this server"
REMOVED_BECAUSE = "Greenroom: made for a booking that is not in the restored database"
# Discord answers with either where the bot is not let near any more.
OUT_OF_REACH = (Refusal.UNKNOWN_GUILD, Refusal.MISSING_ACCESS)


@dataclass
class Swept:
    """How many things were removed, and which guilds were not searched to the end, each with the reason.

    None stands for the guilds without a room, where the bot's own list of its guilds could not be read.
    """

    removed: int = 0
    refusals: dict[str | None, Refusal] = field(default_factory=dict)


def sweep_everywhere(host: Host, now: Now) -> Swept:
    """Search every guild the bot may have been used in, and sweep it. One that refuses keeps no other from it."""
    return _in_every_guild(host, lambda guild_id: sweep_guild(host, guild_id, now, is_thorough=True))


def search_everywhere(host: Host, now: Now) -> Swept:
    """Search the same guilds for orphans and write them down; remove nothing."""
    return _in_every_guild(host, lambda guild_id: sum(_sweep(host, guild_id, now, is_thorough=True, removes=False)))


def sweep_guild(host: Host, guild_id: str, now: Now, is_thorough: bool = False) -> int:
    """Remove what nobody needs, and note orphans; how many were removed.

    Roles are looked at where they are used, or may be. A thorough search looks at them everywhere.
    """
    next_at = now.machine + USUALLY
    # First the next time, so that a search which breaks is not begun again at once.
    orphan_mutations.begin_sweep(guild_id, next_at)
    try:
        are_gone = _sweep(host, guild_id, now, is_thorough)
    except HostError as error:
        if error.permanent:
            # A guild that the bot has left would otherwise be asked for ever.
            orphan_mutations.end_sweeps(guild_id, next_at)
        raise
    if all(are_gone):
        orphan_mutations.end_sweeps(guild_id, next_at)
    else:
        orphan_mutations.want_sweep(guild_id, now.machine + orphan_mutations.SWEEP_AFTER_UNKNOWN_OUTCOME)
    return sum(are_gone)


def dispose_of(host: Host, orphan: Orphan, wanted: Disposal, admin: Person | None, now: Now) -> Disposal:
    """Remove the orphan from its guild, or with CLOSED let nobody but the bot into it; what came of it.

    HostError when Discord does not do it now; then it stays listed. Without an admin the command line wants it.
    """
    try:
        disposal = _reason_against(host, orphan) or _dispose_of(host, orphan, wanted)
    except HostError as error:
        if error.kind not in OUT_OF_REACH:
            raise
        disposal = Disposal.OUT_OF_REACH
    orphan_mutations.record_disposal(orphan, disposal, admin, now)
    return disposal


# --- The search


def _in_every_guild(host: Host, act: Callable[[str], int]) -> Swept:
    swept, guild_ids = Swept(), known_guilds()
    try:
        # A backup may be older than the first room in a guild: the bot knows where it is.
        guild_ids += sorted({guild.guild_id for guild in host.own_guilds()} - set(guild_ids))
    except HostError as error:
        swept.refusals[None] = error.kind
    for guild_id in guild_ids:
        if Refusal.UNAUTHORIZED in swept.refusals.values():
            # The others would answer the same, and every such answer counts towards a ban.
            swept.refusals[guild_id] = Refusal.UNAUTHORIZED
            continue
        try:
            swept.removed += act(guild_id)
        except HostError as error:
            swept.refusals[guild_id] = error.kind
    return swept


def _sweep(host: Host, guild_id: str, now: Now, is_thorough: bool, removes: bool = True) -> list[bool]:
    """Note orphans and remove the rest; for each of these whether it was there when it was removed."""
    parts, marked = _marked_in(host, guild_id, is_thorough)
    # Discord first, our rows second: whatever was made in between is written down by now, or has a pending intent.
    codes = orphans_among(guild_id, {mark.code for mark in marked if mark.by_bot})
    unknown = [mark for mark in marked if mark.by_bot and mark.code in codes]
    orphan_mutations.record_orphans(guild_id, parts, [mark for mark in unknown if not mark.is_probe], now)
    if not removes:
        return []
    rooms = rooms_by_code(guild_id, {mark.code for mark in marked})
    return [
        # While diagnostics may still be at work with a probe, it is searched for once more.
        *(
            is_left(mark, now) and _delete(host, guild_id, mark.part, mark.discord_id, LEFT_BEHIND)
            for mark in unknown
            if mark.is_probe
        ),
        *(
            _remove_duplicate(host, mark, room, now)
            for mark in marked
            if (room := rooms.get(mark.code)) and _is_duplicate(mark, room)
        ),
    ]


def _marked_in(host: Host, guild_id: str, is_thorough: bool) -> tuple[tuple[Part, ...], list[Marked]]:
    """All in the guild that carries a mark, and the parts that were searched. Who the bot is matters for these only."""
    channels = host.list_channels(guild_id)
    has_codes = any(code_in(channel.name) for channel in channels)
    marked = marked_channels(channels, guild_id, host.bot_id() if has_codes else "")
    # The role that an orphan names may be one of ours, too.
    names_role = any(mark.names_role for mark in marked)
    if not (is_thorough or names_role or uses_roles(guild_id)):
        return (Part.CHANNEL, Part.CATEGORY), marked
    return tuple(Part), marked + marked_roles(host.get_guild(guild_id).roles, channels)


def _is_duplicate(marked: Marked, room: Room) -> bool:
    is_role = marked.part == Part.ROLE
    own_id = room.discord_role_id if is_role else room.discord_channel_id
    is_pending = room.intended_at is not None and (room.intent == Part.ROLE) == is_role
    # Of a room whose kind nobody can read nothing is known to be a second one.
    return marked.part in OF_ROOM.get(room.kind, ()) and marked.discord_id != own_id and not is_pending


def _remove_duplicate(host: Host, duplicate: Marked, room: Room, now: Now) -> bool:
    """False when Discord denies what it has just listed: then it is looked for once more."""
    part_name = "role" if duplicate.part == Part.ROLE else "channel"
    reason = f"Greenroom: a second {part_name} of room {room.code}"
    was_there = _delete(host, room.discord_guild_id, duplicate.part, duplicate.discord_id, reason)
    if was_there:
        removed = Event(events.EventKind.ORPHAN_REMOVED, events.Orphan(part_name, duplicate.discord_id))
        record_event([room.id], removed, now.product)
    return was_there


def _delete(host: Host, guild_id: str, part: Part, discord_id: str, reason: str) -> bool:
    """Delete the role, channel or category; False when Discord knew of none."""
    if part == Part.ROLE:
        return host.delete_role(guild_id, discord_id, reason)
    return host.delete_channel(discord_id, reason)


# --- One of them


def _reason_against(host: Host, orphan: Orphan) -> Disposal | None:
    """None while Discord still shows the orphan as ours, and no row knows it."""
    guild_id = orphan.discord_guild_id
    if orphan.kind == Part.ROLE:
        roles = [role for role in host.get_guild(guild_id).roles if role.role_id == orphan.discord_id]
        is_there, marked = bool(roles), marked_roles(roles, ())
    else:
        channel = host.find_channel(orphan.discord_id)
        is_there, marked = bool(channel), marked_channels([channel], guild_id, host.bot_id()) if channel else []
    if not is_there:
        return Disposal.GONE
    is_marked = any(mark.by_bot and mark.code == orphan.code for mark in marked)
    return None if is_marked and orphans_among(guild_id, {orphan.code}) else Disposal.NOT_OURS


def _dispose_of(host: Host, orphan: Orphan, wanted: Disposal) -> Disposal:
    guild_id, part = orphan.discord_guild_id, Part(orphan.kind)
    if wanted == Disposal.CLOSED:
        host.set_overwrites(orphan.discord_id, closed_overwrites(guild_id, host.bot_id()), REMOVED_BECAUSE)
        return Disposal.CLOSED
    was_there = _delete(host, guild_id, part, orphan.discord_id, REMOVED_BECAUSE)
    return Disposal.REMOVED if was_there else Disposal.GONE
