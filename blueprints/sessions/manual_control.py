"""What the coach can do with the room by hand now, as buttons and in words."""

from dataclasses import dataclass
from datetime import datetime

from blueprints.filters import local_time
from coaching.booking.queries import SessionView
from coaching.rooms.planning.status import Hindrance, RoomStatus
from coaching.rooms.views.queries import SessionRoom
from coaching.zones import zone_label

MORE_MINUTES = 10


@dataclass(frozen=True)
class Presses:
    """Which of the coach's buttons work now; `next_start` while the coach's next session leaves no more time."""

    can_open: bool
    can_extend: bool
    can_close: bool
    next_start: datetime | None

    def __bool__(self) -> bool:
        return self.can_open or self.can_extend or self.can_close


def presses_for(view: SessionView, room: SessionRoom) -> Presses | None:
    """What can be done; None for whoever is not signed in as the session's coach."""
    if view.role != "coach" or view.link:
        return None
    status, why_not_longer = room.status, room.status.why_not_longer(MORE_MINUTES)
    return Presses(
        can_open=status.why_not_open is None,
        can_extend=why_not_longer is None,
        can_close=status.why_not_close is None,
        next_start=status.case.next_starts_at if why_not_longer == Hindrance.NEXT_SESSION else None,
    )


def end_in_words(status: RoomStatus, zone: str) -> str:
    """Until when the room is open: "Open until 16:25, Berlin (UTC+1).", and while people talk on, at the latest."""
    until, limit = status.times.closes_at, " at the latest" if status.talks_until else ""
    return f"Open until {local_time(until, zone, 'time')}{limit}, {zone_label(zone, until)}."
