"""What every change of a session is made of: the queue of its people, a line of its history, a message to each."""

from collections.abc import Mapping
from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.events import EventKind
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.db import is_among, is_sqlite
from coaching.errors import TooLate
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.reading import Statement, given

# It locks as an UPDATE of a name would, but leaves no copy of the row behind.
_LOCK = Statement(
    lambda: (
        Person.select(Person.id)
        .where(is_among(Person.id, given("people")))
        .order_by(Person.id)
        .for_update("FOR NO KEY UPDATE")  # type: ignore[arg-type]  # peewee takes the words themselves, too
    )
)
_STUDENTS = Statement(lambda: Seat.select(Seat.student).where(Seat.coaching_session == given("session")))


def lock_people(*people: Person) -> None:
    """Let everything else that books for these wait for the end of the transaction."""
    # On SQLite whoever has begun a transaction is alone already (db.open_database). On PostgreSQL in the order of their
    # ids: two people who book each other at once would wait for each other for ever.
    if not is_sqlite():
        _LOCK.rows(people=[person.id for person in people])


def change_session(coaching_session: CoachingSession, **values: object) -> CoachingSession:
    """The session with these values, one revision further; TooLate when it has left the state it was read in."""
    changed = (
        CoachingSession.update(revision=CoachingSession.revision + 1, **values)
        .where(CoachingSession.id == coaching_session.id, CoachingSession.state == coaching_session.state)
        .execute()
    )
    if not changed:
        raise TooLate("Somebody else was faster: look at the session again.")
    current: CoachingSession = CoachingSession.get_by_id(coaching_session.id)
    return current


def record_event(
    coaching_session: CoachingSession, event: Event[EventKind], person: Person | None, now: datetime, reason: str = ""
) -> None:
    """Write the event into the session's history, with the words in which its person said why."""
    SessionEvent.add(coaching_session=coaching_session, person=person, at=now, words=reason, **event.columns)


def owe_both(
    coaching_session: CoachingSession,
    to_student: MessageKind,
    to_coach: MessageKind,
    now: datetime,
    fields: Mapping[str, object] | None = None,
) -> None:
    """Owe student and coach a message each about what has just happened to the session."""
    owe_student(coaching_session, to_student, now, fields)
    owe_coach(coaching_session, to_coach, now, fields)


def owe_student(
    coaching_session: CoachingSession, kind: MessageKind, now: datetime, fields: Mapping[str, object] | None = None
) -> None:
    """Owe whoever sits in the session a message about what has just happened to it."""
    for (student_id,) in _STUDENTS.rows(session=coaching_session.id):
        owe_person(coaching_session, student_id, kind, now, fields)


def owe_coach(
    coaching_session: CoachingSession, kind: MessageKind, now: datetime, fields: Mapping[str, object] | None = None
) -> None:
    """Owe the session's coach a message about what has just happened to it."""
    owe_person(coaching_session, coaching_session.coach_id, kind, now, fields)


def owe_person(
    coaching_session: CoachingSession,
    person_id: int,
    kind: MessageKind,
    now: datetime,
    fields: Mapping[str, object] | None = None,
) -> None:
    """Owe one of its two people a message about what has just happened to the session."""
    owe(kind, _key(kind, coaching_session), person_id, now, session_id=coaching_session.id, fields=fields)


def free_seats(coaching_session: CoachingSession, now: datetime) -> None:
    """The session's students can be somewhere else at that time, and what it came to is worked out for their money."""
    Seat.update(is_live=False, settle_from=now).where(Seat.coaching_session == coaching_session).execute()


def record_settled(seat_id: int, settle_from: datetime) -> None:
    """What was wanted at `settle_from` has been worked out; nothing changes where it was wanted again since."""
    Seat.update(settle_from=None).where(Seat.id == seat_id, Seat.settle_from == settle_from).execute()


def _key(kind: MessageKind, coaching_session: CoachingSession) -> str:
    return f"{kind}:{coaching_session.id}:{coaching_session.revision}"
