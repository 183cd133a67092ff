"""When what Discord numbers was made: its ids say it. Pure.

https://discord.com/developers/docs/reference#snowflakes: milliseconds since the first second of 2015 in the bits above
the lowest 22.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


def made_at(discord_id: str) -> datetime | None:
    """When the account, or whatever else has this id, was made; None for what is no id."""
    try:
        return EPOCH + timedelta(milliseconds=int(discord_id) >> 22)
    except (ValueError, OverflowError):
        return None
