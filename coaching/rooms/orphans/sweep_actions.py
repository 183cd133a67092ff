"""The sweep: what carries a room's code without being its own is removed; what carries a code of no room is noted.

Duplicates of a room that is known are nobody's, so they go. Orphans are only written down for people to see: whoever
restored a backup has to decide about them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from coaching.guild_parts import Channel
from coaching.host import Host, HostError
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.models import Room
from coaching.rooms.names import code_in
from coaching.rooms.orphans import mutations as orphan_mutations
from coaching.rooms.orphans import queries as orphan_queries
from coaching.rooms.orphans.removal_actions import delete
from coaching.rooms.orphans.rules import Marked, marked_channels, marked_roles
from coaching.rooms.planning.case import Part, RoomKind
from coaching.rooms.recording.results import Stamp

USUALLY = timedelta(minutes=10)
CHANNELS, ROLES = (Part.CHANNEL, Part.CATEGORY), (Part.ROLE,)
# What belongs to a room or place of each kind.
OF_ROOM = {
    RoomKind.SESSION: (Part.CHANNEL, Part.ROLE),
    RoomKind.CATEGORY: (Part.CATEGORY,),
    RoomKind.SHARED: (Part.CATEGORY, Part.ROLE),
}


@dataclass
class Swept:
    """How many orphans were removed, and which guilds were not searched to the end, each with the reason.

    `list_refused` is why the bot's own list of its guilds could not be read: then only those with rooms were searched.
    """

    removed: int = 0
    refusals: dict[str, Refusal] = field(default_factory=dict)
    list_refused: Refusal | None = None


def sweep_everywhere(host: Host, now: Now) -> Swept:
    """Search every guild the bot may have been used in, and sweep it. One that refuses keeps no other from it."""
    stamp = Stamp(now)
    return _in_every_guild(host, lambda guild_id: sweep_guild(host, guild_id, stamp, is_thorough=True))


def search_everywhere(host: Host, now: Now) -> Swept:
    """Search the same guilds for orphans and write them down; remove nothing."""
    stamp = Stamp(now)
    return _in_every_guild(host, lambda guild_id: _search_guild(host, guild_id, stamp))


def sweep_guild(host: Host, guild_id: str, stamp: Stamp, is_thorough: bool = False) -> int:
    """Remove what carries the code of a room without being its own, and note orphans; how many were removed.

    Roles are looked at where they are used, or may be. A thorough search looks at them everywhere.
    """
    # First the next time, so that a search which breaks is not begun again at once.
    orphan_mutations.record_swept(guild_id, stamp.at.machine + USUALLY)
    try:
        are_gone = _sweep(host, guild_id, stamp, is_thorough)
    except HostError as error:
        if error.permanent and not case_queries.has_unsettled_rooms(guild_id):
            # A guild that the bot has left would otherwise be asked for ever.
            orphan_mutations.record_swept(guild_id, None)
        raise
    if not all(are_gone):
        orphan_mutations.record_swept(guild_id, stamp.at.machine + orphan_mutations.SWEEP_AFTER_DOUBT)
    elif not case_queries.has_unsettled_rooms(guild_id):
        orphan_mutations.record_swept(guild_id, None)
    return sum(are_gone)


def _sweep(host: Host, guild_id: str, stamp: Stamp, is_thorough: bool) -> list[bool]:
    """For each duplicate whether it was there when it was removed."""
    channels, marked = _marked_in(host, guild_id)
    orphans = _note_orphans(guild_id, CHANNELS, marked, stamp)
    # Its role may be one of ours, too.
    names_role = any(orphan.names_role for orphan in orphans)
    are_gone = [_remove(host, duplicate, room, stamp) for duplicate, room in _duplicates(guild_id, marked)]
    if names_role or is_thorough or case_queries.uses_roles(guild_id):
        marked = marked_roles(host.get_guild(guild_id).roles, channels)
        _note_orphans(guild_id, ROLES, marked, stamp)
        are_gone += [_remove(host, duplicate, room, stamp) for duplicate, room in _duplicates(guild_id, marked)]
    return are_gone


def _search_guild(host: Host, guild_id: str, stamp: Stamp) -> int:
    channels, marked = _marked_in(host, guild_id)
    _note_orphans(guild_id, CHANNELS, marked, stamp)
    _note_orphans(guild_id, ROLES, marked_roles(host.get_guild(guild_id).roles, channels), stamp)
    return 0


def _marked_in(host: Host, guild_id: str) -> tuple[list[Channel], list[Marked]]:
    """The channels of the guild, and those among them that carry a mark. Who the bot is matters for these only."""
    channels = host.list_channels(guild_id)
    has_codes = any(code_in(channel.name) for channel in channels)
    return channels, marked_channels(channels, guild_id, host.bot_id() if has_codes else "")


def _note_orphans(guild_id: str, parts: Collection[Part], marked: list[Marked], stamp: Stamp) -> list[Marked]:
    """Write down those that are orphans, which are all there are of these parts; they come back."""
    codes = orphan_queries.orphans_among(guild_id, {one.code for one in marked if one.by_bot})
    orphans = [one for one in marked if one.by_bot and one.code in codes]
    orphan_mutations.record_orphans(guild_id, parts, orphans, stamp.at.machine)
    return orphans


def _duplicates(guild_id: str, marked: list[Marked]) -> list[tuple[Marked, Room]]:
    # Discord first, our rows second: whatever was made in between is written down by now, or known to be in doubt.
    rooms = case_queries.rooms_by_code(guild_id, {one.code for one in marked})
    return [(one, room) for one in marked if (room := rooms.get(one.code)) and _is_duplicate(one, room)]


def _is_duplicate(marked: Marked, room: Room) -> bool:
    is_role = marked.part == Part.ROLE
    own_id = room.discord_role_id if is_role else room.discord_channel_id
    is_in_doubt = room.intended_at is not None and (room.intent == Part.ROLE) == is_role
    return marked.part in OF_ROOM[RoomKind(room.kind)] and marked.discord_id != own_id and not is_in_doubt


def _remove(host: Host, duplicate: Marked, room: Room, stamp: Stamp) -> bool:
    """False when Discord denies what it has just listed: then it is looked for once more."""
    word = "role" if duplicate.part == Part.ROLE else "channel"
    reason = f"Greenroom: a second {word} of room {room.code}"
    was_there = delete(host, room.discord_guild_id, duplicate.part, duplicate.discord_id, reason)
    if was_there:
        orphan_mutations.record_duplicate_removed(room, word, duplicate.discord_id, stamp.at.product)
    return was_there


# --- Everywhere


def _in_every_guild(host: Host, act: Callable[[str], int]) -> Swept:
    swept = Swept()
    known = case_queries.known_guilds()
    for guild_id in known:
        _try(act, guild_id, swept)
    # A backup may be older than the first room in a guild: the bot knows where it is.
    if Refusal.UNAUTHORIZED not in swept.refusals.values():
        for guild_id in _further_guilds(host, known, swept):
            _try(act, guild_id, swept)
    return swept


def _further_guilds(host: Host, known: Collection[str], swept: Swept) -> list[str]:
    try:
        return sorted({guild.guild_id for guild in host.own_guilds()} - set(known))
    except HostError as error:
        swept.list_refused = error.kind
        return []


def _try(act: Callable[[str], int], guild_id: str, swept: Swept) -> None:
    if Refusal.UNAUTHORIZED in swept.refusals.values():
        # The others would answer the same, and every such answer counts towards a ban.
        swept.refusals[guild_id] = Refusal.UNAUTHORIZED
        return
    try:
        swept.removed += act(guild_id)
    except HostError as error:
        swept.refusals[guild_id] = error.kind
