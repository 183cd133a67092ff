"""The sweep: channels that carry a room's code but are not that room's own are removed."""

from datetime import timedelta

from coaching.guild_parts import VOICE
from coaching.host import Channel, Host
from coaching.rooms import case_queries, lane_mutations
from coaching.rooms.models import Room
from coaching.rooms.mutations import SWEEP_AFTER_DOUBT, Stamp
from coaching.rooms.names import code_in

USUALLY = timedelta(minutes=10)


def sweep_guild(host: Host, guild_id: str, stamp: Stamp) -> None:
    """No channel of the guild carries the code of one of our rooms without being that room."""
    # First the next time, so that a search which breaks is not begun again at once.
    lane_mutations.record_swept(guild_id, stamp.machine_now + USUALLY)
    are_gone = [_remove(host, channel, room, stamp) for channel, room in _strays(host, guild_id)]
    if not all(are_gone):
        lane_mutations.record_swept(guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)
    elif not case_queries.has_unsettled_rooms(guild_id):
        lane_mutations.record_swept(guild_id, None)


def _remove(host: Host, channel: Channel, room: Room, stamp: Stamp) -> bool:
    """False when Discord denies the channel that it has just listed: then it is looked for once more."""
    was_there = host.delete_channel(channel.channel_id, f"Greenroom: a second channel of room {room.code}")
    if was_there:
        lane_mutations.record_stray_removed(room, channel.channel_id, stamp.now)
    return was_there


def _strays(host: Host, guild_id: str) -> list[tuple[Channel, Room]]:
    # Discord first, our rows second: whatever was made in between is written down by now, or known to be in doubt.
    # A category or a text channel of that name is somebody else's: we make no such thing.
    listed = (channel for channel in host.list_channels(guild_id) if channel.kind == VOICE)
    marked = {channel: code_in(channel.name) for channel in listed}
    rooms = case_queries.rooms_by_code(guild_id, {code for code in marked.values() if code})
    pairs = ((channel, rooms[code]) for channel, code in marked.items() if code in rooms)
    return [(channel, room) for channel, room in pairs if _is_stray(channel, room)]


def _is_stray(channel: Channel, room: Room) -> bool:
    return room.discord_channel_id != channel.channel_id and room.intended_at is None
