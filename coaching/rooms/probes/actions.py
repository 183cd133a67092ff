"""What is made on a server only to see whether it can be made: a hidden room, a role of nobody. Both go at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.checks import INVITE_AGAIN, Check, bad, good, refused, warning
from coaching.guild_rights import BOT_RIGHTS, VIDEO_RIGHTS, Right
from coaching.host import Host, HostError
from coaching.refusals import Refusal
from coaching.rooms.models import ProbeRoom
from coaching.rooms.names import probe_name
from coaching.rooms.orphans.removal_actions import delete
from coaching.rooms.planning.case import Part
from coaching.rooms.planning.wanted import closed_overwrites
from coaching.rooms.probes import mutations

REASON = "Greenroom: a look at whether {}s can be made here"
# A look has long ended by then, so that whatever is left was left by a crash or a lost answer.
LEFT_AFTER = timedelta(minutes=2)
# A channel whose making is in doubt stands by then, or never will; and a server that is out of reach may stay so.
NOT_MADE_AFTER = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)
MOST_AT_ONCE = 20
ROOM_RIGHTS = BOT_RIGHTS | VIDEO_RIGHTS
NO_NEW_ROLES = "Discord takes no new roles on this server for now: too many were made lately."
WITHOUT = "Until then rooms come without a role. Look again tomorrow: `flask doctor`"


@dataclass(frozen=True)
class Probe:
    """How one kind of thing is tried, and what is said of it."""

    part: Part
    word: str
    rights: int  # the bot can only give rights that it has itself
    went_well: str
    is_left: str
    removal: str
    try_it: Callable[[Host, ProbeRoom], Check | None]  # makes it; what is wrong with it, if anything

    @property
    def name(self) -> str:
        return f"Trial {self.word}"

    @property
    def reason(self) -> str:
        """For the server's audit log."""
        return REASON.format(self.word)


def try_a_room(host: Host, guild_id: str, rights: int, now: datetime) -> Check:
    """Whether a room can be made, changed, read and removed in a guild where the bot holds `rights`."""
    return _try(host, ROOM, guild_id, rights, now)


def try_a_role(host: Host, guild_id: str, rights: int, now: datetime) -> Check:
    """Whether a role can be made and removed there."""
    return _try(host, ROLE, guild_id, rights, now)


def remove_left_probes(host: Host, now: datetime) -> None:
    """Whatever a look that broke off has left behind is gone, as far as Discord answers."""
    is_left = ProbeRoom.intended_at <= now - LEFT_AFTER
    for row in ProbeRoom.select().where(is_left).order_by(ProbeRoom.id).limit(MOST_AT_ONCE):
        age = now - row.intended_at
        try:
            is_gone = _is_removed(host, row) or (row.discord_id is None and age > NOT_MADE_AFTER)
        except HostError:
            is_gone = False
        if is_gone or age > GIVEN_UP_AFTER:
            mutations.forget_probe(row)


def _try(host: Host, probe: Probe, guild_id: str, rights: int, now: datetime) -> Check:
    if rights & probe.rights != probe.rights:
        sentence = f"No {probe.word} was made on trial, since the bot lacks rights."
        return warning(probe.name, sentence, INVITE_AGAIN).fixed_by_inviting()
    row = mutations.intend_probe(guild_id, probe.part, now)
    try:
        problem = probe.try_it(host, row)
    except HostError as error:
        problem = _refused(probe, error)
        if row.discord_id is None and not error.is_outcome_unknown:
            mutations.forget_probe(row)
            return problem
    return problem or _left(host, probe, row) or good(probe.name, probe.went_well)


def _refused(probe: Probe, error: HostError) -> Check:
    if probe.part == Part.ROLE and error.kind == Refusal.RATE_LIMITED:
        return warning(probe.name, NO_NEW_ROLES, WITHOUT)
    return refused(probe.name, error.kind)


def _make_role(host: Host, row: ProbeRoom) -> None:
    role = host.create_role(row.discord_guild_id, probe_name(row.code), ROLE.reason)
    mutations.record_probe(row, role.role_id)


def _make_and_change_room(host: Host, row: ProbeRoom) -> Check | None:
    # Hidden from everybody but the bot, which alone is given what a coach and a student would get.
    guild_id, bot_id = row.discord_guild_id, host.bot_id()
    hidden, changed = (closed_overwrites(guild_id, bot_id, rights) for rights in (BOT_RIGHTS, ROOM_RIGHTS))
    channel = host.create_channel(guild_id, probe_name(row.code), hidden, ROOM.reason)
    mutations.record_probe(row, channel.channel_id)
    # Nobody is waiting outside: whether Discord heeds a change made so soon does not matter here, only that it may be.
    host.set_overwrites(channel.channel_id, changed, ROOM.reason)
    found = host.find_channel(channel.channel_id)
    if found is None or found.overwrites != changed:
        return bad(
            ROOM.name,
            "A room was made on trial, but Discord shows it with other rights than it was given.",
            "In Discord open Server settings, Audit Log: if another bot changes channels, keep it away from ours.",
        )
    return None


def _left(host: Host, probe: Probe, row: ProbeRoom) -> Check | None:
    """Remove it; what is wrong if it is still there, or may be."""
    try:
        is_gone = _is_removed(host, row)
    except HostError:
        is_gone = False
    if is_gone:
        mutations.forget_probe(row)
        return None
    remedy = f"It is looked for and removed within minutes. Should it stay: {probe.removal}"
    return bad(probe.name, probe.is_left.format(probe_name(row.code)), remedy)


def _is_removed(host: Host, row: ProbeRoom) -> bool:
    """True when what was made on trial was there and is not any more."""
    guild_id, name, is_role = row.discord_guild_id, probe_name(row.code), row.kind == Part.ROLE
    if row.discord_id:
        found = [row.discord_id]
    elif is_role:
        found = [role.role_id for role in host.get_guild(guild_id).roles if role.name == name]
    else:
        found = [channel.channel_id for channel in host.list_channels(guild_id) if channel.name == name]
    part, reason = (Part.ROLE, ROLE.reason) if is_role else (Part.CHANNEL, ROOM.reason)
    removed = [delete(host, guild_id, part, one, reason) for one in found]
    return bool(row.discord_id) or any(removed)


ROOM = Probe(
    Part.CHANNEL,
    "room",
    ROOM_RIGHTS | Right.MANAGE_ROLES,
    "A hidden room was made, given rights, read back and removed.",
    "The hidden room {} was made on trial and may still be there.",
    "In Discord right-click it and choose Delete Channel.",
    _make_and_change_room,
)
ROLE = Probe(
    Part.ROLE,
    "role",
    Right.MANAGE_ROLES,
    "A role was made, given to nobody, and removed.",
    "The role {} was made on trial and may still be there. Nobody has it, and it allows nothing.",
    "In Discord open Server settings, Roles, and delete it.",
    _make_role,
)
