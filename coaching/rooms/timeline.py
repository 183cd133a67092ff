"""When a session's room comes and goes, as instants. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.catalog.timing import RoomTiming


@dataclass(frozen=True)
class Timeline:
    """The thresholds of one room, in order; `now` only for drawing where the clock stands."""

    made_at: datetime
    opens_at: datetime
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    removed_at: datetime
    now: datetime | None = None

    @property
    def thresholds(self) -> tuple[datetime, ...]:
        """The instants at which the clock alone makes something due."""
        return (self.made_at, self.opens_at, self.ends_at, self.closes_at, self.removed_at)


def timeline(starts_at: datetime, ends_at: datetime, timing: RoomTiming, now: datetime | None = None) -> Timeline:
    """The timeline of a session's room: made before it opens and removed after it closes, whatever the minutes say."""
    made_before = max(timing.make_minutes, timing.open_minutes)
    removed_after = max(timing.close_minutes, timing.remove_minutes)
    return Timeline(
        made_at=starts_at - timedelta(minutes=made_before),
        opens_at=starts_at - timedelta(minutes=timing.open_minutes),
        starts_at=starts_at,
        ends_at=ends_at,
        closes_at=ends_at + timedelta(minutes=timing.close_minutes),
        removed_at=ends_at + timedelta(minutes=removed_after),
        now=now,
    )
