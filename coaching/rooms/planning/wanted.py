"""Whom Discord is told to let in. Pure."""

from collections.abc import Iterable

from coaching.guild_parts import Overwrite
from coaching.guild_rights import AUDIO_RIGHTS, BOT_RIGHTS, VIDEO_RIGHTS, VIEW_AND_CONNECT, Right
from coaching.rooms.planning.case import RoomCase, RoomRecord, RoomState
from coaching.rooms.planning.status import HIDDEN_OR_OPEN


def wanted_overwrites(case: RoomCase, state: RoomState, bot_id: str) -> frozenset[Overwrite]:
    """Who may enter a room in `state`: the bot always, those it is for only while it is open, nobody else ever."""
    # A room that exists stays where it is, even when its store has moved to another guild.
    entries = closed_overwrites(case.current_guild_id or "", bot_id)
    rights = VIDEO_RIGHTS if case.has_video else AUDIO_RIGHTS
    if case.has_own_role:
        # A role that nobody has yet opens nothing, and needs no later edit to open something.
        if case.role_id and state in HIDDEN_OR_OPEN:
            entries |= {Overwrite(case.role_id, False, allow=rights)}
    elif state == RoomState.OPEN:
        # An entry of somebody who left does nothing when they come back: it has to be given again, so it goes first.
        entries |= {Overwrite(user_id, True, allow=rights) for user_id in case.members}
    return entries


def closed_overwrites(guild_id: str, bot_id: str, rights: int = BOT_RIGHTS) -> frozenset[Overwrite]:
    """Whom a channel lets in that is closed: the bot alone, with `rights`."""
    everyone = Overwrite(guild_id, is_member=False, deny=VIEW_AND_CONNECT)
    return frozenset({everyone, Overwrite(bot_id, is_member=True, allow=rights)})


def bot_in(recorded: RoomRecord) -> str:
    """The bot's own id, by its entry among the room's overwrites."""
    return next(
        (
            overwrite.target_id
            for overwrite in recorded.overwrites
            if overwrite.is_member and overwrite.allow == BOT_RIGHTS
        ),
        "",
    )


def lets_in(overwrites: Iterable[Overwrite], user_id: str) -> bool:
    """True where an entry of their own lets them into a channel that is closed to everybody."""
    return any(entry.target_id == user_id and bool(entry.allow & Right.CONNECT) for entry in overwrites)
