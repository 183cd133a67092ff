"""What rooms, places and roles are called: words of ours and a code of random letters, for finding them again. Pure."""

import re

from coaching.guild_parts import CATEGORY, VOICE
from coaching.rooms.planning.case import RoomKind

# ASCII, and the code without spaces: Discord rewrites other names of channels.
CHANNEL_WORDS = {
    RoomKind.SESSION: "coaching-",
    RoomKind.CATEGORY: "Coaching rooms ",
    RoomKind.SHARED: "Coaching ",
}
ROLE_WORDS = {RoomKind.SESSION: "Session ", RoomKind.SHARED: "Coaching Access "}
CHANNEL_KINDS = {RoomKind.SESSION: VOICE, RoomKind.CATEGORY: CATEGORY, RoomKind.SHARED: CATEGORY}
# The longest first: a code that follows "Coaching" at once must not swallow "rooms".
_WORDS = sorted((*CHANNEL_WORDS.values(), *ROLE_WORDS.values()), key=len, reverse=True)
# Discord has given back names with other spaces than it was sent.
_LOOSE = (r"[\s-]*".join(re.findall("[A-Za-z]+", words)) for words in _WORDS)
CODE_AT_THE_END = re.compile(rf"(?i:{'|'.join(_LOOSE)})[\s-]*([0-9a-z]+)")


def channel_name(code: str, kind: RoomKind = RoomKind.SESSION) -> str:
    """The name of the room's channel or category."""
    return CHANNEL_WORDS[kind] + code


def role_name(code: str, kind: RoomKind = RoomKind.SESSION) -> str:
    """The name of the role that belongs to the room."""
    return ROLE_WORDS[kind] + code


def code_in(name: str) -> str | None:
    """The room's code in a channel's or a role's name, or None in anybody else's."""
    # Our words are only a mark for people: should Discord write them in another way, the code is still ours.
    found = CODE_AT_THE_END.fullmatch(name)
    return found[1] if found else None
