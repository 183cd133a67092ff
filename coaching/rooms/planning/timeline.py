"""When a session's room comes and goes by its timing, as instants. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from coaching.catalog.timing import RoomTiming

# The coach needs a moment between two calls, too.
BEFORE_NEXT = timedelta(minutes=10)
ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Timeline:
    """The thresholds of one room, in order.

    `talk_ends_at` is how long people who are still talking are left alone, at most.
    """

    made_at: datetime
    opens_at: datetime
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    removed_at: datetime
    talk_ends_at: datetime

    @property
    def thresholds(self) -> tuple[datetime, ...]:
        """The instants at which the clock alone makes something due."""
        return (self.made_at, self.opens_at, self.ends_at, self.closes_at, self.removed_at, self.talk_ends_at)

    @property
    def minutes_before(self) -> int:
        """How many minutes before the start the room opens."""
        return round((self.starts_at - self.opens_at) / ONE_MINUTE)

    def talk_limit(self, next_start: datetime | None) -> datetime:
        """Until when a talk may go on before the coach's next session; never less than until the planned closing."""
        if next_start is None:
            return self.talk_ends_at
        return max(self.closes_at, min(self.talk_ends_at, next_start - BEFORE_NEXT))

    def position(self, now: datetime) -> float:
        """How far the clock is: 0 before the room is made, from 1 (made) over five stretches to 6 (removed)."""
        instants = (self.made_at, self.opens_at, self.starts_at, self.ends_at, self.closes_at, self.removed_at)
        # Closed by hand before the call, a room is in two stretches at once: the last one counts.
        within = [
            number + (now - since) / (until - since)
            for number, (since, until) in enumerate(pairwise(instants), 1)
            if since <= now < until
        ]
        return within[-1] if within else 0 if now < self.made_at else 6


def points_to_watch(times: Timeline) -> list[tuple[str, datetime]]:
    """What there is to see in a room's life, in words and as instants, in order."""
    before_opening, after_removal = times.opens_at - ONE_MINUTE, times.removed_at + ONE_MINUTE
    return [
        ("Room is made", times.made_at),
        (f"{round((times.starts_at - before_opening) / ONE_MINUTE)} minutes before", before_opening),
        ("Room opens", times.opens_at),
        ("Start", times.starts_at),
        ("End", times.ends_at),
        ("Room closes", times.closes_at),
        (f"{round((after_removal - times.ends_at) / ONE_MINUTE)} minutes after", after_removal),
    ]


@dataclass(frozen=True)
class Overrides:
    """What differs from the product's timing for this session alone: the coach's buttons, and when it was booked."""

    booked_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    extra_minutes: int = 0


AS_TIMED = Overrides()


def timeline(starts_at: datetime, ends_at: datetime, timing: RoomTiming, overrides: Overrides = AS_TIMED) -> Timeline:
    """The timeline of a session's room: made before it opens and removed after it closes, whatever the minutes say."""
    made_at, opens_at = _beginning(starts_at, timing, overrides)
    closes_at, removed_at = _end(ends_at, timing, overrides)
    # Minutes that were given by hand move the closing and the limit alike: those who talk on have asked for them.
    overrun = timedelta(minutes=timing.overrun_minutes + overrides.extra_minutes)
    talk_ends_at = closes_at if overrides.closed_at else max(closes_at, ends_at + overrun)
    return Timeline(made_at, opens_at, starts_at, ends_at, closes_at, removed_at, talk_ends_at)


def _beginning(starts_at: datetime, timing: RoomTiming, overrides: Overrides) -> tuple[datetime, datetime]:
    opens_at = starts_at - timedelta(minutes=timing.open_minutes)
    made_at = starts_at - timedelta(minutes=max(timing.make_minutes, timing.open_minutes))
    if timing.opens_at_booking and overrides.booked_at:
        made_at = opens_at = min(overrides.booked_at, starts_at)
    if overrides.opened_at:
        opens_at = min(opens_at, overrides.opened_at)
    return min(made_at, opens_at), opens_at


def _end(ends_at: datetime, timing: RoomTiming, overrides: Overrides) -> tuple[datetime, datetime]:
    # A role that is given for longer than one session is kept by the next session's own room.
    close_minutes, remove_minutes = (0, 0) if timing.opens_at_booking else (timing.close_minutes, timing.remove_minutes)
    closes_at = ends_at + timedelta(minutes=close_minutes + overrides.extra_minutes)
    if overrides.closed_at:
        closes_at = min(closes_at, overrides.closed_at)
    return closes_at, max(closes_at, ends_at + timedelta(minutes=remove_minutes))
