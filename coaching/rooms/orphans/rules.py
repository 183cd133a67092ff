"""Orphans: what carries a mark of ours in a guild and belongs to no row, told from what is anybody else's. Pure.

They come to be when an older backup is restored: what was made since stands in Discord, and nothing here knows of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from coaching.guild_parts import CATEGORY, VOICE, Channel, Overwrite, Role
from coaching.guild_rights import BOT_RIGHTS, SHUT_OUT, Right
from coaching.rooms.names import code_of_channel, code_of_role, names_bot

IsOrphan = Callable[[str], bool]  # told by a code


class OrphanKind(StrEnum):
    CHANNEL = "channel"
    CATEGORY = "category"
    ROLE = "role"


CHANNEL_KINDS = {VOICE: OrphanKind.CHANNEL, CATEGORY: OrphanKind.CATEGORY}


@dataclass(frozen=True)
class FoundOrphan:
    """One of them as Discord shows it. `lets_in` is true while it lets in anybody but the bot."""

    discord_id: str
    kind: OrphanKind
    code: str
    name: str
    lets_in: bool


def orphan_channels(channels: Iterable[Channel], guild_id: str, bot_id: str, is_orphan: IsOrphan) -> list[FoundOrphan]:
    """Those channels and categories that are orphans."""
    found = []
    for channel in channels:
        code = orphan_code(channel, bot_id)
        if code and is_orphan(code):
            kind, lets_in = CHANNEL_KINDS[channel.kind], lets_people_in(channel, guild_id, bot_id)
            found.append(FoundOrphan(channel.channel_id, kind, code, channel.name, lets_in))
    return found


def orphan_code(channel: Channel, bot_id: str) -> str | None:
    """The code of what the bot may have made, or None: a copied name alone makes nobody's channel ours."""
    is_possible = channel.kind in CHANNEL_KINDS and names_bot(channel, bot_id)
    return code_of_channel(channel, bot_id) if is_possible else None


def lets_people_in(channel: Channel, guild_id: str, bot_id: str) -> bool:
    """True while anybody but the bot sees the channel, leaving aside the guild's owner and its administrators."""
    everybody = {one.target_id: one for one in channel.overwrites}.get(guild_id)
    if everybody is None or not everybody.deny & Right.VIEW_CHANNEL:
        return True
    return any(one.allow & Right.VIEW_CHANNEL for one in channel.overwrites if one.target_id != bot_id)


def names_a_role(channels: Iterable[Channel], guild_id: str) -> bool:
    """True when one of the channels has an entry of a role, beside that of everybody."""
    entries = (entry for channel in channels for entry in channel.overwrites)
    return any(not entry.is_member and entry.target_id != guild_id for entry in entries)


def orphan_roles(roles: Iterable[Role], channels: Iterable[Channel], is_orphan: IsOrphan) -> list[FoundOrphan]:
    """Those roles that are orphans; one lets people in while it opens any channel."""
    opening = {
        entry.target_id for channel in channels for entry in channel.overwrites if entry.allow & Right.VIEW_CHANNEL
    }
    codes = {role: code_of_role(role) for role in roles}
    return [
        FoundOrphan(role.role_id, OrphanKind.ROLE, code, role.name, role.role_id in opening)
        for role, code in codes.items()
        if code and is_orphan(code)
    ]


def closed_overwrites(guild_id: str, bot_id: str) -> frozenset[Overwrite]:
    """Whom a channel lets in that is closed: the bot alone."""
    everyone = Overwrite(guild_id, is_member=False, deny=SHUT_OUT)
    return frozenset({everyone, Overwrite(bot_id, is_member=True, allow=BOT_RIGHTS)})
