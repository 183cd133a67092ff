"""What Discord's rights are called, who holds them in a guild, and which ones the bot needs and why. Pure."""

from enum import IntFlag

from coaching.guild_parts import HostGuild, Member


class Right(IntFlag):
    CREATE_INSTANT_INVITE = 1 << 0
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    MANAGE_ROLES = 1 << 28


ALL_RIGHTS = (1 << 53) - 1

# What the invitation asks for. The bot can only give to others what it has itself.
NEEDED_RIGHTS: dict[Right, str] = {
    Right.VIEW_CHANNEL: "to see the rooms it makes, and to let coach and student see theirs",
    Right.MANAGE_CHANNELS: "to make each room and to remove it afterwards",
    Right.MANAGE_ROLES: "to let coach and student into their room and nobody else",
    Right.CONNECT: "to let coach and student enter, and to keep control of a voice room",
    Right.SPEAK: "to let coach and student talk",
    Right.STREAM: "to let them turn on video and share a screen in video sessions",
    Right.USE_VAD: "to let them talk without holding a key",
    Right.SEND_MESSAGES: "to write the first message of a room, and to let both of them write",
    Right.READ_MESSAGE_HISTORY: "to let both of them read what was written before they came",
    Right.EMBED_LINKS: "to let both of them share links",
    Right.ATTACH_FILES: "to let both of them share files",
    Right.CREATE_INSTANT_INVITE: "to add students to the server after they connected their account",
    Right.MOVE_MEMBERS: "to end a call that runs into the next one",
}
INVITE_RIGHTS = 322031121
# What Discord's own settings call them, as far as the words differ from ours.
_NAMES = {
    Right.CREATE_INSTANT_INVITE: "Create Invite",
    Right.STREAM: "Video",
    Right.VIEW_CHANNEL: "View Channels",
    Right.USE_VAD: "Use Voice Activity",
}

_TALK = Right.VIEW_CHANNEL | Right.CONNECT | Right.SPEAK | Right.USE_VAD
_CHAT = Right.SEND_MESSAGES | Right.READ_MESSAGE_HISTORY | Right.EMBED_LINKS | Right.ATTACH_FILES
AUDIO_RIGHTS = int(_TALK | _CHAT)
VIDEO_RIGHTS = int(_TALK | _CHAT | Right.STREAM)
VIEW_AND_CONNECT = int(Right.VIEW_CHANNEL | Right.CONNECT)
# Without its own entry the bot would shut itself out of the room, and could never remove it.
BOT_RIGHTS = int(Right.VIEW_CHANNEL | Right.CONNECT | Right.MANAGE_CHANNELS | Right.SEND_MESSAGES)


def right_name(right: Right) -> str:
    """The right as Discord's own settings call it."""
    return _NAMES.get(right) or str(right.name).replace("_", " ").title()


def rights_of(member: Member, guild: HostGuild) -> int:
    """What `member` may do in the whole guild, before any channel says otherwise."""
    if member.user_id == guild.owner_id:
        return ALL_RIGHTS
    # @everyone is a role with the guild's own id; no member lists it.
    held = member.role_ids | {guild.guild_id}
    rights = 0
    for role in guild.roles:
        if role.role_id in held:
            rights |= role.permissions
    return ALL_RIGHTS if rights & Right.ADMINISTRATOR else rights


def may_manage(member: Member, guild: HostGuild) -> bool:
    """True for somebody who may decide for the guild: its owner, its administrators, holders of Manage Server."""
    return bool(rights_of(member, guild) & Right.MANAGE_GUILD)


def missing_rights(rights: int) -> tuple[Right, ...]:
    """The rights the bot needs and does not hold."""
    return tuple(right for right in NEEDED_RIGHTS if not rights & right)
