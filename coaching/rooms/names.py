"""What rooms, categories and roles are called: words for people and a code, for finding them again. Pure."""

import re
from collections.abc import Sequence

from coaching.guild_parts import CATEGORY, VOICE, Channel, Role
from coaching.marks import CODE_LETTERS, LENGTH
from coaching.rooms.planning.case import RoomKind

# ASCII, and the code without spaces: Discord rewrites other names of channels.
CHANNEL_WORDS = {
    RoomKind.SESSION: "coaching-",
    RoomKind.CATEGORY: "Coaching rooms ",
    RoomKind.SHARED: "Coaching ",
}
ROLE_WORDS = {RoomKind.SESSION: "Session ", RoomKind.SHARED: "Coaching Access "}
PROBE_WORDS = "greenroom-check-"
CHANNEL_KINDS = {RoomKind.SESSION: VOICE, RoomKind.CATEGORY: CATEGORY, RoomKind.SHARED: CATEGORY}
# Between the words that a room is told by, and before its code.
BETWEEN = " · "
LONGEST_NAME = 100  # Discord's limit
LONGEST_WORDS = 36  # of one part, so that two of them and the code fit
# The longest first: a code that follows "Coaching" at once must not swallow "rooms".
_WORDS = sorted((*CHANNEL_WORDS.values(), *ROLE_WORDS.values(), PROBE_WORDS), key=len, reverse=True)
# Discord has given back names with other spaces than it was sent.
_LOOSE = (r"[\s-]*".join(re.findall("[A-Za-z]+", words)) for words in _WORDS)
CODE_AT_THE_END = re.compile(rf"(?i:{'|'.join(_LOOSE)})[\s-]*([0-9a-z]+)")
# Whatever became of the words and what stands between them: the code comes last, and no letter touches it.
CODE_AFTER_ANY_WORDS = re.compile(rf".*[^0-9A-Za-z]([{CODE_LETTERS}]{{{LENGTH}}})", re.DOTALL)


def channel_name(code: str, kind: RoomKind = RoomKind.SESSION, words: Sequence[str] = ()) -> str:
    """The name of the room's channel or category: `words`, if any are given, and the code last."""
    # An older code cannot be told from a word, so it needs words that are ours alone before it.
    if not words or len(code) != LENGTH:
        return CHANNEL_WORDS[kind] + code
    return BETWEEN.join([*(_cut(part) for part in words), code])


def role_name(code: str, kind: RoomKind = RoomKind.SESSION) -> str:
    """The name of the role that belongs to the room."""
    return ROLE_WORDS[kind] + code


def probe_name(code: str) -> str:
    """The name of a channel or role that is made only to see whether it can be."""
    return PROBE_WORDS + code


def code_in(name: str) -> str | None:
    """The code that a channel or a role of this name would have, or None where there is none in it."""
    # Our words are only a mark for people: should Discord write them in another way, the code is still ours.
    return _code(CODE_AT_THE_END, name) or _code(CODE_AFTER_ANY_WORDS, name)


def code_of_channel(channel: Channel, bot_id: str) -> str | None:
    """The code of a room's channel or category, or None for anybody else's."""
    return code_in(channel.name) if names_bot(channel, bot_id) else _code(CODE_AT_THE_END, channel.name)


def code_of_role(role: Role) -> str | None:
    """The code of a room's role, or None for anybody else's."""
    return _code(CODE_AT_THE_END, role.name)


def names_bot(channel: Channel, bot_id: str) -> bool:
    """True when the channel has an entry of the bot's own, as whatever the bot makes has from the first moment on."""
    return any(overwrite.is_member and overwrite.target_id == bot_id for overwrite in channel.overwrites)


def _code(pattern: re.Pattern[str], name: str) -> str | None:
    match = pattern.fullmatch(name)
    return match[1] if match else None


def _cut(words: str) -> str:
    """As much of the words as fits, counted as Discord counts: an emoji is two."""
    words = " ".join(words.split())
    if _length(words) <= LONGEST_WORDS:
        return words
    while _length(words) > LONGEST_WORDS - 1:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _length(words: str) -> int:
    return len(words.encode("utf-16-le", "surrogatepass")) // 2
