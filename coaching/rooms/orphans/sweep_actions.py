"""The sweep: what carries a room's code without being its own is removed; what carries a code of no room is noted.

Second channels and roles of a room that is known are nobody's, so they go. Orphans (orphans.py) are only written down
for people to see: whoever restored a backup has to decide about them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from coaching.guild_parts import Channel, Role
from coaching.host import Host, HostError
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.models import Room
from coaching.rooms.names import CHANNEL_KINDS, ROLE_WORDS, code_in, code_of_channel, code_of_role
from coaching.rooms.orphans import mutations as orphan_mutations
from coaching.rooms.orphans import queries as orphan_queries
from coaching.rooms.orphans.rules import OrphanKind, names_a_role, orphan_channels, orphan_code, orphan_roles
from coaching.rooms.planning.case import Part, RoomKind
from coaching.rooms.recording.results import Stamp

USUALLY = timedelta(minutes=10)


@dataclass
class Swept:
    """How many strays were removed, and which guilds were not searched to the end, each with the reason.

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
    """For each stray whether it was there when it was removed."""
    listed = _list(host, guild_id)
    has_roles = _note_orphan_channels(listed, stamp) or is_thorough or case_queries.uses_roles(guild_id)
    are_gone = [_remove_channel(host, channel, room, stamp) for channel, room in _duplicate_channels(listed)]
    if has_roles:
        roles = host.get_guild(guild_id).roles
        _note_orphan_roles(listed, roles, stamp)
        are_gone += [_remove_role(host, role, room, stamp) for role, room in _duplicate_roles(guild_id, roles)]
    return are_gone


@dataclass(frozen=True)
class _Listed:
    """The channels of a guild, and who the bot is as far as that matters."""

    guild_id: str
    channels: list[Channel]
    bot_id: str


def _list(host: Host, guild_id: str) -> _Listed:
    channels = host.list_channels(guild_id)
    has_codes = any(code_in(channel.name) for channel in channels)
    return _Listed(guild_id, channels, host.bot_id() if has_codes else "")


# --- Orphans are written down


def _search_guild(host: Host, guild_id: str, stamp: Stamp) -> int:
    listed = _list(host, guild_id)
    _note_orphan_channels(listed, stamp)
    _note_orphan_roles(listed, host.get_guild(guild_id).roles, stamp)
    return 0


def _note_orphan_channels(listed: _Listed, stamp: Stamp) -> bool:
    """True when an orphan has an entry of a role, which may be one of ours, too."""
    guild_id, bot_id = listed.guild_id, listed.bot_id
    codes = {code for channel in listed.channels if (code := orphan_code(channel, bot_id))}
    is_orphan = orphan_queries.orphans_among(guild_id, codes).__contains__
    found = orphan_channels(listed.channels, guild_id, bot_id, is_orphan)
    kinds = (OrphanKind.CHANNEL, OrphanKind.CATEGORY)
    orphan_mutations.record_orphans(guild_id, kinds, found, stamp.at.machine)
    ids = {one.discord_id for one in found}
    return names_a_role([one for one in listed.channels if one.channel_id in ids], guild_id)


def _note_orphan_roles(listed: _Listed, roles: Collection[Role], stamp: Stamp) -> None:
    codes = {code for role in roles if (code := code_of_role(role))}
    is_orphan = orphan_queries.orphans_among(listed.guild_id, codes).__contains__
    found = orphan_roles(roles, listed.channels, is_orphan)
    orphan_mutations.record_orphans(listed.guild_id, (OrphanKind.ROLE,), found, stamp.at.machine)


# --- Strays are removed


def _remove_channel(host: Host, channel: Channel, room: Room, stamp: Stamp) -> bool:
    """False when Discord denies the channel that it has just listed: then it is looked for once more."""
    was_there = host.delete_channel(channel.channel_id, f"Greenroom: a second channel of room {room.code}")
    if was_there:
        orphan_mutations.record_duplicate_removed(room, Part.CHANNEL, channel.channel_id, stamp.at.product)
    return was_there


def _remove_role(host: Host, role: Role, room: Room, stamp: Stamp) -> bool:
    was_there = host.delete_role(room.discord_guild_id, role.role_id, f"Greenroom: a second role of room {room.code}")
    if was_there:
        orphan_mutations.record_duplicate_removed(room, Part.ROLE, role.role_id, stamp.at.product)
    return was_there


def _duplicate_channels(listed: _Listed) -> list[tuple[Channel, Room]]:
    # Discord first, our rows second: whatever was made in between is written down by now, or known to be in doubt.
    marked = {channel: code_of_channel(channel, listed.bot_id) for channel in listed.channels}
    rooms = case_queries.rooms_by_code(listed.guild_id, {code for code in marked.values() if code})
    pairs = ((channel, rooms[code]) for channel, code in marked.items() if code in rooms)
    return [(channel, room) for channel, room in pairs if _is_duplicate(channel, room)]


def _is_duplicate(channel: Channel, room: Room) -> bool:
    # A text channel of that name is somebody else's: we make no such thing.
    is_ours = channel.kind == CHANNEL_KINDS[RoomKind(room.kind)]
    return is_ours and room.discord_channel_id != channel.channel_id and not _is_in_doubt(room, Part.CHANNEL)


def _duplicate_roles(guild_id: str, roles: Collection[Role]) -> list[tuple[Role, Room]]:
    marked = {role: code_of_role(role) for role in roles}
    rooms = case_queries.rooms_by_code(guild_id, {code for code in marked.values() if code})
    pairs = ((role, rooms[code]) for role, code in marked.items() if code in rooms)
    return [(role, room) for role, room in pairs if _is_duplicate_role(role, room)]


def _is_duplicate_role(role: Role, room: Room) -> bool:
    return (
        RoomKind(room.kind) in ROLE_WORDS and room.discord_role_id != role.role_id and not _is_in_doubt(room, Part.ROLE)
    )


def _is_in_doubt(room: Room, part: Part) -> bool:
    return room.intended_at is not None and room.intent == part


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
