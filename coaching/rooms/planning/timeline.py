"""When a session's room comes and goes, as instants. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from coaching.catalog.timing import RoomTiming

# The coach needs a moment between two calls, too.
BEFORE_NEXT = timedelta(minutes=10)


@dataclass(frozen=True)
class Timeline:
    """The thresholds of one room, in order; `now` only for drawing where the clock stands.

    `talk_ends_at` is how long people who are still talking are left alone, at most.
    """

    made_at: datetime
    opens_at: datetime
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    removed_at: datetime
    talk_ends_at: datetime
    now: datetime | None = None

    @property
    def thresholds(self) -> tuple[datetime, ...]:
        """The instants at which the clock alone makes something due."""
        return (self.made_at, self.opens_at, self.ends_at, self.closes_at, self.removed_at, self.talk_ends_at)

    def talk_limit(self, next_start: datetime | None) -> datetime:
        """Until when a talk may go on before the coach's next session; never less than until the planned closing."""
        if next_start is None:
            return self.talk_ends_at
        return max(self.closes_at, min(self.talk_ends_at, next_start - BEFORE_NEXT))


class Hindrance(StrEnum):
    """Why a room cannot be left open longer."""

    CLOSED = "closed"
    NOT_BEGUN = "not_begun"
    NEXT_SESSION = "next_session"


@dataclass(frozen=True)
class Wishes:
    """What differs from the product's timing for this session alone: the coach's buttons, and when it was booked."""

    booked_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    extra_minutes: int = 0


AS_TIMED = Wishes()


def timeline(
    starts_at: datetime,
    ends_at: datetime,
    timing: RoomTiming,
    now: datetime | None = None,
    wishes: Wishes = AS_TIMED,
) -> Timeline:
    """The timeline of a session's room: made before it opens and removed after it closes, whatever the minutes say."""
    made_at, opens_at = _beginning(starts_at, timing, wishes)
    closes_at, removed_at = _end(ends_at, timing, wishes)
    # Minutes that were given by hand move the closing and the limit alike: those who talk on have asked for them.
    overrun = timedelta(minutes=timing.overrun_minutes + wishes.extra_minutes)
    talk_ends_at = closes_at if wishes.closed_at else max(closes_at, ends_at + overrun)
    return Timeline(made_at, opens_at, starts_at, ends_at, closes_at, removed_at, talk_ends_at, now)


def may_open(due: Timeline, is_coming: bool, now: datetime) -> bool:
    """True while a call is still to be held or being held: then its room can be opened by hand."""
    return is_coming and now < due.ends_at


def why_not_longer(
    due: Timeline, more: timedelta, next_start: datetime | None, is_on: bool, is_talked_in: bool, now: datetime
) -> Hindrance | None:
    """What keeps the room from staying open so much longer than it may now, or None.

    Past its planned closing a room `is_on` only as long as it `is_talked_in`, and the limit of that talk is what moves.
    """
    is_past = now >= due.closes_at
    until = due.talk_limit(next_start) if is_past else due.closes_at
    if not is_on or now >= until or (is_past and not is_talked_in):
        return Hindrance.CLOSED
    if now < due.starts_at:
        return Hindrance.NOT_BEGUN
    if next_start and until + more > next_start - BEFORE_NEXT:
        return Hindrance.NEXT_SESSION
    return None


def _beginning(starts_at: datetime, timing: RoomTiming, wishes: Wishes) -> tuple[datetime, datetime]:
    opens_at = starts_at - timedelta(minutes=timing.open_minutes)
    made_at = starts_at - timedelta(minutes=max(timing.make_minutes, timing.open_minutes))
    if timing.stands and wishes.booked_at:
        made_at = opens_at = min(wishes.booked_at, starts_at)
    if wishes.opened_at:
        opens_at = min(opens_at, wishes.opened_at)
    return min(made_at, opens_at), opens_at


def _end(ends_at: datetime, timing: RoomTiming, wishes: Wishes) -> tuple[datetime, datetime]:
    # A role that is given for longer than one session is kept by the next session's own room.
    close_minutes, remove_minutes = (0, 0) if timing.stands else (timing.close_minutes, timing.remove_minutes)
    closes_at = ends_at + timedelta(minutes=close_minutes + wishes.extra_minutes)
    if wishes.closed_at:
        closes_at = min(closes_at, wishes.closed_at)
    return closes_at, max(closes_at, ends_at + timedelta(minutes=remove_minutes))
