"""One instant by both clocks."""

from datetime import datetime, timedelta

from coaching.discord_ids import EPOCH
from coaching.now import Now


def at(now: datetime, machine: datetime | None = None) -> Now:
    """What both clocks say: the same, where the machine's is not named."""
    return Now(now, machine or now)


def first_id_of(instant: datetime) -> int:
    """The lowest id that Discord gives to what is made in this millisecond."""
    return ((instant - EPOCH) // timedelta(milliseconds=1)) << 22
