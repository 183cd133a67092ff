"""One instant by both clocks."""

from datetime import datetime

from coaching.now import Now


def at(now: datetime, machine: datetime | None = None) -> Now:
    """What both clocks say: the same, where the machine's is not named."""
    return Now(now, machine or now)
