"""The sweep: channels and roles that carry a room's code but are not that room's own are removed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coaching.guild_parts import Channel, Role
from coaching.host import Host, HostError
from coaching.refusals import Refusal
from coaching.rooms import case_queries, sweep_mutations
from coaching.rooms.claim_mutations import SWEEP_AFTER_DOUBT, Stamp
from coaching.rooms.models import Room
from coaching.rooms.names import CHANNEL_KINDS, ROLE_WORDS, code_in
from coaching.rooms.planning.case import RoomKind

USUALLY = timedelta(minutes=10)


@dataclass
class Swept:
    """How many strays were removed, and which guilds were not searched to the end, each with the reason."""

    removed: int = 0
    refusals: dict[str, Refusal] = field(default_factory=dict)


def sweep_everywhere(host: Host, now: datetime, machine_now: datetime) -> Swept:
    """Every guild that ever had a room of ours is searched now. One that refuses keeps no other from it."""
    stamp, swept = Stamp(now, machine_now), Swept()
    for guild_id in case_queries.guilds_with_rooms():
        if Refusal.UNAUTHORIZED in swept.refusals.values():
            # The others would answer the same, and every such answer counts towards a ban.
            swept.refusals[guild_id] = Refusal.UNAUTHORIZED
            continue
        try:
            swept.removed += sweep_guild(host, guild_id, stamp)
        except HostError as error:
            swept.refusals[guild_id] = error.kind
    return swept


def sweep_guild(host: Host, guild_id: str, stamp: Stamp) -> int:
    """No channel or role of the guild carries the code of a room without being its own; how many were removed."""
    # First the next time, so that a search which breaks is not begun again at once.
    sweep_mutations.record_swept(guild_id, stamp.machine_now + USUALLY)
    are_gone = [_remove_channel(host, channel, room, stamp) for channel, room in _stray_channels(host, guild_id)]
    if case_queries.uses_roles(guild_id):
        are_gone += [_remove_role(host, role, room, stamp) for role, room in _stray_roles(host, guild_id)]
    if not all(are_gone):
        sweep_mutations.record_swept(guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)
    elif not case_queries.has_unsettled_rooms(guild_id):
        sweep_mutations.record_swept(guild_id, None)
    return sum(are_gone)


def _remove_channel(host: Host, channel: Channel, room: Room, stamp: Stamp) -> bool:
    """False when Discord denies the channel that it has just listed: then it is looked for once more."""
    was_there = host.delete_channel(channel.channel_id, f"Greenroom: a second channel of room {room.code}")
    if was_there:
        sweep_mutations.record_stray_removed(room, "channel", channel.channel_id, stamp.now)
    return was_there


def _remove_role(host: Host, role: Role, room: Room, stamp: Stamp) -> bool:
    was_there = host.delete_role(room.discord_guild_id, role.role_id, f"Greenroom: a second role of room {room.code}")
    if was_there:
        sweep_mutations.record_stray_removed(room, "role", role.role_id, stamp.now)
    return was_there


def _stray_channels(host: Host, guild_id: str) -> list[tuple[Channel, Room]]:
    # Discord first, our rows second: whatever was made in between is written down by now, or known to be in doubt.
    marked = {channel: code_in(channel.name) for channel in host.list_channels(guild_id)}
    rooms = case_queries.rooms_by_code(guild_id, {code for code in marked.values() if code})
    pairs = ((channel, rooms[code]) for channel, code in marked.items() if code in rooms)
    return [(channel, room) for channel, room in pairs if _is_stray(channel, room)]


def _is_stray(channel: Channel, room: Room) -> bool:
    # A text channel of that name is somebody else's: we make no such thing.
    is_ours = channel.kind == CHANNEL_KINDS[RoomKind(room.kind)]
    return is_ours and room.discord_channel_id != channel.channel_id and not _is_in_doubt(room, "channel")


def _stray_roles(host: Host, guild_id: str) -> list[tuple[Role, Room]]:
    marked = {role: code_in(role.name) for role in host.get_guild(guild_id).roles}
    rooms = case_queries.rooms_by_code(guild_id, {code for code in marked.values() if code})
    pairs = ((role, rooms[code]) for role, code in marked.items() if code in rooms)
    return [(role, room) for role, room in pairs if _is_stray_role(role, room)]


def _is_stray_role(role: Role, room: Room) -> bool:
    return RoomKind(room.kind) in ROLE_WORDS and room.discord_role_id != role.role_id and not _is_in_doubt(room, "role")


def _is_in_doubt(room: Room, intent: str) -> bool:
    return room.intended_at is not None and room.intent == intent
