"""What has happened to a session, and what of it somebody has not seen yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, fn

from coaching.accounts.models import Person
from coaching.booking.events import NEWS, NEWS_UNTIL_THE_END, EventKind
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, NewsSeen, Proposal, Seat, SessionEvent
from coaching.booking.queries import SessionView, role_of, seats_with_people, view_of

# So long what the other side did waits to be seen.
NEWS_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class News:
    """What the other side did last to a session, while this person has not said that they saw it."""

    view: SessionView
    event: SessionEvent


def history_of(coaching_session: CoachingSession) -> list[SessionEvent]:
    """What happened to the session, in order, with who did it."""
    return list(
        SessionEvent.select(SessionEvent, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .where(SessionEvent.coaching_session == coaching_session)
        .order_by(SessionEvent.at, SessionEvent.id)
    )


def last_move(coaching_session: CoachingSession) -> SessionEvent | None:
    """The line of its history that tells of the session's last move."""
    return next((line for line in reversed(history_of(coaching_session)) if line.kind == EventKind.MOVED), None)


def said_late(coaching_session: CoachingSession) -> list[SessionEvent]:
    """Each time that somebody said that they are late to its present time, the oldest first, with who said it."""
    return late_lines(history_of(coaching_session))


def late_lines(history: list[SessionEvent]) -> list[SessionEvent]:
    """Those lines of a session's history that tell of lateness, since its last move: before it was for another time."""
    moved = max((line.id for line in history if line.kind == EventKind.MOVED), default=0)
    return [line for line in history if line.kind == EventKind.RUNNING_LATE and line.id > moved]


def news_for(person: Person, now: datetime) -> list[News]:
    """What others did to the person's sessions and is still to be seen, the latest first."""
    latest: dict[int, SessionEvent] = {}
    for event in _unseen_events(person, now):
        latest.setdefault(event.coaching_session_id, event)
    is_theirs = (Seat.student == person) | (CoachingSession.coach == person)
    seats = seats_with_people().where(CoachingSession.id.in_(list(latest)), is_theirs) if latest else ()
    by_session = {seat.coaching_session_id: seat for seat in seats}
    return [
        News(view_of(seat, role_of(seat, person)), event)
        for session_id, event in latest.items()
        if (seat := by_session.get(session_id))
    ]


def _unseen_events(person: Person, now: datetime) -> list[SessionEvent]:
    taken = Seat.select(Seat.coaching_session).where(Seat.student == person)
    is_theirs = (CoachingSession.coach == person) | CoachingSession.id.in_(taken)
    is_over = SessionEvent.kind.in_(NEWS_UNTIL_THE_END) & (CoachingSession.ends_at <= now)
    # What is proposed is news as long as it can be taken, and a yes as long as the time is theirs.
    proposed = Proposal.select(Proposal.coaching_session).where(Proposal.starts_at > now)
    is_settled = (SessionEvent.kind == EventKind.PROPOSED) & CoachingSession.id.not_in(proposed)
    is_settled |= (SessionEvent.kind == EventKind.ACCEPTED) & ~takes_time(now)
    # Whoever was late was so to the time before a move.
    later = SessionEvent.alias()
    is_same = (later.coaching_session == SessionEvent.coaching_session) & (later.id > SessionEvent.id)
    is_moved = fn.EXISTS(later.select(later.id).where(is_same, later.kind == EventKind.MOVED))
    is_settled |= (SessionEvent.kind == EventKind.RUNNING_LATE) & is_moved
    is_news = SessionEvent.kind.in_(NEWS) & ~is_over & ~is_settled
    # What the worker wrote down has no person. Of that, both have to hear that a request had no answer; whoever was to
    # pay knows that they have not.
    is_unanswered = (SessionEvent.kind == EventKind.LAPSED) & SessionEvent.fields.contains('"requested"')
    is_others = (SessionEvent.kind != EventKind.LAPSED) & (SessionEvent.person != person)
    own = (NewsSeen.coaching_session == SessionEvent.coaching_session) & (NewsSeen.person == person)
    return list(
        SessionEvent.select(SessionEvent, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .switch(SessionEvent)
        .join(CoachingSession)
        .join_from(SessionEvent, NewsSeen, JOIN.LEFT_OUTER, on=own)
        .where(is_theirs, is_news, is_others | is_unanswered, SessionEvent.at > now - NEWS_KEPT)
        .where(NewsSeen.id.is_null() | (NewsSeen.event < SessionEvent.id))
        .order_by(SessionEvent.id.desc())
    )
