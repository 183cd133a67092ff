"""The time of day for which a session was promised, against what clocks show for its instant today. Pure.

Countries change how they set their clocks, and the zone data follows. A session keeps its instant; the wall does not.
"""

from dataclasses import dataclass
from datetime import datetime

from coaching.hours.wall_clock import wall_time
from coaching.zones import is_zone


@dataclass(frozen=True, slots=True)
class Promise:
    """What one side was promised: in `zone` the wall shows `wall_time` as the session starts, with its offset."""

    zone: str
    wall_time: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that clocks no longer keep: `now` is what the wall shows, None where no zone is called so any more."""

    zone: str
    before: str
    now: str | None


def broken(promise: Promise, starts_at: datetime) -> Broken | None:
    """How the wall differs from what was promised; None where it does not, or where nothing was written down."""
    if not promise.wall_time:
        return None
    now = wall_time(starts_at, promise.zone) if is_zone(promise.zone) else None
    return Broken(promise.zone, promise.wall_time, now) if now != promise.wall_time else None
