"""How Discord rewrites channel names. Pure."""

import re
import unicodedata

from sandbox.records import TEXT

# Emoji are joined with it.
JOINER = "\u200d"


def channel_name(wanted: str, channel_type: int) -> str:
    """The name a channel really gets; empty when nothing of it is left."""
    name = _plain(wanted).strip()
    if channel_type != TEXT:
        return name
    name = name.lower().replace(" ", "-")
    name = "".join(letter for letter in name if letter.isalnum() or letter in "-_" or ord(letter) > 0x2000)
    return re.sub(r"-{2,}", "-", name).strip("-")


def _plain(wanted: str) -> str:
    """The text with plain spaces only and without letters that nobody can see."""
    spaced = re.sub(r"\s", " ", wanted)
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in ("Cc", "Cf") or letter == JOINER)
