"""The keys of one message that goes by several channels. Pure."""

from coaching.notices.kinds import Channel


def key_by(key: str, channel: Channel) -> str:
    """The key of the copy that goes by a further channel."""
    return f"{key}/{channel}"


def keys_of(key: str) -> list[str]:
    """Every key that the message of this one may have, by whichever channel it goes."""
    first = key.partition("/")[0]
    return [first, *(key_by(first, channel) for channel in Channel)]
