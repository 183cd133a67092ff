"""How Discord rewrites channel names. Pure."""

import re

from sandbox.records import TEXT


def channel_name(wanted: str, channel_type: int) -> str:
    """The name a channel really gets; empty when nothing of it is left."""
    name = wanted.strip()
    if channel_type != TEXT:
        return name
    name = re.sub(r"\s+", "-", name.lower())
    name = "".join(letter for letter in name if letter.isalnum() or letter in "-_" or ord(letter) > 0x2000)
    return re.sub(r"-{2,}", "-", name).strip("-")
