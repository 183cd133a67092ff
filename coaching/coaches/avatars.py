"""Discord's picture of a person: how it is addressed, and when it is asked for again. Pure.

Source: https://discord.com/developers/docs/reference#image-formatting (`avatars/user_id/user_avatar.png`, `size` a
power of two from 16 to 4096; animated ones begin with a_ and come as PNG, too).
"""

import re
from datetime import timedelta

SIZE = 256
USER_ID = re.compile(r"[0-9]{1,20}")
HASH = re.compile(r"[a-z0-9_]{1,64}")
# After the first failure, the second, …; what ends the worker or cannot be read once more is not asked for again.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=24))


def avatar_path(discord_user_id: str, avatar: str) -> str | None:
    """The path and query of the picture; None for an id or a hash that Discord has not made."""
    if not USER_ID.fullmatch(discord_user_id) or not HASH.fullmatch(avatar):
        return None
    return f"/avatars/{discord_user_id}/{avatar}.png?size={SIZE}"


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many tries (one at least); None when there were enough."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
