"""What the coach can do with the room by hand at an instant, and how long a talk may go on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from blueprints.filters import local_time
from coaching.booking.queries import SessionView
from coaching.rooms.planning.case import COMING, ON
from coaching.rooms.planning.timeline import Hindrance, Timeline, may_open, why_not_longer
from coaching.rooms.queries import RoomView
from coaching.zones import zone_label

MORE_MINUTES = 10


@dataclass(frozen=True)
class Steering:
    """Which of the coach's buttons work now. `goes_on_until` is set while people talk on after the call's own end,

    `next_start` while the room cannot stay open longer because of the coach's next session.
    """

    closes_at: datetime
    can_open: bool = False
    can_extend: bool = False
    can_close: bool = False
    goes_on_until: datetime | None = None
    next_start: datetime | None = None

    @property
    def has_buttons(self) -> bool:
        return self.can_open or self.can_extend or self.can_close


def steering_of(
    view: SessionView,
    timeline: Timeline,
    room: RoomView | None,
    next_start: datetime | None,
    is_talked_in: bool,
    now: datetime,
) -> Steering:
    """What can be done at `now`. `next_start` is when the coach's next session starts."""
    coaching_session = view.coaching_session
    state = coaching_session.state
    can_be_made = room is not None or coaching_session.product.store.may_open_rooms
    if coaching_session.session_type == "phone" or state not in ON or not can_be_made:
        return Steering(timeline.closes_at)
    is_shut = room is not None and room.is_closed_by_hand
    is_open = room is not None and room.state == "open" and not is_shut
    is_wanted_open = timeline.opens_at <= now < timeline.closes_at
    limit = timeline.talk_limit(next_start)
    is_coach, is_talking = view.role == "coach", is_open and is_talked_in
    more = timedelta(minutes=MORE_MINUTES)
    hindrance = why_not_longer(timeline, more, next_start, not is_shut, is_talking, now)
    return Steering(
        closes_at=timeline.closes_at,
        can_open=is_coach and may_open(timeline, state in COMING, now) and not is_wanted_open,
        can_extend=is_coach and hindrance is None,
        can_close=is_coach and (is_wanted_open or (is_open and now < limit)),
        goes_on_until=limit if is_talking and timeline.ends_at <= now < limit else None,
        next_start=next_start if is_coach and hindrance == Hindrance.NEXT_SESSION else None,
    )


def end_in_words(steering: Steering, zone: str) -> str:
    """Until when the room is open: "Open until 16:25, Berlin (UTC+1).", and while people talk on, at the latest."""
    until, limit = steering.goes_on_until or steering.closes_at, " at the latest" if steering.goes_on_until else ""
    return f"Open until {local_time(until, zone, 'time')}{limit}, {zone_label(zone, until)}."
