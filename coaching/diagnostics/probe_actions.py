"""What is made on a server only to see whether it can be made: a hidden room, a role of nobody. Both go at once.

Whatever a look leaves behind, for it broke off or an answer was lost, its name tells from everything else, and a search
of the server a little later removes it.
"""

from coaching.checks import INVITE_AGAIN, Check, bad, good, refused, warning
from coaching.guild_rights import BOT_RIGHTS, VIDEO_RIGHTS, Right
from coaching.host import Host, HostError
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.names import probe_name
from coaching.rooms.orphans.mutations import new_room_code, want_sweep
from coaching.rooms.orphans.rules import LEFT_AFTER
from coaching.rooms.planning.wanted import closed_overwrites

ROOM, ROLE = "Trial room", "Trial role"
REASON = "Greenroom: a look at whether {}s can be made here"  # for the server's audit log
ROOM_RIGHTS = BOT_RIGHTS | VIDEO_RIGHTS
REMEDY = "It is looked for and removed within minutes. Should it stay: In Discord"


def try_a_room(host: Host, guild_id: str, rights: int, now: Now) -> Check:
    """Whether a room can be made, changed, read and removed in a guild where the bot holds `rights`."""
    # The bot can only give rights that it has itself.
    if ~rights & (ROOM_RIGHTS | Right.MANAGE_ROLES):
        return _untried(ROOM, "room")
    name, reason = _new_name(guild_id, now), REASON.format("room")
    try:
        # Hidden from everybody but the bot, which alone is given what a coach and a student would get.
        bot_id = host.bot_id()
        hidden, changed = (closed_overwrites(guild_id, bot_id, given) for given in (BOT_RIGHTS, ROOM_RIGHTS))
        channel_id = host.create_channel(guild_id, name, hidden, reason).channel_id
        # Nobody waits outside: whether Discord heeds a change made so soon does not matter here, only that it may be.
        host.set_overwrites(channel_id, changed, reason)
        channel = host.find_channel(channel_id)
    except HostError as error:
        return refused(ROOM, error.kind)
    if channel is None or channel.overwrites != changed:
        return bad(
            ROOM,
            "A room was made on trial, but Discord shows it with other rights than it was given.",
            "In Discord open Server settings, Audit Log: if another bot changes channels, keep it away from ours.",
        )
    try:
        host.delete_channel(channel_id, reason)
    except HostError:
        sentence = f"The hidden room {name} was made on trial and may still be there."
        return bad(ROOM, sentence, f"{REMEDY} right-click it and choose Delete Channel.")
    return good(ROOM, "A hidden room was made, given rights, read back and removed.")


def try_a_role(host: Host, guild_id: str, rights: int, now: Now) -> Check:
    """Whether a role can be made and removed there."""
    if not rights & Right.MANAGE_ROLES:
        return _untried(ROLE, "role")
    name, reason = _new_name(guild_id, now), REASON.format("role")
    try:
        role_id = host.create_role(guild_id, name, reason).role_id
    except HostError as error:
        if error.kind == Refusal.RATE_LIMITED:
            return warning(
                ROLE,
                "Discord takes no new roles on this server for now: too many were made lately.",
                "Until then rooms come without a role. Look again tomorrow: `flask doctor`",
            )
        return refused(ROLE, error.kind)
    try:
        host.delete_role(guild_id, role_id, reason)
    except HostError:
        sentence = f"The role {name} was made on trial and may still be there. Nobody has it, and it allows nothing."
        return bad(ROLE, sentence, f"{REMEDY} open Server settings, Roles, and delete it.")
    return good(ROLE, "A role was made, given to nobody, and removed.")


def _new_name(guild_id: str, now: Now) -> str:
    """The name of what is about to be made; the search for what may be left of it is wanted from now on."""
    want_sweep(guild_id, now.machine + LEFT_AFTER)
    return probe_name(new_room_code())


def _untried(name: str, part: str) -> Check:
    sentence = f"No {part} was made on trial, since the bot lacks rights."
    return warning(name, sentence, INVITE_AGAIN).fixed_by_inviting()
