"""What matters about a session at an instant: what comes next, when to look again, what can be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.booking.hold_rules import PENDING_STATES, state_at
from coaching.booking.models import BOOKED_STATES, LIVE_STATES, CoachingSession
from coaching.booking.move_rules import why_not_move
from coaching.booking.outcome_rules import ENDED
from coaching.booking.queries import SessionView, movable_of
from coaching.rooms.views.queries import SessionRoom

# While something is due the room's part of the page looks again by itself, so many seconds apart. Whoever enters shows
# after two of them at most: the first has the worker look.
LOOK_EVERY = 8
# At other times so many seconds apart, for what nobody expects: the coach opens the room early, or somebody cancels.
LOOK_NOW_AND_THEN = 60
# While somebody waits for the other side's answer.
LOOK_FOR_ANSWER = 20
# What opens earlier than so many minutes before the start is told by its time alone.
LONGEST_EARLY = 120
# So long a booking is news to the student who made it.
NEWS = timedelta(minutes=5)
# What was not agreed on: how grave, and the word.
PENDING_PILLS = {
    "requested": ("info", "Asked for"),
    "held": ("warn", "Held until paid"),
    "declined": ("bad", "Declined"),
    "expired": ("info", "Ran out"),
}


@dataclass(frozen=True)
class Phase:
    """The session's page at `now`. `awaited` is what the countdown runs to, in words and as an instant."""

    now: datetime
    is_live: bool
    gets_no_room: bool
    is_just_booked: bool
    is_ahead: bool  # the student of an agreed call waits for it
    opens_before: int  # minutes before its start in which the room opens; 0 where that needs other words
    can_cancel: bool
    can_move: bool
    coach_can_move: bool  # though their student cannot, who looks
    is_room_due: bool
    awaited: tuple[str, datetime] | None
    look_every: int | None


def phase_of(view: SessionView, room: SessionRoom, now: datetime) -> Phase:
    """What holds at `now` for whoever looks."""
    is_live, is_booked = (view.coaching_session.state in states for states in (LIVE_STATES, BOOKED_STATES))
    without_server = room.status.gets_no_room
    hindrance = why_not_move(movable_of(view.seat), view.role == "coach", now)
    is_before = view.coaching_session.state == "scheduled" and now < view.coaching_session.starts_at
    last_chance = view.coaching_session.ends_at if view.role == "coach" else view.coaching_session.starts_at
    return Phase(
        now=now,
        is_live=is_live,
        gets_no_room=without_server,
        is_just_booked=is_booked
        and not view.link
        and view.role == "student"
        and now < view.coaching_session.created_at + NEWS,
        is_ahead=is_before and view.role == "student" and not (without_server or room.status.lets_in),
        opens_before=opens_before(room),
        can_cancel=is_live and view.may_act and now < last_chance,
        can_move=view.may_act and hindrance is None,
        coach_can_move=hindrance is not None and hindrance.is_students_alone and view.role == "student",
        is_room_due=is_booked and not without_server and room.status.is_to_let_in,
        awaited=awaited(view, room, now, without_server) if is_booked else None,
        look_every=seconds_between_looks(view, room),
    )


def opens_before(room: SessionRoom) -> int:
    """How many minutes before the start the room opens; 0 where it is hours, or none."""
    minutes = room.status.times.minutes_before
    return minutes if 0 < minutes <= LONGEST_EARLY else 0


def seconds_between_looks(view: SessionView, room: SessionRoom) -> int | None:
    """How many seconds apart the page looks again by itself; None when nothing can come any more."""
    if view.coaching_session.needs_room and room.is_lively:
        return LOOK_EVERY
    if view.coaching_session.state in PENDING_STATES:
        return LOOK_FOR_ANSWER
    return LOOK_NOW_AND_THEN if view.coaching_session.state in LIVE_STATES else None


def awaited(view: SessionView, room: SessionRoom, now: datetime, gets_no_room: bool) -> tuple[str, datetime] | None:
    """What comes next, and when; None when the call is over."""
    times = room.status.times
    steps = [("Call starts in", times.starts_at), ("Call ends in", times.ends_at)]
    if view.coaching_session.needs_room and not gets_no_room:
        steps.insert(0, ("Channels open in" if room.is_shared else "Room opens in", times.opens_at))
    return next(((words, at) for words, at in steps if now < at), None)


def status_of(view: SessionView, now: datetime, goes_on: bool = False) -> tuple[str, str]:
    """The session's state as a pill: its kind and its words. It `goes_on` while they talk past its planned end."""
    coaching_session = view.coaching_session
    if goes_on:
        return "accent", "On now"
    if coaching_session.state == "cancelled":
        by = canceller_of(view)
        return "bad", f"Cancelled by {by}" if by else "Cancelled"
    state = state_at(coaching_session.state, coaching_session.held_until, now)
    if state in PENDING_PILLS:
        is_said_paid = state == "held" and view.seat.said_paid_at
        return ("warn", "Payment to confirm") if is_said_paid else PENDING_PILLS[state]
    if is_unknown(coaching_session):
        return "info", "Outcome unknown"
    if coaching_session.state == "no_show":
        return "warn", "Missed"
    if coaching_session.state == "completed" or now >= coaching_session.ends_at:
        return "neutral", "Over"
    return ("accent", "On now") if now >= coaching_session.starts_at else ("good", "Booked")


def payment_pill_of(view: SessionView) -> tuple[str, str] | None:
    """What of the session is still to be paid to its coach directly, as a pill; None where nothing is asked for.

    What an absent coach gets the two settle between them, and who is gone gets nothing here any more.
    """
    if not is_unpaid(view) or view.coaching_session.absent == "coach" or view.coaching_session.coach.erased_at:
        return None
    return "warn", "Payment to confirm" if view.seat.said_paid_at else "To be paid"


def is_unpaid(view: SessionView) -> bool:
    """True while the session's price has not come, of what is paid to its coach directly."""
    is_owed = view.seat.payment == "outside" and view.seat.paid_at is None
    return is_owed and view.coaching_session.state in ENDED


def canceller_of(view: SessionView) -> str | None:
    """Who called the session off: "you", their name, "this site" (an admin in their place); None when nobody did."""
    by = view.coaching_session.ended_by
    if by is None or view.coaching_session.state != "cancelled":
        return None
    if view.coaching_session.ended_by_admin:
        return "this site"
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
