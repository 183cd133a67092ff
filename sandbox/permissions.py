"""Discord's permission arithmetic (https://discord.com/developers/docs/topics/permissions). Pure: bits in, bits out."""

from collections.abc import Iterable
from enum import IntFlag

from sandbox.records import FOR_MEMBER, FOR_ROLE, VOICE, Overwrite, Role


class Right(IntFlag):
    """The bits the product and the sandbox speak about."""

    CREATE_INSTANT_INVITE = 1 << 0
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_EVENTS = 1 << 33
    MODERATE_MEMBERS = 1 << 40
    CREATE_EVENTS = 1 << 44
    SET_VOICE_CHANNEL_STATUS = 1 << 48


# Every bit Discord may use in a 53-bit world; owners and administrators have them all.
ALL_RIGHTS = (1 << 53) - 1
BOT_INVITE = 322031121

_NEEDS_SENDING = Right.MENTION_EVERYONE | Right.SEND_TTS_MESSAGES | Right.ATTACH_FILES | Right.EMBED_LINKS
_LEFT_IN_TIME_OUT = Right.VIEW_CHANNEL | Right.READ_MESSAGE_HISTORY


def guild_rights(everyone: Role, roles: Iterable[Role], *, is_owner: bool = False, is_timed_out: bool = False) -> int:
    """What a member with these roles may do in the guild as a whole."""
    if is_owner:
        return ALL_RIGHTS
    rights = everyone.permissions
    for role in roles:
        rights |= role.permissions
    if rights & Right.ADMINISTRATOR:
        return ALL_RIGHTS
    return in_time_out(rights) if is_timed_out else rights


def in_time_out(rights: int) -> int:
    """What is left of `rights` to a member in time-out who is neither owner nor administrator."""
    return rights & int(_LEFT_IN_TIME_OUT)


def channel_rights(
    base: int, overwrites: Iterable[Overwrite], member_id: str, role_ids: set[str], guild_id: str
) -> int:
    """`base` after a channel's overwrites: @everyone, all roles together, the member; each denies first."""
    if base & Right.ADMINISTRATOR:
        return ALL_RIGHTS
    entries = list(overwrites)
    rights = _applied(base, [o for o in entries if o.type == FOR_ROLE and o.id == guild_id])
    rights = _applied(rights, [o for o in entries if o.type == FOR_ROLE and o.id in role_ids and o.id != guild_id])
    return _applied(rights, [o for o in entries if o.type == FOR_MEMBER and o.id == member_id])


def after_implicit_denials(rights: int, channel_type: int) -> int:
    """`rights` without those that the lack of another one takes away."""
    if not rights & Right.VIEW_CHANNEL:
        return 0
    if channel_type == VOICE and not rights & Right.CONNECT:
        return int(Right.VIEW_CHANNEL)
    if not rights & Right.SEND_MESSAGES:
        return rights & ~int(_NEEDS_SENDING)
    return rights


def has(rights: int, *needed: int) -> bool:
    """Whether every bit of `needed` is in `rights`."""
    return all(rights & bits == bits for bits in map(int, needed))


def granted_by_overwrite(overwrites: Iterable[Overwrite], member_id: str, role_ids: set[str], right: int) -> bool:
    """Whether `right` comes from this channel's own overwrites rather than from the guild."""
    return any(
        entry.allow & right
        for entry in overwrites
        if (entry.type == FOR_MEMBER and entry.id == member_id) or (entry.type == FOR_ROLE and entry.id in role_ids)
    )


def rank(role: Role) -> tuple[int, int]:
    """A role's place in the hierarchy, greater is higher; of equal positions the older role is higher."""
    return (role.position, -int(role.id))


def names(rights: int) -> list[str]:
    """The bits of `rights` by name, for people."""
    return [right.name for right in Right if rights & right and right.name]


def _applied(rights: int, overwrites: list[Overwrite]) -> int:
    allow = deny = 0
    for entry in overwrites:
        allow |= entry.allow
        deny |= entry.deny
    return rights & ~deny | allow
