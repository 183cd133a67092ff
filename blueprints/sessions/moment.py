"""What matters about a session at an instant: what comes next, when to look again, what can be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.booking.models import LIVE_STATES, CoachingSession
from coaching.booking.queries import SessionView
from coaching.rooms.lost_server_queries import gets_no_room
from coaching.rooms.planning.timeline import Timeline
from coaching.rooms.queries import UNSETTLED, RoomView

# While something is due the room's part of the page looks again by itself, so many seconds apart. Whoever enters shows
# after two of them at most: the first has the worker look.
LOOK_EVERY = 8
# At other times so many seconds apart, for what nobody expects: the coach opens the room early, or somebody cancels.
LOOK_NOW_AND_THEN = 60
NEAR = timedelta(minutes=2)
# A room may stand open for days; who is inside matters around the call.
AROUND = timedelta(minutes=15)
# So long a room may take to open before anybody calls it late.
OPENS_WITHIN = timedelta(seconds=15)
# So long a booking is news to the student who made it.
NEWS = timedelta(minutes=5)


@dataclass(frozen=True)
class Moment:
    """The session's page at `now`. `awaited` is what the countdown runs to, in words and as an instant.

    It `is_shared` when a role lets people into channels that others share, instead of into a room of its own.
    """

    now: datetime
    is_live: bool
    is_shared: bool
    gets_no_room: bool
    is_just_booked: bool
    can_cancel: bool
    is_room_due: bool
    is_room_late: bool
    is_room_open: bool
    awaited: tuple[str, datetime] | None
    look_every: int | None


def moment_of(view: SessionView, timeline: Timeline, room: RoomView | None, may_talk_on: bool, now: datetime) -> Moment:
    """What holds at `now` for whoever looks. They `may_talk_on` while somebody is inside and no limit has come."""
    has_room = view.coaching_session.session_type != "phone"
    is_live = view.coaching_session.state in LIVE_STATES
    is_on = view.coaching_session.state != "cancelled"
    is_shared = room.mode == "shared_role" if room else view.coaching_session.product.store.shares_rooms
    without_server = gets_no_room(view.coaching_session, room.state if room else None, now)
    is_room_due = is_live and has_room and not without_server and timeline.opens_at <= now < timeline.closes_at
    last_chance = view.coaching_session.ends_at if view.role == "coach" else view.coaching_session.starts_at
    return Moment(
        now=now,
        is_live=is_live,
        is_shared=is_shared,
        gets_no_room=without_server,
        is_just_booked=is_live and view.role == "student" and now < view.coaching_session.created_at + NEWS,
        can_cancel=is_live and view.role != "admin" and now < last_chance,
        is_room_due=is_room_due,
        is_room_late=is_room_due and now >= wanted_open_since(view, timeline, room) + OPENS_WITHIN,
        is_room_open=is_on and has_room and stands_open(room, timeline, may_talk_on, now),
        awaited=awaited(timeline, now, has_room and not without_server, is_shared) if is_live else None,
        look_every=seconds_between_looks(view, timeline, room, has_room, now),
    )


def seconds_between_looks(
    view: SessionView, timeline: Timeline, room: RoomView | None, has_room: bool, now: datetime
) -> int | None:
    """How many seconds apart the page looks again by itself; None when nothing can come any more."""
    if has_room and is_something_due(view, timeline, room, now):
        return LOOK_EVERY
    return LOOK_NOW_AND_THEN if view.coaching_session.state in LIVE_STATES else None


def is_something_due(view: SessionView, timeline: Timeline, room: RoomView | None, now: datetime) -> bool:
    """True while the room is about to change, ought to have changed, or is open or can be opened around its call."""
    stands = room is not None and room.state in UNSETTLED
    if view.coaching_session.state == "cancelled":
        return stands
    is_near = any(timedelta(0) <= threshold - now <= NEAR for threshold in timeline.thresholds)
    is_late = not is_as_planned(room.state if room else "absent", timeline, now)
    is_failing = stands and room is not None and room.trouble is not None
    is_around = timeline.starts_at - AROUND <= now
    is_talked_in = room is not None and room.state == "open" and is_around
    can_be_opened = is_around and now < view.coaching_session.ends_at
    return is_near or is_late or is_failing or is_talked_in or can_be_opened


def stands_open(room: RoomView | None, timeline: Timeline, may_talk_on: bool, now: datetime) -> bool:
    """True while people can enter: from the opening to the closing, and as long after it as they talk on."""
    if room is None or room.state != "open" or now < timeline.opens_at:
        return False
    return now < timeline.closes_at or (may_talk_on and not room.is_closed_by_hand)


def wanted_open_since(view: SessionView, timeline: Timeline, room: RoomView | None) -> datetime:
    """When the room was to be opened: as planned, or when it was booked or opened by hand after that."""
    by_hand = room.opened_by_hand_at if room else None
    booked_at: datetime = view.coaching_session.created_at
    return max(timeline.opens_at, booked_at, by_hand or timeline.opens_at)


def awaited(timeline: Timeline, now: datetime, has_room: bool, is_shared: bool) -> tuple[str, datetime] | None:
    """What comes next, and when; None when the call is over."""
    opening = "Channels open in" if is_shared else "Room opens in"
    steps = [(opening, timeline.opens_at)] if has_room else []
    steps += [("Call starts in", timeline.starts_at), ("Call ends in", timeline.ends_at)]
    return next(((words, at) for words, at in steps if now < at), None)


def is_as_planned(recorded_state: str, timeline: Timeline, now: datetime) -> bool:
    """True while the room is in the state that its timeline says; until then nobody should read that it is."""
    steps = (
        (timeline.made_at, "absent"),
        (timeline.opens_at, "hidden"),
        (timeline.closes_at, "open"),
        (timeline.removed_at, "closed"),
    )
    planned = next((state for until, state in steps if now < until), "removed")
    return recorded_state == planned or (planned == "removed" and recorded_state == "absent")


def status_of(view: SessionView, now: datetime) -> tuple[str, str]:
    """The session's state as a pill: its kind and its words."""
    coaching_session = view.coaching_session
    if coaching_session.state == "cancelled":
        by = canceller_of(view)
        return "bad", f"Cancelled by {by}" if by else "Cancelled"
    if is_unknown(coaching_session):
        return "info", "Outcome unknown"
    if coaching_session.state == "no_show":
        return "warn", "Missed"
    if coaching_session.state == "completed" or now >= coaching_session.ends_at:
        return "neutral", "Over"
    return ("accent", "On now") if now >= coaching_session.starts_at else ("good", "Booked")


def canceller_of(view: SessionView) -> str | None:
    """Who called the session off: "you" or their name; None when nobody did."""
    by = view.coaching_session.ended_by
    if by is None:
        return None
    if by == view.role:
        return "you"
    return str(view.coaching_session.coach.name if by == "coach" else view.seat.student.name)


def is_unknown(coaching_session: CoachingSession) -> bool:
    """True when nobody has seen, or said since, what became of the session."""
    return bool(coaching_session.state == "no_show" and coaching_session.absent == "unknown")


def roughly(length: timedelta) -> str:
    """A length in its largest unit: "6 days", "1 hour", "12 minutes"."""
    minutes = max(1, int(length / timedelta(minutes=1)))
    count, unit = next(
        (minutes // size, unit) for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")) if minutes >= size
    )
    return f"{count} {unit}{'' if count == 1 else 's'}"


def remaining(length: timedelta) -> str:
    """A countdown in words, as static/app.js goes on with it: "2 days 4 h", "3 h 05 min", "9:59"."""
    seconds = max(0, round(length.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} {'day' if days == 1 else 'days'} {hours} h"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes}:{seconds % 60:02d}"
