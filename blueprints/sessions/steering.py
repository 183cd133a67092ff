"""What the coach can do with the room by hand at an instant, and how long a talk may go on. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.booking.queries import SessionView
from coaching.rooms.case import BEFORE_NEXT, COMING, ON
from coaching.rooms.queries import RoomView
from coaching.rooms.timeline import Timeline

MORE_MINUTES = 10


@dataclass(frozen=True)
class Steering:
    """Which of the coach's buttons work now. `goes_on_until` is set while people talk on after the room's own end."""

    can_open: bool = False
    can_extend: bool = False
    can_close: bool = False
    goes_on_until: datetime | None = None

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
    can_be_made = room is not None or coaching_session.product.store.guild_proved_at is not None
    if coaching_session.session_type == "phone" or state not in ON or not can_be_made:
        return Steering()
    is_open = room is not None and room.state == "open" and not room.is_closed_by_hand
    is_wanted_open = timeline.opens_at <= now < timeline.closes_at
    latest = latest_end(timeline, next_start)
    is_coach = view.role == "coach"
    return Steering(
        can_open=is_coach and state in COMING and now < timeline.ends_at and not is_wanted_open,
        can_extend=is_coach and timeline.starts_at <= now < timeline.closes_at and leaves_time(timeline, next_start),
        can_close=is_coach and (is_wanted_open or (is_open and now < latest)),
        goes_on_until=latest if is_open and is_talked_in and timeline.ends_at <= now < latest else None,
    )


def latest_end(timeline: Timeline, next_start: datetime | None) -> datetime:
    """When the room closes whoever is inside: never before its planned closing, but for the coach's next call."""
    limit = min(timeline.talk_ends_at, next_start - BEFORE_NEXT) if next_start else timeline.talk_ends_at
    return max(timeline.closes_at, limit)


def leaves_time(timeline: Timeline, next_start: datetime | None) -> bool:
    """True when the room can stay open longer and still close well before the coach's next session."""
    return next_start is None or timeline.closes_at + timedelta(minutes=MORE_MINUTES) <= next_start - BEFORE_NEXT
