"""What people say about a session that is near: the student is coming, or somebody is running late."""

from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.events import EventKind, Lateness
from coaching.booking.history_queries import said_late
from coaching.booking.models import BOOKED_STATES, CoachingSession, Seat, SessionEvent
from coaching.booking.queries import find_next_session, side_of
from coaching.booking.record_mutations import record_event
from coaching.db import database
from coaching.errors import NotFound, Refused, TooLate
from coaching.hours.wall_clock import MINUTE
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import overtake, owe

# So late somebody can say that they are, in minutes.
LATENESSES = (5, 10, 15, 20, 30)
# So long before the start they can say it.
LATE_BEFORE = timedelta(hours=2)
# So often one person can say it of one session, for each time is a message.
MOST_LATE = 3
# The same said again within this time is the same press.
SAME_PRESS = timedelta(minutes=5)
OVER = "This session is over, or was cancelled."


def say_coming(coaching_session: CoachingSession, student: Person, now: datetime) -> None:
    """The student is coming, and the coach sees it; TooLate for a session that is over. Twice does no harm."""
    with database.atomic():
        current = _queue_up(coaching_session)
        seat = Seat.get_or_none(Seat.coaching_session == current, Seat.student == student)
        if seat is None:
            raise NotFound
        if seat.coming_at:
            return
        _require_to_come(current, now)
        Seat.update(coming_at=now).where(Seat.id == seat.id).execute()
        record_event(current, Event(EventKind.COMING), student, now)


def say_late(coaching_session: CoachingSession, person: Person, minutes: int, now: datetime) -> None:
    """The other side is told that the person is so late; of a coach also the next student, if it reaches them.

    Pressed twice it is said once. TooLate for a session that is over, Refused before it is near, or said too often.
    """
    if minutes not in LATENESSES:
        raise Refused("Choose one of the list.")
    with database.atomic():
        current = _queue_up(coaching_session)
        by = side_of(current, person)
        _require_to_come(current, now)
        if now < current.starts_at - LATE_BEFORE:
            raise Refused("You can say so from two hours before the start.")
        lines = _said_by(person, current)
        if lines and _minutes(lines[-1]) == minutes and lines[-1].at > now - SAME_PRESS:
            return
        if sum(1 for line in lines if _minutes(line)) >= MOST_LATE:
            raise Refused("You have said so three times. Write to the other side on Discord instead.")
        _say(current, person, by, minutes, len(lines), now)


def take_back_late(coaching_session: CoachingSession, person: Person, now: datetime) -> bool:
    """The person is not late after all, and whoever was told so is told that; False where they had not said it.

    TooLate once the session has begun, or is over.
    """
    with database.atomic():
        current = _queue_up(coaching_session)
        by = side_of(current, person)
        _require_to_come(current, now)
        if now >= current.starts_at:
            raise TooLate("The call has begun.")
        lines = _said_by(person, current)
        if not (lines and _minutes(lines[-1])):
            return False
        _say(current, person, by, 0, len(lines), now)
        return True


def release_following(gone: CoachingSession, now: datetime) -> None:
    """Whoever heard that their call may begin later, for the coach was late to this one, hears that it does not.

    `gone` has the time at which it takes place no more; a move is not written down yet.
    """
    said = _said_by(gone.coach, gone)
    following = find_next_session(gone) if said and _minutes(said[-1]) else None
    if following and now < following.starts_at and _is_put_off(following, gone.coach):
        record_event(following, Event(EventKind.RUNNING_LATE, Lateness(0, is_next=True)), gone.coach, now)
        about = f"{following.id}:after:{gone.id}:{gone.revision}:gone"
        _owe_students(following, about, {"minutes": 0, "is_next": True}, now)


def _say(coaching_session: CoachingSession, person: Person, by: str, minutes: int, before: int, now: datetime) -> None:
    """Write it down, and owe it to whom it concerns; `before`: how often the person has said something of it."""
    record_event(coaching_session, Event(EventKind.RUNNING_LATE, Lateness(minutes)), person, now)
    about = f"{coaching_session.id}:{coaching_session.revision}:{before + 1}"
    if by == "student":
        kind = MessageKind.COACH_RUNNING_LATE
        key = f"{kind}:{about}"
        _owe(kind, key, coaching_session.coach_id, coaching_session, {"minutes": minutes}, now)
        overtake(kind, coaching_session.id, key)
        return
    _owe_students(coaching_session, about, {"minutes": minutes}, now)
    following = find_next_session(coaching_session)
    if following is None:
        return
    later = _later_by(coaching_session, minutes, following) if minutes else 0
    if later or (not minutes and _is_put_off(following, person)):
        record_event(following, Event(EventKind.RUNNING_LATE, Lateness(later, is_next=True)), person, now)
        _owe_students(following, f"{following.id}:after:{about}", {"minutes": later, "is_next": True}, now)


def _said_by(person: Person, coaching_session: CoachingSession) -> list[SessionEvent]:
    """What the person has said of their being late to this session, the oldest first."""
    return [line for line in said_late(coaching_session) if line.person_id == person.id and not _is_next(line)]


def _is_put_off(following: CoachingSession, coach: Person) -> bool:
    """True where the last word is that the session may begin later."""
    lines = [line for line in said_late(following) if line.person_id == coach.id and _is_next(line)]
    return bool(lines and _minutes(lines[-1]))


def _later_by(coaching_session: CoachingSession, minutes: int, following: CoachingSession) -> int:
    """How many minutes later the next session begins, after the coach's break; 0 when it does not."""
    over: timedelta = coaching_session.busy_until + minutes * MINUTE - following.starts_at
    return max(0, -(-over // MINUTE))


def _is_next(line: SessionEvent) -> bool:
    fields = line.event.fields
    return isinstance(fields, Lateness) and fields.is_next


def _minutes(line: SessionEvent) -> int:
    fields = line.event.fields
    return fields.minutes if isinstance(fields, Lateness) else 0


def _queue_up(coaching_session: CoachingSession) -> CoachingSession:
    # An UPDATE that changes nothing locks the row on both databases: of two presses the second sees the first.
    CoachingSession.update(title=CoachingSession.title).where(CoachingSession.id == coaching_session.id).execute()
    current: CoachingSession = CoachingSession.get_by_id(coaching_session.id)
    return current


def _require_to_come(coaching_session: CoachingSession, now: datetime) -> None:
    if coaching_session.state not in BOOKED_STATES or now >= coaching_session.ends_at:
        raise TooLate(OVER)


def _owe_students(coaching_session: CoachingSession, about: str, fields: dict[str, object], now: datetime) -> None:
    kind = MessageKind.RUNNING_LATE
    for seat in Seat.select(Seat.student).where(Seat.coaching_session == coaching_session):
        key = f"{kind}:{about}:{seat.student_id}"
        _owe(kind, key, seat.student_id, coaching_session, fields, now)
        overtake(kind, coaching_session.id, key)


def _owe(
    kind: MessageKind,
    key: str,
    person_id: int,
    coaching_session: CoachingSession,
    fields: dict[str, object],
    now: datetime,
) -> None:
    owe(kind, key, person_id, now, session_id=coaching_session.id, fields=fields)
