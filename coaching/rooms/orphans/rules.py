"""What carries a mark of ours in a guild, as one kind of value for channels, categories and roles. Pure.

An orphan belongs to no row. They come to be when an older backup is restored: what was made since is still in Discord,
and nothing here knows of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from coaching.discord_ids import made_at
from coaching.guild_parts import CATEGORY, VOICE, Channel, Role
from coaching.guild_rights import Right
from coaching.now import Now
from coaching.rooms.names import PROBE_WORDS, code_of_channel, code_of_role, names_bot
from coaching.rooms.planning.case import Part

# A text channel of that name is somebody else's: we make no such thing.
_PARTS = {VOICE: Part.CHANNEL, CATEGORY: Part.CATEGORY}
# A look at a guild has long ended by then, so that whatever it made was left behind by a crash or a lost answer.
LEFT_AFTER = timedelta(minutes=2)


class Disposal(StrEnum):
    """What came of an orphan that was to be closed or removed. But for one that was closed, it is no longer listed."""

    REMOVED = "removed"
    CLOSED = "closed"
    GONE = "gone"  # before we came
    NOT_OURS = "not ours"  # it has got another name, or a row
    OUT_OF_REACH = "out of reach"


@dataclass(frozen=True)
class Marked:
    """A channel, category or role with a code of ours in its name, as Discord shows it.

    `lets_in` is true while it lets in anybody but the bot. Without an entry of the bot's it is not `by_bot`: a copied
    name alone makes nobody's channel ours.
    """

    discord_id: str
    part: Part
    code: str
    name: str
    lets_in: bool
    by_bot: bool = True
    names_role: bool = False  # of a channel: it has an entry of a role, beside that of everybody

    @property
    def is_probe(self) -> bool:
        """True of what was made only to see whether it can be."""
        return self.name.startswith(PROBE_WORDS)


def marked_channels(channels: Iterable[Channel], guild_id: str, bot_id: str) -> list[Marked]:
    """Those channels and categories that carry a mark."""
    return [
        Marked(
            channel.channel_id,
            _PARTS[channel.kind],
            code,
            channel.name,
            _lets_people_in(channel, guild_id, bot_id),
            names_bot(channel, bot_id),
            any(not entry.is_member and entry.target_id != guild_id for entry in channel.overwrites),
        )
        for channel in channels
        if channel.kind in _PARTS and (code := code_of_channel(channel, bot_id))
    ]


def marked_roles(roles: Iterable[Role], channels: Iterable[Channel]) -> list[Marked]:
    """Those roles that carry a mark; one lets people in while it opens any channel."""
    entries = (entry for channel in channels for entry in channel.overwrites)
    opening = {entry.target_id for entry in entries if entry.allow & Right.VIEW_CHANNEL}
    return [
        Marked(role.role_id, Part.ROLE, code, role.name, role.role_id in opening)
        for role in roles
        if (code := code_of_role(role))
    ]


def is_left(probe: Marked, now: Now) -> bool:
    """True once nobody is looking any more who could have made it."""
    made = made_at(probe.discord_id)
    return made is None or made <= now.machine - LEFT_AFTER


def _lets_people_in(channel: Channel, guild_id: str, bot_id: str) -> bool:
    """True while anybody but the bot sees the channel, leaving aside the guild's owner and its administrators."""
    everybody = {overwrite.target_id: overwrite for overwrite in channel.overwrites}.get(guild_id)
    if everybody is None or not everybody.deny & Right.VIEW_CHANNEL:
        return True
    return any(
        overwrite.allow & Right.VIEW_CHANNEL for overwrite in channel.overwrites if overwrite.target_id != bot_id
    )
