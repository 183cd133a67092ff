"""A hidden room made only to see whether rooms can be made: made, given rights, read back, removed."""

from datetime import datetime, timedelta

from coaching.checks import INVITE_AGAIN, Check, bad, doubtful, good, refused
from coaching.diagnostics import mutations, probe_role_actions, queries
from coaching.diagnostics.models import ProbeRoom
from coaching.guild_parts import Overwrite
from coaching.guild_rights import BOT_RIGHTS, SHUT_OUT, VIDEO_RIGHTS, Right
from coaching.host import Host, HostError
from coaching.rooms.names import probe_name

NAME = "Trial room"
REASON = "Greenroom: a look at whether rooms can be made here"
# A look has long ended by then, so that whatever is left was left by a crash or a lost answer.
LEFT_AFTER = timedelta(minutes=2)
# A channel whose making is in doubt stands by then, or never will; and a server that is out of reach may stay so.
NOT_MADE_AFTER = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)
# The bot can only give rights that it has itself.
TRIED_RIGHTS = BOT_RIGHTS | VIDEO_RIGHTS | int(Right.MANAGE_ROLES)


def try_a_room(host: Host, guild_id: str, rights: int, machine_now: datetime) -> Check:
    """Whether a room can be made, changed, read and removed in a guild where the bot holds `rights`."""
    if rights & TRIED_RIGHTS != TRIED_RIGHTS:
        return doubtful(
            NAME, "No room was made on trial, since the bot lacks rights.", INVITE_AGAIN
        ).mended_by_inviting()
    room = mutations.intend_probe(guild_id, machine_now)
    try:
        problem = _make_and_change(host, room)
    except HostError as error:
        problem = refused(NAME, error.kind)
        if room.discord_channel_id is None and not error.doubtful:
            mutations.forget_probe(room)
            return problem
    left = _remove(host, room)
    return problem or left or good(NAME, "A hidden room was made, given rights, read back and removed.")


def remove_left_probes(host: Host, machine_now: datetime) -> None:
    """Whatever a look that broke off has left behind is gone, as far as Discord answers."""
    for room in queries.probes_until(machine_now - LEFT_AFTER):
        age = machine_now - room.intended_at
        try:
            is_gone = _is_removed(host, room) or (not _is_known(room) and age > NOT_MADE_AFTER)
        except HostError:
            is_gone = False
        if is_gone or age > GIVEN_UP_AFTER:
            mutations.forget_probe(room)


def channel_name(room: ProbeRoom) -> str:
    """The channel's name, by which it is found again."""
    return probe_name(room.code)


def _make_and_change(host: Host, room: ProbeRoom) -> Check | None:
    """What is wrong with the room once it was made and changed, if anything."""
    hidden, changed = _overwrites(host, room, BOT_RIGHTS), _overwrites(host, room, BOT_RIGHTS | VIDEO_RIGHTS)
    channel = host.create_channel(room.discord_guild_id, channel_name(room), hidden, REASON)
    mutations.record_probe_channel(room, channel.channel_id)
    # Nobody is waiting outside: whether Discord heeds a change made so soon does not matter here, only that it may be.
    host.set_overwrites(channel.channel_id, changed, REASON)
    found = host.find_channel(channel.channel_id)
    if found is None or found.overwrites != changed:
        return bad(
            NAME,
            "A room was made on trial, but Discord shows it with other rights than it was given.",
            "In Discord open Server settings, Audit Log: if another bot changes channels, keep it away from ours.",
        )
    return None


def _overwrites(host: Host, room: ProbeRoom, own_rights: int) -> frozenset[Overwrite]:
    """Hidden from everybody but the bot, which alone is given what a coach and a student would get."""
    everyone = Overwrite(room.discord_guild_id, is_member=False, deny=SHUT_OUT)
    return frozenset({everyone, Overwrite(host.bot_id(), is_member=True, allow=own_rights)})


def _remove(host: Host, room: ProbeRoom) -> Check | None:
    """What is wrong if the room is still there, or may be."""
    try:
        is_gone = _is_removed(host, room)
    except HostError:
        is_gone = False
    if is_gone:
        mutations.forget_probe(room)
        return None
    return bad(
        NAME,
        f"The hidden room {channel_name(room)} was made on trial and may still be there.",
        "It is looked for and removed within minutes. Should it stay: In Discord right-click it and choose Delete "
        "Channel.",
    )


def _is_removed(host: Host, room: ProbeRoom) -> bool:
    """True when what was made on trial was there and is not any more."""
    if room.kind == "role":
        return probe_role_actions.is_removed(host, room)
    if room.discord_channel_id:
        host.delete_channel(room.discord_channel_id, REASON)
        return True
    found = [one for one in host.list_channels(room.discord_guild_id) if one.name == channel_name(room)]
    removed = [host.delete_channel(one.channel_id, REASON) for one in found]
    return any(removed)


def _is_known(room: ProbeRoom) -> bool:
    return bool(room.discord_channel_id or room.discord_role_id)
